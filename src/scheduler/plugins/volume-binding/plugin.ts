/**
 * A Pod goes where its volumes are or can be made, and is bound only when its claims are
 * (https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode).
 */

import type { PersistentVolumeClaim } from '../../../api/generated/core-v1.ts'
import { SELECTED_NODE } from '../../../api/core/v1/persistentvolume/local-path.ts'
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from '../../../api/core/v1/persistentvolume/match.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Client } from '../../../client/client.ts'
import type { Informer } from '../../../client/informer.ts'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../../client/resources.ts'
import { keyOf } from '../../../meta/keys.ts'
import { isControlledBy } from '../../../meta/owner.ts'
import { cycleKey } from '../../framework/cycle.ts'
import type { PluginArgs } from '../../config/types.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { claimsOf, type NamedClaim, type ReadClaim, type VolumeListers } from '../../framework/pod-claims.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { conflicts, meet, type NodeVolumes } from './node-volumes.ts'

export interface VolumeBindingDeps {
  readonly client: Client
  readonly clock: Clock
  readonly listers: VolumeListers
  /** The informer behind `listers.claims`: binding waits for what it shows. */
  readonly claims: Informer<PersistentVolumeClaim>
  /** Volumes that are promised to claims of Pods in flight, with the Pod's uid: shared by all profiles. */
  readonly promised: Map<string, string>
}

interface PodClaims {
  readonly bound: readonly ReadClaim[]
  readonly unbound: readonly ReadClaim[]
  /** What was found for each node that fits. */
  readonly byNode: Map<string, NodeVolumes>
}

const podClaims = cycleKey<PodClaims>('VolumeBinding')
const DEFAULT_ARGS: PluginArgs['VolumeBinding'] = { bindTimeoutSeconds: 600 }

export function volumeBinding(deps: VolumeBindingDeps, args = DEFAULT_ARGS): SchedulerPlugin {
  const { client, listers, promised } = deps

  return {
    name: 'VolumeBinding',
    wakeOn: [
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
    ],

    mayHelp(event, pod, { now }) {
      if (event === 'PersistentVolumeClaim/add' || event === 'PersistentVolumeClaim/update') {
        const { metadata } = now as ReadClaim
        const isMine = ({ name }: NamedClaim) => name === metadata.name
        return metadata.namespace === pod.metadata.namespace && claimsOf({ pod }, listers.claims).some(isMine)
      }
      return true
    },

    preFilter(cycle, pod) {
      const named = claimsOf(pod, listers.claims)
      if (named.length === 0) return { verdict: skip }
      const fault = named.map((claim) => faultOf(claim, pod)).find((text) => text !== undefined)
      if (fault !== undefined) return { verdict: rejected(fault, { evictionMayHelp: false }) }
      const claims = named.flatMap(({ claim }) => (claim === undefined ? [] : [claim]))
      const bound = claims.filter(isBound)
      const unbound = claims.filter((claim) => !isBound(claim))
      if (unbound.some((claim) => !waitsForPod(claim, listers))) {
        const why = 'pod has unbound immediate PersistentVolumeClaims'
        return { verdict: rejected(why, { evictionMayHelp: false }) }
      }
      cycle.set(podClaims, { bound, unbound, byNode: new Map() })
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

    async preBind(cycle, pod, nodeName, signal) {
      const claims = cycle.get(podClaims)
      const todo = claims?.byNode.get(nodeName)
      if (claims === undefined || todo === undefined || claims.unbound.length === 0) return
      for (const { claim, volume } of todo.bindings) {
        const { name = '', namespace = '', uid = '', resourceVersion = '' } = claim.metadata
        const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion }
        const annotations = { [BOUND_BY_CONTROLLER]: 'yes' }
        const at = { name: volume.metadata.name ?? '' }
        const { resourceVersion: basis } = volume.metadata
        const body = { metadata: { annotations, resourceVersion: basis }, spec: { claimRef } }
        await client.patch(PERSISTENT_VOLUMES, at, 'merge', body, {}, signal)
      }
      for (const claim of todo.provisions) {
        const { name = '', namespace = '', uid } = claim.metadata
        const body = { metadata: { uid, annotations: { [SELECTED_NODE]: nodeName } } }
        await client.patch(PERSISTENT_VOLUME_CLAIMS, { namespace, name }, 'merge', body, {}, signal)
      }
      const provisioned = new Set(todo.provisions.map(({ metadata }) => metadata.uid))
      await untilBound(
        claims.unbound,
        { deps, nodeName, provisioned, timeoutMs: args.bindTimeoutSeconds * 1_000 },
        signal,
      )
    },
  }
}

function forget(promised: Map<string, string>, { uid }: PodInfo): void {
  for (const [volume, owner] of promised) if (owner === uid) promised.delete(volume)
}

const isBound = ({ spec, metadata }: ReadClaim): boolean =>
  (spec?.volumeName ?? '') !== '' && metadata.annotations?.[BIND_COMPLETED] !== undefined

function waitsForPod({ spec }: ReadClaim, { classes }: VolumeListers): boolean {
  if ((spec?.volumeName ?? '') !== '') return false
  return classes.get(spec?.storageClassName ?? '')?.volumeBindingMode === 'WaitForFirstConsumer'
}

function faultOf({ name, isEphemeral, claim }: NamedClaim, { pod }: PodInfo): string | undefined {
  if (claim === undefined) {
    const waits = `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    return isEphemeral ? waits : `persistentvolumeclaim "${name}" not found`
  }
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`
  if (isEphemeral && !isControlledBy(claim, pod))
    return `PVC ${keyOf(claim)} was not created for pod ${keyOf(pod)} (pod is not owner)`
  return undefined
}

interface Waiting {
  readonly deps: VolumeBindingDeps
  readonly nodeName: string
  /** Uids of the claims whose volumes are being made. */
  readonly provisioned: ReadonlySet<string | undefined>
  readonly timeoutMs: number
}

/** Settles when all claims are bound. Throws when one cannot be, on this node, or in time. */
async function untilBound(unbound: readonly ReadClaim[], waiting: Waiting, signal: AbortSignal): Promise<void> {
  const { claims, clock } = waiting.deps
  await new Promise<void>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    /** What the API showed since we wrote: before that, the cache may lack our own write. */
    const seen = new Set<string | undefined>()
    const look = () => {
      try {
        if (unbound.every((claim) => isNowBound(claim, waiting, seen))) settle(resolve)
      } catch (error) {
        settle(() => reject(error))
      }
    }
    const settle = (end: () => void) => {
      stop()
      cancel()
      signal.removeEventListener('abort', onAbort)
      end()
    }
    const onAbort = () => settle(() => reject(signal.reason))
    const timedOut = new Error('binding volumes: context deadline exceeded')
    const cancel = clock.after(waiting.timeoutMs, () => settle(() => reject(timedOut)))
    const stop = claims.on({
      updated: (claim) => {
        seen.add(claim.metadata.uid)
        look()
      },
      deleted: look,
    })
    signal.addEventListener('abort', onAbort, { once: true })
    look()
  })
}

function isNowBound(claim: ReadClaim, waiting: Waiting, seen: ReadonlySet<string | undefined>): boolean {
  const { name = '', namespace = '', uid } = claim.metadata
  const now = waiting.deps.claims.get(`${namespace}/${name}`)
  if (now === undefined || now.metadata.uid !== uid)
    throw new Error(`binding volumes: persistentvolumeclaim "${name}" not found`)
  if (isBound(now)) return true
  const { annotations } = now.metadata
  // Provisioners take the choice back when they cannot make a volume on that node.
  if (waiting.provisioned.has(uid) && seen.has(uid) && annotations?.[SELECTED_NODE] !== waiting.nodeName)
    throw new Error(
      annotations === undefined
        ? `binding volumes: selectedNode annotation reset for PVC "${name}"`
        : `binding volumes: provisioning failed for PVC "${name}"`,
    )
  return false
}
