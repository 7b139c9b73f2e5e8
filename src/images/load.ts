/**
 * Fills the store from archives: OCI image layouts, and what `docker save` writes.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'

import { UserError } from '../base/user-error.ts'
import {
  type Descriptor,
  type ImageConfig,
  type Index,
  MEDIA,
  type Manifest,
  NAME_ANNOTATION,
  REF_ANNOTATION,
} from './oci.ts'
import { normalizeName } from './reference.ts'
import type { ImageStore } from './store.ts'
import { readTar } from './tar.ts'

/** What `docker save` says about its images. */
interface DockerImage {
  readonly Config: string
  readonly RepoTags?: readonly string[] | null
  readonly Layers: readonly string[]
}

/** What an archive holds, by path: bytes went into the store as they came. */
interface Contents {
  readonly blobs: Map<string, { readonly digest: string; readonly size: number }>
  readonly links: Map<string, string>
}

/** Is told how many bytes of an archive have been read, and how many it has. */
export type LoadProgress = (read: number, size: number) => void

/** Loads every image of an archive (also gzipped). Returns their full names. */
export async function loadArchive(
  store: ImageStore,
  file: string,
  progress: LoadProgress = () => {},
): Promise<string[]> {
  try {
    const contents = await takeIn(store, file, progress)
    const names = contents.blobs.has('index.json')
      ? await loadLayout(store, contents)
      : contents.blobs.has('manifest.json')
        ? await loadDocker(store, contents)
        : undefined
    if (names === undefined)
      throw new UserError(
        `${file} is no image archive: it has neither index.json nor manifest.json`,
        'make one with: docker save IMAGE -o FILE.tar, or skopeo copy docker://IMAGE oci-archive:FILE.tar:IMAGE',
      )
    return names
  } catch (error) {
    if (error instanceof UserError) throw error
    const { code } = error as NodeJS.ErrnoException
    const why = error instanceof Error ? error.message : String(error)
    if (code === 'ENOENT') throw new UserError(`there is no file ${file}`, undefined, { cause: error })
    const advice = code === 'ENOSPC' ? 'make room on the disk, then load it again' : undefined
    throw new UserError(`${file} cannot be loaded: ${why}`, advice, { cause: error })
  }
}

async function takeIn(store: ImageStore, file: string, progress: LoadProgress): Promise<Contents> {
  const contents: Contents = { blobs: new Map(), links: new Map() }
  await readTar(await decompressed(file, progress), async ({ path, type, link }, content) => {
    const name = path.replace(/^(\.\/)+/, '')
    if (type === 'file') contents.blobs.set(name, await store.put(content))
    else if (type === 'symlink' || type === 'hardlink')
      contents.links.set(name, type === 'symlink' ? beside(name, link) : link)
  })
  for (const [path, { digest }] of contents.blobs) {
    const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1]
    if (hex !== undefined && digest !== `sha256:${hex}`)
      throw new UserError(`the archive is damaged: ${path} has the digest ${digest}`)
  }
  return contents
}

async function decompressed(file: string, progress: LoadProgress): Promise<AsyncIterable<Buffer>> {
  const magic = await firstBytes(file)
  if (magic.readUInt32BE(0) === 0x28b52ffd)
    throw new UserError(`${file} is compressed with zstd`, 'unpack it first: zstd -d FILE')
  const raw = createReadStream(file, { highWaterMark: 1 << 20 })
  const { size } = await stat(file)
  raw.on('data', () => progress(raw.bytesRead, size))
  raw.pause() // whoever reads it sets the pace, not the listener above
  if (magic.readUInt16BE(0) !== 0x1f8b) return raw
  const unpacked = createGunzip()
  raw.once('error', (error) => unpacked.destroy(error))
  return raw.pipe(unpacked)
}

async function firstBytes(file: string): Promise<Buffer> {
  const bytes = Buffer.alloc(4)
  let at = 0
  for await (const chunk of createReadStream(file, { end: 3 })) at += (chunk as Buffer).copy(bytes, at)
  return bytes
}

async function loadLayout(store: ImageStore, contents: Contents): Promise<string[]> {
  const index = await readJson<Index>(store, contents, 'index.json')
  const names: string[] = []
  for (const descriptor of index.manifests) {
    const { [NAME_ANNOTATION]: full, [REF_ANNOTATION]: ref } = descriptor.annotations ?? {}
    const name = full ?? ref
    if (name === undefined)
      throw new UserError('an image in the archive has no name', `give it the annotation ${REF_ANNOTATION}`)
    await store.checkWhole(descriptor)
    const normal = normalizeName(name)
    await store.name(normal, descriptor)
    names.push(normal)
  }
  return names
}

async function loadDocker(store: ImageStore, contents: Contents): Promise<string[]> {
  const images = await readJson<DockerImage[]>(store, contents, 'manifest.json')
  const names: string[] = []
  for (const image of images) {
    const descriptor = await convert(store, contents, image)
    for (const tag of image.RepoTags ?? []) {
      const name = normalizeName(tag)
      await store.name(name, descriptor)
      names.push(name)
    }
  }
  if (names.length === 0)
    throw new UserError('the images in the archive have no names', 'save them by name: docker save NAME:TAG')
  return names
}

async function convert(store: ImageStore, contents: Contents, image: DockerImage): Promise<Descriptor> {
  const config = find(contents, image.Config)
  const { architecture, os } = await readJson<ImageConfig>(store, contents, image.Config)
  const layers: Descriptor[] = []
  for (const path of image.Layers) {
    const blob = find(contents, path)
    layers.push({ mediaType: (await isGzip(store, blob.digest)) ? MEDIA.gzipLayer : MEDIA.layer, ...blob })
  }
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: { mediaType: MEDIA.config, ...config },
    layers,
  }
  return { ...(await store.putJson(MEDIA.manifest, manifest)), platform: { architecture, os } }
}

async function isGzip(store: ImageStore, digest: string): Promise<boolean> {
  const blob = await store.blob(digest)
  return blob !== undefined && (await firstBytes(blob.path)).readUInt16BE(0) === 0x1f8b
}

function find({ blobs, links }: Contents, path: string): { readonly digest: string; readonly size: number } {
  const found = blobs.get(path) ?? blobs.get(links.get(path) ?? '')
  if (found === undefined) throw new UserError(`the archive lacks ${path}, which its manifest names`)
  return found
}

async function readJson<T>(store: ImageStore, contents: Contents, path: string): Promise<T> {
  const text = (await store.read(find(contents, path).digest)).toString('utf8')
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw new UserError(`${path} in the archive is no JSON`, undefined, { cause })
  }
}

/** Where a relative link points: `a/layer.tar` → `../b/layer.tar` is `b/layer.tar`. */
function beside(path: string, link: string): string {
  const parts = path.split('/').slice(0, -1)
  for (const part of link.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
