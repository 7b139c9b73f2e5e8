/** The CSI drivers that are registered on this node (https://kubernetes-csi.github.io/docs/node-driver-registrar.html). */

import type { Clock } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import { type GrpcChannel, openGrpcChannel } from '../../grpc/channel.ts'
import { GrpcError } from '../../grpc/error.ts'
import type { Plugin, PluginHandler } from '../../plugins/plugin.ts'
import type { CsiNodeWriter } from './csi-node.ts'
import { CSI_PROTOCOL } from './messages.ts'
import { type NodeService, nodeService } from './node-service.ts'
import { highestVersion, isOlder, type Version } from './version.ts'

interface Registered {
  readonly endpoint: string
  readonly version: Version
  readonly channel: GrpcChannel
  readonly service: NodeService
}

export interface CsiDriversDeps {
  readonly clock: Clock
  readonly log: Log
  readonly csiNode: Pick<CsiNodeWriter, 'install' | 'uninstall'>
  /** Runs until it settles, or the kubelet ends. */
  readonly start: (task: (signal: AbortSignal) => Promise<void>) => void
  /** Told of every driver that has come. */
  readonly registered?: (driver: string) => void
  /** Told of every call and how it was answered. */
  readonly called?: (driver: string, method: string, code: string, seconds: number) => void
}

export class CsiDrivers implements PluginHandler {
  readonly #deps: CsiDriversDeps
  readonly #drivers = new Map<string, Registered>()

  constructor(deps: CsiDriversDeps) {
    this.#deps = deps
  }

  /** Throws where no driver of that name is registered. */
  get(name: string): NodeService {
    const driver = this.#drivers.get(name)
    if (driver === undefined) throw new Error(`driver name ${name} not found in the list of registered CSI drivers`)
    return driver.service
  }

  /** Asks the driver again what there is to tell of the node. */
  async refresh(name: string, signal: AbortSignal): Promise<void> {
    await this.#deps.csiNode.install(name, await this.get(name).info(signal), signal)
  }

  has(name: string): boolean {
    return this.#drivers.has(name)
  }

  validate(plugin: Plugin): void {
    const { name, endpoint } = plugin
    try {
      this.#versionOf('ValidatePlugin', plugin)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`validation failed for CSI Driver ${name} at endpoint ${endpoint}: ${why}`, { cause: error })
    }
  }

  async register(plugin: Plugin, signal: AbortSignal): Promise<void> {
    const { clock, csiNode } = this.#deps
    const { name, endpoint } = plugin
    const version = this.#versionOf('RegisterPlugin', plugin)
    const channel = openGrpcChannel({ socketPath: endpoint, protocol: CSI_PROTOCOL, clock })
    const service = nodeService(this.#measured(name, channel))
    this.#close(name)
    this.#drivers.set(name, { endpoint, version, channel, service })
    try {
      await csiNode.install(name, await service.info(signal), signal)
      this.#deps.registered?.(name)
    } catch (error) {
      this.#leave(name, endpoint)
      throw error
    }
  }

  deregister({ name, endpoint }: Plugin): void {
    this.#leave(name, endpoint)
  }

  /** One that another has replaced has left already. */
  #leave(name: string, endpoint: string): void {
    if (this.#drivers.get(name)?.endpoint !== endpoint) return
    this.#close(name)
    const { csiNode, start, log } = this.#deps
    start(async (signal) => {
      try {
        await csiNode.uninstall(name, () => this.has(name), signal)
      } catch (error) {
        signal.throwIfAborted()
        log.warn('could not take a driver out of the CSINode', { driver: name, error })
      }
    })
  }

  #measured(driver: string, channel: GrpcChannel): Pick<GrpcChannel, 'unary'> {
    const { clock, called } = this.#deps
    return {
      async unary(procedure, request, options) {
        const from = clock.monotonic()
        const ended = (code: string) => called?.(driver, procedure.path, code, (clock.monotonic() - from) / 1000)
        try {
          const answer = await channel.unary(procedure, request, options)
          ended('OK')
          return answer
        } catch (error) {
          ended(error instanceof GrpcError ? error.code : 'Unknown')
          throw error
        }
      },
    }
  }

  #close(name: string): void {
    this.#drivers.get(name)?.channel.close()
    this.#drivers.delete(name)
  }

  #versionOf(caller: string, { name, endpoint, supportedVersions }: Plugin): Version {
    const failed = `kubernetes.io/csi: ${caller} for CSI driver "${name}" failed.`
    if (supportedVersions.length === 0)
      throw new Error(`${failed} Plugin returned an empty list for supported versions`)
    const highest = highestVersion(supportedVersions)
    if ('fault' in highest) {
      const versions = `[${supportedVersions.map((version) => `"${version}"`).join(' ')}]`
      throw new Error(`${failed} None of the versions specified ${versions} are supported. err=${highest.fault}`)
    }
    const known = this.#drivers.get(name)
    if (known === undefined || known.endpoint === endpoint || isOlder(known.version, highest)) return highest
    const which = `with a higher supported version: "${known.version.text}"`
    throw new Error(`${failed} Another driver with the same name is already registered ${which}`)
  }
}
