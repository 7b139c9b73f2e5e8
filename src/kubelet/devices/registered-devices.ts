/**
 * The devices of the node by resource, as their plugins tell them
 * (https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/).
 */

import type { Clock } from '../../base/clock.ts'
import type { DevicePluginClient, DevicePluginOptions, PluginDevice } from './device-plugin-client.ts'

/** So long a resource is still counted whose plugin has gone. */
const GRACE_MS = 300_000
const HEALTHY = 'Healthy'

/** A plugin that answers. */
export interface Endpoint {
  readonly client: DevicePluginClient
  readonly options: DevicePluginOptions
}

interface Resource {
  devices: ReadonlyMap<string, PluginDevice>
  /** Absent: no plugin, since `stoppedAt`. */
  endpoint: Endpoint | undefined
  /** On the monotonic clock. */
  stoppedAt: number
  /** Whether the plugin that answers has told its devices. */
  isTold: boolean
}

type Amounts = Readonly<Record<string, string>>

export class RegisteredDevices {
  readonly #clock: Clock
  readonly #resources = new Map<string, Resource>()
  /** Resources that are counted no more. */
  readonly #removed = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resources that plugins have, or had until a moment ago. */
  get resources(): readonly string[] {
    return [...this.#resources.keys()]
  }

  has(resource: string): boolean {
    return this.#resources.has(resource)
  }

  endpoint(resource: string): Endpoint | undefined {
    return this.#resources.get(resource)?.endpoint
  }

  device(resource: string, id: string): PluginDevice | undefined {
    return this.#resources.get(resource)?.devices.get(id)
  }

  /** Those that may be given, in the order of the plugin. */
  healthy(resource: string): readonly PluginDevice[] {
    const { isTold = false, devices } = this.#resources.get(resource) ?? {}
    return isTold ? [...(devices?.values() ?? [])].filter(({ health }) => health === HEALTHY) : []
  }

  /** An earlier kubelet had a plugin of the resource, which may come again. */
  expect(resource: string): void {
    const stoppedAt = this.#clock.monotonic()
    this.#resources.set(resource, { devices: new Map(), endpoint: undefined, stoppedAt, isTold: false })
  }

  /** A plugin has come; its devices are not known yet, but for those of the one before. */
  connected(resource: string, endpoint: Endpoint): void {
    const devices = this.#resources.get(resource)?.devices ?? new Map()
    this.#resources.set(resource, { devices, endpoint, stoppedAt: 0, isTold: false })
    this.#removed.delete(resource)
  }

  /** What the plugin has now. The answer is the ids of devices whose health is another. */
  told(resource: string, list: readonly PluginDevice[]): readonly string[] {
    const known = this.#resources.get(resource)
    if (known === undefined) return []
    const before = known.devices
    known.isTold = true
    known.devices = new Map(list.map((device) => [device.id, device]))
    return list.filter(({ id, health }) => before.get(id)?.health !== health).map(({ id }) => id)
  }

  disconnected(resource: string): void {
    const known = this.#resources.get(resource)
    if (known === undefined) return
    known.endpoint = undefined
    known.isTold = false
    known.stoppedAt = this.#clock.monotonic()
  }

  /** What the node has of them. Those that are ill, or have no plugin, are there and cannot be had. */
  amounts(): { readonly capacity: Amounts; readonly allocatable: Amounts } {
    this.#removeGone()
    const gone = [...this.#removed].map((name) => [name, '0'])
    const all = [...this.#resources]
    return {
      capacity: Object.fromEntries([...gone, ...all.map(([name, { devices }]) => [name, `${devices.size}`])]),
      allocatable: Object.fromEntries([...gone, ...all.map(([name]) => [name, `${this.healthy(name).length}`])]),
    }
  }

  #removeGone(): void {
    for (const [name, { endpoint, stoppedAt }] of this.#resources) {
      if (endpoint !== undefined || this.#clock.monotonic() - stoppedAt <= GRACE_MS) continue
      this.#resources.delete(name)
      this.#removed.add(name)
    }
  }
}

/** Whether a plugin says so. What it does not tell of is taken to be well. */
export const isHealthy = (device: PluginDevice | undefined): boolean =>
  device === undefined || device.health === HEALTHY
