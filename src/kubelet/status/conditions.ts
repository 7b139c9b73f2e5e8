/** A Pod's conditions (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions). Pure. */

import type { PodCondition, PodPhase } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { initContainersOf, type PodView, specOf } from '../pods/pod-view.ts'
import { incompleteInit, isInitialized, type Statuses } from './phase.ts'

export interface ConditionFacts {
  readonly pod: PodView
  /** All conditions that the API has of the Pod, others' too. */
  readonly given: DeepReadonly<PodCondition[]> | undefined
  readonly statuses: Statuses
  /** The phase that the containers are in; the one that is told may lag behind it. */
  readonly phase: PodPhase
  /** The sandbox stands and has its network, and the Pod is not over. */
  readonly hasSandbox: boolean
  readonly now: number
  readonly resize?: ResizeState | undefined
  /** Why the kubelet ends a Pod that did nothing wrong by itself. */
  readonly disruption?: string | undefined
  /** A container's end has asked for all to be restarted, and they have not been taken away yet; `undefined`: none may ask. */
  readonly restartingAll?: boolean | undefined
}

/** All containers are about to begin anew, in the same sandbox. */
export const ALL_RESTARTING = 'AllContainersRestarting'

/** It tells of the generation that asked for the resize, and since when its reason stands. */
export type ResizeCondition = DeepReadonly<Omit<PodCondition, 'type'>>

/** Where a change of what containers may use stands. */
export interface ResizeState {
  /** Why it waits. */
  readonly pending: ResizeCondition | undefined
  /** It is under way, and may have met with a fault. */
  readonly progress: ResizeCondition | undefined
}

/** Conditions that the kubelet alone tells: what it does not tell any more goes. */
export const OWN_CONDITIONS: readonly string[] = [
  'PodScheduled',
  'PodReadyToStartContainers',
  'Initialized',
  'ContainersReady',
  'Ready',
  'PodResizePending',
  'PodResizeInProgress',
]

interface Verdict {
  readonly status: 'True' | 'False'
  readonly reason?: string
  readonly message?: string
}

const list = (names: readonly string[]) => `[${names.join(' ')}]`

function initialized({ pod, statuses, phase }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  const wasInitialized = pod.status?.conditions?.some(({ type, status }) => type === 'Initialized' && status === 'True')
  // It stays so, though its init containers run once more or its sidecars have ended.
  if (wasInitialized === true || isInitialized(pod, statuses)) return { status: 'True' }
  const message = `containers with incomplete status: ${list(incompleteInit(pod, statuses.init))}`
  return { status: 'False', reason: 'ContainersNotInitialized', message }
}

function containersReady({ pod, statuses, phase }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const sidecars = initContainersOf(pod).filter(({ kind }) => kind === 'sidecar')
  const counted = [...sidecars.map(({ spec }) => statuses.init.find(({ name }) => name === spec.name)), ...statuses.app]
  const unready = counted.filter((status) => status?.ready !== true).map((status) => status?.name ?? '')
  if (unready.length === 0) return { status: 'True' }
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: ${list(unready)}`,
  }
}

function restartingAll({ phase, restartingAll: is }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  if (is !== true) return { status: 'False' }
  return {
    status: 'True',
    reason: 'RestartAllContainersStarted',
    message: 'container exited with restart policy rule',
  }
}

function ready(facts: ConditionFacts): Verdict {
  const containers = containersReady(facts)
  if (containers.status === 'False') return containers
  const wrong = (specOf(facts.pod).readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = facts.given?.find(({ type }) => type === conditionType)
    if (condition === undefined)
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
    return condition.status === 'True'
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`]
  })
  if (wrong.length === 0) return { status: 'True' }
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: wrong.join(', ') }
}

/** The kubelet's own conditions, with the times they last changed. Others' conditions are not among them. */
export function podConditions(facts: ConditionFacts): PodCondition[] {
  const verdicts: readonly (readonly [type: string, verdict: Verdict])[] = [
    ['PodReadyToStartContainers', { status: facts.hasSandbox ? 'True' : 'False' }],
    ['Initialized', initialized(facts)],
    ['Ready', ready(facts)],
    ['ContainersReady', containersReady(facts)],
    ['PodScheduled', { status: 'True' }],
    ...(facts.restartingAll === undefined ? [] : [[ALL_RESTARTING, restartingAll(facts)] as const]),
    ...(facts.disruption === undefined
      ? []
      : [['DisruptionTarget', { status: 'True', reason: 'TerminationByKubelet', message: facts.disruption }] as const]),
  ]
  const { generation } = facts.pod.metadata
  const own = verdicts.map(([type, verdict]) => ({
    type,
    ...verdict,
    // Kubernetes does not say of which generation it tells this one.
    ...(generation !== undefined && type !== ALL_RESTARTING && { observedGeneration: generation }),
    lastTransitionTime: since(facts, type, verdict),
  }))
  return [...resizeConditions(facts), ...own]
}

function resizeConditions({ resize, phase }: ConditionFacts): PodCondition[] {
  if (resize === undefined || phase === 'Succeeded' || phase === 'Failed') return []
  const { pending, progress } = resize
  return [
    ...(pending === undefined ? [] : [{ ...pending, type: 'PodResizePending' }]),
    ...(progress === undefined ? [] : [{ ...progress, type: 'PodResizeInProgress' }]),
  ]
}

function since({ pod, now }: ConditionFacts, type: string, { status }: Verdict): string {
  const old: DeepReadonly<PodCondition> | undefined = pod.status?.conditions?.find(
    (condition) => condition.type === type,
  )
  return (old?.status === status ? old.lastTransitionTime : undefined) ?? toTime(now)
}
