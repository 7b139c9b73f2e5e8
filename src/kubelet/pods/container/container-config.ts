/** A container as the runtime is asked for it. Pure, but for sub-paths, which are opened while the mounts are made. */

import type { ImageVolumeSource, VolumeMount } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type {
  ContainerConfig,
  Device,
  IdMapping,
  Image,
  ImageSpec,
  LinuxContainerResources,
  Mount,
} from '../../cri/runtime.ts'
import type { ContainerEdits } from '../../devices/container-edits.ts'
import { expand } from '../../environment/expand.ts'
import type { SubPathRequest } from '../../host/host.ts'
import type { MadeVolume } from '../../volumes/pod-volumes.ts'
import { containerAnnotations, containerLabels } from './identity.ts'
import { type ContainerView, type KindedContainer, namesOf, type PodView, specOf } from '../pod-view.ts'
import { containerSecurity } from './security-context.ts'
import { StartFailure } from './start-failure.ts'

export interface ContainerFacts {
  readonly attempt: number
  readonly image: Image
  readonly environment: ReadonlyMap<string, string>
  readonly mounts: readonly Mount[]
  readonly devices: readonly Device[]
  readonly resources: LinuxContainerResources
  /** What devices of plugins and claims add. */
  readonly edits: ContainerEdits
  readonly seccompRoot: string
  /** The host's file behind the termination message. */
  readonly messageFile: string
  readonly target: { readonly id: string } | undefined
  /** The ids of the Pod's own user namespace; absent: it has the node's. */
  readonly userNamespace: IdMapping | undefined
}

export function containerConfig(pod: PodView, container: KindedContainer, facts: ContainerFacts): ContainerConfig {
  const { spec } = container
  const lookUp = (name: string) => facts.environment.get(name)
  return {
    metadata: { name: spec.name, attempt: facts.attempt },
    image: { image: facts.image.id, userSpecifiedImage: spec.image ?? '' },
    command: (spec.command ?? []).map((part) => expand(part, lookUp)),
    args: (spec.args ?? []).map((part) => expand(part, lookUp)),
    ...(spec.workingDir !== undefined && { workingDir: spec.workingDir }),
    envs: [...facts.environment].map(([key, value]) => ({ key, value })),
    mounts: [...facts.edits.mounts, ...facts.mounts],
    devices: [...facts.edits.devices, ...facts.devices],
    cdiDevices: facts.edits.cdiDevices.map((name) => ({ name })),
    labels: containerLabels(pod, container),
    annotations: {
      ...facts.edits.annotations,
      ...containerAnnotations(pod, container, { restartCount: facts.attempt, messageFile: facts.messageFile }),
    },
    logPath: `${spec.name}/${facts.attempt}.log`,
    stdin: spec.stdin === true,
    stdinOnce: spec.stdinOnce === true,
    tty: spec.tty === true,
    linux: { resources: facts.resources, securityContext: containerSecurity(pod, container, facts) },
    ...(spec.lifecycle?.stopSignal !== undefined && { stopSignal: signalOnWire(spec.lifecycle.stopSignal) }),
  }
}

/** `SIGRTMIN+3` is `SIGRTMINPLUS3` in the runtime's enum. */
const signalOnWire = (signal: string) => signal.replace('+', 'PLUS').replace('-', 'MINUS')

const PROPAGATION: Readonly<Record<string, NonNullable<Mount['propagation']>>> = {
  None: 'PROPAGATION_PRIVATE',
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
}

/** A folder with an image's files, or an image that the runtime itself is to mount. */
export type MadeImageVolume = Extract<MadeVolume, { kind: 'path' }> | { readonly image: ImageSpec }

export interface MountSources {
  readonly volumes: ReadonlyMap<string, MadeVolume>
  readonly image: (volume: string, source: DeepReadonly<ImageVolumeSource>) => Promise<MadeImageVolume>
  readonly environment: ReadonlyMap<string, string>
  /** The Pod's hosts file on the host. */
  readonly hostsFile: string
  readonly messageFile: string
  readonly subPath: (request: SubPathRequest) => Promise<string>
  /** Whether the runtime mounts read-only what lies below a read-only mount as well. */
  readonly readsOnlyRecursively: () => Promise<boolean>
  /** The ids of the Pod's own user namespace; absent: it has the node's. */
  readonly userNamespace: IdMapping | undefined
}

/** The container's volumes, its hosts file and its termination message file. */
export async function containerMounts(
  pod: PodView,
  container: ContainerView,
  sources: MountSources,
): Promise<readonly Mount[]> {
  const mounts: Mount[] = []
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    mounts.push(await volumeMount(pod, container, { mount, index }, sources))
  }
  const taken = new Set(mounts.map(({ containerPath }) => containerPath))
  const own = (containerPath: string, hostPath: string) =>
    taken.has(containerPath) ? [] : [{ containerPath, hostPath, selinuxRelabel: true }]
  mounts.push(...own('/etc/hosts', sources.hostsFile))
  const messagePath = container.terminationMessagePath ?? '/dev/termination-log'
  if (messagePath !== '') mounts.push(...own(messagePath, sources.messageFile))
  return mounts
}

async function volumeMount(
  pod: PodView,
  container: ContainerView,
  { mount, index }: { readonly mount: DeepReadonly<VolumeMount>; readonly index: number },
  sources: MountSources,
): Promise<Mount> {
  const volume = sources.volumes.get(mount.name)
  if (volume === undefined) throw unfound(mount.name, container)
  const containerPath = mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`
  const subPath =
    mount.subPathExpr === undefined ? (mount.subPath ?? '') : expandStrictly(mount.subPathExpr, sources.environment)
  checkSubPath(subPath)
  if (volume.kind === 'device') throw unfound(mount.name, container)
  const made = volume.kind === 'image' ? await sources.image(mount.name, volume.source) : volume
  if ('image' in made) {
    const { image } = made
    return { containerPath, hostPath: '', readonly: true, image, ...(subPath !== '' && { imageSubPath: subPath }) }
  }
  const readonly = mount.readOnly === true || made.readOnly
  const { uid } = namesOf(pod)
  const hostPath =
    subPath === ''
      ? made.path
      : await sources
          .subPath({ uid, container: container.name, index, volumePath: made.path, subPath, readOnly: made.readOnly })
          .catch((error: unknown) => {
            if (volume.kind === 'image') throw imageSubPathFailure(made.path, subPath, error)
            // What is wrong with it would tell of the node's own files.
            const which = `volumeMount "${mount.name}" of container "${container.name}"`
            throw new Error(`failed to prepare subPath for ${which}`, { cause: error })
          })
  return {
    containerPath,
    hostPath,
    readonly,
    selinuxRelabel: made.isManaged && !isClaimedReadOnly(pod, mount.name),
    recursiveReadOnly: await readsOnlyRecursively(mount, sources),
    propagation: PROPAGATION[mount.mountPropagation ?? 'None'] ?? 'PROPAGATION_PRIVATE',
    ...(sources.userNamespace && { uidMappings: [sources.userNamespace], gidMappings: [sources.userNamespace] }),
  }
}

/** Such a volume keeps the labels of those who write to it. */
const isClaimedReadOnly = (pod: PodView, volume: string) =>
  specOf(pod).volumes?.find(({ name }) => name === volume)?.persistentVolumeClaim?.readOnly === true

/** The API has judged `subPath`; what an expression comes to is judged here. */
function checkSubPath(subPath: string): void {
  if (subPath.startsWith('/')) throw new Error(`error SubPath \`${subPath}\` must not be an absolute path`)
  if (subPath.split('/').includes('..'))
    throw new Error(`unable to provision SubPath \`${subPath}\`: must not contain '..'`)
}

/** An image has what it has: no folder is made in it. */
function imageSubPathFailure(folder: string, subPath: string, cause: unknown): StartFailure {
  const why = `failed to ensure image subpath "${subPath}" in "${folder}": openat ${subPath}: no such file or directory`
  return new StartFailure('CreateContainerError', `failed to mount image volume: ImageVolumeMountFailed: ${why}`, {
    cause,
  })
}

/** https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts */
async function readsOnlyRecursively(mount: DeepReadonly<VolumeMount>, sources: MountSources): Promise<boolean> {
  const { recursiveReadOnly = 'Disabled', name } = mount
  if (recursiveReadOnly === 'Disabled' || (await sources.readsOnlyRecursively()))
    return recursiveReadOnly !== 'Disabled'
  if (recursiveReadOnly === 'IfPossible') return false
  const why = `volume "${name}" requested recursive read-only mode, but it is not supported by the runtime`
  throw new Error(`failed to resolve recursive read-only mode: ${why}`)
}

const unfound = (volume: string, { name }: ContainerView) =>
  new Error(`cannot find volume "${volume}" to mount into container "${name}"`)

/** The block devices that the container is given, at the paths that it asks for. */
export function containerDevices(
  container: ContainerView,
  volumes: ReadonlyMap<string, MadeVolume>,
): readonly Device[] {
  return (container.volumeDevices ?? []).map(({ name, devicePath }) => {
    const volume = volumes.get(name)
    if (volume?.kind !== 'device')
      throw new Error(`cannot find volume "${name}" to pass into container "${container.name}"`)
    return { containerPath: devicePath, hostPath: volume.path, permissions: volume.readOnly ? 'r' : 'mrw' }
  })
}

/** A sub-path names a place; one with an unknown variable in it names none. */
function expandStrictly(expression: string, environment: ReadonlyMap<string, string>): string {
  return expand(expression, (name) => {
    const value = environment.get(name)
    if (value === undefined) throw new Error(`missing value for ${name}`)
    return value
  })
}
