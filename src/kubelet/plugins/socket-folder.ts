/** The sockets in a folder and in those below it, and news of them. */

import { type FSWatcher, watch } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'

/** What is there now: paths of sockets, each with what tells it from another one made at the same place. */
export type Sockets = ReadonlyMap<string, string>

interface Watched {
  readonly inode: bigint
  readonly watcher: FSWatcher
}

/** Follows a folder. What begins with a dot is no plugin's. */
export class SocketFolder {
  readonly #root: string
  readonly #changed: () => void
  readonly #watched = new Map<string, Watched>()

  /** `changed` is called when something may have changed since the last `read()`. */
  constructor(root: string, changed: () => void) {
    this.#root = root
    this.#changed = changed
  }

  async read(): Promise<Sockets> {
    const sockets = new Map<string, string>()
    const folders = new Set<string>()
    await this.#readInto(this.#root, sockets, folders)
    for (const folder of this.#watched.keys()) if (!folders.has(folder)) this.#unwatch(folder)
    return sockets
  }

  close(): void {
    for (const folder of this.#watched.keys()) this.#unwatch(folder)
  }

  async #readInto(folder: string, sockets: Map<string, string>, folders: Set<string>): Promise<void> {
    // First the watch: what comes while the folder is read shows in the next reading.
    if (!(await this.#watch(folder))) return
    folders.add(folder)
    for (const name of await readdir(folder).catch(unlessMissing([]))) {
      if (name.startsWith('.')) continue
      const place = path.join(folder, name)
      const stats = await lstat(place, { bigint: true }).catch(unlessMissing(undefined))
      if (stats?.isDirectory() === true) await this.#readInto(place, sockets, folders)
      else if (stats?.isSocket() === true) sockets.set(place, `${stats.ino} ${stats.birthtimeNs}`)
    }
  }

  async #watch(folder: string): Promise<boolean> {
    const stats = await lstat(folder, { bigint: true }).catch(unlessMissing(undefined))
    if (stats === undefined) return false
    if (this.#watched.get(folder)?.inode === stats.ino) return true
    this.#unwatch(folder)
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#changed())
      watcher.on('error', () => this.#unwatch(folder))
      this.#watched.set(folder, { inode: stats.ino, watcher })
      return true
    } catch (error) {
      return unlessMissing(false)(error)
    }
  }

  #unwatch(folder: string): void {
    this.#watched.get(folder)?.watcher.close()
    this.#watched.delete(folder)
  }
}

/** What was listed may have gone by the time it is looked at. */
function unlessMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return instead
    throw error
  }
}
