/**
 * Who goes first when a node is short of something: who uses more than asked for, then who matters less, then who uses
 * most beyond what was asked for (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#pod-selection-for-kubelet-eviction). Pure.
 */

import { podRequests } from '../../api/core/v1/pod/facts.ts'
import { quantityValue } from '../../meta/quantity.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'
import { type DiskPart, diskUse, type PodUse } from '../usage/pod-use.ts'
import { meaningOf, type Signal } from './signals.ts'

/** A Pod that may have to go. */
export interface Candidate {
  readonly pod: PodView
  /** `undefined`: nothing is known of it, and so it goes before all others. */
  readonly use: PodUse | undefined
}

/** The parts of a Pod on the disk that a signal watches. Images of their own: images have a disk for themselves. */
function partsOn(signal: Signal, hasImageDisk: boolean): readonly DiskPart[] {
  if (!hasImageDisk) return ['rootfs', 'logs', 'volumes']
  return signal.startsWith('nodefs') ? ['logs', 'volumes'] : ['rootfs']
}

/** The candidates in the order in which they should go. */
export function rank<C extends Candidate>(
  candidates: readonly C[],
  { signal, hasImageDisk }: { readonly signal: Signal; readonly hasImageDisk: boolean },
): readonly C[] {
  const { resource } = meaningOf(signal)
  const parts = partsOn(signal, hasImageDisk)
  const used = (use: PodUse) => {
    if (resource === 'memory') return use.memoryBytes ?? 0
    if (resource === 'pids') return use.processes ?? 0
    const { bytes, inodes } = diskUse(use, parts)
    return resource === 'inodes' ? inodes : bytes
  }
  const asked = (pod: PodView) => quantityValue(podRequests(pod)[resource] ?? '0')
  const scored = candidates.map((candidate) => {
    const { pod, use } = candidate
    const amount = use === undefined ? Infinity : used(use)
    const beyond = amount - asked(pod)
    // Nobody asks for processes: using many of them is no fault in itself.
    const fault = resource === 'pids' ? 0 : use === undefined ? 2 : beyond > 0 ? 1 : 0
    return { candidate, fault, priority: specOf(pod).priority ?? 0, beyond }
  })
  return scored
    .toSorted(
      (a, b) => b.fault - a.fault || a.priority - b.priority || (a.beyond === b.beyond ? 0 : b.beyond - a.beyond),
    )
    .map(({ candidate }) => candidate)
}
