/**
 * exec, attach and port-forward: the client's streams, SPDY or WebSocket, are joined to those of the runtime's
 * streaming server, so that clients of any age work with runtimes of any age.
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { acceptStreams } from '../../wire/streams/accept.ts'
import { bridgeConnections, type Translate } from '../../wire/streams/bridge.ts'
import { errorsFor } from './plain-errors.ts'
import { addressOf } from './request-address.ts'
import { dialSpdy } from '../../wire/streams/dial.ts'
import { execChannelProtocols, execChannels, portChannels } from '../../wire/streams/websocket-channels.ts'
import type { StreamOptions } from '../cri/runtime.ts'
import { KubeletRefusal } from './kubelet-api.ts'
import type { RouteDeps } from './routes.ts'

/** The protocols of exec and attach over SPDY, the best first; clients that name none speak the first. */
const EXEC_PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io', '']
const FORWARD_PROTOCOL = 'portforward.k8s.io'

interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

/** The parameter by the kubelet's name or by the API's. */
const asks = (query: URLSearchParams, ...names: string[]) =>
  names.some((name) => ['1', 'true'].includes(query.get(name) ?? ''))

function streamsOf(query: URLSearchParams): StreamOptions {
  const tty = asks(query, 'tty')
  const streams = {
    stdin: asks(query, 'input', 'stdin'),
    stdout: asks(query, 'output', 'stdout'),
    stderr: asks(query, 'error', 'stderr') && !tty,
    tty,
  }
  if (!streams.stdin && !streams.stdout && !streams.stderr) {
    throw new KubeletRefusal(400, 'you must specify at least 1 of stdin, stdout, stderr')
  }
  return streams
}

/** Serves one upgraded connection to its end. */
export async function routeUpgrade({ api }: RouteDeps, upgrade: Upgrade, signal: AbortSignal): Promise<void> {
  const { url, parts } = addressOf(upgrade.request.url ?? '/')
  const [verb, namespace = '', name = '', ...rest] = parts
  const { searchParams: query } = url
  if (verb === 'portForward') {
    const ports = query.getAll('port').map(Number).filter(Number.isInteger)
    const target = new URL(await api.portForward({ namespace, name }, signal))
    return join(upgrade, {
      target,
      signal,
      spdy: [FORWARD_PROTOCOL, ''],
      webSocket: [`SPDY/3.1+${FORWARD_PROTOCOL}`, 'v4.channel.k8s.io'],
      channels: portChannels(ports),
    })
  }
  if (verb !== 'exec' && verb !== 'attach') throw new KubeletRefusal(404, '404 page not found')
  const container = rest.at(-1) ?? ''
  const streams = streamsOf(query)
  const at = { namespace, name, container }
  const address =
    verb === 'exec'
      ? await api.exec({ ...at, command: query.getAll('command') }, streams, signal)
      : await api.attach(at, streams, signal)
  return join(upgrade, {
    target: new URL(address),
    signal,
    spdy: EXEC_PROTOCOLS,
    webSocket: execChannelProtocols,
    channels: execChannels(streams),
    translate: errorsFor,
  })
}

interface Join {
  readonly target: URL
  readonly signal: AbortSignal
  readonly spdy: readonly string[]
  readonly webSocket: readonly string[]
  readonly channels: Parameters<typeof acceptStreams>[1]['channels']
  /** How what comes back is told to clients that speak this protocol. */
  readonly translate?: (protocol: string) => Translate | undefined
}

async function join(upgrade: Upgrade, options: Join): Promise<void> {
  const { target, signal, spdy, webSocket, channels, translate } = options
  const client = await acceptStreams(upgrade, { spdyProtocols: spdy, webSocketProtocols: webSocket, channels })
  if (client === undefined) return
  try {
    const wanted = spdy.filter((protocol) => protocol !== '')
    const runtime = await dialSpdy(target, { protocols: wanted }, signal)
    await bridgeConnections(client, runtime, translate?.(client.protocol))
  } catch (error) {
    client.close(error instanceof Error ? error : new Error(String(error)))
  }
}
