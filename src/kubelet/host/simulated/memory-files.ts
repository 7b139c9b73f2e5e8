/** Files of a simulated node: by path, in memory. */

interface MemoryFile {
  readonly id: string
  readonly chunks: Uint8Array[]
  size: number
}

/** Folders are implied by the files in them, or made by name. */
export class MemoryFiles {
  readonly #files = new Map<string, MemoryFile>()
  readonly #folders = new Set<string>()
  readonly #watchers = new Map<string, Set<() => void>>()
  #nextId = 1

  isFile(path: string): boolean {
    return this.#files.has(path)
  }

  isFolder(path: string): boolean {
    return this.#folders.has(path)
  }

  makeFolder(path: string): void {
    this.#folders.add(path)
  }

  folders(): Iterable<string> {
    return this.#folders
  }

  paths(): Iterable<string> {
    return this.#files.keys()
  }

  facts(path: string): { readonly size: number; readonly id: string } | undefined {
    const file = this.#files.get(path)
    return file && { size: file.size, id: file.id }
  }

  append(path: string, data: string | Uint8Array): void {
    const file = this.#files.get(path) ?? { id: String(this.#nextId++), chunks: [], size: 0 }
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    if (bytes.length > 0) file.chunks.push(bytes)
    file.size += bytes.length
    this.#files.set(path, file)
    this.#told(path)
  }

  write(path: string, data: string | Uint8Array): void {
    this.#files.delete(path)
    this.append(path, data)
  }

  /** The bytes from `from` on; empty when there is no file. */
  read(path: string, from = 0): Uint8Array {
    const file = this.#files.get(path)
    return file === undefined ? new Uint8Array() : Buffer.concat(file.chunks).subarray(from)
  }

  move(from: string, to: string): void {
    const file = this.#files.get(from)
    if (file === undefined) throw new Error(`no such file: ${from}`)
    this.#files.delete(from)
    this.#files.set(to, file)
    this.#told(from)
  }

  /** A file, or a folder with everything in it. */
  remove(path: string): void {
    const inside = `${path}/`
    this.#folders.delete(path)
    for (const folder of this.#folders) if (folder.startsWith(inside)) this.#folders.delete(folder)
    if (this.#files.delete(path)) this.#told(path)
    for (const file of this.#files.keys()) if (file.startsWith(inside)) this.#files.delete(file)
  }

  /** Calls `changed` once, when the file grew, moved or went. The answer cancels it. */
  once(path: string, changed: () => void): () => void {
    const waiting = this.#watchers.get(path) ?? new Set()
    this.#watchers.set(path, waiting.add(changed))
    return () => {
      waiting.delete(changed)
      if (waiting.size === 0 && this.#watchers.get(path) === waiting) this.#watchers.delete(path)
    }
  }

  #told(path: string): void {
    const waiting = this.#watchers.get(path)
    if (waiting === undefined) return
    this.#watchers.delete(path)
    for (const changed of waiting) changed()
  }
}
