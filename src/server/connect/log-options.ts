/** What a request for a container's log may ask (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod). */

import { badRequest, invalid } from '../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import { nonNegative, notSupported, positive } from '../../meta/validation.ts'
import { parseTime } from '../../wire/decode/time.ts'

const FLAGS = ['follow', 'previous', 'timestamps']
const PASSED_ON = ['sinceSeconds', 'sinceTime', 'tailLines', 'limitBytes']
const STREAMS = ['All', 'Stderr', 'Stdout']

/** The part of a query that the kubelet is to be told. Throws `Invalid` for what makes no sense of the log of Pod `name`. */
export function logOptions(name: string, query: URLSearchParams): URLSearchParams {
  const faults = faultsOf(query)
  if (faults.length > 0) throw invalid({ group: '', kind: 'PodLogOptions', name }, faults)
  const wanted = new URLSearchParams()
  for (const option of FLAGS) if (isOn(query.get(option))) wanted.set(option, 'true')
  for (const option of PASSED_ON) {
    const value = query.get(option)
    if (value !== null && value !== '') wanted.set(option, value)
  }
  const stream = query.get('stream') ?? ''
  if (stream !== '' && stream !== 'All') wanted.set('stream', stream)
  return wanted
}

/** Whatever is stated switches an option on, but for a no. */
const isOn = (value: string | null) => value !== null && value !== 'false' && value !== '0'

function faultsOf(query: URLSearchParams): FieldError[] {
  const [tailLines, limitBytes, sinceSeconds] = ['tailLines', 'limitBytes', 'sinceSeconds'].map((option) =>
    wholeNumber(query.get(option) ?? ''),
  )
  checkTime(query.get('sinceTime') ?? '')
  const faults = [...nonNegative(tailLines, fieldPath('tailLines')), ...positive(limitBytes, fieldPath('limitBytes'))]
  if (sinceSeconds !== undefined && (query.get('sinceTime') ?? '') !== '') {
    faults.push(together('at most one of `sinceTime` or `sinceSeconds` may be specified'))
  } else faults.push(...positive(sinceSeconds, fieldPath('sinceSeconds')))
  const stream = query.get('stream') || 'All'
  if (!STREAMS.includes(stream)) faults.push(notSupported(fieldPath('stream'), stream, STREAMS))
  if (stream !== 'All' && tailLines !== undefined) {
    faults.push(together('`tailLines` and specific `stream` are mutually exclusive for now'))
  }
  return faults
}

function checkTime(text: string): void {
  if (text === '') return
  try {
    parseTime(text)
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error))
  }
}

function wholeNumber(text: string): number | undefined {
  if (text === '') return undefined
  if (!/^[+-]?\d{1,18}$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

/** A fault of two options together, which has no field: Kubernetes prints the empty path so. */
const together = (why: string): FieldError => ({
  type: 'FieldValueForbidden',
  field: '[]',
  message: `Forbidden: ${why}`,
})
