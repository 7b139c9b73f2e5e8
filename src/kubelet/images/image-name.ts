/** Names of images (https://kubernetes.io/docs/concepts/containers/images/#image-names). */

export interface ImageName {
  /** The name with the tag that was left out. */
  readonly full: string
  /** E.g. `docker.io`, `registry.example:5000`. */
  readonly registry: string
  /** E.g. `library/busybox`. */
  readonly repository: string
}

const MAX_LENGTH = 255
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const HOST =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/

/** The name's parts, or why it is none: the text that Kubernetes's statuses and events quote. */
export function parseImageName(image: string): ImageName | { readonly fault: string } {
  const refuse = (why: string) => ({
    fault: `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${why}`,
  })
  if (image === '' || image.length > 4096) return refuse('invalid reference format')
  const [beforeDigest = '', digest, ...more] = image.split('@')
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return refuse('invalid reference format')
  const colon = beforeDigest.lastIndexOf(':')
  const hasTag = colon > beforeDigest.lastIndexOf('/')
  const name = hasTag ? beforeDigest.slice(0, colon) : beforeDigest
  const tag = hasTag ? beforeDigest.slice(colon + 1) : undefined
  if (tag !== undefined && !TAG.test(tag)) return refuse('invalid reference format')

  const [first = '', ...rest] = name.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  const registry = isHost ? first : 'docker.io'
  const steps = isHost ? rest : [first, ...rest]
  if (!isHost || HOST.test(first)) {
    const bad = steps.find((step) => !COMPONENT.test(step))
    if (bad !== undefined) {
      const path = !isHost && steps.length === 1 ? `library/${name}` : steps.join('/')
      const isUpper = path !== path.toLowerCase()
      return refuse(`invalid reference format${isUpper ? `: repository name (${path}) must be lowercase` : ''}`)
    }
  } else return refuse('invalid reference format')
  const repository = !isHost && steps.length === 1 ? `library/${steps[0] ?? ''}` : steps.join('/')
  if (repository.length > MAX_LENGTH) return refuse(`repository name must not be more than ${MAX_LENGTH} characters`)
  return { full: tag === undefined && digest === undefined ? `${image}:latest` : image, registry, repository }
}
