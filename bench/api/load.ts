/** The other side: clients with certificates, on HTTP/1.1 connections of their own, that ask as fast as they are answered. */

import { Pool } from 'undici'
import { median } from '../figure.ts'
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

export interface Load {
  call(call: Call): Promise<{ readonly status: number; readonly bytes: number }>
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
  return {
    async call({ method, path, type, body, or }) {
      const { statusCode: status, body: answer } = await pool.request({
        method,
        path,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': type ?? 'application/json' } }),
      })
      let bytes = 0
      let last: Buffer | undefined
      for await (const chunk of answer) {
        last = chunk as Buffer
        bytes += last.length
      }
      if (status >= 300 && status !== or) throw new Error(`${method} ${path}: ${status} ${last?.toString()}`)
      return { status, bytes }
    },
    async watch(path, count) {
      const { body } = await pool.request({ method: 'GET', path })
      body.on('data', count)
      body.on('error', () => {})
    },
    close: () => pool.destroy(),
  }
}

export interface Figures {
  /** Of the server, for one call. */
  readonly cpuMs: number
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

/** That count, after one that does not. */
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

/** One round to warm up, then some that count; the figures are medians of rounds, the latencies over all calls. */
export async function measure(work: Work): Promise<Figures> {
  const rounds: { readonly cpuMs: number; readonly rate: number }[] = []
  const latencies: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const cpu = await work.target.cpuMs()
    const start = performance.now()
    const took = await runRound(work, round * work.count)
    const seconds = (performance.now() - start) / 1_000
    if (round === 0) continue
    rounds.push({ cpuMs: ((await work.target.cpuMs()) - cpu) / work.count, rate: work.count / seconds })
    latencies.push(...took)
  }
  latencies.sort((a, b) => a - b)
  return {
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    rate: median(rounds.map(({ rate }) => rate)),
    p50: latencies[Math.floor(latencies.length * 0.5)]!,
    p99: latencies[Math.floor(latencies.length * 0.99)]!,
  }
}

async function runRound({ client, sides, count, call }: Work, from: number): Promise<number[]> {
  const latencies: number[] = []
  let next = 0
  const side = async () => {
    while (next < count) {
      const i = from + next++
      const start = performance.now()
      await client.call(call(i))
      latencies.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: sides }, side))
  return latencies
}
