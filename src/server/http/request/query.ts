/** Options in the query of a request (https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/). */

import type { ListOptions, WatchOptions, WriteOptions } from '../../../client/transport.ts'
import { badRequest, invalid } from '../../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../../meta/field-path.ts'
import { goQuoteBytes } from '../../../meta/go-quote.ts'
import { validateFieldManager } from '../../../meta/object-meta.ts'
import type { DeleteOptions } from '../../../meta/types.ts'
import { forbiddenField, notSupported } from '../../../meta/validation.ts'

const text = (query: URLSearchParams, name: string) => query.get(name) || undefined

function whole(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  const isWhole = /^[+-]?\d+$/.test(value)
  if (!isWhole || BigInt.asIntN(64, BigInt(value.replace('+', ''))) !== BigInt(value.replace('+', ''))) {
    const why = isWhole ? 'value out of range' : 'invalid syntax'
    throw badRequest(`strconv.ParseInt: parsing ${goQuoteBytes(value)}: ${why}`)
  }
  return Number(value)
}

/** Go's reading of a flag: anything but `false` and `0` is true. */
function flag(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  return value !== 'false' && value !== '0' && value !== 'False' && value !== 'FALSE'
}

/** Leaves out what is undefined. */
function present<T extends object>(options: { [K in keyof T]: T[K] | undefined }): T {
  const given: Partial<T> = {}
  for (const name in options) if (options[name] !== undefined) given[name] = options[name]
  return given as T
}

export function listOptions(query: URLSearchParams): ListOptions {
  const options = selectionOptions(query)
  if (flag(query, 'sendInitialEvents') !== undefined) {
    throw optionsInvalid(forbiddenField(fieldPath('sendInitialEvents'), 'sendInitialEvents is forbidden for list'))
  }
  return options
}

const optionsInvalid = (fault: FieldError) => invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, [fault])

/** What lists and watches have in common. */
function selectionOptions(query: URLSearchParams): ListOptions {
  // Of no use to a list, and still a number.
  whole(query, 'timeoutSeconds')
  return present<ListOptions>({
    labelSelector: text(query, 'labelSelector'),
    fieldSelector: text(query, 'fieldSelector'),
    limit: whole(query, 'limit'),
    continue: text(query, 'continue'),
    resourceVersion: text(query, 'resourceVersion'),
    // What else it says is refused by the verb.
    resourceVersionMatch: text(query, 'resourceVersionMatch') as 'Exact' | undefined,
  })
}

export function watchOptions(query: URLSearchParams): WatchOptions {
  const { limit: _, continue: token, ...selection } = selectionOptions(query)
  const { resourceVersion = '0', resourceVersionMatch } = selection
  const isFromAnywhere = resourceVersion === '0' && !query.has('sendInitialEvents')
  if (token !== undefined && (resourceVersionMatch !== undefined || isFromAnywhere)) {
    const why = 'resourceVersionMatch is forbidden when continue is provided'
    throw optionsInvalid(forbiddenField(fieldPath('resourceVersionMatch'), why))
  }
  return present<WatchOptions>({
    ...selection,
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks'),
    sendInitialEvents: flag(query, 'sendInitialEvents'),
    timeoutSeconds: whole(query, 'timeoutSeconds'),
  } as WatchOptions)
}

/** `kind` is the name Kubernetes has for the options, for faults. */
export function writeOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  const dryRun = query.getAll('dryRun')
  const validation = text(query, 'fieldValidation')
  const faults = []
  if (dryRun.some((stage) => stage !== 'All')) faults.push(notSupported(fieldPath('dryRun'), dryRun, ['All']))
  if (validation !== undefined && validation !== 'Ignore' && validation !== 'Warn' && validation !== 'Strict') {
    faults.push(notSupported(fieldPath('fieldValidation'), validation, ['', 'Ignore', 'Strict', 'Warn']))
  }
  faults.push(...validateFieldManager(query.get('fieldManager') ?? '', fieldPath('fieldManager')))
  if (faults.length > 0) throw invalid({ group: 'meta.k8s.io', kind, name: '' }, faults)
  return present<WriteOptions>({
    dryRun: dryRun.length > 0 ? true : undefined,
    fieldManager: text(query, 'fieldManager'),
    fieldValidation: validation as 'Ignore' | undefined,
    force: flag(query, 'force'),
  })
}

/** For deletes without a body. */
export function deleteOptions(query: URLSearchParams): DeleteOptions {
  const dryRun = query.getAll('dryRun')
  const preconditions = { uid: text(query, 'uid'), resourceVersion: text(query, 'resourceVersion') }
  const hasSome = Object.values(preconditions).some((value) => value !== undefined)
  return present<DeleteOptions>({
    gracePeriodSeconds: whole(query, 'gracePeriodSeconds'),
    orphanDependents: flag(query, 'orphanDependents'),
    // An empty one is none of those that there are, and no leave to delete as usual.
    propagationPolicy: (query.get('propagationPolicy') ?? undefined) as 'Orphan' | undefined,
    dryRun: dryRun.length > 0 ? dryRun : undefined,
    preconditions: hasSome ? present(preconditions) : undefined,
  })
}
