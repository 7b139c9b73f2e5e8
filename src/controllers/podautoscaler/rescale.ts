/** One look at an autoscaler: reads the scale of its target, and changes it (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/). */

import type { Scale } from '../../api/generated/autoscaling-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { groupOf } from '../kit/all-resources.ts'
import { keyOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import { getScale, resourceOf, type ScaleAt, setReplicas } from '../kit/scale.ts'
import type { ReadAutoscaler } from './measure.ts'
import type { Counts, Report } from './report.ts'
import { type Wanted, type WantedDeps, wantedReplicas } from './wanted.ts'

/** What may be scaled, as it is now. */
interface ScaleTarget {
  readonly at: ScaleAt
  readonly scale: DeepReadonly<Scale>
}

/** Brings the target to the size that is wanted, where that can be told; `report` gathers what is told of it. */
export async function rescale(
  deps: WantedDeps,
  { autoscaler, report }: { readonly autoscaler: ReadAutoscaler; readonly report: Report },
  signal: AbortSignal,
): Promise<Counts> {
  const target = await findTarget(deps, autoscaler, report, signal)
  if (target === undefined) return {}
  report.metrics = []
  const { scale } = target
  const replicas = scale.spec?.replicas ?? 0
  deps.histories.begin(keyOf(autoscaler), replicas)
  const current = scale.status?.replicas ?? 0
  const wanted = await wantedReplicas(deps, { autoscaler, scale, report }, signal)
  if (wanted === undefined) return { current }
  if (wanted.replicas === replicas) return { current, desired: replicas }
  if (!(await resize(deps, { autoscaler, report, target, wanted }, signal))) return { current }
  deps.histories.scaled(keyOf(autoscaler), wanted.replicas - replicas)
  return { current, desired: wanted.replicas, scaledAt: toTime(deps.clock.now()) }
}

/** The scale of what the autoscaler names; undefined, and told, when it cannot be read. */
async function findTarget(
  deps: WantedDeps,
  autoscaler: ReadAutoscaler,
  report: Report,
  signal: AbortSignal,
): Promise<ScaleTarget | undefined> {
  try {
    const at = placeOfTarget(deps, autoscaler)
    const scale = await getScale(deps.client, at, signal)
    const told = "the HPA controller was able to get the target's current scale"
    report.say('AbleToScale', 'True', 'SucceededGetScale', told)
    return { at, scale }
  } catch (error) {
    signal.throwIfAborted()
    const message = messageOf(error)
    deps.events.event(autoscaler, 'Warning', 'FailedGetScale', message)
    const told = `the HPA controller was unable to get the target's current scale: ${message}`
    report.say('AbleToScale', 'False', 'FailedGetScale', told)
    return undefined
  }
}

/** Throws when nobody serves the kind. */
function placeOfTarget({ definitions }: WantedDeps, { metadata, spec }: ReadAutoscaler): ScaleAt {
  const { apiVersion = 'v1', kind, name } = spec.scaleTargetRef
  const resource = resourceOf({ apiVersion, kind }, definitions.list())
  if (resource !== undefined) return { resource, namespace: metadata.namespace ?? '', name }
  throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(groupOf(apiVersion))}`)
}

interface Resize {
  readonly autoscaler: ReadAutoscaler
  readonly report: Report
  readonly target: ScaleTarget
  readonly wanted: Wanted
}

/** Writes the new size, and tells of it; false when that failed. */
async function resize(
  { client, events }: WantedDeps,
  { autoscaler, report, target: { at, scale }, wanted: { replicas, reason } }: Resize,
  signal: AbortSignal,
): Promise<boolean> {
  const size = `New size: ${replicas}; reason: ${reason}`
  try {
    await setReplicas(client, at, { scale, replicas }, signal)
  } catch (error) {
    signal.throwIfAborted()
    events.event(autoscaler, 'Warning', 'FailedRescale', `${size}; error: ${messageOf(error)}`)
    const told = `the HPA controller was unable to update the target scale: ${messageOf(error)}`
    report.say('AbleToScale', 'False', 'FailedUpdateScale', told)
    return false
  }
  const told = `the HPA controller was able to update the target scale to ${replicas}`
  report.say('AbleToScale', 'True', 'SucceededRescale', told)
  events.event(autoscaler, 'Normal', 'SuccessfulRescale', size)
  return true
}
