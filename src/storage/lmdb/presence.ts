/**
 * Whether a folder still has the files that are open: what is written into files that somebody removed is lost when they
 * are closed. One look at the folder tells, for it changes with every file in it that comes or goes.
 */

import { type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'

/** A change of a folder that is no older than this may bear the same time as one that comes yet. */
const DOUBTFUL_MS = 1_000

/** `unknown`: it cannot be looked at, which says nothing of whether it is there. */
type Look = Stats | 'absent' | 'unknown'

export class Presence {
  readonly #path: string
  readonly #folder: Look
  readonly #files: ReadonlyMap<string, Look>
  /** When the folder last changed, if all files were there after that and nothing can have the same time. */
  #quietSince: number | undefined

  /** For a folder that has files of these names now. */
  constructor(path: string, names: readonly string[]) {
    this.#path = path
    this.#folder = look(path)
    this.#files = new Map(names.map((name) => [name, look(join(path, name))]))
  }

  /** Throws `StorageError` when the folder or a file is no longer the one that was there. To be called after a write. */
  check(): void {
    const folder = look(this.#path)
    if (isOther(folder, this.#folder)) throw this.#gone('the folder', folder)
    if (typeof folder === 'string' || folder.mtimeMs === this.#quietSince) return
    let written = 0
    for (const [name, before] of this.#files) {
      const found = look(join(this.#path, name))
      if (isOther(found, before)) throw this.#gone(name, found)
      if (typeof found !== 'string') written = Math.max(written, found.mtimeMs)
    }
    this.#quietSince = written - folder.mtimeMs > DOUBTFUL_MS ? folder.mtimeMs : undefined
  }

  #gone(what: string, now: Look): StorageError {
    return new StorageError(
      'gone',
      `the data in ${this.#path} is gone: ${what} was ${now === 'absent' ? 'removed' : 'replaced'} while it was in use,` +
        ' and what is written now would be lost; put everything back as it was, then start the server again',
    )
  }
}

function look(path: string): Look {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? 'absent'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'absent' : 'unknown'
  }
}

function isOther(now: Look, before: Look): boolean {
  if (now === 'unknown' || typeof before === 'string') return false
  return now === 'absent' || now.ino !== before.ino || now.dev !== before.dev
}
