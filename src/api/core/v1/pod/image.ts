/** Image names (https://kubernetes.io/docs/concepts/containers/images/). */

import type { PullPolicy } from '../../../generated/core-v1.ts'

/** `Always` for images that move (`latest`, or no tag), else `IfNotPresent`. */
export function pullPolicyFor(image: string | undefined): PullPolicy {
  return tagOf(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent'
}

const MAX_NAME = 255
/** No name, but the image's own hash. */
const HASH = /^[0-9a-f]{64}$/
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/
const STEP = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const TAG = /^[\w][\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/

/** The tag of an image: `latest` where neither tag nor digest is given; empty where only a digest is, or nothing that is an image. */
export function tagOf(image: string): string {
  if (HASH.test(image)) return ''
  const at = image.indexOf('@')
  const named = at === -1 ? image : image.slice(0, at)
  const colon = named.lastIndexOf(':')
  const isTagged = colon > named.lastIndexOf('/')
  const name = isTagged ? named.slice(0, colon) : named
  if (!isName(name) || (at !== -1 && !DIGEST.test(image.slice(at + 1)))) return ''
  if (!isTagged) return at === -1 ? 'latest' : ''
  const tag = named.slice(colon + 1)
  return TAG.test(tag) ? tag : ''
}

/** `registry.example:5000/team/app` or `team/app`. */
function isName(name: string): boolean {
  if (name.length > MAX_NAME) return false
  const steps = name.split('/')
  const first = steps[0] ?? ''
  const hasHost = steps.length > 1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  if (hasHost && !HOST.test(first)) return false
  return (hasHost ? steps.slice(1) : steps).every((step) => STEP.test(step))
}
