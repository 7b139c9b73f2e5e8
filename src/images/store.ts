/**
 * The image store of a home: an OCI image layout, content-addressed, which every other OCI tool can read too.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */

import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Clock } from '../base/clock.ts'
import { UserError } from '../base/user-error.ts'
import { type Descriptor, type Index, MEDIA, type Manifest, NAME_ANNOTATION, REF_ANNOTATION, isIndex } from './oci.ts'

/** An image by name. */
export interface StoredImage {
  readonly name: string
  readonly descriptor: Descriptor
  /** Bytes of its manifest, configuration and layers. */
  readonly size: number
}

const DIGEST = /^sha256:([0-9a-f]{64})$/

/** Another process holds the lock for less than this, unless it died. */
const LOCK_MS = 10_000

export class ImageStore {
  readonly #dir: string
  readonly #clock: Clock

  constructor(dir: string, clock: Clock) {
    this.#dir = dir
    this.#clock = clock
  }

  /** All images, by name. */
  async list(): Promise<StoredImage[]> {
    const { manifests } = await this.#readIndex()
    const images = manifests.map(async (descriptor) => {
      const blobs = await this.#reach(descriptor)
      const size = [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0)
      return { name: nameOf(descriptor), descriptor, size }
    })
    return (await Promise.all(images)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The image of that full name. */
  async find(name: string): Promise<Descriptor | undefined> {
    return (await this.#readIndex()).manifests.find((descriptor) => nameOf(descriptor) === name)
  }

  /** Where a blob's bytes are; undefined when the store lacks it. */
  async blob(digest: string): Promise<{ readonly path: string; readonly size: number } | undefined> {
    const path = this.#blobPath(digest)
    if (path === undefined || !existsSync(path)) return undefined
    return { path, size: (await stat(path)).size }
  }

  /** The bytes of a small blob: a manifest or a configuration. */
  async read(digest: string): Promise<Buffer> {
    const found = await this.blob(digest)
    if (found === undefined) throw new Error(`the image store lacks ${digest}`)
    return readFile(found.path)
  }

  /** Writes a blob from a stream; it shows up whole, under its digest, or not at all. */
  async put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<{ digest: string; size: number }> {
    await this.#prepare()
    const draft = join(this.#dir, 'incoming', randomBytes(8).toString('hex'))
    const hash = createHash('sha256')
    let size = 0
    const file = await open(draft, 'wx')
    try {
      for await (const chunk of content) {
        hash.update(chunk)
        size += chunk.length
        await file.write(chunk)
      }
      await file.close()
      const digest = `sha256:${hash.digest('hex')}`
      await rename(draft, this.#blobPath(digest) as string)
      return { digest, size }
    } catch (error) {
      await file.close().catch(() => {})
      await rm(draft, { force: true })
      throw error
    }
  }

  /** A blob of JSON. */
  async putJson(mediaType: string, value: unknown): Promise<Descriptor> {
    return { mediaType, ...(await this.put([Buffer.from(JSON.stringify(value))])) }
  }

  /** Gives an image a name; whatever had the name loses it. Blobs nobody reaches any more are removed. */
  async name(name: string, descriptor: Descriptor): Promise<void> {
    const { digest, size, mediaType, platform } = descriptor
    const annotations = { [NAME_ANNOTATION]: name, [REF_ANNOTATION]: name }
    const entry = { mediaType, digest, size, ...(platform === undefined ? {} : { platform }), annotations }
    await this.#change((manifests) => [...manifests.filter((other) => nameOf(other) !== name), entry])
  }

  /** Removes a name, and all blobs that no other image reaches. False when there is no such image. */
  async remove(name: string): Promise<boolean> {
    let existed = false
    await this.#change((manifests) => {
      const kept = manifests.filter((descriptor) => nameOf(descriptor) !== name)
      existed = kept.length < manifests.length
      return kept
    })
    return existed
  }

  /** Throws unless everything the image's manifest names is here: of an index, at least one whole image. */
  async checkWhole(descriptor: Descriptor): Promise<void> {
    const value = JSON.parse((await this.read(descriptor.digest)).toString('utf8')) as Manifest | Index
    if (isIndex(value)) {
      const checks = await Promise.allSettled(value.manifests.map((manifest) => this.checkWhole(manifest)))
      if (checks.every((check) => check.status === 'rejected'))
        throw new UserError('the archive holds no whole image', 'save it again, for the platform of this machine')
      return
    }
    for (const { digest } of [value.config, ...value.layers]) {
      if ((await this.blob(digest)) === undefined) throw new UserError(`the archive lacks the blob ${digest}`)
    }
  }

  async #readIndex(): Promise<Index> {
    try {
      return JSON.parse(await readFile(join(this.#dir, 'index.json'), 'utf8')) as Index
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { schemaVersion: 2, manifests: [] }
      if (error instanceof SyntaxError)
        throw new UserError(
          `the image store's ${join(this.#dir, 'index.json')} is damaged`,
          `remove the folder ${this.#dir} and load the images again`,
          { cause: error },
        )
      throw error
    }
  }

  async #prepare(): Promise<void> {
    await mkdir(join(this.#dir, 'blobs', 'sha256'), { recursive: true })
    await mkdir(join(this.#dir, 'incoming'), { recursive: true })
    const layout = join(this.#dir, 'oci-layout')
    if (!existsSync(layout)) await writeFile(layout, '{"imageLayoutVersion":"1.0.0"}\n')
  }

  /** Changes the index under a lock, and then collects what nobody names. */
  async #change(edit: (manifests: readonly Descriptor[]) => readonly Descriptor[]): Promise<void> {
    await this.#prepare()
    const lock = join(this.#dir, '.lock')
    await this.#lock(lock)
    try {
      const manifests = edit((await this.#readIndex()).manifests)
      const index: Index = { schemaVersion: 2, mediaType: MEDIA.index, manifests }
      const draft = join(this.#dir, '.index.json')
      await writeFile(draft, `${JSON.stringify(index, null, 2)}\n`, { flush: true })
      await rename(draft, join(this.#dir, 'index.json'))
      await this.#collect(manifests)
    } finally {
      await rmdir(lock).catch(() => {})
    }
  }

  async #lock(lock: string): Promise<void> {
    const since = this.#clock.monotonic()
    for (;;) {
      try {
        await mkdir(lock)
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      if (this.#clock.monotonic() - since > LOCK_MS) await rmdir(lock).catch(() => {})
      await this.#clock.sleep(20)
    }
  }

  async #collect(manifests: readonly Descriptor[]): Promise<void> {
    const reached = new Set<string>()
    for (const descriptor of manifests) for (const digest of (await this.#reach(descriptor)).keys()) reached.add(digest)
    const dir = join(this.#dir, 'blobs', 'sha256')
    for (const hex of await readdir(dir)) {
      if (reached.has(`sha256:${hex}`)) continue
      const path = join(dir, hex)
      // One that was written a moment ago may belong to an image that is just being made, and has no name yet.
      if (this.#clock.now() - (await stat(path)).mtimeMs > 600_000 || manifests.length === 0)
        await rm(path, { force: true })
    }
  }

  /** Every blob an image consists of, with its size. */
  async #reach(root: Descriptor): Promise<Map<string, number>> {
    const blobs = new Map<string, number>()
    const visit = async ({ digest, mediaType }: Descriptor): Promise<void> => {
      const found = await this.blob(digest)
      if (found === undefined || blobs.has(digest)) return
      blobs.set(digest, found.size)
      if (!isManifestType(mediaType)) return
      const value = JSON.parse((await this.read(digest)).toString('utf8')) as Manifest | Index
      for (const child of isIndex(value) ? value.manifests : [value.config, ...value.layers]) await visit(child)
    }
    await visit(root)
    return blobs
  }

  #blobPath(digest: string): string | undefined {
    const hex = DIGEST.exec(digest)?.[1]
    return hex === undefined ? undefined : join(this.#dir, 'blobs', 'sha256', hex)
  }
}

/** Whether a blob of this type names further blobs. */
const isManifestType = (mediaType: string): boolean =>
  ([MEDIA.index, MEDIA.manifest, MEDIA.dockerList, MEDIA.dockerManifest] as string[]).includes(mediaType)

/** The bytes of a blob as a stream. */
export const streamOf = (path: string, range?: { start: number; end: number }): AsyncIterable<Buffer> =>
  createReadStream(path, range)

const nameOf = (descriptor: Descriptor): string => descriptor.annotations?.[NAME_ANNOTATION] ?? ''
