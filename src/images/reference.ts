/**
 * Image names, in full. `busybox` means `docker.io/library/busybox:latest`.
 * https://github.com/distribution/reference
 */

import { UserError } from '../base/user-error.ts'

export interface ImageReference {
  /** The registry's host, with its port if it has one. */
  readonly registry: string
  /** The name inside the registry. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^sha256:[0-9a-f]{64}$/
const MAX_NAME = 255

/** Reads a name as people write it. Throws when it cannot name an image. */
function parseReference(text: string): ImageReference {
  const [beforeDigest = '', digest, ...more] = text.split('@')
  const colon = beforeDigest.lastIndexOf(':')
  const hasTag = colon > beforeDigest.lastIndexOf('/')
  const path = hasTag ? beforeDigest.slice(0, colon) : beforeDigest
  const tag = hasTag ? beforeDigest.slice(colon + 1) : digest === undefined ? 'latest' : undefined
  const { registry, repository } = splitRegistry(path)
  const isBad =
    more.length > 0 ||
    path.length > MAX_NAME ||
    !REPOSITORY.test(repository) ||
    (tag !== undefined && !TAG.test(tag)) ||
    (digest !== undefined && !DIGEST.test(digest))
  if (isBad)
    throw new UserError(`"${text}" cannot name an image`, 'write it like busybox, nginx:1.27 or ghcr.io/owner/name:tag')
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** The full name, as container runtimes keep it. */
export function fullName({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** The full name of a name as people write it. */
export const normalizeName = (text: string): string => fullName(parseReference(text))

function splitRegistry(path: string): { readonly registry: string; readonly repository: string } {
  const slash = path.indexOf('/')
  const first = path.slice(0, Math.max(0, slash))
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost'
  if (!isHost) return { registry: 'docker.io', repository: path.includes('/') ? path : `library/${path}` }
  const repository = path.slice(slash + 1)
  if (first !== 'docker.io' && first !== 'index.docker.io') return { registry: first, repository }
  return { registry: 'docker.io', repository: repository.includes('/') ? repository : `library/${repository}` }
}
