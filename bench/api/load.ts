/** The other side: clients with certificates, on HTTP/1.1 connections of their own, that ask as fast as they are answered. */

import { type Answer, type Connection, openConnection } from './connection.ts'
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
  readonly what: string
  readonly bytes: Buffer
  readonly or: number | undefined
}

export interface Load {
  call(call: Call): Promise<Answer>
  /** Sends what is made. */
  send(request: Request): Promise<Answer>
  /** A watch: every event that comes is counted by `count`, which is told how many bytes came. */
  watch(path: string, count: (bytes: Buffer) => void): Promise<void>
  close(): void
}

/** No more calls than `connections` are sent at once. */
export function load(origin: string, credentials: Credentials, connections: number): Load {
  const all = new Set<Promise<Connection>>()
  const free: Connection[] = []
  const take = (): Connection | Promise<Connection> => {
    const one = free.pop()
    if (one !== undefined) return one
    if (all.size === connections) throw new Error(`more than ${connections} calls at once`)
    const opening = openConnection(origin, credentials)
    all.add(opening)
    opening.catch(() => all.delete(opening))
    return opening
  }
  const send = async ({ what, bytes, or }: Request) => {
    const connection = await take()
    const answer = await connection.send(bytes)
    free.push(connection)
    if (answer.status < 300 || answer.status === or) return answer
    throw new Error(`${what}: ${answer.status} ${answer.tail.toString()}`)
  }
  return {
    call: (call) => send(requestOf(call)),
    send,
    async watch(path, count) {
      const connection = await take()
      connection.follow(requestOf({ method: 'GET', path }).bytes, count)
    },
    close() {
      for (const opening of all) void opening.then((connection) => connection.close())
    },
  }
}

function requestOf({ method, path, type = 'application/json', body, or }: Call): Request {
  const text = body === undefined ? '' : JSON.stringify(body)
  const content = `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`
  const head = `${method} ${path} HTTP/1.1\r\nhost: bench\r\n${body === undefined ? '' : content}`
  return { what: `${method} ${path}`, bytes: Buffer.from(`${head}\r\n${text}`), or }
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
