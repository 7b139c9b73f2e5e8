/**
 * Where the next chunk of a list begins, and of which revision the list is; opaque to clients
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
 */

import { ApiError, badRequest } from '../../meta/errors.ts'
import { cannotRead, jsonTypeOf } from '../../wire/patch/errors.ts'

export interface ContinueToken {
  /** Absent: the list is no longer of one revision; go on with what is there now. */
  readonly revision?: number
  /** The first storage key that may come, below the list's own prefix. */
  readonly start: string
}

export function encodeContinue({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision ?? -1, start })).toString('base64url')
}

/** Throws `BadRequest` for what this server never gave out. */
export function decodeContinue(token: string): ContinueToken {
  const stop = token.search(/[^\w-]/)
  if (stop >= 0 || token.length % 4 === 1) throw refused(`illegal base64 data at input byte ${badByte(token, stop)}`)
  let read: unknown
  try {
    read = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
  } catch (cause) {
    throw refused('it holds no JSON', cause)
  }
  if (typeof read !== 'object' || Array.isArray(read)) throw refused(cannotRead(read, 'storage.continueToken'))
  const { v, rv, start } = membersOf(read)
  if (rv !== undefined && !Number.isSafeInteger(rv)) throw refused(`${unreadable(rv)} continueToken.rv of type int64`)
  if (start !== undefined && typeof start !== 'string') {
    throw refused(`${unreadable(start)} continueToken.start of type string`)
  }
  if (v !== 'meta.k8s.io/v1')
    throw refused(`server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`)
  if (typeof rv !== 'number' || rv === 0) {
    throw refused('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  }
  if (start === undefined || start === '' || start.length > 1_000) {
    throw refused('encoded start key empty (version meta.k8s.io/v1)')
  }
  if (!isPlainPath(start)) throw refused(start)
  return rv < 0 ? { start } : { revision: rv, start }
}

/** The members of a token, however their names are written. */
function membersOf(read: object | null): { readonly [name: string]: unknown } {
  const given = Object.entries(read ?? {}).filter(([, value]) => value !== null)
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value]))
}

/** Whether a path names each step of its own: one that does not may lead out of the list. */
function isPlainPath(start: string): boolean {
  const steps = start.replace(/^\//, '').split('/')
  return start === '/' || !steps.some((step) => step === '' || step === '.' || step === '..')
}

const unreadable = (value: unknown) => {
  const told = typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : jsonTypeOf(value)
  return `json: cannot unmarshal ${told} into Go struct field`
}

const refused = (why: string, cause?: unknown) =>
  badRequest(`invalid continue token: continue key is not valid: ${why}`, cause)

/** Where Go's decoder stops: at a character that is none of its own, or in the last group. */
const badByte = (token: string, stop: number) => (stop >= 0 ? stop : token.length - 1)

/** 410: the revision of the list is gone; `next` lets the client go on all the same. */
export function continueExpired(next: ContinueToken): ApiError {
  return new ApiError({
    metadata: { continue: encodeContinue({ start: next.start }) },
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
      'without the continue parameter, or use the continue token in this response to retrieve the remainder of the ' +
      'results. Continuing with the provided token results in an inconsistent list - objects that were created, ' +
      'modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    reason: 'Expired',
    code: 410,
  })
}
