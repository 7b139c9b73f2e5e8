/** One look at one volume: deletes it when it is given back, and lets it go when its folder is gone. */

import type { Node, PersistentVolume } from '../../api/generated/core-v1.ts'
import { LOCAL_PATH_FINALIZER } from '../../api/core/v1/persistentvolume/local-path.ts'
import { type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Lister } from '../../client/informer.ts'
import { PERSISTENT_VOLUMES } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { nameOf } from '../kit/ownership.ts'
import { decideVolume, type ReadVolume } from './decide.ts'

export interface VolumeDeps {
  readonly client: Client
  readonly volumes: Lister<PersistentVolume>
  readonly nodes: Lister<Node>
}

export async function reconcileVolume(deps: VolumeDeps, name: string, signal: AbortSignal): Promise<Outcome> {
  const volume = deps.volumes.get(name)
  if (volume === undefined) return settled
  try {
    await carryOut(deps, volume, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
  return settled
}

async function carryOut({ client, nodes }: VolumeDeps, volume: ReadVolume, signal: AbortSignal): Promise<void> {
  const name = nameOf(volume)
  const { uid = '', resourceVersion, finalizers = [] } = volume.metadata
  switch (decideVolume(volume, (node) => nodes.get(node) !== undefined)) {
    case 'leave':
      return
    case 'delete':
      await client.delete(PERSISTENT_VOLUMES, { name }, { preconditions: { uid } }, signal)
      return
    case 'forget': {
      const left = finalizers.filter((finalizer) => finalizer !== LOCAL_PATH_FINALIZER)
      const body = { metadata: { uid, resourceVersion, finalizers: left.length === 0 ? null : left } }
      await client.patch(PERSISTENT_VOLUMES, { name }, 'merge', body, undefined, signal)
    }
  }
}
