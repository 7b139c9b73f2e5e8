/** Failures that may cross the API. Texts that clients match on are Kubernetes's own. */

import { goQuote } from '../base/go-quote.ts'
import type { FieldError } from './field-path.ts'
import type { Status, StatusDetails, StatusReason } from './types.ts'

/** A failure that may cross the API: it carries the Status its client will read. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: Status

  constructor(status: Status, options?: ErrorOptions) {
    super(status.message ?? status.reason ?? 'unknown failure', options)
    this.status = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', ...status }
  }

  /** The HTTP status code. */
  get code(): number {
    return this.status.code ?? 500
  }
}

/** Names an object in an error text: `pods "web" not found`, `deployments.apps "web" already exists`. */
export interface ObjectRef {
  readonly group?: string
  readonly resource: string
  readonly name: string
}

const qualified = ({ group, resource }: Omit<ObjectRef, 'name'>) =>
  group === undefined || group === '' ? resource : `${resource}.${group}`

const detailsOf = ({ group, resource, name }: ObjectRef): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(group === undefined || group === '' ? {} : { group }),
  kind: resource,
})

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError
}

export function hasReason(error: unknown, reason: StatusReason): error is ApiError {
  return error instanceof ApiError && error.status.reason === reason
}

function failure(
  code: number,
  reason: StatusReason,
  message: string,
  details?: StatusDetails,
  cause?: unknown,
): ApiError {
  return new ApiError({ message, reason, ...(details === undefined ? {} : { details }), code }, { cause })
}

/** 404: no object of that name. */
export const notFound = (ref: ObjectRef) =>
  failure(404, 'NotFound', `${qualified(ref)} ${goQuote(ref.name)} not found`, detailsOf(ref))

/** 409: the name is taken. */
export const alreadyExists = (ref: ObjectRef) =>
  failure(409, 'AlreadyExists', `${qualified(ref)} ${goQuote(ref.name)} already exists`, detailsOf(ref))

/** 409: the object is not in the state the caller took it to be in. */
export const conflict = (ref: ObjectRef, why: string, cause?: unknown) =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(ref)} ${goQuote(ref.name)}: ${why}`,
    detailsOf(ref),
    cause,
  )

/** Why an optimistic write failed; the text is part of the API. */
export const OBJECT_MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again'

/** 403: the caller may not, or the object's state does not allow it. */
export const forbidden = (ref: ObjectRef, why: string) =>
  failure(
    403,
    'Forbidden',
    `${qualified(ref)}${ref.name === '' ? '' : ` ${goQuote(ref.name)}`} is forbidden: ${why}`,
    detailsOf(ref),
  )

export const unauthorized = (message = 'Unauthorized') => failure(401, 'Unauthorized', message)
export const badRequest = (message: string, cause?: unknown) => failure(400, 'BadRequest', message, undefined, cause)

/** 410: the revision asked for is compacted away. */
export const expired = (message: string) => failure(410, 'Expired', message)

/** 405 for a verb that the resource does not have. */
export const methodNotSupported = (resource: Omit<ObjectRef, 'name'>, verb: string) =>
  failure(405, 'MethodNotAllowed', `${verb} is not supported on resources of kind "${qualified(resource)}"`, {
    ...(resource.group === undefined || resource.group === '' ? {} : { group: resource.group }),
    kind: resource.resource,
  })

export const tooManyRequests = (message: string, retryAfterSeconds?: number) =>
  failure(429, 'TooManyRequests', message, retryAfterSeconds === undefined ? undefined : { retryAfterSeconds })

export const timeout = (message: string, retryAfterSeconds?: number) =>
  failure(504, 'Timeout', message, retryAfterSeconds === undefined ? undefined : { retryAfterSeconds })

export const serverTimeout = (ref: Omit<ObjectRef, 'name'>, verb: string, retryAfterSeconds: number) =>
  failure(
    500,
    'ServerTimeout',
    `The ${verb} operation against ${qualified(ref)} could not be completed at this time, please try again.`,
    {
      ...(ref.group === undefined || ref.group === '' ? {} : { group: ref.group }),
      kind: ref.resource,
      retryAfterSeconds,
    },
  )

export const internalError = (message: string, cause?: unknown) =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] }, cause)

export const unsupportedMediaType = (message: string) => failure(415, 'UnsupportedMediaType', message)
export const notAcceptable = (message: string) => failure(406, 'NotAcceptable', message)
export const tooLarge = (message: string) => failure(413, 'RequestEntityTooLarge', message)
export const serviceUnavailable = (message: string) => failure(503, 'ServiceUnavailable', message)

/** 422: the object is readable and wrong; every fault is told at once. */
export function invalid(
  ref: { readonly group: string; readonly kind: string; readonly name: string },
  faults: readonly FieldError[],
): ApiError {
  const kind = ref.group === '' ? ref.kind : `${ref.kind}.${ref.group}`
  // The message tells each fault once, the causes tell all.
  const all = aggregate(faults.map((fault) => `${fault.field}: ${fault.message}`))
  return failure(422, 'Invalid', `${kind} ${goQuote(ref.name)} is invalid: ${all}`, {
    ...(ref.name === '' ? {} : { name: ref.name }),
    ...(ref.group === '' ? {} : { group: ref.group }),
    ...(ref.kind === '' ? {} : { kind: ref.kind }),
    causes: faults.map((fault) => ({ reason: fault.type, message: fault.message, field: fault.field })),
  })
}

/** Several texts as Kubernetes tells them: one by itself, more in brackets, each once. */
export function aggregate(texts: readonly string[]): string {
  const distinct = [...new Set(texts)]
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`
}
