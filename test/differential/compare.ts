/** What two answers say, without what differs by nature: identities, times, revisions. */

import { readYamlBody } from '../../src/wire/yaml/parse.ts'
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
  'lastPhaseTransitionTime',
  'timeAdded',
])

/** The same in an object that a text quotes. */
const QUOTED = new RegExp(String.raw`(\\?"(${[...VOLATILE].join('|')})\\?":\\?")[^"\\]*`, 'g')

/** Who asked for a certificate: both sides know their administrator by other names. */
const ASKER = new Set(['username', 'uid', 'groups', 'extra'])

/** A struct as Go prints it, in a fault: up to the words, the end, or the next fault. */
const STRUCT = /Invalid value: (?:\{|\[).*?(?:\]|\})(?:: (?=[a-zA-Z`])|$|(?=, [a-z.]+(?:\[|:)))/g

export interface Difference {
  readonly path: string
  readonly real: unknown
  readonly ours: unknown
}

export function normal({ status, warnings, body, type }: Answer): unknown {
  let parsed: unknown = body
  const isReadable = /json|yaml|protobuf/.test(type)
  const read = isReadable ? readText(body, type.includes('yaml')) : undefined
  if (read !== undefined) {
    if ('openapi' in read) parsed = schemasOf(read as unknown as OpenApi)
    else parsed = read.kind === 'Table' ? plainTable(read as unknown as Table) : plain(read)
  }
  return { status, warnings, body: parsed }
}

/** What a body says: nothing where it is empty, as after HEAD, or cut short. */
function readText(body: string, isYaml: boolean): { kind?: string } | undefined {
  try {
    const read: unknown = isYaml ? readYamlBody(Buffer.from(body)).value : JSON.parse(body)
    return isMap(read) ? read : undefined
  } catch {
    return undefined
  }
}

/** A table by what kubectl prints: names, types and cells, without ages. */
function plainTable({ columnDefinitions, rows }: Table): unknown {
  const shown = (cell: unknown) =>
    typeof cell !== 'string'
      ? cell
      : /^\d+[smhd](\d+[smhd])?$/.test(cell)
        ? '<age>'
        : (plain(cell) as string)
            .replace(/^kubernetes-admin$/, 'admin')
            .replace(/\b10\.96\.\d+\.\d+\b/g, '<ip>')
            .replace(/:3[0-2]\d{3}\//g, ':<port>/')
  return {
    columns: columnDefinitions
      .map(({ name, type, format, priority }) => `${name} ${type} ${format} ${priority}`)
      .join('; '),
    rows: rows?.map(({ cells }) => JSON.stringify(cells.map(shown))) ?? null,
  }
}

interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What clients read of an OpenAPI document: the schemas, without their descriptions, and which paths have which methods. */
function schemasOf({ components, paths }: OpenApi): unknown {
  const bare = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(bare)
    if (!isMap(value)) return value
    const kept = Object.entries(value).filter(([key, item]) => key !== 'description' || typeof item !== 'string')
    return Object.fromEntries(kept.map(([key, item]) => [key, bare(item)]))
  }
  const methods = Object.entries(paths).map(([path, item]) => [
    path,
    Object.keys(item)
      .filter((key) => key !== 'parameters')
      .sort()
      .join(' '),
  ])
  return { schemas: bare(components.schemas), paths: Object.fromEntries(methods) }
}

interface Table {
  readonly columnDefinitions: readonly { name: string; type: string; format: string; priority: number }[]
  readonly rows: readonly { cells: readonly unknown[] }[] | null
}

function plain(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    if (VOLATILE.has(key)) return `<${key} ${value.length}>`
    const items = value.map((item) => plain(item))
    return key === 'managedFields' ? inOrder(items) : items
  }
  if (typeof value === 'object' && value !== null) {
    const asker = 'signerName' in value ? ASKER : undefined
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => asker?.has(name) !== true)
        .map(([name, item]) => [
          name,
          VOLATILE.has(name) && item !== null && item !== '' && typeof item !== 'object' && item !== 'None'
            ? `<${name}>`
            : plain(item, name),
        ]),
    )
  }
  if (typeof value === 'string') {
    return (
      value
        .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>')
        .replace(
          /(may not change fields other than|only additions to existing|is immutable after creation)[^]*/g,
          '$1 …',
        )
        .replace(/template: Invalid value: \{.*\}: field is/g, 'template: Invalid value: {…}: field is')
        .replace(STRUCT, 'Invalid value: {…}: ')
        .replace(/(in scheme ")[^"]*/g, '$1<scheme>')
        .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<rand>')
        .replace(/(ResourceVersion in record \(|resource version: \d+, current: )\d+/g, '$1<rv>')
        .replace(/\b10\.96\.(?!0\.)\d+\.\d+\b/g, '<ip>')
        .replace(QUOTED, '$1<$2>')
        // Go goes through maps as it likes.
        .replace(/errors:\n(?: {2}.*(?:\n|$))+/g, (faults) => faults.split('\n').sort().join('\n'))
    )
  }
  return value
}

/** Owners by their names: those of one second follow each other as their times had it. */
function inOrder(entries: readonly unknown[]): unknown[] {
  const key = (entry: unknown) =>
    isMap(entry) ? [entry['operation'], entry['manager'], entry['subresource'], entry['apiVersion']].join(' ') : ''
  return entries.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
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
