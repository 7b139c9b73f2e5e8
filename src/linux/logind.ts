/**
 * How a program takes part in the machine's going down: logind waits for who holds a lock, and tells when it begins
 * (https://systemd.io/INHIBITOR_LOCKS/). By systemd's own programs, which are wherever logind is.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'

import { findProgram, ProgramError, runProgram } from './program.ts'

/** Holds the machine up until it is released, or this process ends. */
export interface ShutdownLock {
  release(): void
}

export interface Logind {
  /** How long it waits for holders of locks, in milliseconds. */
  maxDelay(): Promise<number>
  /** Asks for more, until the machine is next started. It may come late. */
  askForDelay(ms: number): Promise<void>
  lockShutdown(who: string, why: string): Promise<ShutdownLock>
  /** `true` when the machine goes down, `false` when it does not after all. Ends when logind can't be heard any more. */
  shutdowns(signal: AbortSignal): AsyncIterable<boolean>
}

const SERVICE = 'org.freedesktop.login1'
const OBJECT = '/org/freedesktop/login1'
const INTERFACE = `${SERVICE}.Manager`
const SIGNAL = 'PrepareForShutdown'
const BUS = ['--system', '--json=short']

/** Configuration that is gone when the machine is started again. */
const CONFIGURATION = '/run/systemd/logind.conf.d'

/** This machine's. Every call fails where there is none. */
export function systemLogind(): Logind {
  return {
    async maxDelay() {
      const said = await runProgram('busctl', [
        ...BUS,
        'get-property',
        SERVICE,
        OBJECT,
        INTERFACE,
        'InhibitDelayMaxUSec',
      ])
      return Number(JSON.parse(said).data) / 1000
    },
    async askForDelay(ms) {
      const seconds = Math.ceil(ms / 1000)
      await mkdir(CONFIGURATION, { recursive: true })
      // The last one counts: let that be who asks for most.
      const name = `99-gorae-${String(seconds).padStart(9, '0')}.conf`
      await writeFile(path.join(CONFIGURATION, name), `[Login]\nInhibitDelayMaxSec=${seconds}\n`)
      await runProgram('systemctl', ['kill', '--signal=HUP', 'systemd-logind.service'])
    },
    lockShutdown,
    shutdowns,
  }
}

/** The lock is `systemd-inhibit`'s, which holds it as long as its own child reads what we never write. */
async function lockShutdown(who: string, why: string): Promise<ShutdownLock> {
  const args = ['--what=shutdown', '--mode=delay', `--who=${who}`, `--why=${why}`, 'cat']
  const child = begin('systemd-inhibit', args, ['pipe', 'pipe', 'pipe'])
  const complaint: Buffer[] = []
  child.stderr?.on('data', (chunk: Buffer) => complaint.push(chunk))
  const failed = once(child, 'close').then(([code]) => {
    throw new ProgramError('systemd-inhibit', args, code, Buffer.concat(complaint).toString('utf8'))
  })
  failed.catch(() => {}) // nobody waits for its end any more
  // What comes back has gone through a program that runs under the lock.
  child.stdin?.on('error', () => {}).write('held\n')
  if (child.stdout !== null) await Promise.race([once(child.stdout, 'data'), failed])
  child.unref()
  return { release: () => void child.stdin?.end() }
}

async function* shutdowns(signal: AbortSignal): AsyncIterable<boolean> {
  const match = `type='signal',interface='${INTERFACE}',member='${SIGNAL}',path='${OBJECT}'`
  // Whoever is killed lets nobody go on listening.
  const listening = ['--pdeathsig', 'KILL', 'busctl', ...BUS, `--match=${match}`, 'monitor']
  const child = begin('setpriv', listening, ['ignore', 'pipe', 'ignore'])
  const stop = () => child.kill('SIGKILL')
  signal.addEventListener('abort', stop)
  try {
    if (child.stdout === null) return
    for await (const line of createInterface({ input: child.stdout })) {
      const isGoingDown = readShutdown(line)
      if (isGoingDown !== undefined) yield isGoingDown
    }
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

/** What a message on the bus says of the machine's going down; `undefined`: nothing. */
export function readShutdown(line: string): boolean | undefined {
  let message: unknown
  try {
    message = JSON.parse(line)
  } catch {
    return undefined
  }
  const { member, payload } = record(message)
  const { data } = record(payload)
  const [value] = Array.isArray(data) ? data : []
  return member === SIGNAL && typeof value === 'boolean' ? value : undefined
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

function begin(program: string, args: readonly string[], stdio: ('pipe' | 'ignore')[]): ChildProcess {
  const found = findProgram(program)
  if (found === undefined) throw new ProgramError(program, args, null, `${program} is not installed`)
  const child = spawn(found, args, { stdio })
  child.on('error', () => {}) // its end says so as well
  return child
}
