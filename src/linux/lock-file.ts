/** A lock that a dead holder does not keep: a file that names its process. */

import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

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
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, JSON.stringify(identify(process.pid)))
  let told = false
  try {
    while (!tryLink(mine, path)) {
      const holder = readHolder(path)
      if (holder === 'nobody') continue
      if (holder === undefined || !isAlive(holder)) {
        takeAway(path, holder, mine)
        continue
      }
      if (!told) options.onWait?.(holder.pid)
      told = true
      await options.clock.sleep(100, options.signal)
    }
  } finally {
    rmSync(mine, { force: true })
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** A link appears whole or not at all, which a file that is being written does not. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Takes a dead holder's lock away. Of several that find it dead one does so, the one that claims it: another would take
 * away the lock that the first has got by then.
 */
function takeAway(path: string, dead: ProcessIdentity | undefined, mine: string): void {
  const claim = `${path}.dead-${dead === undefined ? 'unknown' : `${dead.pid}-${dead.startTicks}`}`
  if (!tryLink(mine, claim)) {
    const claimant = readHolder(claim)
    if (claimant !== 'nobody' && (claimant === undefined || !isAlive(claimant))) rmSync(claim, { force: true })
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

/** Who holds it; `nobody`: it was released in the meantime; `undefined`: the file is rubbish. */
function readHolder(path: string): ProcessIdentity | 'nobody' | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'nobody' : undefined
  }
}
