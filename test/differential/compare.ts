/** What two answers say, without what differs by nature: identities, times, revisions. */

import type { Answer } from './client.ts'

const VOLATILE = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'time',
  'clusterIP',
  'clusterIPs',
  'nodePort',
  'healthCheckNodePort',
  'lastTransitionTime',
])

/** A struct as Go prints it, in a fault: up to the words, the end, or the next fault. */
const STRUCT = /Invalid value: (?:\{|\[).*?(?:\]|\})(?:: (?=[a-zA-Z`])|$|(?=, [a-z.]+(?:\[|:)))/g

export interface Difference {
  readonly path: string
  readonly real: unknown
  readonly ours: unknown
}

export function normal({ status, warnings, body, type }: Answer): unknown {
  let parsed: unknown = body
  if (type.includes('json')) parsed = plain(JSON.parse(body))
  return { status, warnings, body: parsed }
}

function plain(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return VOLATILE.has(key) ? `<${key} ${value.length}>` : value.map((item) => plain(item))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        VOLATILE.has(name) && item !== null && item !== '' && typeof item !== 'object' && item !== 'None'
          ? `<${name}>`
          : plain(item, name),
      ]),
    )
  }
  if (typeof value === 'string') {
    return value
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>')
      .replace(/(may not change fields other than|only additions to existing)[^]*/g, '$1 …')
      .replace(/template: Invalid value: \{.*\}: field is/g, 'template: Invalid value: {…}: field is')
      .replace(STRUCT, 'Invalid value: {…}: ')
      .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<rand>')
  }
  return value
}

/** Every place where two values differ. */
export function differences(real: unknown, ours: unknown, path = ''): Difference[] {
  if (Object.is(real, ours)) return []
  if (Array.isArray(real) && Array.isArray(ours) && real.length === ours.length)
    return real.flatMap((item, at) => differences(item, ours[at], `${path}[${at}]`))
  if (isMap(real) && isMap(ours)) {
    const keys = [...new Set([...Object.keys(real), ...Object.keys(ours)])]
    return keys.flatMap((key) => differences(real[key], ours[key], path === '' ? key : `${path}.${key}`))
  }
  return [{ path, real, ours }]
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
