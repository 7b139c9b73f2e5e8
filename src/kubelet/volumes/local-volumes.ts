/**
 * Removes the folders of this node's PersistentVolumes when the volumes are deleted
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#delete).
 */

import {
  isLocalPathOf,
  LOCAL_PATH_FINALIZER,
  LOCAL_PATH_NODE,
  nodeLabel,
} from '../../api/core/v1/persistentvolume/local-path.ts'
import type { PersistentVolume } from '../../api/generated/core-v1.ts'
import { withGroup } from '../../base/async/group.ts'
import { createWorkQueue } from '../../base/work-queue.ts'
import { createInformer } from '../../client/informer.ts'
import { PERSISTENT_VOLUMES } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeletDeps } from '../options.ts'

const PROTECTION = 'kubernetes.io/pv-protection'
const RETRY = { baseMs: 500, maxMs: 60_000 }

export type LocalVolumeDeps = Pick<KubeletDeps, 'client' | 'host' | 'clock' | 'random' | 'log' | 'node'>

/** Whether the volume is ours, deleted, and used by nobody any more. */
function isToBeLetGo(volume: DeepReadonly<PersistentVolume>, node: string): boolean {
  const { deletionTimestamp, finalizers = [] } = volume.metadata
  return (
    deletionTimestamp !== undefined &&
    isLocalPathOf(volume, node) &&
    finalizers.includes(LOCAL_PATH_FINALIZER) &&
    !finalizers.includes(PROTECTION)
  )
}

/** Runs until `signal` aborts. */
export async function keepLocalVolumes(deps: LocalVolumeDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, node } = deps
  const labelSelector = `${LOCAL_PATH_NODE}=${nodeLabel(node.name)}`
  const volumes = createInformer(deps, PERSISTENT_VOLUMES, { labelSelector })
  const queue = createWorkQueue(clock, RETRY)
  const look = (volume: DeepReadonly<PersistentVolume>) => {
    if (isToBeLetGo(volume, node.name)) queue.add(volume.metadata.name ?? '')
  }
  volumes.on({ added: look, updated: look })
  await withGroup(async (group) => {
    group.start((inner) => volumes.run(inner))
    for await (const name of queue.take(group.signal)) {
      const volume = volumes.get(name)
      try {
        if (volume !== undefined && isToBeLetGo(volume, node.name)) await letGo(deps, volume, group.signal)
        queue.finish(name)
      } catch (error) {
        group.signal.throwIfAborted()
        log.warn('could not remove the folder of a volume', { volume: name, error })
        queue.retry(name)
      }
    }
  }, signal)
}

/** First the folder, then the finalizer: a kubelet that dies in between does the first again, which does nothing. */
async function letGo(
  { client, host }: LocalVolumeDeps,
  { metadata, spec }: DeepReadonly<PersistentVolume>,
  signal: AbortSignal,
): Promise<void> {
  const { name = '', uid, resourceVersion, finalizers = [] } = metadata
  if (spec?.persistentVolumeReclaimPolicy === 'Delete') await host.volumes.local.remove(name)
  const left = finalizers.filter((finalizer) => finalizer !== LOCAL_PATH_FINALIZER)
  const body = { metadata: { uid, resourceVersion, finalizers: left.length === 0 ? null : left } }
  try {
    await client.patch(PERSISTENT_VOLUMES, { name }, 'merge', body, {}, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}
