/**
 * A Pod goes where its volumes are or can be made, and is bound only when its claims are
 * (https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode).
 */

import { cycleKey } from '../../framework/cycle.ts'
import type { PluginArgs } from '../../config/types.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { claimsOf, type NamedClaim, type ReadClaim, type VolumeListers } from '../../framework/pod-claims.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { ClusterEvent } from '../../queue/cluster-event.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { bindClaims, type BindDeps } from './bind-claims.ts'
import { sortClaims, type SortedClaims } from './sort-claims.ts'
import { conflicts, meet, type NodeVolumes } from './node-volumes.ts'

export interface VolumeBindingDeps extends BindDeps {
  /** The claims among them are those of `claims`. */
  readonly listers: VolumeListers
  /** Volumes that are promised to claims of Pods in flight, with the Pod's uid: shared by all profiles. */
  readonly promised: Map<string, string>
}

interface PodClaims extends SortedClaims {
  /** What was found for each node that fits. */
  readonly byNode: Map<string, NodeVolumes>
}

const podClaims = cycleKey<PodClaims>('VolumeBinding')
const DEFAULT_ARGS: PluginArgs['VolumeBinding'] = { bindTimeoutSeconds: 600 }

const WAKE_ON: readonly ClusterEvent[] = [
  'PersistentVolumeClaim/add',
  'PersistentVolumeClaim/update',
  'PersistentVolume/add',
  'PersistentVolume/update',
  'StorageClass/add',
  'StorageClass/update',
  'CSIStorageCapacity/add',
  'CSIStorageCapacity/update',
  'CSIDriver/update',
  'Node/add',
  'Node/labels',
]

export function volumeBinding(deps: VolumeBindingDeps, args = DEFAULT_ARGS): SchedulerPlugin {
  const { listers, promised } = deps

  return {
    name: 'VolumeBinding',
    wakeOn: WAKE_ON,

    mayHelp(event, pod, { now }) {
      if (event === 'PersistentVolumeClaim/add' || event === 'PersistentVolumeClaim/update') {
        const { metadata } = now as ReadClaim
        const isMine = ({ name }: NamedClaim) => name === metadata.name
        return metadata.namespace === pod.metadata.namespace && claimsOf({ pod }, listers.claims).some(isMine)
      }
      return true
    },

    preFilter(cycle, pod) {
      const claims = sortClaims(pod, listers)
      if (claims === undefined) return { verdict: skip }
      if (typeof claims === 'string') return { verdict: rejected(claims, { evictionMayHelp: false }) }
      cycle.set(podClaims, { ...claims, byNode: new Map() })
      return { verdict: fits }
    },

    filter(cycle, _pod, { node, name }) {
      const claims = cycle.get(podClaims)
      if (claims === undefined) return fits
      const reasons = conflicts(claims.bound, node, listers)
      if (reasons.length > 0) return rejected(reasons, { evictionMayHelp: false })
      const taken = new Set(promised.keys())
      const found = meet({ unbound: claims.unbound, node, taken }, listers)
      if (typeof found === 'string') return rejected(found, { evictionMayHelp: false })
      claims.byNode.set(name, found)
      return fits
    },

    reserve(cycle, { uid }, nodeName) {
      for (const { volume } of cycle.get(podClaims)?.byNode.get(nodeName)?.bindings ?? [])
        promised.set(volume.metadata.name ?? '', uid)
      return fits
    },

    unreserve: (_cycle, pod) => forget(promised, pod),
    postBind: (_cycle, pod) => forget(promised, pod),

    preBindNeeded(cycle, _pod, nodeName) {
      const todo = cycle.get(podClaims)?.byNode.get(nodeName)
      return todo !== undefined && todo.bindings.length + todo.provisions.length > 0
    },

    async preBind(cycle, _pod, nodeName, signal) {
      const { unbound = [], byNode } = cycle.get(podClaims) ?? {}
      const todo = byNode?.get(nodeName)
      if (todo === undefined || unbound.length === 0) return
      const timeoutMs = args.bindTimeoutSeconds * 1_000
      await bindClaims(deps, { unbound, todo, nodeName, timeoutMs }, signal)
    },
  }
}

function forget(promised: Map<string, string>, { uid }: PodInfo): void {
  for (const [volume, owner] of promised) if (owner === uid) promised.delete(volume)
}
