/**
 * Pods that use more of the node's disk than they may, and why they go
 * (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage). Pure.
 */

import { podLimits } from '../../api/core/v1/pod/facts.ts'
import { quantityValue } from '../../meta/quantity.ts'
import { appContainersOf, initContainersOf, type PodView, specOf } from '../pods/pod-view.ts'
import type { PodFailure } from '../pods/work.ts'

/** Bytes on the node's disk. */
export interface DiskUsage {
  /** By volume name. */
  readonly emptyDirs: ReadonlyMap<string, number>
  /** What each container has written outside of volumes, logs included, by name. */
  readonly containers: ReadonlyMap<string, number>
}

const STORAGE = 'ephemeral-storage'

/** Whether the Pod's usage needs to be measured at all. */
export const hasStorageLimits = (pod: PodView): boolean =>
  (specOf(pod).volumes ?? []).some(
    ({ emptyDir }) => emptyDir?.sizeLimit !== undefined && emptyDir.medium !== 'Memory',
  ) ||
  podLimits(pod)[STORAGE] !== undefined ||
  containersOf(pod).some(({ resources }) => resources?.limits?.[STORAGE] !== undefined)

const containersOf = (pod: PodView) => [...initContainersOf(pod), ...appContainersOf(pod)].map(({ spec }) => spec)

/** Why the Pod must go; `undefined` when it keeps to its limits. */
export function storageExcess(pod: PodView, usage: DiskUsage): PodFailure | undefined {
  const evicted = (message: string): PodFailure => ({ reason: 'Evicted', message })
  for (const { name, emptyDir } of specOf(pod).volumes ?? []) {
    const limit = emptyDir?.sizeLimit
    if (limit === undefined || emptyDir?.medium === 'Memory') continue
    const bytes = quantityValue(limit)
    if (bytes > 0 && (usage.emptyDirs.get(name) ?? 0) > bytes)
      return evicted(`Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `)
  }
  const total = podLimits(pod)[STORAGE]
  const everyLimited = containersOf(pod).every(({ resources }) => resources?.limits?.[STORAGE] !== undefined)
  const used = [...usage.emptyDirs.values(), ...usage.containers.values()].reduce((sum, bytes) => sum + bytes, 0)
  if (total !== undefined && everyLimited && used > quantityValue(total))
    return evicted(`Pod ephemeral local storage usage exceeds the total limit of containers ${total}. `)
  for (const { name, resources } of containersOf(pod)) {
    const limit = resources?.limits?.[STORAGE]
    if (limit !== undefined && (usage.containers.get(name) ?? 0) > quantityValue(limit))
      return evicted(`Container ${name} exceeded its local ephemeral storage limit "${limit}". `)
  }
  return undefined
}
