/**
 * The file that audit lines go to. It is put aside when it has grown enough, and old ones go by number and age, named as
 * Kubernetes names them: `audit-2026-01-31T12-00-00.000.log` (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#log-backend).
 */

import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { complaints } from './complaints.ts'

export interface LogFileOptions {
  readonly path: string
  /** Mebibytes after which it is put aside; 0: never. */
  readonly maxSize: number
  /** So many that were put aside are kept; 0: all. */
  readonly maxBackups: number
  /** Days for which those are kept; 0: for ever. */
  readonly maxAge: number
  /** What cannot be written is thrown, too: a request whose event is lost must fail. */
  readonly isStrict?: boolean
}

/** What Kubernetes has where nothing is said. */
export const LOG_FILE_DEFAULTS = { maxSize: 100, maxBackups: 100, maxAge: 366 } as const

const MIB = 1 << 20
const DAY_MS = 86_400_000

export interface LogFile {
  readonly write: (line: string) => void
  readonly close: () => void
}

/** Opens the file, or makes it; only its owner can read it. What cannot be written is told to `log`. */
export function openLogFile(options: LogFileOptions, { clock, log }: { clock: Clock; log: Log }): LogFile {
  const { path, maxSize, isStrict = false } = options
  const failed = complaints('the audit log cannot be written', { clock, log })
  const open = () => {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'a', 0o600)
  }
  let file = open()
  let { size } = fstatSync(file)
  const putAside = () => {
    renameSync(path, freeName(path, clock.now()))
    // The old file is open for as long as there is no new one: its descriptor is soon another file's.
    const next = open()
    closeSync(file)
    file = next
    size = 0
    forgetOld(options, clock.now())
  }
  forgetOld(options, clock.now())
  return {
    write(line) {
      try {
        const bytes = Buffer.from(line)
        if (maxSize > 0 && size > 0 && size + bytes.length > maxSize * MIB) putAside()
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
        size += bytes.length
      } catch (error) {
        failed({ path, error })
        if (isStrict) throw error
      }
    },
    close: () => closeSync(file),
  }
}

/** Where a file's name has its time. */
function partsOf(path: string): { readonly start: string; readonly end: string } {
  const end = extname(path)
  return { start: `${basename(path, end)}-`, end }
}

function asideName(path: string, now: number): string {
  const { start, end } = partsOf(path)
  const time = new Date(now).toISOString().replaceAll(':', '-').replace('Z', '')
  return join(dirname(path), `${start}${time}${end}`)
}

/** The name for that moment, or for the first after it that has none yet. */
function freeName(path: string, now: number): string {
  let at = now
  while (existsSync(asideName(path, at))) at++
  return asideName(path, at)
}

const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2})-(\d{2})-(\d{2}\.\d{3})$/

/** Removes what was put aside too long ago, or before too many others. */
function forgetOld({ path, maxBackups, maxAge }: LogFileOptions, now: number): void {
  const { start, end } = partsOf(path)
  const folder = dirname(path)
  const aside = readdirSync(folder)
    .flatMap((name) => {
      const time =
        name.startsWith(start) && name.endsWith(end) ? name.slice(start.length, name.length - end.length) : ''
      const parts = TIME.exec(time)
      return parts === null ? [] : [{ name, at: Date.parse(`${parts[1]}:${parts[2]}:${parts[3]}Z`) }]
    })
    .sort((a, b) => b.at - a.at)
  for (const [place, { name, at }] of aside.entries()) {
    const isTooMany = maxBackups > 0 && place >= maxBackups
    const isTooOld = maxAge > 0 && at < now - maxAge * DAY_MS
    if (isTooMany || isTooOld) rmSync(join(folder, name), { force: true })
  }
}
