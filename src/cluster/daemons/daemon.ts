/**
 * Our own background processes: started detached, with a log file, and heard once: when they serve, or why they
 * cannot. They tell it over a pipe, so that nobody has to ask again and again.
 */

import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

import { type Log, type LogLine, createLog } from '../../base/log.ts'
import { UserError } from '../../base/user-error.ts'
import { toTime } from '../../base/clock.ts'
import { type ProcessIdentity, identify } from '../../linux/processes.ts'
import { writeJson } from '../record.ts'

/** The file descriptor of the pipe to whoever started us. */
const REPORT_FD = 3

/** What init systems tell programs when the power goes; so does `gorae stop` when Pods are to end in order. */
export const POWER_SIGNAL = 'SIGPWR'

const MAX_LOG_BYTES = 32 << 20

/** What a daemon tells once. */
type Report = { readonly ready: true } | { readonly error: string; readonly advice?: string }

export interface DaemonOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly log: string
  /** Where its identity is written down. */
  readonly record: string
  readonly env?: NodeJS.ProcessEnv
  /** A file descriptor that it gets, as its number 4. */
  readonly inherit?: number
}

/** A daemon on its way up. */
export interface StartedDaemon {
  readonly identity: ProcessIdentity | undefined
  /** Resolves when the daemon serves; throws a `UserError` with its reason when it cannot. */
  readonly ready: Promise<void>
}

/** A file of this package's build, from wherever in it this code ended up. */
const builtFile = (name: string): string => {
  const isBelow = /\/(chunks|daemons)\/[^/]*$/.test(import.meta.url)
  return fileURLToPath(new URL(`${isBelow ? '..' : '.'}/${name}`, import.meta.url))
}

/** The command `gorae` itself, for running it again. */
export const ownProgram = (): string => builtFile('gorae.js')
/** What every background process starts with, and the folder of their programs. */
export const daemonProgram = (): string => builtFile('daemon.cjs')
export const daemonFolder = (): string => builtFile('daemons')
/** The thread that reads large YAML. */
export const yamlProgram = (): string => builtFile('yaml.cjs')

/** Starts a process that outlives this one. */
export function startDaemon({ program, args, log, record, env, inherit }: DaemonOptions): StartedDaemon {
  mkdirSync(dirname(log), { recursive: true })
  keepSmall(log)
  const output = openSync(log, 'a', 0o600)
  const child = spawn(program, args, {
    detached: true,
    cwd: '/',
    stdio: ['ignore', output, output, 'pipe', ...(inherit === undefined ? [] : [inherit])],
    env: { ...process.env, ...env },
  })
  closeSync(output)
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (identity !== undefined) writeJson(record, identity)
  const pipe = child.stdio[REPORT_FD] as Readable
  const ready = new Promise<void>((resolve, reject) => {
    let text = ''
    pipe.setEncoding('utf8')
    pipe.on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\n')
      if (end < 0) return
      const report = JSON.parse(text.slice(0, end)) as Report
      if ('ready' in report) resolve()
      else reject(new UserError(report.error, report.advice))
    })
    pipe.once('end', () =>
      reject(new UserError(`${program} ended before it served`, `its last words:\n${lastLines(log)}`)),
    )
    pipe.once('error', reject)
    child.once('error', (error) => reject(new UserError(`${program} cannot be started: ${error.message}`)))
  })
  // Whoever started it awaits this, perhaps later; until then the pipe keeps us alive, and after that nothing does.
  const release = () => pipe.destroy()
  ready.then(release, release)
  child.unref()
  return { identity, ready }
}

/** In a daemon: tells whoever started it, if somebody listens. */
export function report(message: Report): void {
  try {
    writeSync(REPORT_FD, `${JSON.stringify(message)}\n`)
    closeSync(REPORT_FD)
  } catch {
    // run by hand, or our starter is gone: nobody listens
  }
}

/** In a daemon: tells its starter why it cannot serve. */
export function reportFailure(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  report({
    error: message,
    ...(error instanceof UserError && error.advice !== undefined ? { advice: error.advice } : {}),
  })
}

/**
 * A daemon's log: one readable line each, on standard error, which is its log file. What packages print there themselves
 * may fail with the disk as well, and must not end the process either.
 */
export function daemonLog(now: () => number): Log {
  for (const stream of [process.stdout, process.stderr])
    if (stream.listenerCount('error') === 0) stream.on('error', nothing)
  return createLog((line) => {
    try {
      writeSync(2, formatLine(line, now()))
    } catch {
      // a full disk must not stop a cluster
    }
  })
}

const nothing = () => {}

/** `2026-01-01T00:00:00Z info  message key=value`. */
function formatLine({ level, message, fields }: LogLine, now: number): string {
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${formatValue(value)}`)
  return `${toTime(now)} ${level.padEnd(5)} ${message}${rest.join('')}\n`
}

function formatValue(value: unknown): string {
  if (value instanceof Error) {
    const cause = value.cause instanceof Error ? ` (${value.cause.message})` : ''
    return JSON.stringify(`${value.message}${cause}`)
  }
  return typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : (JSON.stringify(value) ?? 'undefined')
}

function keepSmall(log: string): void {
  try {
    if (statSync(log).size > MAX_LOG_BYTES) renameSync(log, `${log}.1`)
  } catch {
    // none yet
  }
}

/** How a log ends: for telling why its process failed. */
export function lastLines(log: string): string {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
  } catch {
    return '(none)'
  }
}
