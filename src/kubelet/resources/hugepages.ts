/**
 * Huge pages that Pods and their containers may use: none of a size that was not asked for
 * (https://kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages/).
 */

import { podRequests } from '../../api/core/v1/pod/facts.ts'
import type { ResourceList } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { quantityValue } from '../../meta/quantity.ts'
import type { LinuxContainerResources } from '../cri/runtime.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'

type Limits = NonNullable<LinuxContainerResources['hugepageLimits']>
type Resources = DeepReadonly<ResourceList>

const PREFIX = 'hugepages-'
const UNITS = [
  ['GB', 2 ** 30],
  ['MB', 2 ** 20],
  ['KB', 2 ** 10],
] as const

/** A size as the kernel names its files: `2Mi` becomes `2MB`. */
function kernelSize(size: string): string {
  const bytes = quantityValue(size)
  const [unit, factor] = UNITS.find(([, least]) => bytes >= least) ?? ['B', 1]
  return `${bytes / factor}${unit}`
}

const asked = (list: Resources | undefined): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(list ?? {})
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, amount]) => [kernelSize(name.slice(PREFIX.length)), quantityValue(amount)]),
  )

/** For each size of the machine, what the container's limits say, or those of its whole Pod. */
export function containerHugepages(pod: PodView, limits: Resources | undefined, sizes: readonly string[]): Limits {
  const named = new Map([...asked(specOf(pod).resources?.limits), ...asked(limits)])
  return sizes.map(kernelSize).map((pageSize) => ({ pageSize, limit: named.get(pageSize) ?? 0 }))
}

/** What all containers ask for together. */
export const podHugepages = (pod: PodView): Limits =>
  [...asked(podRequests(pod))].map(([pageSize, limit]) => ({ pageSize, limit }))
