/** Log files that exist in memory only, shared by a simulated runtime and its node's host. */

/** What a simulated log may hold; older text is dropped, as a rotated file would be. */
const MAX_BYTES = 256 * 1024

export class SimulatedFiles {
  readonly #files = new Map<string, Buffer>()
  readonly #listeners = new Map<string, Set<() => void>>()

  append(path: string, text: string): void {
    const whole = Buffer.concat([this.#files.get(path) ?? Buffer.alloc(0), Buffer.from(text, 'utf8')])
    this.#files.set(path, whole.subarray(-MAX_BYTES))
    for (const tell of this.#listeners.get(path) ?? []) tell()
  }

  read(path: string): Buffer | undefined {
    return this.#files.get(path)
  }

  delete(path: string): void {
    this.#files.delete(path)
  }

  /** Removes everything below a folder. */
  deleteUnder(folder: string): void {
    for (const path of this.#files.keys()) if (path.startsWith(`${folder}/`)) this.#files.delete(path)
  }

  /** Calls `tell` when the file grows. The returned function ends it. */
  on(path: string, tell: () => void): () => void {
    const listeners = this.#listeners.get(path) ?? new Set()
    this.#listeners.set(path, listeners.add(tell))
    return () => {
      listeners.delete(tell)
      if (listeners.size === 0) this.#listeners.delete(path)
    }
  }
}
