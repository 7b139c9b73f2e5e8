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
      if (!isAlive(holder)) {
        rmSync(path, { force: true })
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

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
  } catch {
    return undefined // released in the meantime, or rubbish
  }
}
