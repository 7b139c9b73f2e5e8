/**
 * One server a data folder. The lock is a file `lock.N` that names a process; it holds while that process lives, so a
 * killed server leaves nothing to clean up. N grows with every holder, which makes taking over from a dead one safe
 * against others who try the same.
 */

import {
  existsSync,
  linkSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { identify } from '../../linux/processes.ts'
import { StorageError } from '../errors.ts'

interface Holder {
  readonly pid: number
  /** Tells a process from a later one of the same number: boot, process namespace and start time. */
  readonly identity: string
  readonly released: boolean
}

const LOCK_FILE = /^lock\.(\d{1,15})$/

/** Takes the lock or throws `StorageError` `locked`. The returned function gives it back. */
export function lockFolder(folder: string): () => void {
  const mine: Holder = { pid: process.pid, identity: identityOf(process.pid) ?? '', released: false }
  for (let tries = 0; tries < 100; tries++) {
    const newest = generations(folder).at(-1) ?? 0
    refuseIfHeld(folder, newest)
    const generation = newest + 1
    const path = join(folder, `lock.${generation}`)
    if (!createWhole(path, mine)) continue // somebody else took this generation: look again
    if (generations(folder).at(-1) !== generation) {
      rmSync(path, { force: true }) // we looked long ago: others have come and gone meanwhile
      continue
    }
    for (const old of generations(folder)) if (old < generation) rmSync(join(folder, `lock.${old}`), { force: true })
    const ino = inodeOf(path)
    return () => {
      // The folder may be another by now, with a lock of its own.
      if (inodeOf(path) === ino) replaceWhole(path, { ...mine, released: true })
    }
  }
  throw new StorageError('locked', `the data folder ${folder} cannot be locked: too many servers try at once`)
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino
  } catch {
    return undefined
  }
}

function generations(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => LOCK_FILE.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)
}

function refuseIfHeld(folder: string, generation: number): void {
  if (generation === 0) return
  const path = join(folder, `lock.${generation}`)
  const holder = read(path)
  if (holder === undefined || holder.released || !isAlive(holder)) return
  throw new StorageError(
    'locked',
    `the data folder ${folder} is in use by process ${holder.pid}; stop that server first, or give this one a folder of its own` +
      ` (if process ${holder.pid} is certainly no server, delete ${path})`,
  )
}

function isAlive({ pid, identity }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  // One that could not tell its own is believed while there is any of its number.
  return identity === '' || identityOf(pid) === identity
}

/** `undefined`: killed, and only waiting for its parent to notice. */
function identityOf(pid: number): string | undefined {
  const found = identify(pid)
  return found === undefined ? undefined : `${found.bootId} ${ownProcessNamespace()} ${found.startTicks}`
}

/** Numbers of processes mean something within it only. */
function ownProcessNamespace(): string {
  return existsSync('/proc/self/ns') ? readlinkSync('/proc/self/ns/pid') : ''
}

/** A holder that cannot be read has been deleted, or the disk was full when it was written: nobody. */
function read(path: string): Holder | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof found !== 'object' || found === null) return undefined
    const { pid, identity, released } = found as Partial<Holder>
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
    return { pid, identity: identity ?? '', released: released === true }
  } catch {
    return undefined
  }
}

/** Creates the file with its whole content at once. False when there is one already. */
function createWhole(path: string, holder: Holder): boolean {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 })
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function replaceWhole(path: string, holder: Holder): void {
  const draft = `${path}.${process.pid}`
  try {
    writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 })
    renameSync(draft, path)
  } catch {
    // On a full disk the lock ends with this process instead, or with the folder.
  }
}
