/** Images of a simulated node: every name can be pulled, but for those that are said not to exist. */

import { createHash } from 'node:crypto'

import type { Clock } from '../../../base/clock.ts'
import { parseImageName } from '../../images/image-name.ts'
import { type Image, type ImageService, RuntimeError } from '../runtime.ts'
import { SIMULATED_DISK } from './records.ts'

export interface SimulatedImagesOptions {
  readonly clock: Clock
  /** Which names, in full (`docker.io/library/nginx:latest`), no registry has; none unless told otherwise. */
  readonly isMissing?: (name: string) => boolean
  /** How long a pull takes; no time unless told otherwise. */
  readonly pullMs?: number
  /** What an image is said to hold, in bytes. Unless told otherwise, the same for all. */
  readonly sizeOf?: (name: string) => number
}

/** The images, and which name an id goes by. */
export interface SimulatedImages extends ImageService {
  /** By name or id. */
  find(nameOrId: string): Image | undefined
  /** What all images take of the disk. */
  bytes(): number
}

const NOMINAL_SIZE = 50_000_000

export function simulatedImages(options: SimulatedImagesOptions): SimulatedImages {
  const { clock, isMissing = () => false, pullMs = 0, sizeOf = () => NOMINAL_SIZE } = options
  const byName = new Map<string, Image>()
  const names = new Map<string, string>()
  const nameOf = (nameOrId: string) => names.get(nameOrId) ?? inFull(nameOrId)
  const find = (nameOrId: string) => byName.get(nameOf(nameOrId))

  const bytes = () => [...byName.values()].reduce((sum, { size }) => sum + size, 0)

  return {
    find,
    bytes,
    listImages: async () => [...byName.values()],
    imageStatus: async ({ image }) => find(image),
    async pullImage({ image: { image: asked } }, signal) {
      const image = inFull(asked)
      if (pullMs > 0) await clock.sleep(pullMs, signal)
      if (isMissing(image)) {
        const resolve = `failed to resolve reference "${image}": ${image}: not found`
        throw new RuntimeError('NotFound', `failed to pull and unpack image "${image}": ${resolve}`)
      }
      const present = find(image)
      if (present !== undefined) return present.id
      const pulled = imageOf(image, sizeOf(image))
      byName.set(image, pulled)
      for (const other of [pulled.id, ...pulled.repoDigests]) names.set(other, image)
      return pulled.id
    },
    async removeImage({ image }) {
      const found = find(image)
      if (found === undefined) return
      byName.delete(nameOf(image))
      for (const other of [found.id, ...found.repoDigests]) names.delete(other)
    },
    imageFsInfo: async () => [
      {
        timestamp: clock.now(),
        mountpoint: SIMULATED_DISK,
        usedBytes: bytes(),
      },
    ],
  }
}

/** `nginx` is `docker.io/library/nginx:latest`. What is no name is itself. */
function inFull(name: string): string {
  const parsed = parseImageName(name)
  if ('fault' in parsed) return name
  const [beforeDigest = '', digest] = parsed.full.split('@')
  const tag = /:[^/]*$/.exec(beforeDigest)?.[0] ?? ''
  return `${parsed.registry}/${parsed.repository}${tag}${digest === undefined ? '' : `@${digest}`}`
}

/** Content follows from the name: the same name is the same image on every node. */
function imageOf(name: string, size: number): Image {
  const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
  const [repository = name, pinned] = name.split('@')
  const bare = repository.replace(/:[^/:]*$/, '')
  return {
    id: digest(`config of ${name}`),
    repoTags: pinned === undefined ? [name] : [],
    repoDigests: [`${bare}@${pinned ?? digest(`manifest of ${name}`)}`],
    size,
    pinned: false,
  }
}
