/**
 * What a Pod as a whole was given and has, as its status tells
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-pod-resources/). Pure.
 */

import { podLimits, podRequests } from '../../api/core/v1/pod/facts.ts'
import type { PodStatus, ResourceList } from '../../api/generated/core-v1.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { milliValue } from '../../meta/quantity.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'
import { podCgroupOf } from '../resources/linux-resources.ts'

export interface PodResourcesFacts {
  /** With what it was given. */
  readonly pod: PodView
  readonly last: DeepReadonly<PodStatus>
  /** A resize is under way: until it is done the Pod has what it had. */
  readonly isResizing: boolean
}

/** The kernel gives nobody less than this, in thousandths of a CPU. */
const LEAST_MILLI_CPU = 2

export function podResourcesStatus(facts: PodResourcesFacts): Pick<PodStatus, 'allocatedResources' | 'resources'> {
  const { pod, last, isResizing } = facts
  const requests = podRequests(pod)
  return {
    ...(Object.keys(requests).length > 0 && { allocatedResources: { ...requests } }),
    resources:
      isResizing && last.resources !== undefined
        ? draftOf<NonNullable<PodStatus['resources']>>(last.resources)
        : resourcesOf(pod, last.phase === 'Running'),
  }
}

function resourcesOf(pod: PodView, isRunning: boolean): NonNullable<PodStatus['resources']> {
  const requests = podRequests(pod)
  const { resources: whole = {} } = specOf(pod)
  const claims = whole.claims === undefined ? {} : { claims: whole.claims.map((claim) => ({ ...claim })) }
  if (!isRunning) return { ...claims, ...sides(requests, podLimits(pod)) }
  // A running Pod has what its cgroup says.
  const { cpuQuota, memoryLimitInBytes } = podCgroupOf(pod).resources
  const { cpu, memory } = podLimits(pod)
  const isCounted = requests['cpu'] !== undefined && milliValue(requests['cpu']) > LEAST_MILLI_CPU
  const wanted = {
    ...whole.requests,
    ...(isCounted && { cpu: requests['cpu'] }),
    ...(requests['memory'] !== undefined && { memory: requests['memory'] }),
  }
  const limits = {
    ...whole.limits,
    ...(cpuQuota !== undefined && cpu !== undefined && { cpu }),
    ...(memoryLimitInBytes !== undefined && memory !== undefined && { memory }),
  }
  return { ...claims, ...sides(wanted, limits) }
}

const sides = (requests: Readonly<ResourceList>, limits: Readonly<ResourceList>) => ({
  ...(Object.keys(limits).length > 0 && { limits: { ...limits } }),
  ...(Object.keys(requests).length > 0 && { requests: { ...requests } }),
})
