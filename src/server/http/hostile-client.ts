/** For tests: a server on loopback, and a client that sends whatever bytes it is told to. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { catalog } from '../../api/catalog.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { systemClock } from '../../base/clock.ts'
import { createLog, type LogLine } from '../../base/log.ts'
import { systemRandom } from '../../base/random.ts'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import { createApiServer } from '../api-server.ts'
import { LOOPBACK, loopbackCertificates, loopbackListener } from '../loopback.ts'
import type { RequestLimits } from './limits.ts'

export interface Hostile {
  readonly port: number
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string }
  /** The server's own. */
  readonly own: { readonly certificate: string; readonly key: string }
  /** What the server logged as its own failures. */
  readonly failures: readonly LogLine[]
  /** Sends one request as it stands in `bytes`, on a connection of its own. */
  raw(bytes: readonly (string | Buffer)[], options?: { readonly hangUp?: boolean }): Promise<Outcome>
  /** A request that is sound at least as HTTP. */
  ask(request: HostileRequest): Promise<Outcome>
  close(): Promise<void>
}

export interface HostileRequest {
  readonly method: string
  readonly path: string
  readonly type?: string
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export interface Outcome {
  readonly status: number | 'closed'
  readonly head: string
  readonly body: string
  /** For so long nothing else was served, at most. */
  readonly stallMs: number
}

/** What a test changes about the server. */
export interface HostileOptions {
  readonly limits?: RequestLimits
  readonly storage?: Storage
}

export async function startHostile({ limits, storage = createMemoryStorage() }: HostileOptions = {}): Promise<Hostile> {
  const certificates = loopbackCertificates()
  const { authority, server: own, admin } = certificates
  const failures: LogLine[] = []
  const log = createLog((line) => failures.push(line), 'error')
  const options = limits === undefined ? {} : { limits }
  const server = await createApiServer({ storage, clock: systemClock, random: systemRandom, log, catalog, options })
  const listening = await server.listen(loopbackListener(certificates))
  const tls = { ca: authority.certificate, cert: admin.certificate, key: admin.key }
  const { port } = listening

  const raw: Hostile['raw'] = async (bytes, { hangUp = false } = {}) => {
    const socket = connectTls({ host: LOOPBACK, port, ...tls, ALPNProtocols: ['http/1.1'] })
    await once(socket, 'secureConnect')
    const stalled = watchLoop()
    socket.on('error', () => {})
    for (const part of bytes) socket.write(part)
    if (hangUp) {
      socket.end()
      socket.destroySoon()
    }
    const answer = await answerOn(socket)
    socket.destroy()
    return { ...answer, stallMs: stalled() }
  }
  return {
    port,
    tls,
    own,
    failures,
    raw,
    ask({ method, path, type, body, headers = {} }) {
      const content = body === undefined ? undefined : Buffer.from(body as string)
      const lines = [
        `${method} ${path} HTTP/1.1`,
        'host: server',
        ...(type === undefined ? [] : [`content-type: ${type}`]),
        ...(content === undefined ? [] : [`content-length: ${content.length}`]),
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ]
      return raw([`${lines.join('\r\n')}\r\n\r\n`, ...(content === undefined ? [] : [content])])
    },
    async close() {
      await listening.close()
      server.close()
      await storage.close()
    },
  }
}

/**
 * How much processor time the longest turn of the loop took: other programs on a busy machine do not count, nor do the
 * threads beside the loop, such as those that collect garbage.
 */
function watchLoop(): () => number {
  let longest = 0
  let isWatching = true
  const watch = async () => {
    for (let before = cpuMs(); isWatching;) {
      // oxlint-disable-next-line no-await-in-loop -- one turn after the other
      await nextTurn()
      const now = cpuMs()
      longest = Math.max(longest, now - before)
      before = now
    }
  }
  void watch()
  return () => {
    isWatching = false
    return longest
  }
}

/** What this thread used of the processor (https://docs.kernel.org/scheduler/sched-stats.html). */
function cpuMs(): number {
  return Number.parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1e6
}

async function answerOn(socket: TLSSocket): Promise<Omit<Outcome, 'stallMs'>> {
  let text = ''
  return new Promise((resolve) => {
    const finish = () => {
      const end = text.indexOf('\r\n\r\n')
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? Number.NaN)
      resolve({
        status: Number.isNaN(status) ? 'closed' : status,
        head: text.slice(0, Math.max(end, 0)),
        body: end < 0 ? '' : text.slice(end + 4),
      })
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1]
      if (length !== undefined && text.length >= end + 4 + Number(length)) finish()
    })
    socket.on('close', finish)
  })
}
