/** A server under measurement, in a process of its own. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Credentials } from './credentials.ts'

export interface Target {
  readonly name: string
  readonly origin: string
  /** Processor time of the server so far, all its threads, in milliseconds. */
  cpuMs(): Promise<number>
  memoryMiB(): Promise<number>
  stop(): Promise<void>
}

/** What a server process of ours answers to `measure`. */
export interface Measured {
  readonly cpuMs: number
  readonly memoryMiB: number
}

/** What to run as a server. */
export interface Fork {
  readonly name: string
  /** Which of the servers this very program can be. */
  readonly part: string
  /** Of Node's. */
  readonly flags: readonly string[]
}

/** Runs this very program as a server; `options` go to it as they are. */
export async function forkTarget({ name, part, flags }: Fork, options: object): Promise<Target> {
  const profile = process.env['GORAE_BENCH_PROFILE']
  const execArgv = [...flags, ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])]
  const child = fork(process.argv[1]!, ['serve', part], { execArgv, stdio: ['ignore', 2, 2, 'ipc'] })
  child.send(options)
  const [{ port }] = (await answerOf(child)) as [{ readonly port: number }]
  const measure = async (): Promise<Measured> => {
    child.send('measure')
    const [measured] = await answerOf(child)
    return measured as Measured
  }
  return {
    name,
    origin: `https://127.0.0.1:${port}`,
    cpuMs: async () => (await measure()).cpuMs,
    memoryMiB: async () => (await measure()).memoryMiB,
    async stop() {
      child.send('stop')
      await once(child, 'exit')
    },
  }
}

async function answerOf(child: ChildProcess): Promise<unknown[]> {
  const ended = new AbortController()
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`the server of the benchmark ended with ${code}`)
  })
  try {
    return (await Promise.race([once(child, 'message'), exit])) as unknown[]
  } finally {
    ended.abort()
    exit.catch(() => {})
  }
}

/** The other side of `forkTarget`: calls `start` with the options, and answers what is asked until told to stop. */
export async function serveTarget<O>(
  start: (options: O) => Promise<{ readonly port: number; close(): Promise<void> }>,
): Promise<void> {
  const [options] = (await once(process, 'message')) as [O]
  const serving = await start(options)
  process.on('message', (message) => {
    if (message === 'measure') {
      const { user, system } = process.cpuUsage()
      process.send!({ cpuMs: (user + system) / 1_000, memoryMiB: anonymousMiB('self') })
    }
    if (message === 'stop') void serving.close().then(() => process.exit(0))
  })
  process.once('disconnect', () => process.exit(1))
  process.send!({ port: serving.port })
}

/** What a process has in memory, without the pages of files, which the system takes back at will. */
export function anonymousMiB(pid: number | 'self'): number {
  const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return Number(anonymous?.[1] ?? Number.NaN) / 2 ** 10
}

export type Options = { readonly credentials: Credentials }
