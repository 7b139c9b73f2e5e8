/** What events about resizes say (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/). Pure. */

import type { ResourceRequirements } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'

export interface ResizeSummary {
  /** The `metadata.generation` that asked for it. */
  readonly generation: number
  readonly error?: string
}

/** `what`, and what the containers ask for, e.g. `Pod resize started: {"containers":[…],"generation":2}`. */
export function resizeText(what: string, pod: PodView, { generation, error }: ResizeSummary): string {
  const { initContainers = [], containers } = specOf(pod)
  const listOf = (list: DeepReadonly<{ name: string; resources?: ResourceRequirements }[]>) =>
    list.map(({ name, resources = {} }) => ({ name, resources: inOrder(resources) }))
  const summary = {
    ...(initContainers.length > 0 && { initContainers: listOf(initContainers) }),
    ...(containers.length > 0 && { containers: listOf(containers) }),
    generation,
    ...(error !== undefined && { error }),
  }
  return `${what}: ${JSON.stringify(summary)}`
}

/** As Kubernetes writes them: fields and names in the order of the alphabet. */
function inOrder({ claims, limits, requests }: DeepReadonly<ResourceRequirements>): object {
  const sorted = (list: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(list).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return {
    ...(limits !== undefined && { limits: sorted(limits) }),
    ...(requests !== undefined && { requests: sorted(requests) }),
    ...(claims !== undefined && { claims }),
  }
}
