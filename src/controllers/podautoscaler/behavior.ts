/**
 * How fast a number of replicas may change
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior). Pure.
 */

import type { HorizontalPodAutoscalerSpec, HPAScalingRules } from '../../api/generated/autoscaling-v2.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

type ReadRules = DeepReadonly<HPAScalingRules>

/** Down is believed only after so long, unless the behaviour says otherwise. */
const DOWN_STABILIZATION_SECONDS = 300
/** Without a behaviour a target at most doubles, or grows to this. */
const FREE_GROWTH = 4

/** What was once proposed, or done. */
export interface Past {
  readonly atMs: number
  readonly replicas: number
}

/** What was done: `replicas` were added or removed. */
export interface History {
  readonly recommendations: readonly Past[]
  readonly ups: readonly Past[]
  readonly downs: readonly Past[]
}

export interface Wish {
  readonly spec: DeepReadonly<HorizontalPodAutoscalerSpec>
  readonly current: number
  readonly desired: number
  readonly history: History
  readonly nowMs: number
}

export interface Told {
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

export interface Allowed {
  readonly replicas: number
  readonly ableToScale: Told
  readonly scalingLimited: Told
}

const say = (status: 'True' | 'False', reason: string, message: string): Told => ({ status, reason, message })

const IN_RANGE = say('False', 'DesiredWithinRange', 'the desired count is within the acceptable range')
const TOO_MANY = say('True', 'TooManyReplicas', 'the desired replica count is more than the maximum replica count')
const TOO_FEW = say('True', 'TooFewReplicas', 'the desired replica count is less than the minimum replica count')
const TOO_FAST_UP = say(
  'True',
  'ScaleUpLimit',
  'the desired replica count is increasing faster than the maximum scale rate',
)
const TOO_FAST_DOWN = say(
  'True',
  'ScaleDownLimit',
  'the desired replica count is decreasing faster than the maximum scale rate',
)
const READY = say('True', 'ReadyForNewScale', 'recommended size matches current size')
const HELD_DOWN = say(
  'True',
  'ScaleDownStabilized',
  'recent recommendations were higher than current one, applying the highest recent recommendation',
)
const HELD_UP = say(
  'True',
  'ScaleUpStabilized',
  'recent recommendations were lower than current one, applying the lowest recent recommendation',
)

/** How many of the replicas that the metrics ask for there may be now. */
export function allow(wish: Wish): Allowed {
  const stable = stabilize(wish)
  // Without a behaviour only what was higher is remembered.
  const isHeldUp = wish.spec.behavior !== undefined && wish.desired >= wish.current
  const told = stable === wish.desired ? READY : isHeldUp ? HELD_UP : HELD_DOWN
  const { replicas, limited } =
    wish.spec.behavior === undefined ? plainLimit(wish, stable) : behaviorLimit(wish, stable)
  return { replicas, ableToScale: told, scalingLimited: limited }
}

/** How long what was proposed is remembered. */
function stabilizationMs({ behavior }: DeepReadonly<HorizontalPodAutoscalerSpec>): { up: number; down: number } {
  return {
    up: (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1_000,
    down: (behavior?.scaleDown?.stabilizationWindowSeconds ?? DOWN_STABILIZATION_SECONDS) * 1_000,
  }
}

function stabilize({ spec, current, desired, history, nowMs }: Wish): number {
  const window = stabilizationMs(spec)
  let lowest = desired
  let highest = desired
  for (const { atMs, replicas } of history.recommendations) {
    if (nowMs - atMs < window.up) lowest = Math.min(lowest, replicas)
    if (nowMs - atMs < window.down) highest = Math.max(highest, replicas)
  }
  if (spec.behavior === undefined) return highest
  return Math.min(Math.max(current, lowest), highest)
}

interface Limited {
  readonly replicas: number
  readonly limited: Told
}

function plainLimit({ spec, current }: Wish, wanted: number): Limited {
  const least = spec.minReplicas ?? 1
  const fastest = Math.max(2 * current, FREE_GROWTH)
  if (wanted < least) return { replicas: least, limited: TOO_FEW }
  const most = Math.min(fastest, spec.maxReplicas)
  if (wanted > most) return { replicas: most, limited: spec.maxReplicas > fastest ? TOO_FAST_UP : TOO_MANY }
  return { replicas: wanted, limited: IN_RANGE }
}

function behaviorLimit(wish: Wish, wanted: number): Limited {
  const { spec, current } = wish
  if (wanted > current) {
    const fastest = Math.max(current, upLimit(wish, spec.behavior?.scaleUp))
    const most = Math.min(fastest, spec.maxReplicas)
    if (wanted > most) return { replicas: most, limited: spec.maxReplicas > fastest ? TOO_FAST_UP : TOO_MANY }
  } else if (wanted < current) {
    const least = spec.minReplicas ?? 1
    const fastest = Math.min(current, downLimit(wish, spec.behavior?.scaleDown))
    const floor = Math.max(fastest, least)
    if (wanted < floor) return { replicas: floor, limited: least < fastest ? TOO_FAST_DOWN : TOO_FEW }
  }
  return { replicas: wanted, limited: IN_RANGE }
}

/** How many there were when the period of a policy began. */
function atStartOf({ current, history, nowMs }: Wish, periodSeconds: number): number {
  const within = (past: readonly Past[]) =>
    past.reduce((sum, { atMs, replicas }) => (nowMs - atMs < periodSeconds * 1_000 ? sum + replicas : sum), 0)
  return current - within(history.ups) + within(history.downs)
}

function upLimit(wish: Wish, rules: ReadRules | undefined): number {
  if (rules?.selectPolicy === 'Disabled') return wish.current
  const limits = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = atStartOf(wish, periodSeconds)
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100))
  })
  if (limits.length === 0) return Number.POSITIVE_INFINITY
  return rules?.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits)
}

function downLimit(wish: Wish, rules: ReadRules | undefined): number {
  if (rules?.selectPolicy === 'Disabled') return wish.current
  const limits = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = atStartOf(wish, periodSeconds)
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100))
  })
  if (limits.length === 0) return 0
  return rules?.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits)
}

/** The history without what no rule asks for any more. */
export function forget(history: History, spec: DeepReadonly<HorizontalPodAutoscalerSpec>, nowMs: number): History {
  const window = stabilizationMs(spec)
  const longest = (rules: ReadRules | undefined) =>
    Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds)) * 1_000
  const period = Math.max(longest(spec.behavior?.scaleUp), longest(spec.behavior?.scaleDown))
  const young = (past: readonly Past[], ms: number) => past.filter(({ atMs }) => nowMs - atMs < ms)
  return {
    recommendations: young(history.recommendations, Math.max(window.up, window.down)),
    ups: young(history.ups, period),
    downs: young(history.downs, period),
  }
}
