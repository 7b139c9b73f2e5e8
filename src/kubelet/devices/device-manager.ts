/**
 * Gives devices of plugins to containers
 * (https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/).
 */

import path from 'node:path'

import type { ResourceStatus } from '../../api/generated/core-v1.ts'
import { InTurn } from '../../base/async/in-turn.ts'
import { quantityValue } from '../../meta/quantity.ts'
import { isDeviceOfClaim } from '../claims/extended-resources.ts'
import { appContainersOf, initContainersOf, type KindedContainer, namesOf, type PodView } from '../pods/pod-view.ts'
import type { PodFailure } from '../pods/work.ts'
import type { ContainerEdits } from './container-edits.ts'
import { DeviceAllocations } from './device-allocations.ts'
import { chooseDevices } from './device-choice.ts'
import { type DevicePluginDeps, DevicePlugins } from './device-plugins.ts'
import { isHealthy } from './registered-devices.ts'

/** By resource: devices that init containers had. */
type Reusable = Map<string, ReadonlySet<string>>

export interface DeviceManagerDeps extends Omit<DevicePluginDeps, 'told'> {
  /** The Pods that are not over; `undefined`: not all are known yet. */
  readonly activePods: () => ReadonlySet<string> | undefined
  /** The health of a device of theirs has changed. */
  readonly healthChanged: (uids: readonly string[]) => void
}

export class DeviceManager {
  readonly plugins: DevicePlugins
  readonly #deps: DeviceManagerDeps
  readonly #allocations: DeviceAllocations
  readonly #inTurn = new InTurn()

  constructor(deps: DeviceManagerDeps) {
    this.#deps = deps
    this.#allocations = new DeviceAllocations(path.join(deps.folder, 'kubelet_internal_checkpoint'), deps.log)
    this.plugins = new DevicePlugins({
      ...deps,
      told: (resource, changed) => {
        deps.healthChanged(changed.flatMap((id) => this.#allocations.holdersOf(resource, id)))
        void this.#save()
      },
    })
  }

  /** All that containers have. */
  get allocations(): DeviceAllocations {
    return this.#allocations
  }

  /** Takes up what an earlier kubelet gave. */
  async load(): Promise<void> {
    for (const resource of await this.#allocations.load()) this.plugins.registered.expect(resource)
  }

  /** Serves plugins until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.plugins.run(signal)
    } finally {
      await this.#inTurn.settled('save')
    }
  }

  /** Gives the Pod's containers their devices; the answer is why the Pod cannot run here. */
  async admit(pod: PodView, signal: AbortSignal): Promise<PodFailure | undefined> {
    const containers = [...initContainersOf(pod), ...appContainersOf(pod)]
    if (!containers.some((container) => this.#wantedOf(pod, container).length > 0)) return undefined
    try {
      await this.#inTurn.run('', async () => {
        const reusable: Reusable = new Map()
        for (const container of containers) await this.#allocate(pod, container, reusable, signal)
      })
      return undefined
    } catch (error) {
      signal.throwIfAborted()
      const why = error instanceof Error ? error.message : String(error)
      return { reason: 'UnexpectedAdmissionError', message: `Allocate failed due to ${why}, which is unexpected` }
    }
  }

  /** What its devices add to a container that is about to start. */
  async forContainer(pod: PodView, container: KindedContainer, signal: AbortSignal): Promise<ContainerEdits> {
    const { uid } = namesOf(pod)
    const { name } = container.spec
    for (const { resource } of this.#wantedOf(pod, container)) {
      await this.#preStart({ uid, container: name, resource }, signal)
      // The kubelet ended between letting the Pod in and writing down what it gave it.
      if (this.#allocations.of(uid, name, resource) === undefined)
        await this.#inTurn.run('', () => this.#allocate(pod, container, new Map(), signal))
    }
    return this.#allocations.editsOf(uid, name)
  }

  /** How the devices of a container are. */
  healthOf(uid: string, container: string): readonly ResourceStatus[] {
    const { registered } = this.plugins
    return this.#allocations
      .ofContainer(uid, container)
      .map(({ resource, devices }) => ({
        name: resource,
        resources: devices.map(({ id }) => ({
          resourceID: id,
          health: isHealthy(registered.device(resource, id)) ? 'Healthy' : 'Unhealthy',
        })),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** What the container asks for of resources that plugins have. */
  #wantedOf(pod: PodView, { spec }: KindedContainer) {
    return Object.entries(spec.resources?.limits ?? {})
      .map(([resource, amount]) => ({ resource, count: Number(quantityValue(amount)) }))
      .filter(({ resource }) => this.plugins.registered.has(resource) || this.#allocations.isKnown(resource))
      .filter(({ resource, count }) => count > 0 && !isDeviceOfClaim(pod, spec.name, resource))
  }

  async #allocate(pod: PodView, container: KindedContainer, reusable: Reusable, signal: AbortSignal): Promise<void> {
    const { uid } = namesOf(pod)
    const { kind, spec } = container
    const wanted = this.#wantedOf(pod, container)
    for (const { resource, count } of wanted) {
      const active = this.#deps.activePods()
      if (active !== undefined) this.#allocations.keepOnly(new Set([...active, uid]))
      const request = { uid, container: spec.name, resource, count, reusable: reusable.get(resource) ?? new Set() }
      await this.#give(request, signal)
    }
    for (const { resource } of wanted) {
      const before = reusable.get(resource) ?? new Set()
      const had = (this.#allocations.of(uid, spec.name, resource)?.devices ?? []).map(({ id }) => id)
      // What an init container had is free for those after it; sidecars and app containers keep theirs.
      reusable.set(resource, kind === 'init' ? new Set([...before, ...had]) : without(before, had))
    }
    if (wanted.length > 0) await this.#save()
  }

  async #give(request: Parameters<typeof chooseDevices>[0], signal: AbortSignal): Promise<void> {
    const { uid, container, resource } = request
    const { registered } = this.plugins
    const ids = await chooseDevices(request, {
      registered,
      allocations: this.#allocations,
      preferred: (_, preference) => this.plugins.preferred(resource, preference, signal),
    })
    if (ids.length === 0) return
    const edits = await this.plugins.allocate(resource, ids, signal)
    const devices = ids.map((id) => ({ id, nodes: registered.device(resource, id)?.nodes ?? [] }))
    this.#allocations.add({ uid, container, resource, devices, edits })
  }

  async #preStart(
    { uid, container, resource }: { readonly uid: string; readonly container: string; readonly resource: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { registered } = this.plugins
    const endpoint = registered.endpoint(resource)
    if (endpoint === undefined && !registered.has(resource))
      throw new Error(`endpoint not found in cache for a registered resource: ${resource}`)
    if (endpoint?.options.needsPreStart !== true) return
    const given = this.#allocations.of(uid, container, resource)
    if (given === undefined) {
      const where = `pod ${uid}, container ${container}, resource ${resource}`
      throw new Error(`no devices found allocated in local cache for ${where}`)
    }
    try {
      await endpoint.client.preStart(
        given.devices.map(({ id }) => id),
        signal,
      )
    } catch (error) {
      signal.throwIfAborted()
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`device plugin PreStartContainer rpc failed with err: ${why}`, { cause: error })
    }
  }

  /** What cannot be written down is given all the same: the kubelet finds out again what it must. */
  async #save(): Promise<void> {
    try {
      await this.#inTurn.run('save', () => this.#allocations.save(this.plugins.registered.resources))
    } catch (error) {
      this.#deps.log.warn('could not write down which devices are given', { error })
    }
  }
}

const without = (all: ReadonlySet<string>, some: readonly string[]) =>
  new Set([...all].filter((id) => !some.includes(id)))
