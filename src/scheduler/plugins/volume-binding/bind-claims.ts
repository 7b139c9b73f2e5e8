/** Binds the claims of a Pod that has its node, and waits until they are bound (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding). */

import type { PersistentVolumeClaim } from '../../../api/generated/core-v1.ts'
import { SELECTED_NODE } from '../../../api/core/v1/persistentvolume/local-path.ts'
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from '../../../api/core/v1/persistentvolume/match.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Client } from '../../../client/client.ts'
import type { Informer } from '../../../client/informer.ts'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../../client/resources.ts'
import type { ReadClaim } from '../../framework/pod-claims.ts'
import type { NodeVolumes } from './node-volumes.ts'

export interface BindDeps {
  readonly client: Client
  readonly clock: Clock
  /** Binding waits for what it shows. */
  readonly claims: Informer<PersistentVolumeClaim>
}

/** What is to be done for the claims of one Pod. */
export interface Binding {
  readonly unbound: readonly ReadClaim[]
  readonly todo: NodeVolumes
  readonly nodeName: string
  readonly timeoutMs: number
}

export const isBound = ({ spec, metadata }: ReadClaim): boolean =>
  (spec?.volumeName ?? '') !== '' && metadata.annotations?.[BIND_COMPLETED] !== undefined

/** Gives the volumes that are there, asks for those that are not, and waits for all of them. */
export async function bindClaims(deps: BindDeps, binding: Binding, signal: AbortSignal): Promise<void> {
  const { unbound, todo, nodeName, timeoutMs } = binding
  for (const pair of todo.bindings) await giveVolume(deps, pair, signal)
  for (const claim of todo.provisions) {
    const { name = '', namespace = '', uid } = claim.metadata
    const body = { metadata: { uid, annotations: { [SELECTED_NODE]: nodeName } } }
    await deps.client.patch(PERSISTENT_VOLUME_CLAIMS, { namespace, name }, 'merge', body, {}, signal)
  }
  const provisioned = new Set(todo.provisions.map(({ metadata }) => metadata.uid))
  await untilBound(unbound, { deps, nodeName, provisioned, timeoutMs }, signal)
}

async function giveVolume(
  { client }: BindDeps,
  { claim, volume }: NodeVolumes['bindings'][number],
  signal: AbortSignal,
): Promise<void> {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = claim.metadata
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion }
  const annotations = { [BOUND_BY_CONTROLLER]: 'yes' }
  const at = { name: volume.metadata.name ?? '' }
  const { resourceVersion: basis } = volume.metadata
  const body = { metadata: { annotations, resourceVersion: basis }, spec: { claimRef } }
  await client.patch(PERSISTENT_VOLUMES, at, 'merge', body, {}, signal)
}

interface Waiting {
  readonly deps: BindDeps
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
