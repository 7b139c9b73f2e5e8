/**
 * The boundary to containers: what the kubelet asks of a container runtime, in the operations of the Container
 * Runtime Interface, v1 (https://kubernetes.io/docs/concepts/architecture/cri/). Nothing above this folder knows which
 * runtime is behind it. Every implementation passes `contract.ts`.
 */

import { type GrpcCode, GrpcError } from '../grpc/error.ts'
import type {
  AuthConfig,
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerStats,
  ContainerStatus,
  ExecResult,
  FilesystemUsage,
  Image,
  ImageSpec,
  LinuxContainerResources,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxStatus,
  SandboxResources,
  RuntimeStatus,
  RuntimeVersion,
  SandboxFilter,
  StreamOptions,
} from './types.ts'

export type * from './types.ts'

/**
 * Runs sandboxes and containers. Operations that take something away are idempotent: what is gone already is a
 * success. All others throw `RuntimeError`, with code `NotFound` when the id is unknown.
 */
export interface RuntimeService {
  version(signal: AbortSignal): Promise<RuntimeVersion>
  status(signal: AbortSignal): Promise<RuntimeStatus>

  /** Starts a sandbox with its network; the answer is its id. `handler` empty: the default one. */
  runPodSandbox(config: PodSandboxConfig, handler: string, signal: AbortSignal): Promise<string>
  /** Kills whatever runs in the sandbox and gives its addresses back. */
  stopPodSandbox(id: string, signal: AbortSignal): Promise<void>
  /** Removes the sandbox and all its containers. */
  removePodSandbox(id: string, signal: AbortSignal): Promise<void>
  podSandboxStatus(id: string, signal: AbortSignal): Promise<PodSandboxStatus>
  /**
   * Tells what the Pod as a whole is about to have: `resources` without the `overhead`. Runtimes that do not care fail
   * with code `Unimplemented`.
   */
  updatePodSandboxResources(id: string, resources: SandboxResources, signal: AbortSignal): Promise<void>
  listPodSandboxes(filter: SandboxFilter, signal: AbortSignal): Promise<readonly PodSandbox[]>

  /** Makes a container ready to start. `sandbox.config` is the config the sandbox was run with. */
  createContainer(
    sandbox: { readonly id: string; readonly config: PodSandboxConfig },
    config: ContainerConfig,
    signal: AbortSignal,
  ): Promise<string>
  startContainer(id: string, signal: AbortSignal): Promise<void>
  /** Asks the container to stop, kills it after `graceSeconds`; settles when it has stopped. */
  stopContainer(id: string, graceSeconds: number, signal: AbortSignal): Promise<void>
  /** Sends a signal of the kernel's, by its number, to the container's first process. Absent: this runtime cannot. */
  readonly signalContainer?: (id: string, number: number, signal: AbortSignal) => Promise<void>
  removeContainer(id: string, signal: AbortSignal): Promise<void>
  listContainers(filter: ContainerFilter, signal: AbortSignal): Promise<readonly Container[]>
  containerStatus(id: string, signal: AbortSignal): Promise<ContainerStatus>
  updateContainerResources(id: string, resources: LinuxContainerResources, signal: AbortSignal): Promise<void>
  /** Told after a log file was moved away, so that a new one is begun. */
  reopenContainerLog(id: string, signal: AbortSignal): Promise<void>

  /** Runs a command to its end. Throws with code `DeadlineExceeded` after `timeoutSeconds` (0: no limit). */
  execSync(id: string, command: readonly string[], timeoutSeconds: number, signal: AbortSignal): Promise<ExecResult>
  /** The URL at which a client may upgrade to the command's streams. */
  exec(id: string, command: readonly string[], streams: StreamOptions, signal: AbortSignal): Promise<string>
  /** The URL at which a client may upgrade to the streams of the container's own process. */
  attach(id: string, streams: StreamOptions, signal: AbortSignal): Promise<string>
  /** The URL at which a client may upgrade to connections into the sandbox's network. */
  portForward(sandboxId: string, signal: AbortSignal): Promise<string>

  listContainerStats(
    filter: Pick<ContainerFilter, 'id' | 'podSandboxId' | 'labels'>,
    signal: AbortSignal,
  ): Promise<readonly ContainerStats[]>

  /**
   * What happens in the runtime, from now on, without end. Several may listen. An event means "look": when it arrives
   * `containerStatus` and `podSandboxStatus` tell the new state. Throws when the runtime goes away; call again then,
   * and list, for events in between are lost.
   */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>
}

/** Keeps images. */
export interface ImageService {
  listImages(signal: AbortSignal): Promise<readonly Image[]>
  /** `undefined` when the image is not on this node. */
  imageStatus(image: ImageSpec, signal: AbortSignal): Promise<Image | undefined>
  /** The answer is the image's id, as `Image.id` has it. */
  pullImage(request: PullRequest, signal: AbortSignal): Promise<string>
  removeImage(image: ImageSpec, signal: AbortSignal): Promise<void>
  imageFsInfo(signal: AbortSignal): Promise<readonly FilesystemUsage[]>
  /** For runtimes that hand out images' files; absent: containers are given images as mounts. */
  readonly views?: ImageViews
}

/** Images' files, kept together for as long as somebody looks at them, even when the image is removed. */
export interface ImageViews {
  /** How to mount the image's files, read-only. Opened before under that name, it is the same. */
  open(image: string, name: string, signal: AbortSignal): Promise<ImageMount>
  /** Nobody looks any more. Nothing to do when it is not open. */
  close(name: string, signal: AbortSignal): Promise<void>
}

/** What mount(8) is to be told. */
export interface ImageMount {
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

export interface PullRequest {
  readonly image: ImageSpec
  readonly auth?: AuthConfig
  readonly sandboxConfig?: PodSandboxConfig
}

/** Something happened to a container or to a sandbox: for a sandbox, `containerId` is the sandbox's id. */
export interface RuntimeEvent {
  readonly type: 'created' | 'started' | 'stopped' | 'deleted'
  readonly containerId: string
  /** The Pod it belongs to, where the runtime tells. */
  readonly podUid?: string
}

/** A failure that the runtime reported. */
export { GrpcError as RuntimeError, type GrpcCode as RuntimeErrorCode }

/** Whether the runtime does not know the id. */
export function isRuntimeNotFound(error: unknown): boolean {
  return error instanceof GrpcError && error.code === 'NotFound'
}
