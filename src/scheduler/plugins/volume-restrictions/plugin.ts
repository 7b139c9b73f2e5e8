/**
 * A ReadWriteOncePod claim serves one Pod, and disks of some kinds are attached for writing only once to a node
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes).
 */

import type { Pod } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { claimNamesOf, type VolumeListers } from '../../framework/pod-claims.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { conflictsWith, isExclusiveDisk } from './disks.ts'

interface Exclusive {
  readonly names: ReadonlySet<string>
  /** How many placed Pods use one of them. */
  users: number
  copy(): Exclusive
}

const exclusive = cycleKey<Exclusive>('VolumeRestrictions')
const DISK_IN_USE = 'node(s) had no available disk'
const CLAIM_IN_USE =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'

export function volumeRestrictions(listers: Pick<VolumeListers, 'claims'>): SchedulerPlugin {
  return {
    name: 'VolumeRestrictions',
    wakeOn: ['AssignedPod/delete', 'Node/add', 'PersistentVolumeClaim/add'],

    mayHelp(event, pod, { old, now }) {
      const names = claimNamesOf(pod)
      if (event === 'PersistentVolumeClaim/add') {
        const { metadata } = now as DeepReadonly<Pod>
        return metadata.namespace === pod.metadata.namespace && names.includes(metadata.name ?? '')
      }
      if (event !== 'AssignedPod/delete') return true
      const gone = old as DeepReadonly<Pod>
      if (gone.metadata.namespace !== pod.metadata.namespace) return hasConflict(pod, gone)
      return hasConflict(pod, gone) || claimNamesOf(gone).some((name) => names.includes(name))
    },

    preFilter(cycle, pod, snapshot) {
      const { namespace = '' } = pod.pod.metadata
      const named = pod.claims.map((name) => ({ name, claim: listers.claims.get(`${namespace}/${name}`) }))
      const missing = named.find(({ claim }) => claim === undefined)
      if (missing !== undefined)
        return { verdict: rejected(`persistentvolumeclaim "${missing.name}" not found`, { evictionMayHelp: false }) }
      const alone = named.filter(({ claim }) => claim?.spec?.accessModes?.includes('ReadWriteOncePod') === true)
      const names = new Set(alone.map(({ name }) => name))
      let users = 0
      for (const name of names) if (snapshot.claimUsers(namespace, name) > 0) users++
      const hasDisks = (pod.pod.spec?.volumes ?? []).some(isExclusiveDisk)
      if (!hasDisks && users === 0) return { verdict: skip }
      cycle.set(exclusive, stateOf(names, users))
      return { verdict: fits }
    },

    filter(cycle, { pod }, { pods }) {
      const disks = (pod.spec?.volumes ?? []).filter(isExclusiveDisk)
      if (disks.length > 0)
        for (const other of pods.values())
          if (disks.some((disk) => conflictsWith(disk, other.pod))) return rejected(DISK_IN_USE)
      return (cycle.get(exclusive)?.users ?? 0) > 0 ? rejected(CLAIM_IN_USE) : fits
    },

    addPod: (cycle, pod, other) => change(cycle.get(exclusive), pod, other, 1),
    removePod: (cycle, pod, other) => change(cycle.get(exclusive), pod, other, -1),
  }
}

const hasConflict = (pod: DeepReadonly<Pod>, other: DeepReadonly<Pod>): boolean =>
  (pod.spec?.volumes ?? []).some((volume) => isExclusiveDisk(volume) && conflictsWith(volume, other))

const stateOf = (names: ReadonlySet<string>, users: number): Exclusive => ({
  names,
  users,
  copy() {
    return stateOf(names, this.users)
  },
})

function change(state: Exclusive | undefined, pod: PodInfo, other: PodInfo, amount: 1 | -1): void {
  if (state === undefined || other.pod.metadata.namespace !== pod.pod.metadata.namespace) return
  for (const name of other.claims) if (state.names.has(name)) state.users += amount
}
