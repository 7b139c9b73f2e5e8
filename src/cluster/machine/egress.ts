/**
 * A node's way out, for image pulls only: nodes have no route to the world, and this machine forwards nothing for
 * them. The server, which lives in the machine's own network, opens connections for the nodes' containerd (HTTP
 * CONNECT, so that TLS stays between containerd and the registry). It listens on a socket file that only root may
 * open, and every node process offers it to its containerd on the node's loopback.
 * https://www.rfc-editor.org/rfc/rfc9110#CONNECT
 */

import { lookup } from 'node:dns/promises'
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { type IncomingMessage, createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, type Socket, connect, createServer as createSocketServer } from 'node:net'
import { dirname } from 'node:path'
import type { Duplex } from 'node:stream'

import { listening } from '../../base/async/listening.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

/** A host that could not be reached is not tried again for this long: a Pod's retries then fail at once. */
const REMEMBER_MS = 10_000

const CONNECT_MS = 5_000

export interface EgressDeps {
  readonly clock: Clock
  readonly log: Log
}

interface Closable {
  close(): Promise<void>
}

/** Opens connections to the outside for whoever may open `socketPath`. */
export async function serveEgress(socketPath: string, { clock, log }: EgressDeps): Promise<Closable> {
  const failed = new Map<string, { readonly at: number; readonly why: string }>()
  const open = new Set<Duplex>()

  const reach = async (host: string, port: number): Promise<Socket> => {
    const known = failed.get(host)
    if (known !== undefined && clock.monotonic() - known.at < REMEMBER_MS) throw new Error(known.why)
    try {
      return await dial(host, port, clock)
    } catch (error) {
      const why = `cannot reach ${host}: ${error instanceof Error ? error.message : String(error)}`
      failed.set(host, { at: clock.monotonic(), why })
      log.warn('a registry cannot be reached', { host, error: why })
      throw new Error(why, { cause: error })
    }
  }

  const server = createServer((request, response) => {
    forward(request, reach).then(
      ({ status, headers, body }) => {
        response.writeHead(status, headers)
        body.pipe(response)
      },
      (error: Error) => {
        response.writeHead(502, error.message)
        response.end(error.message)
      },
    )
  })
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    client.on('error', () => client.destroy())
    const target = new URL(`http://${request.url ?? ''}`)
    reach(target.hostname, Number(target.port || 443)).then(
      (upstream) => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        join(client, upstream)
      },
      // Go's clients show the reason phrase, so that is where the reason goes.
      (error: Error) =>
        client.end(`HTTP/1.1 502 ${error.message.replace(/[\r\n]+/g, ' ')}\r\nContent-Length: 0\r\n\r\n`),
    )
  })
  mkdirSync(dirname(socketPath), { recursive: true, mode: 0o711 })
  rmSync(socketPath, { force: true })
  await listening(server, socketPath)
  chmodSync(socketPath, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Offers the socket file on a port of loopback. Returns the port's URL. */
export async function offerEgress(socketPath: string, port = 0): Promise<Closable & { readonly url: string }> {
  const open = new Set<Socket>()
  const server = createSocketServer((client) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    join(client, connect(socketPath))
  })
  await listening(server, { port, host: '127.0.0.1' })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

async function dial(host: string, port: number, clock: Clock): Promise<Socket> {
  const stop = new AbortController()
  const late = clock.sleep(CONNECT_MS, stop.signal).then(() => {
    throw new Error(`no answer within ${CONNECT_MS / 1000} s`)
  })
  try {
    const { address } = await Promise.race([resolveHost(host), late])
    const socket = connect({ host: address, port })
    const connected = new Promise<Socket>((resolve, reject) => {
      socket.once('connect', () => resolve(socket))
      socket.once('error', reject)
    })
    return await Promise.race([connected, late]).catch((error: unknown) => {
      socket.destroy()
      throw error
    })
  } finally {
    stop.abort()
    late.catch(() => {})
  }
}

async function resolveHost(host: string): Promise<{ readonly address: string }> {
  try {
    return await lookup(host)
  } catch (error) {
    throw new Error('its name cannot be looked up', { cause: error })
  }
}

/** A plain HTTP request, for registries without TLS. */
async function forward(request: IncomingMessage, reach: (host: string, port: number) => Promise<Socket>) {
  const url = new URL(request.url ?? '', 'http://invalid')
  const socket = await reach(url.hostname, Number(url.port || 80))
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: IncomingMessage }>(
    (resolve, reject) => {
      const outgoing = httpRequest(url, {
        method: request.method,
        headers: request.headers,
        createConnection: () => socket,
      })
      outgoing.once('response', (body) => resolve({ status: body.statusCode ?? 502, headers: body.headers, body }))
      outgoing.once('error', reject)
      request.pipe(outgoing)
    },
  )
}

function join(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on('error', () => to.destroy())
    from.once('close', () => to.destroy())
    from.pipe(to)
  }
}
