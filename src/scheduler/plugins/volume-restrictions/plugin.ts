/** A ReadWriteOncePod claim serves one Pod (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes). */

import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { claimsOf, type VolumeListers } from '../../framework/pod-claims.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'

interface Exclusive {
  readonly names: ReadonlySet<string>
  /** How many placed Pods use one of them. */
  users: number
  copy(): Exclusive
}

const exclusive = cycleKey<Exclusive>('VolumeRestrictions')
const IN_USE = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'

export function volumeRestrictions(listers: Pick<VolumeListers, 'claims'>): SchedulerPlugin {
  return {
    name: 'VolumeRestrictions',
    wakeOn: ['AssignedPod/delete', 'PersistentVolumeClaim/add', 'PersistentVolumeClaim/update'],

    preFilter(cycle, pod, snapshot) {
      const named = claimsOf(pod, listers.claims)
      const alone = named.filter(({ claim }) => claim?.spec?.accessModes?.includes('ReadWriteOncePod') === true)
      if (alone.length === 0) return { verdict: skip }
      const names = new Set(alone.map(({ name }) => name))
      let users = 0
      for (const other of snapshot.podsIn(pod.pod.metadata.namespace ?? '')) if (uses(other.pod, names)) users++
      cycle.set(exclusive, stateOf(names, users))
      return { verdict: fits }
    },

    filter: (cycle) => ((cycle.get(exclusive)?.users ?? 0) > 0 ? rejected(IN_USE) : fits),

    addPod: (cycle, pod, other) => change(cycle.get(exclusive), pod, other, 1),
    removePod: (cycle, pod, other) => change(cycle.get(exclusive), pod, other, -1),
  }
}

const stateOf = (names: ReadonlySet<string>, users: number): Exclusive => ({
  names,
  users,
  copy() {
    return stateOf(names, this.users)
  },
})

const uses = ({ pod }: PodInfo, names: ReadonlySet<string>): boolean =>
  (pod.spec?.volumes ?? []).some(({ persistentVolumeClaim }) => names.has(persistentVolumeClaim?.claimName ?? ''))

function change(state: Exclusive | undefined, pod: PodInfo, other: PodInfo, amount: 1 | -1): void {
  if (state === undefined || other.pod.metadata.namespace !== pod.pod.metadata.namespace) return
  if (uses(other, state.names)) state.users += amount
}
