/**
 * The drivers for dynamic resource allocation that run on the node. Where a driver is away too long, what the node has of
 * its devices is told no more
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice).
 */

import type { TaskGroup } from '../../base/async/group.ts'
import { createBackoff } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { RESOURCE_SLICES } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import type { ClaimMetrics } from '../metrics/claim-metrics.ts'
import type { Plugin, PluginHandler } from '../plugins/plugin.ts'
import { type Service, SERVICES } from './dra-api.ts'
import { type DeviceHealthReport, DraClient } from './dra-client.ts'

/** So long a driver may be away: a Pod of it may be replaced by another. */
const WIPING_DELAY_MS = 30_000
const WIPING_RETRY = { baseMs: 1_000, maxMs: 300_000, jitter: 0.2 }
/** How often a driver is asked anew how its devices are, once it has stopped telling. */
const HEALTH_RETRY_MS = 5_000

export interface DriverDeps {
  readonly node: string
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: ClaimMetrics
  /** A driver has told how its devices are; `undefined`: it tells no more. */
  readonly health: (driver: string, reports: readonly DeviceHealthReport[] | undefined) => void
}

interface Driver {
  readonly endpoint: string
  readonly client: DraClient
  readonly stop: AbortController
  isConnected: boolean
}

export class DraDrivers {
  readonly #deps: DriverDeps
  /** By name, those that registered last at the end: while one is replaced there are two. */
  readonly #drivers = new Map<string, readonly Driver[]>()
  /** Slices of drivers that are to be taken away: ends the waiting. */
  readonly #wipes = new Map<string, () => void>()
  #group: TaskGroup | undefined

  constructor(deps: DriverDeps) {
    this.#deps = deps
  }

  /** Drivers can register from now on. None has yet: what the node has of devices is told no more until they do. */
  begin(group: TaskGroup): void {
    this.#group = group
    group.start((signal) => this.#wipe(undefined, signal))
  }

  get handler(): PluginHandler {
    return {
      validate: (plugin) => void serviceOf(plugin),
      register: (plugin) => this.#add(plugin),
      deregister: (plugin) => this.#remove(plugin),
    }
  }

  /** The driver, the newest one that answers. Throws with Kubernetes's words where there is none. */
  get(name: string): DraClient {
    const drivers = this.#drivers.get(name) ?? []
    const driver = drivers.findLast(({ isConnected }) => isConnected) ?? drivers.at(-1)
    if (driver === undefined) throw new Error(`DRA driver ${name} is not registered`)
    return driver.client
  }

  async #add(plugin: Plugin): Promise<void> {
    const { name, endpoint } = plugin
    const service = serviceOf(plugin)
    const group = this.#group
    if (group === undefined) throw new Error('the kubelet takes no DRA drivers yet')
    const others = this.#drivers.get(name) ?? []
    if (others.some((other) => other.endpoint === endpoint))
      throw new Error(`endpoint ${endpoint} already registered for DRA driver plugin ${name}`)
    const { clock, metrics } = this.#deps
    const client = new DraClient({ driver: name, endpoint, service, clock, metrics })
    const driver: Driver = { endpoint, client, stop: new AbortController(), isConnected: false }
    this.#drivers.set(name, [...others, driver])
    group.start(async (signal) => {
      const either = AbortSignal.any([signal, driver.stop.signal])
      client.followConnection((isConnected) => {
        driver.isConnected = isConnected
        this.#settle(name)
      }, either)
      try {
        await this.#followHealth(name, client, either)
      } catch (error) {
        if (!driver.stop.signal.aborted) throw error
      } finally {
        client.close()
      }
    })
    this.#settle(name)
  }

  #remove({ name, endpoint }: Plugin): void {
    const drivers = this.#drivers.get(name) ?? []
    drivers.find((driver) => driver.endpoint === endpoint)?.stop.abort()
    const left = drivers.filter((driver) => driver.endpoint !== endpoint)
    if (left.length === 0) this.#drivers.delete(name)
    else this.#drivers.set(name, left)
    this.#settle(name)
  }

  /** Whether a driver can be reached decides whether its devices are told. */
  #settle(name: string): void {
    if (this.#drivers.get(name)?.some(({ isConnected }) => isConnected) === true) {
      this.#wipes.get(name)?.()
      this.#wipes.delete(name)
      return
    }
    if (this.#wipes.has(name) || this.#group?.signal.aborted !== false) return
    const cancel = this.#deps.clock.after(WIPING_DELAY_MS, () => {
      this.#wipes.delete(name)
      this.#group?.start((signal) => this.#wipe(name, signal))
    })
    this.#wipes.set(name, cancel)
  }

  /** Takes the node's ResourceSlices of a driver away; `undefined`: those of all drivers. */
  async #wipe(driver: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, clock, random, log, node } = this.#deps
    const backoff = createBackoff(WIPING_RETRY, random)
    const fieldSelector = [`spec.nodeName=${node}`, ...(driver === undefined ? [] : [`spec.driver=${driver}`])].join(
      ',',
    )
    for (;;) {
      try {
        await client.deleteCollection(RESOURCE_SLICES, { fieldSelector }, {}, signal)
        return
      } catch (error) {
        signal.throwIfAborted()
        if (hasReason(error, 'NotFound')) return
        log.warn('could not take ResourceSlices away', { fieldSelector, error })
      }
      await clock.sleep(backoff.next(), signal)
    }
  }

  async #followHealth(name: string, client: DraClient, signal: AbortSignal): Promise<void> {
    const { clock, log, health } = this.#deps
    for (;;) {
      try {
        for await (const reports of client.health(signal)) health(name, reports)
      } catch (error) {
        if (!signal.aborted) log.debug('a DRA driver does not tell how its devices are', { driver: name, error })
      }
      health(name, undefined)
      await clock.sleep(HEALTH_RETRY_MS, signal)
    }
  }

  /** Ends what waits. */
  end(): void {
    for (const cancel of this.#wipes.values()) cancel()
    this.#wipes.clear()
  }
}

/** The first of the plugin's services that this kubelet knows. Throws with Kubernetes's words where there is none. */
function serviceOf({ name, endpoint, supportedVersions }: Plugin): Service {
  const fault = (why: string) =>
    new Error(`invalid supported gRPC versions of DRA driver plugin ${name} at endpoint ${endpoint}: ${why}`)
  if (supportedVersions.length === 0) throw fault('empty list of supported gRPC services (aka supported versions)')
  const service = supportedVersions.find((version): version is Service => SERVICES.some((own) => own === version))
  if (service !== undefined) return service
  const listed = (names: readonly string[]) => `[${names.map((each) => JSON.stringify(each)).join(' ')}]`
  const own = `are supported by the kubelet (${listed(SERVICES)})`
  throw fault(`none of services supported by the plugin (${listed(supportedVersions)}) ${own}`)
}
