/** Image names (https://kubernetes.io/docs/concepts/containers/images/). */

import type { PullPolicy } from '../../../generated/core-v1.ts'

/** `Always` for images that move (`latest`, or no tag), else `IfNotPresent`. */
export function pullPolicyFor(image: string | undefined): PullPolicy {
  return tagOf(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent'
}

/** The tag of an image: `latest` where neither tag nor digest is given, empty where only a digest is. */
export function tagOf(image: string): string {
  const at = image.indexOf('@')
  const name = at === -1 ? image : image.slice(0, at)
  const colon = name.lastIndexOf(':')
  if (colon > name.lastIndexOf('/')) return name.slice(colon + 1)
  return at === -1 ? 'latest' : ''
}
