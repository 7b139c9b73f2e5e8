/**
 * The plugins of devices: lets them register, follows their devices, and calls them
 * (https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/#device-plugin-registration).
 */

import { lstat, readdir, rm } from 'node:fs/promises'
import path from 'node:path'

import { isExtendedResource } from '../../api/core/v1/resource-names.ts'
import { aborted, type TaskGroup, withGroup } from '../../base/async/group.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { makeFolder } from '../../linux/folders.ts'
import { text } from '../grpc/read.ts'
import { serveGrpc } from '../grpc/server.ts'
import type { WellKnownPaths } from '../host/well-known-paths.ts'
import type { DeviceMetrics } from '../metrics/device-metrics.ts'
import type { Plugin, PluginHandler } from '../plugins/plugin.ts'
import type { ContainerEdits } from './container-edits.ts'
import { DEVICE_PLUGIN, DEVICE_PLUGIN_VERSION, REGISTER } from './device-plugin-api.ts'
import { DevicePluginClient, type Preference } from './device-plugin-client.ts'
import { RegisteredDevices } from './registered-devices.ts'

export interface DevicePluginDeps {
  /** Where the sockets of plugins and the kubelet's own are. */
  readonly folder: string
  readonly paths: WellKnownPaths
  readonly clock: Clock
  readonly log: Log
  readonly metrics: DeviceMetrics
  /** A plugin told its devices, some of which have another health than before; or it has gone. */
  readonly told: (resource: string, changed: readonly string[]) => void
  /** What the node has of devices may be another. */
  readonly changed: () => void
}

interface Connection {
  readonly client: DevicePluginClient
  /** Ends following it. */
  readonly stop: AbortController
}

const invalidName = (resource: string) => `the ResourceName ${JSON.stringify(resource)} is invalid`

export class DevicePlugins {
  readonly registered: RegisteredDevices
  readonly #deps: DevicePluginDeps
  readonly #connections = new Map<string, Connection>()
  #group: TaskGroup | undefined

  constructor(deps: DevicePluginDeps) {
    this.#deps = deps
    this.registered = new RegisteredDevices(deps.clock)
  }

  /** For plugins that register as other plugins of the kubelet do. */
  get handler(): PluginHandler {
    return {
      validate({ name, supportedVersions }) {
        if (!supportedVersions.includes(DEVICE_PLUGIN_VERSION)) {
          const versions = `[${supportedVersions.join(' ')}]`
          const version = `manager version, ${DEVICE_PLUGIN_VERSION}`
          throw new Error(`${version}, is not among plugin supported versions ${versions}`)
        }
        if (!isExtendedResource(name)) throw new Error(`invalid name of device plugin socket: ${invalidName(name)}`)
      },
      register: ({ name, endpoint }, signal) => this.#connect(name, endpoint, signal),
      deregister: ({ name }: Plugin) => this.#connections.get(name)?.stop.abort(),
    }
  }

  /** Serves until `signal` aborts. Sockets of before are taken away: plugins see by that that they must register again. */
  async run(signal: AbortSignal): Promise<void> {
    const { folder } = this.#deps
    await makeFolder(folder, 0o750)
    await removeSockets(folder)
    await withGroup(async (group) => {
      this.#group = group
      const server = await serveGrpc({
        socketPath: path.join(folder, 'kubelet.sock'),
        protocol: DEVICE_PLUGIN,
        methods: [
          {
            procedure: REGISTER,
            answer: async (request, inner) => {
              await this.#register(request, AbortSignal.any([inner, group.signal]))
              return {}
            },
          },
        ],
      })
      try {
        await aborted(group.signal)
      } finally {
        server.close()
      }
    }, signal)
  }

  /** Asks the plugin of a resource which devices it would rather give; none where it does not mind. */
  async preferred(resource: string, preference: Preference, signal: AbortSignal): Promise<readonly string[]> {
    const endpoint = this.registered.endpoint(resource)
    if (endpoint?.options.hasPreferences !== true) return []
    try {
      return await endpoint.client.preferred(preference, signal)
    } catch (error) {
      signal.throwIfAborted()
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`device plugin GetPreferredAllocation rpc failed with err: ${why}`, { cause: error })
    }
  }

  /** Has the plugin give devices to a container. */
  async allocate(resource: string, ids: readonly string[], signal: AbortSignal): Promise<ContainerEdits> {
    const { clock, metrics } = this.#deps
    const endpoint = this.registered.endpoint(resource)
    if (endpoint === undefined) throw new Error(`endpoint ${resource} has been stopped`)
    const from = clock.monotonic()
    try {
      const edits = await endpoint.client.allocate(ids, signal)
      if (edits === undefined) throw new Error('no containers return in allocation response &AllocateResponse{}')
      return edits
    } finally {
      metrics.allocated(resource, (clock.monotonic() - from) / 1000)
    }
  }

  async #register(request: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void> {
    const { folder, metrics } = this.#deps
    const [version, resource] = [text(request['version']), text(request['resourceName'])]
    metrics.registered(resource)
    if (version !== DEVICE_PLUGIN_VERSION) {
      const supported = `Supported version is ["${DEVICE_PLUGIN_VERSION}"]`
      throw new Error(`requested API version ${JSON.stringify(version)} is not supported by kubelet. ${supported}`)
    }
    if (!isExtendedResource(resource)) throw new Error(invalidName(resource))
    await this.#connect(resource, path.join(folder, text(request['endpoint'])), signal)
  }

  async #connect(resource: string, socketPath: string, signal: AbortSignal): Promise<void> {
    const { log, changed } = this.#deps
    const group = this.#group
    if (group === undefined) throw new Error('the kubelet takes no device plugins yet')
    const client = new DevicePluginClient(socketPath, this.#deps)
    let options
    try {
      options = await client.options(signal)
    } catch (error) {
      client.close()
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`failed to get device plugin options: ${why}`, { cause: error })
    }
    this.#connections.get(resource)?.stop.abort()
    const connection = { client, stop: new AbortController() }
    this.#connections.set(resource, connection)
    this.registered.connected(resource, { client, options })
    log.info('registered a device plugin', { resource, socket: socketPath })
    changed()
    group.start((inner) => this.#follow(resource, connection, inner))
  }

  /** Until the plugin goes, or another comes in its place. */
  async #follow(resource: string, connection: Connection, signal: AbortSignal): Promise<void> {
    const { log, told, changed } = this.#deps
    const { client, stop } = connection
    const either = AbortSignal.any([signal, stop.signal])
    try {
      for await (const devices of client.devices(either)) {
        if (this.#connections.get(resource) !== connection) return
        told(resource, this.registered.told(resource, devices))
        changed()
      }
      log.info('a device plugin has gone', { resource })
    } catch (error) {
      if (!either.aborted) log.info('a device plugin has gone', { resource, error })
    } finally {
      client.close()
      if (this.#connections.get(resource) === connection) {
        this.#connections.delete(resource)
        this.registered.disconnected(resource)
        changed()
      }
    }
  }
}

async function removeSockets(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const place = path.join(folder, name)
    const stats = await lstat(place).catch(() => undefined)
    if (stats?.isSocket() === true) await rm(place, { force: true })
  }
}
