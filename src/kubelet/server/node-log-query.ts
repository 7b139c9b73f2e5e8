/** What a query below /logs/ asks for (https://kubernetes.io/docs/concepts/cluster-administration/system-logs/#log-query). Pure. */

import path from 'node:path'

import { RE2JS } from 're2js'

import { fromTime } from '../../base/clock.ts'
import { aggregate } from '../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import { goQuote } from '../../meta/go-quote.ts'
import { invalidValue, required, tooMany } from '../../meta/validation.ts'
import type { ServiceLogQuery } from '../host/host.ts'
import { KubeletRefusal } from './kubelet-api.ts'

const MAX_LINES = 100_000
const MAX_NAME = 256
const MAX_SERVICES = 4
/** What journalctl may be given as the name of a service. */
const NAME = /^[a-zA-Z\-_.:0-9@]+$/
const WHOLE = /^[+-]?\d+$/
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** One file, or services with what of theirs is asked for. */
export interface NodeLogQuery extends ServiceLogQuery {
  readonly file?: string
  /** Something narrows the answer, which files know nothing of. */
  readonly isNarrowed: boolean
}

const QUERY = fieldPath('query')

/** `undefined`: nothing is asked for but a path. Throws `KubeletRefusal` with every fault. */
export function readNodeLogQuery(query: URLSearchParams): NodeLogQuery | undefined {
  const asked = query.getAll('query')
  const files = asked.filter((one) => /[/\\]/.test(one))
  const services = asked.filter((one) => !/[/\\]/.test(one) && one.trim() !== '')
  const faults: FieldError[] = []
  const read = <T>(name: string, reader: (text: string) => T | string): T | undefined => {
    const text = query.get(name) ?? ''
    if (text === '') return undefined
    const value = reader(text)
    if (typeof value !== 'string') return value
    faults.push(invalidValue(fieldPath(name), text, value))
    return undefined
  }
  if (asked.length > 0 && files.length + services.length === 0)
    faults.push(invalidValue(QUERY, asked, 'may not be empty'))
  const narrowing = {
    since: read('sinceTime', timeOf),
    until: read('untilTime', timeOf),
    boot: read('boot', wholeOf),
    tail: read('tailLines', wholeOf),
    pattern: query.get('pattern') || undefined,
  }
  refuse(400, faults)
  const isNarrowed = Object.values(narrowing).some((value) => value !== undefined)
  if (asked.length === 0 && !isNarrowed) return undefined
  refuse(406, [...targetFaults(files, services, isNarrowed), ...narrowingFaults(narrowing, query)])
  const [file] = files
  return { services, ...narrowing, isNarrowed, ...(file !== undefined && { file }) }
}

function refuse(status: number, faults: readonly FieldError[]): void {
  if (faults.length === 0) return
  throw new KubeletRefusal(status, aggregate(faults.map(({ field, message }) => `${field}: ${message}`)))
}

const timeOf = (text: string): number | string =>
  (RFC3339.test(text) ? fromTime(text) : undefined) ?? 'invalid time format'

function wholeOf(text: string): number | string {
  const value = WHOLE.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  return `strconv.Atoi: parsing ${goQuote(text)}: ${Number.isNaN(value) ? 'invalid syntax' : 'value out of range'}`
}

function targetFaults(files: readonly string[], services: readonly string[], isNarrowed: boolean): FieldError[] {
  const faults = services.flatMap((service) => {
    if (Buffer.byteLength(service) > MAX_NAME)
      return [invalidValue(QUERY, service, `length must be less than ${MAX_NAME}`)]
    return NAME.test(service) ? [] : [invalidValue(QUERY, service, 'input contains unsupported characters')]
  })
  if (services.length > MAX_SERVICES) faults.push(tooMany(QUERY, services.length, MAX_SERVICES))
  if (files.length === 0 && services.length === 0) faults.push(required(QUERY, 'cannot be empty with options'))
  else if (files.length > 0 && services.length > 0) {
    const both = [files, services].map((names) => `[${names.join(' ')}]`).join(', ')
    faults.push(invalidValue(QUERY, both, 'cannot specify a file and service'))
  } else if (files.length > 1) faults.push(invalidValue(QUERY, files, 'cannot specify more than one file'))
  else if (files.length === 1 && isNarrowed) faults.push(invalidValue(QUERY, files, 'cannot specify file with options'))
  return faults
}

function narrowingFaults({ since, until, boot, tail, pattern }: Partial<NodeLogQuery>, query: URLSearchParams) {
  const faults: FieldError[] = []
  if (since !== undefined && until !== undefined && since > until)
    faults.push(invalidValue(fieldPath('untilTime'), query.get('untilTime'), 'must be after `sinceTime`'))
  if (boot !== undefined && boot > 0) faults.push(invalidValue(fieldPath('boot'), boot, 'must be less than 1'))
  if (tail !== undefined && (tail < 0 || tail > MAX_LINES))
    faults.push(invalidValue(fieldPath('tailLines'), tail, `must be between 0 and ${MAX_LINES}, inclusive`))
  try {
    RE2JS.compile(pattern ?? '')
  } catch (error) {
    faults.push(invalidValue(fieldPath('pattern'), pattern, error instanceof Error ? error.message : String(error)))
  }
  return faults
}

/** Whether a path leads out of the folder that it is for: it is taken from there, so one that begins at the root does. */
export function leadsOut(file: string): boolean {
  return file.startsWith('/') || path.posix.normalize(file).split('/')[0] === '..'
}

/** A file that is not there, as one who asks for it by a query is told. */
export function noSuchLog(file: string): KubeletRefusal {
  const why = leadsOut(file) ? 'path escapes from parent' : 'no such file or directory'
  const fault = invalidValue(QUERY, [file], `statat ${file}: ${why}`)
  return new KubeletRefusal(406, `${fault.field}: ${fault.message}`)
}
