/** Makes the volumes of one Pod, all at once, and keeps those that follow the API up to date. */

import type { ImageVolumeSource, PersistentVolume, PersistentVolumeClaim, Volume } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { quantityValue } from '../../meta/quantity.ts'
import type { VolumeFiles } from '../host/host.ts'
import { containersOf, namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import { makeClaimed } from './claimed.ts'
import { inlineVolumeOf } from './csi/csi-volume.ts'
import { type DrivenVolume, type DrivenVolumes, makeDriven } from './driven.ts'
import { emptyDirOptions } from './empty-dir.ts'
import type { Grow, GrowingUse } from './expansion.ts'
import { type MountFailure, setUpFailure } from './mount-failure.ts'
import { hasPayload, payloadOf, type PayloadSources, pluginOf } from './payload.ts'
import type { ObjectAt } from './referenced-objects.ts'

/** A volume that stands: what containers mount. */
export type MadeVolume =
  /** `isManaged`: its files are the Pod's own, and may be labelled for it. */
  | ({
      readonly kind: 'path'
      readonly path: string
      readonly readOnly: boolean
      readonly isManaged: boolean
    } & Watched)
  | ({ readonly kind: 'device'; readonly path: string; readonly readOnly: boolean } & Watched)
  /** Made when the first container that mounts it starts, for its image may have to be pulled. */
  | { readonly kind: 'image'; readonly source: DeepReadonly<ImageVolumeSource> }

interface Watched {
  /** Absent: no CSI driver has made it. */
  readonly driven?: DrivenVolume
  /** Its claim may come to ask for more than it holds. */
  readonly mayGrow?: true
}

export interface VolumeSources extends PayloadSources {
  readonly files: VolumeFiles
  /** Absent: no CSI driver can run here. */
  readonly drivers?: DrivenVolumes
  /** Makes a claimed volume larger where that is due. Absent: nothing grows. */
  readonly grow?: (use: Omit<GrowingUse, 'tell'>, grow: Grow) => Promise<void>
  readonly claim: (at: ObjectAt) => Promise<DeepReadonly<PersistentVolumeClaim> | undefined>
  readonly persistentVolume: (name: string) => Promise<DeepReadonly<PersistentVolume> | undefined>
  /** Told how long making a volume took. */
  readonly measure?: <T>(volume: DeepReadonly<Volume>, make: () => Promise<T>) => Promise<T>
  /** Told of each PersistentVolume that is ready as a block device, and where it is. */
  readonly mapped?: (persistentVolume: string, path: string) => void
}

const GIT_REPO_REFUSED =
  'git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`'

/**
 * All volumes by name that containers use: those in `made`, and those that are missing there. Throws the first failure,
 * as a `MountFailure`, after all have been tried.
 */
export async function makeVolumes(
  pod: PodView,
  made: ReadonlyMap<string, MadeVolume>,
  sources: VolumeSources,
): Promise<ReadonlyMap<string, MadeVolume>> {
  const missing = usedVolumes(pod).filter(({ volume }) => !made.has(volume.name))
  const { made: fresh, failures } = await makeAll(pod, missing, sources)
  const [failure] = failures
  if (failure !== undefined) throw failure
  return new Map([...made, ...fresh])
}

/** What became of volumes that were all tried. */
export interface Outcome {
  readonly made: ReadonlyMap<string, MadeVolume>
  readonly failures: readonly MountFailure[]
}

/** Makes what is missing in `made`, and writes again the files of volumes that follow the API. */
export async function refreshVolumes(
  pod: PodView,
  made: ReadonlyMap<string, MadeVolume>,
  sources: VolumeSources,
): Promise<Outcome> {
  const isDue = (volume: DeepReadonly<Volume>) => {
    const standing = made.get(volume.name)
    return hasPayload(volume) || standing === undefined || isWatched(standing)
  }
  const due = usedVolumes(pod)
    .filter(({ volume }) => isDue(volume))
    .map((used) => ({ ...used, standing: made.get(used.volume.name) }))
  const { made: fresh, failures } = await makeAll(pod, due, sources)
  return { made: new Map([...made, ...fresh]), failures }
}

async function makeAll(pod: PodView, used: readonly UsedVolume[], sources: VolumeSources): Promise<Outcome> {
  const { measure = (_volume, make) => make() } = sources
  const outcomes = await Promise.allSettled(used.map((one) => measure(one.volume, () => makeVolume(pod, one, sources))))
  const made = new Map<string, MadeVolume>()
  const failures: MountFailure[] = []
  for (const [index, { volume, isDevice }] of used.entries()) {
    const outcome = outcomes[index]
    if (outcome?.status === 'fulfilled') made.set(volume.name, outcome.value)
    else failures.push(setUpFailure(volume.name, outcome?.reason, isDevice))
  }
  return { made, failures }
}

/** Whether it is looked at now and then: what it shall be may change, and nobody tells of it. */
export const isWatched = (volume: MadeVolume): boolean =>
  volume.kind !== 'image' && (volume.driven !== undefined || volume.mayGrow === true)

interface UsedVolume {
  /** It has been made before. */
  readonly standing?: MadeVolume | undefined
  readonly volume: DeepReadonly<Volume>
  readonly isMounted: boolean
  readonly isDevice: boolean
}

/** A volume that no container uses is not made. */
function usedVolumes(pod: PodView): readonly UsedVolume[] {
  const specs = containersOf(pod).map(({ spec }) => spec)
  const mounted = new Set(specs.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)))
  const devices = new Set(specs.flatMap(({ volumeDevices = [] }) => volumeDevices.map(({ name }) => name)))
  const read = new Set(
    specs.flatMap(({ env = [] }) => env.flatMap(({ valueFrom }) => valueFrom?.fileKeyRef?.volumeName ?? [])),
  )
  return (specOf(pod).volumes ?? [])
    .map((volume) => ({
      volume,
      isMounted: mounted.has(volume.name) || read.has(volume.name),
      isDevice: devices.has(volume.name),
    }))
    .filter(({ isMounted, isDevice }) => isMounted || isDevice)
}

async function makeVolume(pod: PodView, used: UsedVolume, sources: VolumeSources): Promise<MadeVolume> {
  const { volume } = used
  const { uid, namespace, name: podName } = namesOf(pod)
  const own = (path: string, readOnly: boolean): MadeVolume => ({ kind: 'path', path, readOnly, isManaged: true })
  if (hasPayload(volume)) {
    const files = await payloadOf(pod, volume, sources)
    const at = { uid, plugin: pluginOf(volume), volume: volume.name }
    return own(await sources.files.writeFiles(at, files, specOf(pod).securityContext?.fsGroup), true)
  }
  if (volume.emptyDir !== undefined) {
    const memoryBytes = quantityValue(sources.node.allocatable['memory'] ?? '0')
    const options = emptyDirOptions(pod, volume.emptyDir, memoryBytes)
    return own(await sources.files.emptyDir(uid, volume.name, options), false)
  }
  if (volume.hostPath !== undefined) {
    const path = await sources.files.hostPath(volume.hostPath.path, volume.hostPath.type ?? '')
    return { kind: 'path', path, readOnly: false, isManaged: false }
  }
  if (volume.image !== undefined) return { kind: 'image', source: volume.image }
  if (volume.persistentVolumeClaim !== undefined) {
    const { claimName, readOnly } = volume.persistentVolumeClaim
    const use = { ...used, volume: volume.name, namespace, name: claimName, readOnly: readOnly === true }
    return makeClaimed(pod, use, sources)
  }
  if (volume.ephemeral !== undefined) {
    const use = { ...used, volume: volume.name, namespace, name: `${podName}-${volume.name}`, readOnly: false }
    return makeClaimed(pod, use, sources)
  }
  if (volume.gitRepo !== undefined) throw new Error(GIT_REPO_REFUSED)
  if (volume.csi !== undefined) {
    const { readOnly = false } = volume.csi
    const inline = inlineVolumeOf(pod, volume.name, volume.csi)
    return makeDriven({ pod, podVolume: volume.name, volume: inline, readOnly }, used.standing, sources)
  }
  throw new Error(`no volume plugin matched: this kubelet does not support the type of volume "${volume.name}"`)
}
