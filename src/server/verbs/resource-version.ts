/**
 * What resourceVersion and resourceVersionMatch ask of reads
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
 */

import { ApiError, badRequest, invalid } from '../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import { uintFault } from '../../meta/go-integers.ts'
import { goQuoteBytes } from '../../meta/go-quote.ts'
import { notSupported } from '../../meta/validation.ts'
import { decodeContinue } from './continue-token.ts'

/** Reads a resourceVersion. Absent and empty are `undefined`. `verb` tells how what is no version is refused. */
export function parseResourceVersion(text: string | undefined, verb: 'get' | 'list' | 'watch'): number | undefined {
  if (text === undefined || text === '') return undefined
  const fault = uintFault(text)
  if (fault !== undefined) throw notAVersion(text, fault, verb)
  return Number(text)
}

/** Each verb has always had its own way of saying it. */
function notAVersion(text: string, fault: string, verb: 'get' | 'list' | 'watch'): ApiError {
  const message = `Invalid value: ${goQuoteBytes(text)}: ${fault}`
  const field = 'resourceVersion'
  if (verb === 'list') return badRequest(`invalid resource version: ${field}: ${message}`)
  // Where Kubernetes answers with 500: what a client got wrong is no fault of the server.
  if (verb === 'get') return badRequest(`${field}: ${message}`)
  return invalid({ group: '', kind: '', name: '' }, [{ type: 'FieldValueInvalid', field, message }])
}

/** 504: the version asked for is yet to come. */
export function tooLargeResourceVersion(asked: number, current: number): ApiError {
  return new ApiError({
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    code: 504,
  })
}

export interface ListVersion {
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: string
  readonly continue?: string
  readonly limit?: number
}

const optionsInvalid = (faults: readonly FieldError[]) =>
  invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, faults)

/** Refuses combinations of list options that mean nothing. */
export function checkListOptions(options: ListVersion): void {
  const { resourceVersion = '', resourceVersionMatch = '', continue: token = '' } = options
  if (resourceVersionMatch === '') return
  const faults: FieldError[] = []
  const refuse = (why: string) =>
    faults.push({ type: 'FieldValueForbidden', field: 'resourceVersionMatch', message: `Forbidden: ${why}` })
  if (resourceVersion === '') refuse('resourceVersionMatch is forbidden unless resourceVersion is provided')
  if (token !== '') refuse('resourceVersionMatch is forbidden when continue is provided')
  if (resourceVersionMatch !== 'Exact' && resourceVersionMatch !== 'NotOlderThan') {
    faults.push({
      type: 'FieldValueNotSupported',
      field: 'resourceVersionMatch',
      message: `Unsupported value: ${JSON.stringify(resourceVersionMatch)}: supported values: "Exact", "NotOlderThan", ""`,
    })
  }
  if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
    refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  }
  if (faults.length > 0) throw optionsInvalid(faults)
}

/** Refuses a token that nobody gave out, and a revision beside one. */
export function checkContinue({ resourceVersion = '', continue: token = '' }: ListVersion): void {
  if (token === '') return
  decodeContinue(token)
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
}

/** Refuses combinations of watch options that mean nothing. */
export function checkWatchOptions(options: {
  readonly resourceVersionMatch?: string
  readonly sendInitialEvents?: boolean
}): void {
  const { resourceVersionMatch = '', sendInitialEvents } = options
  const faults: FieldError[] = []
  const refuse = (field: string, why: string) =>
    faults.push({ type: 'FieldValueForbidden', field, message: `Forbidden: ${why}` })
  if (sendInitialEvents === undefined) {
    if (resourceVersionMatch !== '') {
      refuse('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
    }
  } else {
    if (resourceVersionMatch !== 'NotOlderThan') {
      refuse('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
    }
  }
  if (resourceVersionMatch !== '' && resourceVersionMatch !== 'NotOlderThan') {
    faults.push(notSupported(fieldPath('resourceVersionMatch'), resourceVersionMatch, ['NotOlderThan']))
  }
  if (faults.length > 0) throw optionsInvalid(faults)
}
