/** What an emptyDir is made of (https://kubernetes.io/docs/concepts/storage/volumes/#emptydir). Pure. */

import type { EmptyDirVolumeSource } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { quantityValue } from '../../meta/quantity.ts'
import type { EmptyDirOptions } from '../host/host.ts'
import { appContainersOf, initContainersOf, type PodView, specOf } from '../pods/pod-view.ts'
import { podCgroupOf } from '../resources/linux-resources.ts'

const HUGE_PAGES = 'HugePages'
const RESOURCE = 'hugepages-'

/** Throws for huge pages that the Pod did not ask for. `memoryBytes` is what all Pods of the node may have. */
export function emptyDirOptions(
  pod: PodView,
  { medium = '', sizeLimit }: DeepReadonly<EmptyDirVolumeSource>,
  memoryBytes: number,
): EmptyDirOptions {
  const fsGroup = specOf(pod).securityContext?.fsGroup
  const shared = fsGroup === undefined ? {} : { fsGroup }
  if (medium === '') return { ...shared, medium: 'disk' }
  if (medium === 'Memory') return { ...shared, medium: 'memory', sizeBytes: memorySize(pod, sizeLimit, memoryBytes) }
  if (medium === HUGE_PAGES || medium.startsWith(`${HUGE_PAGES}-`)) {
    return { ...shared, medium: 'hugePages', pageSize: pageSizeOf(pod, medium) }
  }
  throw new Error(`unknown storage medium "${medium}"`)
}

/** No more than the volume, its Pod and the node may have. */
function memorySize(pod: PodView, sizeLimit: string | undefined, memoryBytes: number): number {
  const own = sizeLimit === undefined ? 0 : quantityValue(sizeLimit)
  const ofPod = podCgroupOf(pod).resources.memoryLimitInBytes ?? 0
  return Math.min(...[memoryBytes, ofPod, own].filter((bytes) => bytes > 0))
}

/** In the words of mount(8), e.g. `2M`. */
function pageSizeOf(pod: PodView, medium: string): string {
  const lists = [specOf(pod), ...[...appContainersOf(pod), ...initContainersOf(pod)].map(({ spec }) => spec)]
  const asked = lists
    .flatMap(({ resources }) => Object.keys(resources?.requests ?? {}))
    .filter((name) => name.startsWith(RESOURCE))
    .map((name) => quantityValue(name.slice(RESOURCE.length)))
  const wanted = medium === HUGE_PAGES ? undefined : quantityValue(medium.slice(HUGE_PAGES.length + 1))
  const sizes = [...new Set(asked)].filter((size) => wanted === undefined || size === wanted)
  const [size] = sizes
  if (sizes.length > 1)
    throw new Error(`medium: ${medium} can't be used if container requests multiple huge page sizes`)
  if (size === undefined) {
    throw new Error(`medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`)
  }
  return `${size / 1024}K`
}
