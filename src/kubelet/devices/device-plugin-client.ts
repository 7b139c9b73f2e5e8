/** Calls one device plugin. */

import type { Clock } from '../../base/clock.ts'
import { openGrpcChannel } from '../grpc/channel.ts'
import { message, messages, text, textMap, texts } from '../grpc/read.ts'
import type { WellKnownPaths } from '../host/well-known-paths.ts'
import type { ContainerEdits } from './container-edits.ts'
import { DEVICE_PLUGIN, METHODS } from './device-plugin-api.ts'

const OPTIONS_MS = 10_000
const PRE_START_MS = 30_000
const NO_LIMIT = 0

/** A device as its plugin tells it. */
export interface PluginDevice {
  readonly id: string
  /** E.g. `Healthy`. */
  readonly health: string
  /** The NUMA nodes it is near. */
  readonly nodes: readonly number[]
}

export interface DevicePluginOptions {
  readonly needsPreStart: boolean
  readonly hasPreferences: boolean
}

export interface Preference {
  readonly available: readonly string[]
  readonly mustInclude: readonly string[]
  readonly size: number
}

export class DevicePluginClient {
  readonly #channel
  readonly #paths: WellKnownPaths

  constructor(socketPath: string, { clock, paths }: { readonly clock: Clock; readonly paths: WellKnownPaths }) {
    this.#channel = openGrpcChannel({ socketPath, protocol: DEVICE_PLUGIN, clock })
    this.#paths = paths
  }

  async options(signal: AbortSignal): Promise<DevicePluginOptions> {
    const answer = await this.#channel.unary(METHODS.options, {}, { signal, timeoutMs: OPTIONS_MS })
    return {
      needsPreStart: answer['preStartRequired'] === true,
      hasPreferences: answer['getPreferredAllocationAvailable'] === true,
    }
  }

  /** All its devices, each time that something about them changes. */
  async *devices(signal: AbortSignal): AsyncGenerator<readonly PluginDevice[]> {
    for await (const list of this.#channel.stream(METHODS.listAndWatch, {}, { signal, timeoutMs: NO_LIMIT })) {
      yield messages(list['devices']).map((device) => ({
        id: text(device['ID']),
        health: text(device['health']),
        nodes: messages(message(device['topology'])?.['nodes']).map(({ ID }) => Number(ID)),
      }))
    }
  }

  /** Which devices it would rather give. */
  async preferred({ available, mustInclude, size }: Preference, signal: AbortSignal): Promise<readonly string[]> {
    const one = { availableDeviceIDs: available, mustIncludeDeviceIDs: mustInclude, allocationSize: size }
    const request = { containerRequests: [one] }
    const answer = await this.#channel.unary(METHODS.preferred, request, { signal, timeoutMs: NO_LIMIT })
    const [first] = messages(answer['containerResponses'])
    return texts(first?.['deviceIDs'])
  }

  /** Gives devices to a container; `undefined`: it did not say how. */
  async allocate(ids: readonly string[], signal: AbortSignal): Promise<ContainerEdits | undefined> {
    const request = { containerRequests: [{ devicesIds: ids }] }
    const answer = await this.#channel.unary(METHODS.allocate, request, { signal, timeoutMs: NO_LIMIT })
    const [given] = messages(answer['containerResponses'])
    if (given === undefined) return undefined
    return {
      envs: textMap(given['envs']),
      annotations: textMap(given['annotations']),
      mounts: messages(given['mounts']).map((mount) => ({
        containerPath: text(mount['containerPath']),
        hostPath: this.#paths.onNode(text(mount['hostPath'])),
        readonly: mount['readOnly'] === true,
      })),
      devices: messages(given['devices']).map((device) => ({
        containerPath: text(device['containerPath']),
        hostPath: text(device['hostPath']),
        permissions: text(device['permissions']),
      })),
      cdiDevices: messages(given['cdiDevices']).map(({ name }) => text(name)),
    }
  }

  /** Tells that a container with these devices is about to start. */
  async preStart(ids: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#channel.unary(METHODS.preStart, { devicesIds: ids }, { signal, timeoutMs: PRE_START_MS })
  }

  close(): void {
    this.#channel.close()
  }
}
