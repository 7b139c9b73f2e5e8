/** What the volumes of a Pod hold that stand, and of which disk (https://kubernetes.io/docs/reference/instrumentation/node-metrics/). */

import type { Volume } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { NodeHost } from '../host/host.ts'
import type { FilesystemFacts } from '../host/usage.ts'
import { namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import type { MadeVolume } from '../volumes/pod-volumes.ts'
import type { VolumeUse } from './pod-use.ts'

export interface VolumeSnapshot extends VolumeUse {
  readonly disk: FilesystemFacts
  /** Whether it takes of the node's own disk, and goes with the Pod. */
  readonly isOnNodeDisk: boolean
  /** The claim that it is had through. */
  readonly claim?: { readonly name: string; readonly namespace: string }
}

/** All but images, devices that no driver measures, and folders of the machine that are nobody's volume. */
export async function measureMade(
  pod: PodView,
  made: ReadonlyMap<string, MadeVolume>,
  host: Pick<NodeHost, 'filesystem' | 'volumes'>,
  which: 'all' | 'claims' = 'all',
): Promise<readonly VolumeSnapshot[]> {
  const found: VolumeSnapshot[] = []
  for (const volume of specOf(pod).volumes ?? []) {
    const standing = made.get(volume.name)
    if (standing === undefined || standing.kind === 'image') continue
    const claim = claimOf(pod, volume)
    if (claim === undefined && which === 'claims') continue
    const disk = await diskOf(standing, host)
    if (disk === undefined) continue
    // What outlives the Pod may be large, and has its disk to itself as far as Kubernetes knows.
    const use =
      claim === undefined && standing.driven === undefined
        ? await host.volumes.use?.(standing.path).catch(() => undefined)
        : { bytes: disk.usedBytes, inodes: disk.inodes - disk.inodesFree }
    if (use === undefined) continue
    const isOnNodeDisk = volume.configMap !== undefined || isDiskFolder(volume)
    found.push({ name: volume.name, ...use, disk, isOnNodeDisk, ...(claim !== undefined && { claim }) })
  }
  return found
}

/** The driver knows what it made; of the others, folders can be measured. */
async function diskOf(
  standing: Exclude<MadeVolume, { readonly kind: 'image' }>,
  host: Pick<NodeHost, 'filesystem'>,
): Promise<FilesystemFacts | undefined> {
  if (standing.driven !== undefined) return standing.driven.usage().catch(() => undefined)
  return standing.kind === 'path' && standing.isManaged ? host.filesystem(standing.path) : undefined
}

const isDiskFolder = ({ emptyDir }: DeepReadonly<Volume>) => emptyDir !== undefined && (emptyDir.medium ?? '') === ''

function claimOf(pod: PodView, { name, persistentVolumeClaim, ephemeral }: DeepReadonly<Volume>) {
  const { namespace, name: podName } = namesOf(pod)
  if (persistentVolumeClaim !== undefined) return { name: persistentVolumeClaim.claimName, namespace }
  return ephemeral === undefined ? undefined : { name: `${podName}-${name}`, namespace }
}
