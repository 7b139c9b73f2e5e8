/**
 * containerd, or any runtime that speaks CRI v1 over gRPC on a Unix socket
 * (https://kubernetes.io/docs/setup/production-environment/container-runtimes/).
 */

import type { Clock } from '../../../base/clock.ts'
import {
  type ContainerConfig,
  type ImageService,
  isRuntimeNotFound,
  type LinuxContainerSecurityContext,
  type LinuxSandboxSecurityContext,
  type PodSandboxConfig,
  type RuntimeService,
} from '../runtime.ts'
import { message, messages, text } from '../../grpc/read.ts'
import {
  containerOf,
  containerStatusOf,
  filesystemUsageOf,
  imageOf,
  sandboxOf,
  sandboxStatusOf,
  statsOf,
} from './convert.ts'
import { runtimeEvents } from './events.ts'
import { CRI } from './cri-messages.ts'
import { type GrpcChannel, openGrpcChannel } from '../../grpc/channel.ts'
import { CONTAINERD_HEADERS, imageViews } from './image-views.ts'

/** What most calls may take; the kubelet's own default. */
const CALL_TIMEOUT_MS = 120_000
/** Starting and stopping sandboxes includes the network plugin's work. */
const SANDBOX_TIMEOUT_MS = 240_000
const NO_LIMIT = 0

/** A runtime and its images behind one socket. `close` ends the connection. */
export interface ContainerdRuntime {
  readonly runtime: RuntimeService
  readonly images: ImageService
  close(): void
}

export interface ContainerdOptions {
  readonly socketPath: string
  readonly clock: Clock
}

/** Connects lazily; building it does no I/O. */
export function connectContainerd({ socketPath, clock }: ContainerdOptions): ContainerdRuntime {
  const channel = openGrpcChannel({ socketPath, clock, protocol: CRI })
  return { runtime: runtimeOver(channel, clock), images: imagesOver(channel), close: () => channel.close() }
}

const procedure = (service: 'RuntimeService' | 'ImageService', method: string, request: string, response: string) => ({
  path: `/runtime.v1.${service}/${method}`,
  request,
  response,
})

const wrappedId = (value: number | undefined) => (value === undefined ? undefined : { value })

const securityOnWire = <T extends LinuxSandboxSecurityContext | LinuxContainerSecurityContext>(context: T) => ({
  ...context,
  runAsUser: wrappedId(context.runAsUser),
  runAsGroup: wrappedId(context.runAsGroup),
})

const sandboxConfigOnWire = (config: PodSandboxConfig) => ({
  ...config,
  linux: { ...config.linux, securityContext: securityOnWire(config.linux.securityContext) },
})

const containerConfigOnWire = (config: ContainerConfig) => ({
  ...config,
  linux: { ...config.linux, securityContext: securityOnWire(config.linux.securityContext) },
})

const filterOnWire = (filter: {
  readonly state?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly [more: string]: unknown
}) => ({
  ...filter,
  state: filter.state === undefined ? undefined : { state: filter.state },
  labelSelector: filter.labels,
})

/** Taking away what is gone already is a success, whatever the runtime says of it. */
async function unlessGone(taking: Promise<unknown>): Promise<void> {
  try {
    await taking
  } catch (error) {
    if (!isRuntimeNotFound(error)) throw error
  }
}

function runtimeOver(channel: GrpcChannel, clock: Clock): RuntimeService {
  const call = (
    [method, request, response]: readonly [string, string, string],
    value: object,
    signal: AbortSignal,
    timeoutMs = CALL_TIMEOUT_MS,
  ) => channel.unary(procedure('RuntimeService', method, request, response), value, { signal, timeoutMs })

  const runtime: RuntimeService = {
    async version(signal) {
      const answer = await call(['Version', 'VersionRequest', 'VersionResponse'], { version: 'v1' }, signal)
      return {
        runtimeName: text(answer['runtimeName']),
        runtimeVersion: text(answer['runtimeVersion']),
        runtimeApiVersion: text(answer['runtimeApiVersion']),
      }
    },
    async status(signal) {
      const answer = await call(['Status', 'StatusRequest', 'StatusResponse'], {}, signal)
      return {
        conditions: messages(message(answer['status'])?.['conditions']).map((condition) => ({
          type: text(condition['type']),
          status: condition['status'] === true,
          reason: text(condition['reason']),
          message: text(condition['message']),
        })),
        handlers: messages(answer['runtimeHandlers']).map((handler) => ({
          name: text(handler['name']),
          recursiveReadOnlyMounts: message(handler['features'])?.['recursiveReadOnlyMounts'] === true,
          userNamespaces: message(handler['features'])?.['userNamespaces'] === true,
        })),
        supplementalGroupsPolicy: message(answer['features'])?.['supplementalGroupsPolicy'] === true,
      }
    },

    async runPodSandbox(config, runtimeHandler, signal) {
      const request = { config: sandboxConfigOnWire(config), runtimeHandler }
      const names = ['RunPodSandbox', 'RunPodSandboxRequest', 'RunPodSandboxResponse'] as const
      return text((await call(names, request, signal, SANDBOX_TIMEOUT_MS))['podSandboxId'])
    },
    async stopPodSandbox(podSandboxId, signal) {
      const names = ['StopPodSandbox', 'PodSandboxRequest', 'Empty'] as const
      await unlessGone(call(names, { podSandboxId }, signal, SANDBOX_TIMEOUT_MS))
    },
    async removePodSandbox(podSandboxId, signal) {
      const names = ['RemovePodSandbox', 'PodSandboxRequest', 'Empty'] as const
      await unlessGone(call(names, { podSandboxId }, signal, SANDBOX_TIMEOUT_MS))
    },
    async podSandboxStatus(podSandboxId, signal) {
      const names = ['PodSandboxStatus', 'PodSandboxRequest', 'PodSandboxStatusResponse'] as const
      return sandboxStatusOf(message((await call(names, { podSandboxId }, signal))['status']) ?? {})
    },
    async updatePodSandboxResources(podSandboxId, resources, signal) {
      const names = ['UpdatePodSandboxResources', 'UpdatePodSandboxResourcesRequest', 'Empty'] as const
      await call(names, { podSandboxId, ...resources }, signal)
    },
    async listPodSandboxes(filter, signal) {
      const names = ['ListPodSandbox', 'ListPodSandboxRequest', 'ListPodSandboxResponse'] as const
      return messages((await call(names, { filter: filterOnWire({ ...filter }) }, signal))['items']).map(sandboxOf)
    },

    async createContainer(sandbox, config, signal) {
      const request = {
        podSandboxId: sandbox.id,
        config: containerConfigOnWire(config),
        sandboxConfig: sandboxConfigOnWire(sandbox.config),
      }
      const names = ['CreateContainer', 'CreateContainerRequest', 'CreateContainerResponse'] as const
      return text((await call(names, request, signal))['containerId'])
    },
    async startContainer(containerId, signal) {
      await call(['StartContainer', 'ContainerRequest', 'Empty'], { containerId }, signal)
    },
    async stopContainer(containerId, graceSeconds, signal) {
      const timeoutMs = CALL_TIMEOUT_MS + graceSeconds * 1000
      const request = { containerId, timeout: graceSeconds }
      await unlessGone(call(['StopContainer', 'StopContainerRequest', 'Empty'], request, signal, timeoutMs))
    },
    async signalContainer(containerId, number, signal) {
      const names = {
        path: '/containerd.services.tasks.v1.Tasks/Kill',
        request: 'KillTaskRequest',
        response: 'Empty',
      }
      const limits = { signal, timeoutMs: CALL_TIMEOUT_MS, headers: CONTAINERD_HEADERS }
      await unlessGone(channel.unary(names, { containerId, signal: number }, limits))
    },
    async removeContainer(containerId, signal) {
      await unlessGone(call(['RemoveContainer', 'ContainerRequest', 'Empty'], { containerId }, signal))
    },
    async listContainers(filter, signal) {
      const names = ['ListContainers', 'ListContainersRequest', 'ListContainersResponse'] as const
      const answer = await call(names, { filter: filterOnWire({ ...filter }) }, signal)
      return messages(answer['containers']).map(containerOf)
    },
    async containerStatus(containerId, signal) {
      const names = ['ContainerStatus', 'ContainerRequest', 'ContainerStatusResponse'] as const
      return containerStatusOf(message((await call(names, { containerId }, signal))['status']) ?? {})
    },
    async updateContainerResources(containerId, linux, signal) {
      const names = ['UpdateContainerResources', 'UpdateContainerResourcesRequest', 'Empty'] as const
      await call(names, { containerId, linux }, signal)
    },
    async reopenContainerLog(containerId, signal) {
      await call(['ReopenContainerLog', 'ContainerRequest', 'Empty'], { containerId }, signal)
    },

    async execSync(containerId, cmd, timeoutSeconds, signal) {
      const timeoutMs = timeoutSeconds === 0 ? NO_LIMIT : CALL_TIMEOUT_MS + timeoutSeconds * 1000
      const request = { containerId, cmd, timeout: timeoutSeconds }
      const answer = await call(['ExecSync', 'ExecSyncRequest', 'ExecSyncResponse'], request, signal, timeoutMs)
      return {
        stdout: answer['stdout'] as Uint8Array,
        stderr: answer['stderr'] as Uint8Array,
        exitCode: Number(answer['exitCode']),
      }
    },
    async exec(containerId, cmd, streams, signal) {
      const answer = await call(['Exec', 'ExecRequest', 'StreamResponse'], { containerId, cmd, ...streams }, signal)
      return text(answer['url'])
    },
    async attach(containerId, streams, signal) {
      const answer = await call(['Attach', 'AttachRequest', 'StreamResponse'], { containerId, ...streams }, signal)
      return text(answer['url'])
    },
    async portForward(podSandboxId, signal) {
      const answer = await call(['PortForward', 'PortForwardRequest', 'StreamResponse'], { podSandboxId }, signal)
      return text(answer['url'])
    },

    async listContainerStats({ labels, ...filter }, signal) {
      const names = ['ListContainerStats', 'ListContainerStatsRequest', 'ListContainerStatsResponse'] as const
      const answer = await call(names, { filter: { ...filter, labelSelector: labels } }, signal)
      return messages(answer['stats']).map(statsOf)
    },
    events: (signal) => runtimeEvents({ channel, clock, runtime }, signal),
  }
  return runtime
}

function imagesOver(channel: GrpcChannel): ImageService {
  const call = (
    [method, request, response]: readonly [string, string, string],
    value: object,
    signal: AbortSignal,
    timeoutMs = CALL_TIMEOUT_MS,
  ) => channel.unary(procedure('ImageService', method, request, response), value, { signal, timeoutMs })

  return {
    async listImages(signal) {
      const answer = await call(['ListImages', 'ListImagesRequest', 'ListImagesResponse'], {}, signal)
      return messages(answer['images']).map(imageOf)
    },
    async imageStatus(image, signal) {
      const answer = await call(['ImageStatus', 'ImageRequest', 'ImageStatusResponse'], { image }, signal)
      const found = message(answer['image'])
      return found === undefined ? undefined : imageOf(found)
    },
    async pullImage({ image, auth, sandboxConfig }, signal) {
      const request = {
        image,
        auth,
        sandboxConfig: sandboxConfig === undefined ? undefined : sandboxConfigOnWire(sandboxConfig),
      }
      const answer = await call(['PullImage', 'PullImageRequest', 'PullImageResponse'], request, signal, NO_LIMIT)
      return text(answer['imageRef'])
    },
    async removeImage(image, signal) {
      await call(['RemoveImage', 'ImageRequest', 'Empty'], { image }, signal)
    },
    views: imageViews(channel),
    async imageFsInfo(signal) {
      const answer = await call(['ImageFsInfo', 'Empty', 'ImageFsInfoResponse'], {}, signal)
      return messages(answer['imageFilesystems']).map(filesystemUsageOf)
    },
  }
}
