/**
 * Changing what containers and Pods may use while they run
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/,
 * https://kubernetes.io/docs/tasks/configure-pod-container/resize-pod-resources/). Pure.
 */

import { podRequests } from '../../api/core/v1/pod/facts.ts'
import type { ContainerStatus, ResourceRequirements } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { cmpQuantity, milliValue } from '../../meta/quantity.ts'
import type { LinuxContainerResources } from '../cri/runtime.ts'
import { type ContainerView, type PodView, specOf } from '../pods/pod-view.ts'
import { amountOf } from './amounts.ts'

export type Requirements = DeepReadonly<ResourceRequirements>

/** What a Pod was given. */
export interface Allocation {
  /** As a whole; absent: it states nothing but what its containers do. */
  readonly whole: Requirements | undefined
  /** By the containers' names. */
  readonly containers: ReadonlyMap<string, Requirements>
}

const RESIZABLE = ['cpu', 'memory'] as const
const SIDES = ['requests', 'limits'] as const

/** What the Pod and every container of the spec ask for. */
export const askedBy = (pod: PodView): Allocation => ({
  whole: specOf(pod).resources,
  containers: new Map(resizable(pod).map(({ name, resources = {} }) => [name, resources])),
})

/** What the status says that a running Pod has; what it does not say is as the spec has it. */
export function allocatedBefore(pod: PodView): Allocation {
  const { whole, containers } = askedBy(pod)
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  const statuses = [...containerStatuses, ...initContainerStatuses]
  return {
    whole: whole === undefined ? undefined : wholeBefore(pod, whole),
    containers: new Map(
      [...containers].map(([name, asked]) => [
        name,
        containerBefore(
          statuses.find((one) => one.name === name),
          asked,
        ),
      ]),
    ),
  }
}

function containerBefore(status: DeepReadonly<ContainerStatus> | undefined, asked: Requirements): Requirements {
  if (status?.state?.running === undefined || status.resources === undefined) return asked
  const requests = status.allocatedResources ?? asked.requests
  const { limits } = status.resources
  return { ...(requests !== undefined && { requests }), ...(limits !== undefined && { limits }) }
}

/** The status counts together what the Pod states and what its containers do: only what it states is its own. */
function wholeBefore({ status }: PodView, asked: Requirements): Requirements {
  if (status?.phase !== 'Running' || status.allocatedResources === undefined) return asked
  const told = { requests: status.allocatedResources, limits: status.resources?.limits ?? {} }
  const side = (name: (typeof SIDES)[number]) =>
    asked[name] === undefined
      ? {}
      : { [name]: Object.fromEntries(Object.entries(asked[name]).map(([key, now]) => [key, told[name][key] ?? now])) }
  return { ...asked, ...side('requests'), ...side('limits') }
}

const resizable = (pod: PodView): readonly ContainerView[] => [
  ...(specOf(pod).initContainers ?? []),
  ...specOf(pod).containers,
]

/** The Pod with `allocation` in place of what it asks for. The same Pod when that is the same. */
export function withAllocation(pod: PodView, allocation: Allocation): PodView {
  if (sameAllocation(askedBy(pod), allocation)) return pod
  const given = <T extends ContainerView>(container: T): T => {
    const resources = allocation.containers.get(container.name)
    return resources === undefined ? container : { ...container, resources }
  }
  const { containers, initContainers, resources: _, ...spec } = specOf(pod)
  return {
    ...pod,
    spec: {
      ...spec,
      ...(allocation.whole !== undefined && { resources: allocation.whole }),
      containers: containers.map(given),
      ...(initContainers !== undefined && { initContainers: initContainers.map(given) }),
    },
  }
}

/** Whether both give CPU and memory alike. */
export function sameAllocation(a: Allocation, b: Allocation): boolean {
  if (!sameRequirements(a.whole, b.whole)) return false
  const names = new Set([...a.containers.keys(), ...b.containers.keys()])
  return [...names].every((name) => sameRequirements(a.containers.get(name), b.containers.get(name)))
}

/** Whether both ask for the same of `resources`. */
export function sameRequirements(
  a: Requirements | undefined,
  b: Requirements | undefined,
  resources: readonly string[] = RESIZABLE,
): boolean {
  const amount = (text: string | undefined) => (text === undefined ? undefined : milliValue(text))
  return resources.every((resource) =>
    SIDES.every((side) => amount(a?.[side]?.[resource]) === amount(b?.[side]?.[resource])),
  )
}

/** Whether the Pod asks for more than it was given. */
export function asksForMore(pod: PodView, given: Allocation): boolean {
  const [now, before] = [podRequests(pod), podRequests(withAllocation(pod, given))]
  return RESIZABLE.some((resource) => cmpQuantity(now[resource] ?? '0', before[resource] ?? '0') > 0)
}

/** Why a resize does not happen now. The API refuses what the node could never give. */
export interface ResizeRefusal {
  readonly reason: 'Deferred'
  readonly message: string
}

/** Whether the node can give the Pod what it asks for, beside the other Pods as they stand. */
export function resizeRefusal(
  pod: PodView,
  others: readonly PodView[],
  allocatable: Readonly<Record<string, string>>,
): ResizeRefusal | undefined {
  for (const resource of RESIZABLE) {
    const requested = amountOf(resource, podRequests(pod)[resource])
    const used = others.reduce((sum, other) => sum + amountOf(resource, podRequests(other)[resource]), 0)
    const capacity = amountOf(resource, allocatable[resource])
    if (requested > 0 && used + requested > capacity) {
      const message = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
      return { reason: 'Deferred', message }
    }
  }
  return undefined
}

export type Given = Pick<LinuxContainerResources, 'cpuShares' | 'cpuQuota' | 'memoryLimitInBytes'>

/** What a running container was told to have, by whoever started or updated it, and what its runtime says. */
export interface HadAndWanted {
  readonly had: { readonly asked: Requirements | undefined; readonly given: Given }
  readonly wanted: { readonly asked: Requirements; readonly given: Given }
}

/** What a running container lacks: nothing, an update in place, or a restart. */
export function resizeStep(container: ContainerView, { had, wanted }: HadAndWanted): 'none' | 'update' | 'restart' {
  const isAskedAnew = (resource: string) =>
    had.asked !== undefined && !sameRequirements(had.asked, wanted.asked, [resource])
  const given = RESIZABLE.filter((resource) => isGivenAnew(resource, had.given, wanted.given))
  const changed = RESIZABLE.filter((resource) => given.includes(resource) || isAskedAnew(resource))
  const restarts = changed.some((resource) =>
    (container.resizePolicy ?? []).some(
      ({ resourceName, restartPolicy }) => resourceName === resource && restartPolicy === 'RestartContainer',
    ),
  )
  if (restarts) return 'restart'
  // A request of memory is nothing that the runtime knows of.
  return given.length > 0 ? 'update' : 'none'
}

/** Whether the runtime is to be told another amount of the resource. */
export function isGivenAnew(resource: (typeof RESIZABLE)[number], had: Given, wanted: Given): boolean {
  const differs = (a = 0, b = 0) => a !== b && !(a <= 0 && b <= 0)
  return resource === 'cpu'
    ? differs(had.cpuShares, wanted.cpuShares) || differs(had.cpuQuota, wanted.cpuQuota)
    : differs(had.memoryLimitInBytes, wanted.memoryLimitInBytes)
}
