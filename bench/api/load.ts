/** The other side: clients with certificates, on HTTP/1.1 connections of their own, that ask as fast as they are answered. */

import { Pool } from 'undici'
import type { Credentials } from './credentials.ts'
import type { Target } from './target.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly type?: string
  readonly body?: object
  /** An answer of this status will do too. */
  readonly or?: number
}

/** A call as it goes out: all of it is made before its time begins. */
export interface Request {
  readonly method: Call['method']
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly or: number | undefined
}

export interface Answer {
  readonly status: number
  readonly bytes: number
}

export interface Load {
  call(call: Call): Promise<Answer>
  /** Sends what is made. */
  send(request: Request): Promise<Answer>
  /** A watch: every event that comes is counted by `count`, which is told how many bytes came. */
  watch(path: string, count: (bytes: Buffer) => void): Promise<void>
  close(): Promise<void>
}

/** A busy machine takes its time. */
const CONNECT_MS = 60_000

export function load(origin: string, { authority, admin }: Credentials, connections: number): Load {
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    bodyTimeout: 0,
    connect: {
      timeout: CONNECT_MS,
      ca: authority.certificate,
      cert: admin.certificate,
      key: admin.key,
      ALPNProtocols: ['http/1.1'],
    },
  })
  const send = (request: Request) => exchange(pool, request)
  return {
    call: (call) => send(requestOf(call)),
    send,
    async watch(path, count) {
      const { body } = await pool.request({ method: 'GET', path })
      body.on('data', count)
      body.on('error', () => {})
    },
    close: () => pool.destroy(),
  }
}

function requestOf({ method, path, type = 'application/json', body, or }: Call): Request {
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': type }
  return { method, path, headers, body: body === undefined ? null : JSON.stringify(body), or }
}

/**
 * One request and its answer. As little as can be happens on this side, for all clients share one thread: what one of
 * them does all others wait for, and that is no time of the server's.
 */
function exchange(pool: Pool, { or, ...request }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0
    let bytes = 0
    let last: Buffer | undefined
    pool.dispatch(request, {
      onRequestStart() {},
      onResponseStart(_, code) {
        status = code
      },
      onResponseData(_, chunk) {
        last = chunk
        bytes += chunk.length
      },
      onResponseEnd() {
        if (status < 300 || status === or) resolve({ status, bytes })
        else reject(new Error(`${request.method} ${request.path}: ${status} ${last?.toString()}`))
      },
      onResponseError: (_, error) => reject(error),
    })
  })
}

export interface Figures {
  /** Of the server, for one call. */
  readonly cpuMs: number
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

/** Rounds of calls that count, after one that does not. */
export const ROUNDS = 4

export interface Work {
  readonly target: Target
  readonly client: Load
  /** How many ask at once. */
  readonly sides: number
  /** Calls in a round. */
  readonly count: number
  /** The calls of all rounds are numbered on. */
  readonly call: (i: number) => Call
}

/**
 * One round to warm up, then some that count. The sides ask on and on: a pause between rounds would end with all of them
 * asking in the same moment, and the answers to that would be the slowest of all.
 */
export async function measure({ target, client, sides, count, call }: Work): Promise<Figures> {
  const total = count * (ROUNDS + 1)
  const requests = Array.from({ length: total }, (_, i) => requestOf(call(i)))
  globalThis.gc?.() // what is made for the calls to come is not moved about while they are timed
  const latencies: number[] = []
  const look = async () => ({ asked: next, time: performance.now(), cpuMs: await target.cpuMs() })
  let next = 0
  let warm: ReturnType<typeof look> | undefined
  const side = async () => {
    while (next < total) {
      if (next === count) warm = look()
      const at = next++
      const start = performance.now()
      await client.send(requests[at]!)
      if (at >= count) latencies.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: sides }, side))
  const [from, to] = [await warm!, await look()]
  const calls = to.asked - from.asked
  latencies.sort((a, b) => a - b)
  return {
    cpuMs: (to.cpuMs - from.cpuMs) / calls,
    rate: (calls * 1_000) / (to.time - from.time),
    p50: latencies[Math.floor(latencies.length * 0.5)]!,
    p99: latencies[Math.floor(latencies.length * 0.99)]!,
  }
}
