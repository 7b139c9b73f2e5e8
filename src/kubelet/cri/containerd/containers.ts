/** Containers: their lives, and what the runtime says of them. */

import { type GrpcChannel } from '../../grpc/channel.ts'
import { message, messages, text } from '../../grpc/read.ts'
import type { RuntimeService } from '../runtime.ts'
import { type Call, CALL_TIMEOUT_MS, unlessGone } from './calls.ts'
import { containerOf, containerStatusOf, statsOf } from './convert.ts'
import { CONTAINERD_HEADERS } from './image-views.ts'
import { containerConfigOnWire, filterOnWire, sandboxConfigOnWire } from './on-wire.ts'

export type ContainerLives = Pick<
  RuntimeService,
  'createContainer' | 'startContainer' | 'stopContainer' | 'signalContainer' | 'removeContainer'
>

/** `channel` reaches containerd's own services too. */
export const containerLivesOver = (call: Call, channel: GrpcChannel): ContainerLives => ({
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
})

export type ContainerViews = Pick<RuntimeService, 'listContainers' | 'containerStatus' | 'listContainerStats'>

export const containerViewsOver = (call: Call): ContainerViews => ({
  async listContainers(filter, signal) {
    const names = ['ListContainers', 'ListContainersRequest', 'ListContainersResponse'] as const
    const answer = await call(names, { filter: filterOnWire({ ...filter }) }, signal)
    return messages(answer['containers']).map(containerOf)
  },
  async containerStatus(containerId, signal) {
    const names = ['ContainerStatus', 'ContainerRequest', 'ContainerStatusResponse'] as const
    return containerStatusOf(message((await call(names, { containerId }, signal))['status']) ?? {})
  },
  async listContainerStats({ labels, ...filter }, signal) {
    const names = ['ListContainerStats', 'ListContainerStatsRequest', 'ListContainerStatsResponse'] as const
    const answer = await call(names, { filter: { ...filter, labelSelector: labels } }, signal)
    return messages(answer['stats']).map(statsOf)
  },
})

export type ContainerChanges = Pick<RuntimeService, 'updateContainerResources' | 'reopenContainerLog'>

export const containerChangesOver = (call: Call): ContainerChanges => ({
  async updateContainerResources(containerId, linux, signal) {
    const names = ['UpdateContainerResources', 'UpdateContainerResourcesRequest', 'Empty'] as const
    await call(names, { containerId, linux }, signal)
  },
  async reopenContainerLog(containerId, signal) {
    await call(['ReopenContainerLog', 'ContainerRequest', 'Empty'], { containerId }, signal)
  },
})
