/** Paths of proxied requests, as they are told to whom they are for. */

import { posix } from 'node:path'
import { badRequest } from '../../meta/errors.ts'

/**
 * What follows `/proxy` as a path of its own: without detours, so that nothing leads out of it, and each byte written the one
 * way there is for it.
 */
export function proxiedPath(tail: string): string {
  return escapedPath(joined('/', decoded(tail)))
}

/** `path` below `prefix`; a slash at its end stays. */
export function joined(prefix: string, path: string): string {
  const whole = posix.normalize(`${prefix}/${path}`)
  return path.endsWith('/') || whole === '/' ? whole : whole.replace(/\/$/, '')
}

/** The request's own path up to what it asks the proxied for: links of pages are put below it. */
export function proxyPrefix(path: string, tail: string): string {
  return escapedPath(decoded(path.slice(0, path.length - tail.length)))
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw badRequest(`the path has an invalid escape: ${JSON.stringify(path)}`, cause)
  }
}

/** What a path may hold as it is (https://datatracker.ietf.org/doc/html/rfc3986#section-3.3), but for the sub-delimiters `!'()*`. */
const escapedPath = (path: string): string =>
  encodeURIComponent(path)
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll(/%(2F|24|26|2B|2C|3A|3B|3D|40)/g, (escape) => decodeURIComponent(escape))
