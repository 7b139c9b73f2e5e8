/**
 * Changing what containers may use while they run
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/). Pure.
 */

import { podRequests } from '../../api/core/v1/pod/facts.ts'
import type { ResourceRequirements } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { milliValue, quantityValue } from '../../meta/quantity.ts'
import type { LinuxContainerResources } from '../cri/runtime.ts'
import { type ContainerView, type PodView, specOf } from '../pods/pod-view.ts'

type Requirements = DeepReadonly<ResourceRequirements>
/** What containers were given, by name. */
export type Allocation = ReadonlyMap<string, Requirements>

const RESIZABLE = ['cpu', 'memory'] as const

/** What every container of the spec asks for. */
export const askedBy = (pod: PodView): Allocation =>
  new Map(resizable(pod).map(({ name, resources = {} }) => [name, resources]))

/** What the status says that running containers have; what it does not say is as the spec has it. */
export function allocatedBefore(pod: PodView): Allocation {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  const statuses = [...containerStatuses, ...initContainerStatuses]
  return new Map(
    resizable(pod).map(({ name, resources = {} }) => {
      const status = statuses.find((other) => other.name === name)
      if (status?.state?.running === undefined || status.resources === undefined) return [name, resources]
      const requests = status.allocatedResources ?? resources.requests
      const { limits } = status.resources
      return [name, { ...(requests !== undefined && { requests }), ...(limits !== undefined && { limits }) }]
    }),
  )
}

const resizable = (pod: PodView): readonly ContainerView[] => [
  ...(specOf(pod).initContainers ?? []),
  ...specOf(pod).containers,
]

/** The Pod with `allocation` in place of what it asks for. The same Pod when that is the same. */
export function withAllocation(pod: PodView, allocation: Allocation): PodView {
  if (sameAllocation(askedBy(pod), allocation)) return pod
  const given = <T extends ContainerView>(container: T): T => {
    const resources = allocation.get(container.name)
    return resources === undefined ? container : { ...container, resources }
  }
  const { containers, initContainers, ...spec } = specOf(pod)
  return {
    ...pod,
    spec: {
      ...spec,
      containers: containers.map(given),
      ...(initContainers !== undefined && { initContainers: initContainers.map(given) }),
    },
  }
}

/** Whether both give CPU and memory alike. */
export function sameAllocation(a: Allocation, b: Allocation): boolean {
  const amount = (of: Allocation, name: string, side: 'requests' | 'limits', resource: string) => {
    const text = of.get(name)?.[side]?.[resource]
    return text === undefined ? undefined : milliValue(text)
  }
  return [...new Set([...a.keys(), ...b.keys()])].every((name) =>
    RESIZABLE.every((resource) =>
      (['requests', 'limits'] as const).every(
        (side) => amount(a, name, side, resource) === amount(b, name, side, resource),
      ),
    ),
  )
}

/** Why a resize does not happen now. `Infeasible`: nor will it here. */
export interface ResizeRefusal {
  readonly reason: 'Deferred' | 'Infeasible'
  readonly message: string
}

/** Whether the node can give the Pod what it asks for, beside the other Pods as they stand. */
export function resizeRefusal(
  pod: PodView,
  others: readonly PodView[],
  allocatable: Readonly<Record<string, string>>,
): ResizeRefusal | undefined {
  for (const resource of RESIZABLE) {
    const amount = (text: string | undefined) =>
      text === undefined ? 0 : resource === 'cpu' ? milliValue(text) : quantityValue(text)
    const requested = amount(podRequests(pod)[resource])
    const capacity = amount(allocatable[resource])
    if (requested > capacity) {
      const message = `Node didn't have enough capacity: ${resource}, requested: ${requested}, capacity: ${capacity}`
      return { reason: 'Infeasible', message }
    }
  }
  for (const resource of RESIZABLE) {
    const amount = (text: string | undefined) =>
      text === undefined ? 0 : resource === 'cpu' ? milliValue(text) : quantityValue(text)
    const requested = amount(podRequests(pod)[resource])
    const used = others.reduce((sum, other) => sum + amount(podRequests(other)[resource]), 0)
    const capacity = amount(allocatable[resource])
    if (used + requested > capacity) {
      const message = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
      return { reason: 'Deferred', message }
    }
  }
  return undefined
}

type Given = Pick<LinuxContainerResources, 'cpuShares' | 'cpuQuota' | 'memoryLimitInBytes'>

/** What a running container lacks: nothing, an update in place, or a restart. `given`: what the runtime says it has. */
export function resizeStep(container: ContainerView, given: Given, wanted: Given): 'none' | 'update' | 'restart' {
  const differs = (a = 0, b = 0) => a !== b && !(a <= 0 && b <= 0)
  const changed = {
    cpu: differs(given.cpuShares, wanted.cpuShares) || differs(given.cpuQuota, wanted.cpuQuota),
    memory: differs(given.memoryLimitInBytes, wanted.memoryLimitInBytes),
  }
  const resources = RESIZABLE.filter((resource) => changed[resource])
  if (resources.length === 0) return 'none'
  const restarts = resources.some((resource) =>
    (container.resizePolicy ?? []).some(
      ({ resourceName, restartPolicy }) => resourceName === resource && restartPolicy === 'RestartContainer',
    ),
  )
  return restarts ? 'restart' : 'update'
}
