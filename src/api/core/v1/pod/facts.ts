/**
 * What follows from a Pod: pure answers that the server, scheduler, controllers and kubelet share
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/).
 */

import { findCondition } from '../../../../meta/conditions.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { Container, Pod, PodCondition, PodSpec, PodStatus } from '../../../generated/core-v1.ts'

export {
  aggregateContainerLimits,
  aggregateContainerRequests,
  isPodLevelResource,
  isSidecar,
  podLimits,
  podRequests,
  qosClassOf,
} from './requests.ts'

type Shared = DeepReadonly<Pod>
type WithStatus = { readonly status?: DeepReadonly<PodStatus> }
type WithSpec = { readonly spec?: DeepReadonly<PodSpec> }

/** The annotation by which the kubelet shows static Pods in the API. */
export const MIRROR_POD = 'kubernetes.io/config.mirror'

/** The reason a Pod fails with when its node shuts down or runs short. */
export const EVICTED = 'Evicted'

/** Whether the Pod is finished: nothing of it will run again. */
export function isTerminal(pod: WithStatus): boolean {
  const phase = pod.status?.phase
  return phase === 'Failed' || phase === 'Succeeded'
}

/** Whether the Pod has been asked to go and has not finished yet. */
export function isTerminating(pod: Shared): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp !== undefined
}

/** Whether the Pod counts for a controller: neither finished nor going. */
export function isActive(pod: Shared): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined
}

export function podCondition(pod: WithStatus, type: string): DeepReadonly<PodCondition> | undefined {
  return findCondition(pod.status?.conditions, type)
}

/** Whether the Pod may be sent requests. */
export function isPodReady(pod: WithStatus): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

/** Whether the Pod has been ready for `minReadySeconds`; `now` is milliseconds since the epoch. */
export function isPodAvailable(pod: WithStatus, minReadySeconds: number, now: number): boolean {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return false
  if (minReadySeconds === 0) return true
  const since = Date.parse(ready.lastTransitionTime ?? '')
  return !Number.isNaN(since) && since + minReadySeconds * 1000 <= now
}

/** Milliseconds until a ready Pod becomes available; 0 when it is, `undefined` when it is not ready. */
export function availableIn(pod: WithStatus, minReadySeconds: number, now: number): number | undefined {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return undefined
  const since = Date.parse(ready.lastTransitionTime ?? '')
  return Number.isNaN(since) ? undefined : Math.max(0, since + minReadySeconds * 1000 - now)
}

/** Whether the scheduler has found a node, or the Pod came with one. */
export function isScheduled(pod: WithSpec): boolean {
  return (pod.spec?.nodeName ?? '') !== ''
}

/** Whether the Pod waits for its scheduling gates to be removed. */
export function isGated(pod: WithSpec): boolean {
  return (pod.spec?.schedulingGates?.length ?? 0) > 0
}

/** Whether this is the kubelet's image of a static Pod, which the API cannot control. */
export function isMirrorPod(pod: Pick<Shared, 'metadata'>): boolean {
  const { annotations } = pod.metadata
  return annotations !== undefined && Object.hasOwn(annotations, MIRROR_POD)
}

/** All addresses of the Pod, the first one first. */
export function podIPs(pod: WithStatus): readonly string[] {
  const many = pod.status?.podIPs?.map(({ ip }) => ip) ?? []
  if (many.length > 0) return many
  const one = pod.status?.podIP
  return one === undefined || one === '' ? [] : [one]
}

/** All containers of a Pod in the order they start. */
export function containersOf(spec: DeepReadonly<PodSpec> | undefined): readonly DeepReadonly<Container>[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])]
}
