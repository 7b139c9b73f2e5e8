/**
 * A lock that a dead holder does not keep: a symbolic link that leads nowhere and names its process. It appears whole or
 * not at all, and needs no room on the disk: clusters can be taken down when that is full.
 */

import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import type { Clock } from '../base/clock.ts'
import { type ProcessIdentity, identify, isAlive } from './processes.ts'

export interface LockOptions {
  readonly clock: Clock
  /** Called once, when somebody else holds the lock. */
  readonly onWait?: (holder: number) => void
  readonly signal?: AbortSignal
}

/** Runs `work` while no other process holds the lock at `path`. */
export async function withLockFile<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  let told = false
  while (!tryTake(path)) {
    const holder = readHolder(path)
    if (holder === 'nobody') continue
    if (holder === undefined || !isAlive(holder)) {
      takeAway(path, holder)
      continue
    }
    if (!told) options.onWait?.(holder.pid)
    told = true
    await options.clock.sleep(100, options.signal)
  }
  try {
    sweep(path)
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** False when somebody has it. */
function tryTake(path: string): boolean {
  const { startTicks, bootId } = identify(process.pid) ?? { startTicks: '0', bootId: '' }
  try {
    // On Windows a junction, which nobody needs a right for, and which names a whole path.
    symlinkSync(`${process.pid} ${startTicks} ${bootId}`, path, 'junction')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw Object.assign(error as Error, { path }) // its own is what the link says
  }
}

/**
 * Takes a dead holder's lock away. Of several that find it dead one does so, the one that claims it: another would take
 * away the lock that the first has got by then.
 */
function takeAway(path: string, dead: ProcessIdentity | undefined): void {
  const claim = `${path}.dead-${dead === undefined ? 'unknown' : `${dead.pid}-${dead.startTicks}`}`
  if (!tryTake(claim)) {
    removeDead(claim)
    return
  }
  try {
    const now = readHolder(path)
    if (now !== 'nobody' && now?.pid === dead?.pid && now?.startTicks === dead?.startTicks)
      rmSync(path, { force: true })
  } finally {
    rmSync(claim, { force: true })
  }
}

/** Takes away the locks in `dir`, and claims of them, whose holders are dead. What names nobody is not ours. */
export function removeDeadLocks(dir: string): void {
  for (const name of existsSync(dir) ? readdirSync(dir) : []) {
    const path = join(dir, name)
    const holder = /^\..+\.lock(\.|$)/.test(name) ? readHolder(path) : undefined
    if (holder !== undefined && holder !== 'nobody' && !isAlive(holder)) rmSync(path, { force: true })
  }
}

/** Takes away the claims of processes that died with them, and what earlier versions left beside the lock. */
function sweep(path: string): void {
  for (const name of readdirSync(dirname(path)))
    if (name.startsWith(`${basename(path)}.`)) removeDead(join(dirname(path), name))
}

function removeDead(claim: string): void {
  const claimant = readHolder(claim)
  if (claimant !== 'nobody' && (claimant === undefined || !isAlive(claimant))) rmSync(claim, { force: true })
}

/** Who holds it; `nobody`: it was released in the meantime; `undefined`: it names nobody. */
function readHolder(path: string): ProcessIdentity | 'nobody' | undefined {
  try {
    const [pid, startTicks, bootId] = basename(readlinkSync(path)).split(' ')
    return startTicks === undefined || bootId === undefined ? undefined : { pid: Number(pid), startTicks, bootId }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'nobody' : undefined
  }
}
