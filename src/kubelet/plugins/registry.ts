/**
 * Registers the plugins whose sockets are in the node's folder for that, as long as the sockets are there
 * (https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/#device-plugin-registration).
 */

import path from 'node:path'

import { withGroup } from '../../base/async/group.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { createWorkQueue } from '../../base/work-queue.ts'
import { makeFolder } from '../../linux/folders.ts'
import { type GrpcChannel, openGrpcChannel } from '../grpc/channel.ts'
import { text, texts } from '../grpc/read.ts'
import type { KubeletFolder } from '../host/host.ts'
import type { Plugin, PluginHandler, PluginHandlers } from './plugin.ts'
import { GET_INFO, NOTIFY_REGISTRATION_STATUS, REGISTRATION } from './registration-api.ts'
import { SocketFolder, type Sockets } from './socket-folder.ts'

/** A plugin that listens late may make its socket first. */
const GET_INFO_MS = 10_000
const NOTIFY_MS = 5_000
const RETRY = { baseMs: 500, maxMs: 122_000 }

export interface RegistryDeps {
  readonly kubelet: Pick<KubeletFolder, 'root' | 'paths'>
  readonly handlers: PluginHandlers
  readonly clock: Clock
  readonly log: Log
}

interface Registered {
  readonly plugin: Plugin
  readonly handler: PluginHandler
  /** Tells the socket from another at the same place. */
  readonly socket: string
}

/** Runs until `signal` aborts; plugins stay registered then, for a kubelet that starts again finds their sockets. */
export async function registerPlugins(deps: RegistryDeps, signal: AbortSignal): Promise<void> {
  const { kubelet, clock, log } = deps
  const root = path.join(kubelet.root, 'plugins_registry')
  await makeFolder(root, 0o750)
  const looks = createWorkQueue(clock, RETRY)
  const work = createWorkQueue(clock, RETRY)
  const registered = new Map<string, Registered>()
  let sockets: Sockets = new Map()
  const folder = new SocketFolder(root, () => looks.add(root))

  /** Brings what is registered for one socket to what is there. */
  async function settle(socketPath: string, inner: AbortSignal): Promise<void> {
    const known = registered.get(socketPath)
    const socket = sockets.get(socketPath)
    if (known?.socket === socket) return
    if (known !== undefined) {
      registered.delete(socketPath)
      known.handler.deregister(known.plugin)
      log.info('a plugin has gone', { plugin: known.plugin.name, socket: socketPath })
    }
    if (socket === undefined) return
    const { plugin, handler } = await register(deps, socketPath, inner)
    registered.set(socketPath, { plugin, handler, socket })
    log.info('registered a plugin', { plugin: plugin.name, socket: socketPath })
  }

  async function attempt(socketPath: string, inner: AbortSignal): Promise<void> {
    try {
      await settle(socketPath, inner)
      work.finish(socketPath)
    } catch (error) {
      inner.throwIfAborted()
      log.warn('could not register a plugin', { socket: socketPath, error })
      work.retry(socketPath)
    }
  }

  async function look(inner: AbortSignal): Promise<void> {
    for await (const _ of looks.take(inner)) {
      try {
        const found = await folder.read()
        for (const place of new Set([...sockets.keys(), ...found.keys()])) {
          if (found.get(place) !== sockets.get(place)) work.add(place)
        }
        sockets = found
        looks.finish(root)
      } catch (error) {
        log.warn('could not look for plugins', { folder: root, error })
        looks.retry(root)
      }
    }
  }

  try {
    await withGroup(async (group) => {
      looks.add(root)
      group.start(look)
      // A plugin that does not answer keeps no other waiting.
      for await (const place of work.take(group.signal)) group.start((inner) => attempt(place, inner))
    }, signal)
  } finally {
    folder.close()
  }
}

/** Asks the plugin what it is, registers it and tells it so. Throws why it could not be done. */
async function register(
  { kubelet, handlers, clock }: RegistryDeps,
  socketPath: string,
  signal: AbortSignal,
): Promise<{ readonly plugin: Plugin; readonly handler: PluginHandler }> {
  const channel = openGrpcChannel({ socketPath, protocol: REGISTRATION, clock })
  try {
    const at = kubelet.paths.wellKnown(socketPath)
    const info = await channel.unary(GET_INFO, {}, { signal, timeoutMs: GET_INFO_MS })
    const [type, endpoint] = [text(info['type']), text(info['endpoint'])]
    const plugin: Plugin = {
      name: text(info['name']),
      endpoint: endpoint === '' ? socketPath : kubelet.paths.onNode(endpoint),
      supportedVersions: texts(info['supportedVersions']),
    }
    const handler = Object.hasOwn(handlers, type) ? handlers[type as keyof PluginHandlers] : undefined
    if (handler === undefined) {
      throw await refused(channel, `no handler registered for plugin type: ${type} at socket ${at}`, signal)
    }
    try {
      handler.validate(plugin)
    } catch (error) {
      throw await refused(channel, `plugin validation failed with err: ${wordsOf(error)}`, signal)
    }
    try {
      await handler.register(plugin, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw await refused(channel, `plugin registration failed with err: ${wordsOf(error)}`, signal)
    }
    try {
      await notify(channel, { pluginRegistered: true }, signal)
    } catch (error) {
      handler.deregister(plugin)
      throw error
    }
    return { plugin, handler }
  } finally {
    channel.close()
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Tells the plugin why it is not registered; the answer is that as an error. */
async function refused(channel: GrpcChannel, why: string, signal: AbortSignal): Promise<Error> {
  const error = `RegisterPlugin error -- ${why}`
  await notify(channel, { pluginRegistered: false, error }, signal)
  return new Error(error)
}

async function notify(
  channel: GrpcChannel,
  status: { readonly pluginRegistered: boolean; readonly error?: string },
  signal: AbortSignal,
): Promise<void> {
  await channel.unary(NOTIFY_REGISTRATION_STATUS, status, { signal, timeoutMs: NOTIFY_MS })
}
