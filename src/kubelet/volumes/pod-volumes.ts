/** Makes the volumes of one Pod, all at once, and keeps those that follow the API up to date. */

import { isLocalPath } from '../../api/core/v1/persistentvolume/local-path.ts'
import type { PersistentVolume, PersistentVolumeClaim, Volume } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { quantityValue } from '../../meta/quantity.ts'
import type { VolumeFiles } from '../host/host.ts'
import { namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import { hasPayload, payloadOf, type PayloadSources, pluginOf } from './payload.ts'
import type { ObjectAt } from './referenced-objects.ts'

/** A volume that stands: what containers mount. */
export type MadeVolume =
  | { readonly kind: 'path'; readonly path: string; readonly readOnly: boolean }
  /** Mounted by the runtime out of an image. */
  | { readonly kind: 'image'; readonly image: string }

export interface VolumeSources extends PayloadSources {
  readonly files: VolumeFiles
  readonly claim: (at: ObjectAt) => Promise<DeepReadonly<PersistentVolumeClaim> | undefined>
  readonly persistentVolume: (name: string) => Promise<DeepReadonly<PersistentVolume> | undefined>
}

/** A volume that could not be made. The text is what a FailedMount event says. */
export class MountFailure extends Error {
  override readonly name = 'MountFailure'
  readonly volume: string

  constructor(volume: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`MountVolume.SetUp failed for volume "${volume}" : ${reason}`, { cause })
    this.volume = volume
  }
}

/** All volumes by name. Throws the first failure, as a `MountFailure`, after all have been tried. */
export async function makeVolumes(pod: PodView, sources: VolumeSources): Promise<ReadonlyMap<string, MadeVolume>> {
  const volumes = usedVolumes(pod)
  const made = await Promise.allSettled(volumes.map((volume) => makeVolume(pod, volume, sources)))
  const result = new Map<string, MadeVolume>()
  for (const [index, outcome] of made.entries()) {
    const name = volumes[index]?.name ?? ''
    if (outcome.status === 'rejected') throw new MountFailure(name, outcome.reason)
    result.set(name, outcome.value)
  }
  return result
}

/** Writes again the files of volumes that follow the API. */
export async function refreshVolumes(pod: PodView, sources: VolumeSources): Promise<void> {
  const following = usedVolumes(pod).filter(hasPayload)
  await Promise.all(following.map((volume) => makeVolume(pod, volume, sources)))
}

/** A volume that no container mounts is not made. */
function usedVolumes(pod: PodView): readonly DeepReadonly<Volume>[] {
  const { volumes = [], containers, initContainers = [], ephemeralContainers = [] } = specOf(pod)
  const used = new Set(
    [...containers, ...initContainers, ...ephemeralContainers].flatMap((container) => [
      ...(container.volumeMounts ?? []).map(({ name }) => name),
      ...(container.volumeDevices ?? []).map(({ name }) => name),
    ]),
  )
  return volumes.filter(({ name }) => used.has(name))
}

async function makeVolume(pod: PodView, volume: DeepReadonly<Volume>, sources: VolumeSources): Promise<MadeVolume> {
  const { uid, namespace, name: podName } = namesOf(pod)
  const fsGroup = specOf(pod).securityContext?.fsGroup
  const path = (at: string, readOnly = false): MadeVolume => ({ kind: 'path', path: at, readOnly })
  if (hasPayload(volume)) {
    const files = await payloadOf(pod, volume, sources)
    const at = { uid, plugin: pluginOf(volume), volume: volume.name }
    return path(await sources.files.writeFiles(at, files, fsGroup), true)
  }
  if (volume.emptyDir !== undefined) {
    const { medium = '', sizeLimit } = volume.emptyDir
    const options = {
      medium,
      ...(sizeLimit !== undefined && { sizeLimitBytes: quantityValue(sizeLimit) }),
      ...(fsGroup !== undefined && { fsGroup }),
    }
    return path(await sources.files.emptyDir(uid, volume.name, options))
  }
  if (volume.hostPath !== undefined) {
    return path(await sources.files.hostPath(volume.hostPath.path, volume.hostPath.type ?? ''))
  }
  if (volume.image !== undefined) return { kind: 'image', image: volume.image.reference ?? '' }
  if (volume.persistentVolumeClaim !== undefined) {
    const { claimName, readOnly } = volume.persistentVolumeClaim
    return makeClaimed(pod, { namespace, name: claimName, readOnly: readOnly === true }, sources)
  }
  if (volume.ephemeral !== undefined) {
    return makeClaimed(pod, { namespace, name: `${podName}-${volume.name}`, readOnly: false }, sources)
  }
  throw new Error(`no volume plugin matched: this kubelet does not support the type of volume "${volume.name}"`)
}

async function makeClaimed(
  pod: PodView,
  { readOnly, ...at }: ObjectAt & { readonly readOnly: boolean },
  sources: VolumeSources,
): Promise<MadeVolume> {
  const claim = await sources.claim(at)
  if (claim === undefined) throw new Error(`persistentvolumeclaim "${at.name}" not found`)
  const bound = claim.spec?.volumeName ?? ''
  if (bound === '' || claim.status?.phase !== 'Bound') throw new Error(`PVC is not bound: ${at.namespace}/${at.name}`)
  const volume = await sources.persistentVolume(bound)
  if (volume === undefined) throw new Error(`persistentvolume "${bound}" not found`)
  const { hostPath, local } = volume.spec ?? {}
  const target =
    hostPath === undefined
      ? local === undefined
        ? undefined
        : isLocalPath(volume)
          ? await sources.files.local.make(bound)
          : await sources.files.hostPath(local.path, 'Directory')
      : await sources.files.hostPath(hostPath.path, hostPath.type ?? '')
  if (target === undefined) {
    throw new Error(`persistent volume "${bound}" is of a type that this kubelet does not support`)
  }
  const context = specOf(pod).securityContext
  if (context?.fsGroup !== undefined && local !== undefined && !readOnly) {
    await sources.files.setGroup(target, context.fsGroup, context.fsGroupChangePolicy ?? 'Always')
  }
  return { kind: 'path', path: target, readOnly }
}
