/** The sandboxes of Pods. */

import { message, messages, text } from '../../grpc/read.ts'
import type { RuntimeService } from '../runtime.ts'
import { type Call, SANDBOX_TIMEOUT_MS, unlessGone } from './calls.ts'
import { sandboxOf, sandboxStatusOf } from './convert.ts'
import { filterOnWire, sandboxConfigOnWire } from './on-wire.ts'

export type Sandboxes = Pick<
  RuntimeService,
  | 'runPodSandbox'
  | 'stopPodSandbox'
  | 'removePodSandbox'
  | 'podSandboxStatus'
  | 'updatePodSandboxResources'
  | 'listPodSandboxes'
>

export const sandboxesOver = (call: Call): Sandboxes => ({
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
})
