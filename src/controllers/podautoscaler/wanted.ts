/** How many replicas an autoscaler wants now (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details). */

import type { Scale } from '../../api/generated/autoscaling-v1.ts'
import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import type { MetricStatus } from '../../api/generated/autoscaling-v2.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import type { Informer, Lister } from '../../client/informer.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { parseLabelSelector } from '../../meta/label-selector.ts'
import { milliValue } from '../../meta/quantity.ts'
import type { Events } from '../kit/events.ts'
import { keyOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { selectedBy } from '../kit/selected.ts'
import type { Histories } from './histories.ts'
import { measure, MetricFailure, type ReadAutoscaler, type Reading, type Target } from './measure.ts'
import type { Tolerances } from './replicas.ts'
import type { Report } from './report.ts'
import type { Rivals } from './rivals.ts'

const TOLERANCE = 0.1

export interface WantedDeps {
  readonly client: Client
  readonly clock: Clock
  readonly events: Events
  readonly pods: Informer<Pod>
  readonly definitions: Lister<CustomResourceDefinition>
  readonly histories: Histories
  readonly rivals: Rivals
}

/** An autoscaler, the scale of its target, and what is told about both. */
export interface Look {
  readonly autoscaler: ReadAutoscaler
  readonly scale: DeepReadonly<Scale>
  readonly report: Report
}

export interface Wanted {
  readonly replicas: number
  /** Why, as events tell it. */
  readonly reason: string
}

/** How many there shall be, and why; undefined when that cannot be told. */
export async function wantedReplicas(deps: WantedDeps, look: Look, signal: AbortSignal): Promise<Wanted | undefined> {
  const { autoscaler, scale, report } = look
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
  const proposal = await proposed(deps, look, signal)
  if (proposal === undefined) return undefined
  const reason = proposal.replicas > current ? `${proposal.name} above target` : 'All metrics below target'
  const allowed = deps.histories.recommend(autoscaler, { current, desired: proposal.replicas })
  const { ableToScale, scalingLimited } = allowed
  report.say('AbleToScale', ableToScale.status, ableToScale.reason, ableToScale.message)
  report.say('ScalingLimited', scalingLimited.status, scalingLimited.reason, scalingLimited.message)
  return { replicas: allowed.replicas, reason }
}

/** The largest number that a metric asks for. A metric that fails keeps the rest from scaling down. */
async function proposed(deps: WantedDeps, look: Look, signal: AbortSignal): Promise<Reading | undefined> {
  const { autoscaler, scale, report } = look
  const pods = coveredPods(deps, look)
  if (pods === undefined) return undefined
  const { readings, failures } = await measureAll(deps, look, targetOf(look, pods, deps.clock.now()), signal)
  const best = largest(readings)
  const [first] = failures
  if (first !== undefined && (best === undefined || best.replicas < (scale.spec?.replicas ?? 0))) {
    const told = `the HPA was unable to compute the replica count: ${first.detail}`
    report.say('ScalingActive', 'False', first.reason, told)
    const count = `invalid metrics (${failures.length} invalid out of ${autoscaler.spec.metrics?.length ?? 0})`
    tellFailed(deps, autoscaler, `${count}, first error is: ${first.message}`)
    return undefined
  }
  if (best === undefined) return undefined
  const told = `the HPA was able to successfully calculate a replica count from ${best.name}`
  report.say('ScalingActive', 'True', 'ValidMetricFound', told)
  return best
}

/** The Pods of the target; undefined, and told, where it is not clear which they are or whose. */
function coveredPods(deps: WantedDeps, { autoscaler, scale, report }: Look): readonly ReadPod[] | undefined {
  const { events, rivals } = deps
  const { namespace = '' } = autoscaler.metadata
  const selector = scale.status?.selector ?? ''
  if (selector === '') {
    events.event(autoscaler, 'Warning', 'SelectorRequired', 'selector is required')
    report.say('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector")
    tellFailed(deps, autoscaler, 'selector is required')
    return undefined
  }
  const matcher = parseLabelSelector(selector)
  const covered = selectedBy(deps.pods, namespace, matcher)
  rivals.note(keyOf(autoscaler), namespace, matcher)
  const sharing = rivals.over(covered)
  if (sharing.length <= 1) return covered
  const told = `pods by selector ${selector} are controlled by multiple HPAs: [${sharing.join(' ')}]`
  events.event(autoscaler, 'Warning', 'AmbiguousSelector', told)
  report.say('ScalingActive', 'False', 'AmbiguousSelector', told)
  tellFailed(deps, autoscaler, told)
  return undefined
}

/** What the metrics are measured of. */
function targetOf({ autoscaler, scale }: Look, pods: readonly ReadPod[], nowMs: number): Target {
  const { namespace = '' } = autoscaler.metadata
  return {
    query: { namespace, selector: scale.status?.selector ?? '' },
    current: scale.spec?.replicas ?? 0,
    counted: scale.status?.replicas ?? 0,
    pods,
    tolerances: tolerancesOf(autoscaler.spec),
    nowMs,
  }
}

function tolerancesOf({ behavior }: ReadAutoscaler['spec']): Tolerances {
  const tolerance = (text: string | undefined) => (text === undefined ? TOLERANCE : milliValue(text) / 1_000)
  return { up: tolerance(behavior?.scaleUp?.tolerance), down: tolerance(behavior?.scaleDown?.tolerance) }
}

interface Measurements {
  readonly readings: readonly Reading[]
  readonly failures: readonly MetricFailure[]
}

/** Measures one metric after the other. The report shows all of them, each in its place. */
async function measureAll(
  { client, definitions, events }: WantedDeps,
  { autoscaler, report }: Look,
  target: Target,
  signal: AbortSignal,
): Promise<Measurements> {
  const readings: Reading[] = []
  const statuses: MetricStatus[] = []
  const failures: MetricFailure[] = []
  for (const metric of autoscaler.spec.metrics ?? []) {
    try {
      const reading = await measure({ client, definitions: definitions.list() }, metric, target, signal)
      readings.push(reading)
      statuses.push(reading.status)
    } catch (error) {
      if (!(error instanceof MetricFailure)) throw error
      failures.push(error)
      statuses.push({ type: '' })
      events.event(autoscaler, 'Warning', error.reason, error.detail)
    }
  }
  report.metrics = statuses
  return { readings, failures }
}

/** The first of those that ask for most. */
function largest(readings: readonly Reading[]): Reading | undefined {
  let best: Reading | undefined
  for (const reading of readings) if (best === undefined || reading.replicas > best.replicas) best = reading
  return best
}

function tellFailed({ events }: WantedDeps, autoscaler: ReadAutoscaler, why: string): void {
  events.event(autoscaler, 'Warning', 'FailedComputeMetricsReplicas', why)
}
