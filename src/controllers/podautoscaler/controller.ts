/** Changes the number of replicas by what they use (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/). */

import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscalerCondition,
  MetricStatus,
} from '../../api/generated/autoscaling-v2.ts'
import type { Scale } from '../../api/generated/autoscaling-v1.ts'
import { toTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { CUSTOM_RESOURCE_DEFINITIONS, HORIZONTAL_POD_AUTOSCALERS, PODS } from '../../client/resources.ts'
import { setCondition } from '../../meta/conditions.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { parseLabelSelector, type Selector } from '../../meta/label-selector.ts'
import { milliValue } from '../../meta/quantity.ts'
import { groupOf } from '../kit/all-resources.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'
import { selectedBy } from '../kit/selected.ts'
import { writeStatus } from '../kit/write-status.ts'
import { allow, forget, type History } from './behavior.ts'
import { measure, MetricFailure, type ReadAutoscaler, type Reading } from './measure.ts'
import { type Definitions, getScale, resourceOf, type ScaleAt, setReplicas } from '../kit/scale.ts'

const SYNC_MS = 15_000
const TOLERANCE = 0.1
const NOTHING: History = { recommendations: [], ups: [], downs: [] }

/** What one look at an autoscaler gathers for its status. */
class Report {
  readonly #now: string
  conditions: readonly HorizontalPodAutoscalerCondition[]
  /** Absent where the scale could not be looked at: then what was known stays. */
  metrics: readonly MetricStatus[] | undefined

  constructor(autoscaler: ReadAutoscaler, now: string) {
    this.#now = now
    this.conditions = (autoscaler.status?.conditions ?? []).map((condition) => ({ ...condition }))
  }

  say(type: string, status: 'True' | 'False', reason: string, message: string): void {
    this.conditions = setCondition(this.conditions, { type, status, reason, message }, this.#now)
  }
}

function targetResource(
  { apiVersion = 'v1', kind }: DeepReadonly<CrossVersionObjectReference>,
  definitions: Definitions,
) {
  const resource = resourceOf({ apiVersion, kind }, definitions)
  if (resource !== undefined) return resource
  throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(groupOf(apiVersion))}`)
}

export function podAutoscalerController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const autoscalers = deps.informers.of(HORIZONTAL_POD_AUTOSCALERS)
  const pods = deps.informers.of(PODS)
  const definitions = deps.informers.of(CUSTOM_RESOURCE_DEFINITIONS)
  const queue = createWorkQueue(clock)
  const events = deps.events('horizontal-pod-autoscaler')
  const histories = new Map<string, History>()
  /** By what each autoscaler last found its Pods. */
  const selectors = new Map<string, { readonly namespace: string; readonly matcher: Selector }>()
  autoscalers.on({
    added: (autoscaler) => queue.add(keyOf(autoscaler)),
    updated(autoscaler, old) {
      if (JSON.stringify(autoscaler.spec) !== JSON.stringify(old.spec)) queue.add(keyOf(autoscaler))
    },
    deleted: (autoscaler) => {
      histories.delete(keyOf(autoscaler))
      selectors.delete(keyOf(autoscaler))
    },
  })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const autoscaler = autoscalers.get(key)
    if (autoscaler === undefined || isDeleting(autoscaler)) return settled
    const report = new Report(autoscaler, toTime(clock.now()))
    try {
      await look(autoscaler, report, signal)
    } catch (error) {
      signal.throwIfAborted()
      deps.log.debug('cannot scale', { autoscaler: key, error })
    }
    return again(SYNC_MS)
  }

  const warn = (autoscaler: ReadAutoscaler, reason: string, message: string) =>
    events.event(autoscaler, 'Warning', reason, message)

  const look = async (autoscaler: ReadAutoscaler, report: Report, signal: AbortSignal): Promise<void> => {
    const { namespace = '' } = autoscaler.metadata
    const { scaleTargetRef: reference } = autoscaler.spec
    let at: ScaleAt
    let scale: DeepReadonly<Scale>
    try {
      at = { resource: targetResource(reference, definitions.list()), namespace, name: reference.name }
      scale = await getScale(client, at, signal)
    } catch (error) {
      signal.throwIfAborted()
      const message = messageOf(error)
      warn(autoscaler, 'FailedGetScale', message)
      const told = `the HPA controller was unable to get the target's current scale: ${message}`
      report.say('AbleToScale', 'False', 'FailedGetScale', told)
      return write(autoscaler, report, {}, signal)
    }
    report.say(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    )
    report.metrics = []
    const current = scale.spec?.replicas ?? 0
    begin(keyOf(autoscaler), current)
    const counted = scale.status?.replicas ?? 0
    const wish = await wanted(autoscaler, scale, report, signal)
    if (wish === undefined) return write(autoscaler, report, { current: counted }, signal)
    if (wish.replicas === current) return write(autoscaler, report, { current: counted, desired: current }, signal)
    const size = `New size: ${wish.replicas}; reason: ${wish.reason}`
    try {
      await setReplicas(client, at, { scale, replicas: wish.replicas }, signal)
    } catch (error) {
      signal.throwIfAborted()
      warn(autoscaler, 'FailedRescale', `${size}; error: ${messageOf(error)}`)
      const told = `the HPA controller was unable to update the target scale: ${messageOf(error)}`
      report.say('AbleToScale', 'False', 'FailedUpdateScale', told)
      return write(autoscaler, report, { current: counted }, signal)
    }
    const told = `the HPA controller was able to update the target scale to ${wish.replicas}`
    report.say('AbleToScale', 'True', 'SucceededRescale', told)
    events.event(autoscaler, 'Normal', 'SuccessfulRescale', size)
    remember(autoscaler, wish.replicas - current)
    await write(autoscaler, report, { current: counted, desired: wish.replicas, hasScaled: true }, signal)
  }

  interface Wanted {
    readonly replicas: number
    readonly reason: string
  }

  /** How many there shall be, and why; undefined when that cannot be told. */
  const wanted = async (
    autoscaler: ReadAutoscaler,
    scale: DeepReadonly<Scale>,
    report: Report,
    signal: AbortSignal,
  ): Promise<Wanted | undefined> => {
    const { minReplicas = 1, maxReplicas } = autoscaler.spec
    const current = scale.spec?.replicas ?? 0
    if (current === 0 && minReplicas !== 0) {
      const told = 'scaling is disabled since the replica count of the target is zero'
      report.say('ScalingActive', 'False', 'ScalingDisabled', told)
      return { replicas: 0, reason: '' }
    }
    if (current > maxReplicas)
      return { replicas: maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas' }
    if (current < minReplicas)
      return { replicas: minReplicas, reason: 'Current number of replicas below Spec.MinReplicas' }
    const proposal = await proposed(autoscaler, scale, report, signal)
    if (proposal === undefined) return undefined
    const reason = proposal.replicas > current ? `${proposal.name} above target` : 'All metrics below target'
    const key = keyOf(autoscaler)
    const nowMs = clock.monotonic()
    const history = forget(histories.get(key) ?? NOTHING, autoscaler.spec, nowMs)
    const desired = proposal.replicas
    histories.set(key, {
      ...history,
      recommendations: [...history.recommendations, { atMs: nowMs, replicas: desired }],
    })
    const allowed = allow({ spec: autoscaler.spec, current, desired, history, nowMs })
    const { ableToScale, scalingLimited } = allowed
    report.say('AbleToScale', ableToScale.status, ableToScale.reason, ableToScale.message)
    report.say('ScalingLimited', scalingLimited.status, scalingLimited.reason, scalingLimited.message)
    return { replicas: allowed.replicas, reason }
  }

  /** The largest number that a metric asks for. A metric that fails keeps the rest from scaling down. */
  const proposed = async (
    autoscaler: ReadAutoscaler,
    scale: DeepReadonly<Scale>,
    report: Report,
    signal: AbortSignal,
  ): Promise<Reading | undefined> => {
    const selector = scale.status?.selector ?? ''
    const { namespace = '' } = autoscaler.metadata
    const current = scale.spec?.replicas ?? 0
    if (selector === '') {
      warn(autoscaler, 'SelectorRequired', 'selector is required')
      report.say('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector")
      failed(autoscaler, 'selector is required')
      return undefined
    }
    const matcher = parseLabelSelector(selector)
    const covered = selectedBy(pods, namespace, matcher)
    selectors.set(keyOf(autoscaler), { namespace, matcher })
    const rivals = autoscalersOf(covered)
    if (rivals.length > 1) {
      const told = `pods by selector ${selector} are controlled by multiple HPAs: [${rivals.join(' ')}]`
      warn(autoscaler, 'AmbiguousSelector', told)
      report.say('ScalingActive', 'False', 'AmbiguousSelector', told)
      failed(autoscaler, told)
      return undefined
    }
    const { behavior, metrics = [] } = autoscaler.spec
    const tolerance = (text: string | undefined) => (text === undefined ? TOLERANCE : milliValue(text) / 1_000)
    const target = {
      query: { namespace, selector },
      current,
      counted: scale.status?.replicas ?? 0,
      pods: covered,
      tolerances: { up: tolerance(behavior?.scaleUp?.tolerance), down: tolerance(behavior?.scaleDown?.tolerance) },
      nowMs: clock.now(),
    }
    const readings: Reading[] = []
    const statuses: MetricStatus[] = []
    const failures: MetricFailure[] = []
    for (const metric of metrics) {
      try {
        const reading = await measure({ client, definitions: definitions.list() }, metric, target, signal)
        readings.push(reading)
        statuses.push(reading.status)
      } catch (error) {
        if (!(error instanceof MetricFailure)) throw error
        failures.push(error)
        statuses.push({ type: '' }) // each keeps its place
        warn(autoscaler, error.reason, error.detail)
      }
    }
    report.metrics = statuses
    let best: Reading | undefined
    for (const reading of readings) if (best === undefined || reading.replicas > best.replicas) best = reading
    const [first] = failures
    if (first !== undefined && (best === undefined || best.replicas < current)) {
      const told = `the HPA was unable to compute the replica count: ${first.detail}`
      report.say('ScalingActive', 'False', first.reason, told)
      const count = `invalid metrics (${failures.length} invalid out of ${metrics.length})`
      failed(autoscaler, `${count}, first error is: ${first.message}`)
      return undefined
    }
    if (best === undefined) return undefined
    const told = `the HPA was able to successfully calculate a replica count from ${best.name}`
    report.say('ScalingActive', 'True', 'ValidMetricFound', told)
    return best
  }

  /** The autoscalers that would scale by any of these Pods. */
  const autoscalersOf = (covered: readonly ReadPod[]): readonly string[] => {
    const namespace = covered[0]?.metadata.namespace
    return [...selectors]
      .filter(
        ([, other]) =>
          other.namespace === namespace && covered.some((pod) => other.matcher.matches(pod.metadata.labels)),
      )
      .map(([key]) => key)
      .toSorted()
  }

  const failed = (autoscaler: ReadAutoscaler, why: string) => warn(autoscaler, 'FailedComputeMetricsReplicas', why)

  /** What there is counts as proposed when an autoscaler is new: nothing goes before it was seen to be too much. */
  const begin = (key: string, replicas: number): void => {
    if (histories.has(key)) return
    histories.set(key, { ...NOTHING, recommendations: [{ atMs: clock.monotonic(), replicas }] })
  }

  const remember = (autoscaler: ReadAutoscaler, change: number): void => {
    const history = histories.get(keyOf(autoscaler)) ?? NOTHING
    const done = { atMs: clock.monotonic(), replicas: Math.abs(change) }
    const next = change > 0 ? { ups: [...history.ups, done] } : { downs: [...history.downs, done] }
    histories.set(keyOf(autoscaler), { ...history, ...next })
  }

  const write = async (
    autoscaler: ReadAutoscaler,
    report: Report,
    told: { readonly current?: number; readonly desired?: number; readonly hasScaled?: boolean },
    signal: AbortSignal,
  ): Promise<void> => {
    const { status: before, metadata } = autoscaler
    const lastScaleTime = told.hasScaled === true ? toTime(clock.now()) : before?.lastScaleTime
    const currentMetrics = report.metrics ?? before?.currentMetrics
    const currentReplicas = told.current ?? before?.currentReplicas ?? 0
    const status = {
      ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      ...(currentReplicas === 0 ? {} : { currentReplicas }),
      desiredReplicas: told.desired ?? before?.desiredReplicas ?? 0,
      ...(currentMetrics === undefined ? {} : { currentMetrics: draftOf<MetricStatus[]>(currentMetrics) }),
      conditions: [...report.conditions],
    }
    await writeStatus<object>({ client, ref: HORIZONTAL_POD_AUTOSCALERS, object: autoscaler, status }, signal)
  }

  const waitFor = [autoscalers, pods, definitions]
  return loopController({ name: 'horizontal-pod-autoscaling', queue, reconcile, log: deps.log, waitFor })
}
