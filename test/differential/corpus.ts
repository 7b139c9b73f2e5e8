/**
 * The corpus of the differential test: valid objects of every kind, and from each the requests that differ from it in
 * one field: gone, null, of another type, out of range, badly named, doubled.
 */

import { definitionOf } from '../../src/api/catalog.ts'
import { resourceFacts } from '../../src/api/generated/resources.ts'
import { schemaOf } from '../../src/api/schemas.ts'
import type { FieldSchema, ScalarKind, Shape } from '../../src/wire/schema.ts'

/** A valid object to breed from. */
export interface Base {
  readonly name: string
  /** Of the resource: `apps/v1/deployments`. */
  readonly key: string
  readonly object: Json
  /** How deep fields that the object lacks are entered. */
  readonly absentDepth?: number
  /** Only fields below these paths are changed; absent: all but metadata. `all`: metadata too. */
  readonly focus?: 'all' | readonly string[]
  /** Never really created, for it would touch other objects: no updates are tried. */
  readonly dry?: boolean
  /** Is answered and never stored. */
  readonly review?: boolean
}

export interface Request {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly body?: string | Uint8Array
  readonly type?: string
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The same change asked plainly: what differs there as well is no matter of the way it is asked. */
  readonly plain?: () => readonly Request[]
}

export type Json = { [field: string]: unknown }
type Path = readonly (string | number)[]
/** `undefined` as a value: the field is taken away. */
export interface Change {
  readonly path: Path
  readonly label: string
  readonly value: unknown
  /** No decoder takes it. */
  readonly wrong?: boolean
}

const ABSENT_DEPTH = Number(process.env['DEPTH'] ?? 2)

const LONG = 'a'.repeat(300)
/** Values of the right type, as a client may well send them. */
const byScalar: Record<ScalarKind, readonly unknown[]> = {
  string: ['', 'Bad_Name!', LONG, 'x', 'a/b'],
  boolean: [true, false],
  int32: [-1, 0, 1, 70_000, 2_147_483_647],
  int64: [-1, 0, 1, 70_000, 5_000_000_000],
  double: [-1, 0, 1.5],
  bytes: ['', 'AA=='],
  Quantity: ['-1', '0', '1', 3, '1.5', '100m', '1e30'],
  Time: ['2020-01-01T00:00:00Z'],
  MicroTime: ['2020-01-01T00:00:00.000000Z'],
  Duration: ['1h'],
  IntOrString: [-1, 0, 1, 70_000, '', '50%', '150%', 'abc', 'Bad_Name!'],
  any: [{}, 'x', [], { a: 1 }],
}
/** Further values of the right type, at the edges of what is allowed: `VALUES=more`. */
const moreByScalar: Readonly<Record<ScalarKind, readonly unknown[]>> = {
  string: [
    ' x',
    'X',
    'a.b',
    'a_b',
    '-a',
    '0',
    'é',
    '/',
    '/a',
    '..',
    '*',
    'a:b',
    'a/b/c',
    'a.example/b',
    '1.2.3.4',
    '01.2.3.4',
    '::1',
    '::ffff:1.2.3.4',
    '10.0.0.0/8',
    '10.0.0.1/8',
    'https://x/y',
    'a'.repeat(63),
    'a'.repeat(64),
    'a\nb',
  ],
  boolean: [],
  int32: [-2_147_483_648, 2, 63, 64, 100, 101, 255, 256, 300, 3600, 3601, 65_535, 65_536],
  int64: [-9_223_372_036_854_776, 2, 100, 101, 65_535, 65_536, 2_147_483_648],
  double: [1, 1e21, 1e-7],
  bytes: ['AAAA', 'AA', 'A A='],
  Quantity: [
    '+1',
    '1e3',
    '1E',
    '1Ki',
    '1.5Gi',
    '0.0001',
    '100n',
    '1u',
    '-0',
    '9223372036854775808',
    ' 1',
    '1 ',
    '',
    1.5,
  ],
  Time: ['0001-01-01T00:00:00Z', '2020-01-01T00:00:00.5Z', '2020-01-01T00:00:00+02:00', '2020-13-01T00:00:00Z'],
  MicroTime: ['2020-01-01T00:00:00.1234567Z', '2020-01-01T00:00:00.5+02:00', '0001-01-01T00:00:00.000000Z'],
  Duration: ['0s', '-1h', '1d', '1.5h', '1h30m', '1us', '', '1'],
  IntOrString: [65_535, 65_536, '0', '80', 'http', 'a-b', '0%', '100%', '101%', '-1%', '1%%', ' 1%', 'a'.repeat(16)],
  any: [null, 1, true, { a: null }, [[]]],
}
if (process.env['VALUES'] === 'more') {
  for (const [scalar, values] of Object.entries(moreByScalar) as [ScalarKind, unknown[]][])
    byScalar[scalar] = [...byScalar[scalar], ...values]
}
/** Values that no decoder takes; tried where a field is given. */
const wrongByScalar: Readonly<Record<ScalarKind, readonly unknown[]>> = {
  string: [7],
  boolean: ['true'],
  int32: [3_000_000_000, 1.5, '1'],
  int64: [1.5, '1'],
  double: ['x'],
  bytes: ['!', 7],
  Quantity: ['abc', {}],
  Time: ['', 'x', 5],
  MicroTime: ['x', '2020-01-01T00:00:00Z', 5],
  Duration: ['x', 5],
  IntOrString: [{}],
  any: [],
}

/** The changes that are tried at a place: a few of every sort that there is. */
function* changesAt(shape: Shape, value: unknown, path: Path, absentDepth: number): Generator<Change> {
  const change = (label: string, to: unknown): Change => ({ path, label, value: to })
  const given = value !== undefined
  if (given) {
    yield change('gone', undefined)
    yield change('null', null)
  }
  switch (shape.kind) {
    case 'scalar':
      for (const to of byScalar[shape.scalar]) if (to !== value) yield change(JSON.stringify(to).slice(0, 30), to)
      if (given) for (const to of wrongByScalar[shape.scalar]) yield { ...change(JSON.stringify(to), to), wrong: true }
      return
    case 'map': {
      yield change('empty', {})
      if (given) yield { ...change('list', []), wrong: true }
      const inner = sample(shape.of)
      yield change('bad key', { ...(value as Json), 'Bad Key!': inner })
      yield change('empty key', { ...(value as Json), '': inner })
      yield change('long key', { ...(value as Json), [`${'b'.repeat(260)}`]: inner })
      yield change('good key', { ...(value as Json), 'example.com/good': inner })
      const first = given ? Object.keys(value as Json)[0] : 'k'
      if (first !== undefined)
        yield* changesAt(shape.of, given ? (value as Json)[first] : undefined, [...path, first], absentDepth)
      return
    }
    case 'list': {
      yield change('empty', [])
      yield change('[null]', [null])
      if (given) yield { ...change('text', 'x'), wrong: true }
      const items = Array.isArray(value) ? (value as unknown[]) : []
      if (items.length > 0) {
        yield change('doubled', [...items, items[0]])
        for (let at = 0; at < items.length; at++)
          yield* changesAt(shape.of, items[at], [...path, at], at === 0 ? absentDepth : -1)
      } else if (shape.of.kind === 'scalar') {
        for (const to of byScalar[shape.of.scalar]) yield change(`[${JSON.stringify(to).slice(0, 30)}]`, [to])
        const one = sample(shape.of)
        yield change('[x,x]', [one, one])
      } else if (absentDepth > 0) {
        yield* changesAt(shape.of, undefined, [...path, 0], absentDepth - 1)
      } else yield change('[{}]', [{}])
      return
    }
    case 'struct': {
      yield change('{}', {})
      if (given) yield { ...change('list', []), wrong: true }
      if (given) yield { ...change('text', 'x'), wrong: true }
      if (given) yield { path: [...path, 'unknownField'], label: 'unknown', value: 1 }
      if (!given && absentDepth <= 0) return
      for (const field of schemaOf(shape.type)?.fields.values() ?? []) {
        const inner = given ? (value as Json)[field.name] : undefined
        if (inner === undefined && absentDepth < 0) continue
        yield* changesOf(field, inner, [...path, field.name], inner === undefined ? absentDepth - 1 : absentDepth)
      }
    }
  }
}

function* changesOf(field: FieldSchema, value: unknown, path: Path, absentDepth: number): Generator<Change> {
  if (path.at(-1) === 'managedFields') return
  // Pods are tried as Pods; of a workload's template only what stands on top.
  if (
    path.includes('template') &&
    path.includes('spec') &&
    path.length > path.indexOf('template') + 2 &&
    absentDepth > 0
  )
    absentDepth = 0
  for (const known of field.enum?.slice(0, 5) ?? []) {
    if (known !== value) yield { path, label: JSON.stringify(known), value: known }
  }
  yield* changesAt(field.shape, value, path, absentDepth)
}

function sample(shape: Shape): unknown {
  if (shape.kind === 'list') return []
  if (shape.kind !== 'scalar') return {}
  const samples: Partial<Record<ScalarKind, unknown>> = {
    boolean: true,
    int32: 1,
    int64: 1,
    double: 1,
    bytes: 'AA==',
    Quantity: '1',
    IntOrString: 1,
    any: {},
  }
  return samples[shape.scalar] ?? 'x'
}

/** The object with the change made. */
export function applied(object: Json, { path, value }: Change): Json {
  const copy = structuredClone(object)
  let at: Json = copy
  for (let depth = 0; depth < path.length - 1; depth++) {
    const step = path[depth]!
    at[step] ??= typeof path[depth + 1] === 'number' ? [] : {}
    at = at[step] as Json
  }
  const last = path.at(-1)!
  if (value !== undefined) at[last] = value
  else if (Array.isArray(at)) at.splice(Number(last), 1)
  else delete at[last]
  return copy
}

/** The path of a resource's objects, or of one. */
export function pathOf(key: string, name?: string): string {
  const facts = resourceFacts[key]
  if (facts === undefined) throw new Error(`no resource is known by ${key}`)
  const root = facts.group === '' ? `/api/${facts.version}` : `/apis/${facts.group}/${facts.version}`
  const all = `${root}${facts.namespaced ? '/namespaces/default' : ''}/${facts.resource}`
  return name === undefined ? all : `${all}/${name}`
}

export const nameOf = (base: Base) => (base.object['metadata'] as { name: string } | undefined)?.name

/** The request that really creates an object. */
export function creation(base: Base): Request {
  return { id: `${base.name} create`, method: 'POST', path: pathOf(base.key), body: JSON.stringify(base.object) }
}

const DRY = '?dryRun=All'

/** A dry create of the object by another name. */
export function dryCreate(base: Base, label: string, object: Json): Request {
  const dry = base.review === true ? '' : DRY
  const path = `${pathOf(base.key)}${dry}`
  return { id: `${base.name} POST${label}`, method: 'POST', path, body: JSON.stringify(object) }
}

/** Stands in an update for the version that a server has given the object: some kinds want to be told. */
export const VERSION = '$VERSION'

/** A dry update of the object that was really created. */
export function dryUpdate(base: Base, label: string, object: Json): Request {
  const path = `${pathOf(base.key, nameOf(base))}${DRY}`
  const mustSay = definitionOf(base.key).allowUnconditionalUpdate === false
  const metadata = object['metadata'] as Json | undefined
  const said =
    mustSay && metadata !== undefined ? { ...object, metadata: { resourceVersion: VERSION, ...metadata } } : object
  return { id: `${base.name} PUT${label}`, method: 'PUT', path, body: JSON.stringify(said) }
}

/** A dry update of its status. */
export function dryStatus(base: Base, label: string, object: Json): Request {
  const path = `${pathOf(base.key, nameOf(base))}/status${DRY}`
  return { id: `${base.name} STATUS${label}`, method: 'PUT', path, body: JSON.stringify(object) }
}

/** Requests that change nothing: creates, updates and status updates, all dry. */
export function requestsOf(base: Base, kinds: ReadonlySet<string>): Request[] {
  const requests: Request[] = []
  const changes = [...changesIn(base)]
  if (kinds.has('create')) {
    requests.push(dryCreate(base, '', fresh(base.object)))
    for (const change of changes)
      requests.push(dryCreate(base, ` ${labelOf(change)}`, applied(fresh(base.object), change)))
  }
  if (!isChanged(base)) return requests
  if (kinds.has('update'))
    for (const change of changes.filter(({ wrong }) => wrong !== true))
      requests.push(dryUpdate(base, ` ${labelOf(change)}`, applied(base.object, change)))
  if (kinds.has('status'))
    for (const change of statusChangesIn(base))
      requests.push(dryStatus(base, ` ${labelOf(change)}`, applied(base.object, change)))
  return requests
}

/** Whether the object is really created, and then changed. */
export const isChanged = (base: Base): boolean =>
  base.dry !== true && base.review !== true && resourceFacts[base.key]!.verbs.includes('update')

/** The same object by another name, so that a dry create meets no other. */
export function fresh(object: Json): Json {
  const metadata = object['metadata'] as Json | undefined
  if (metadata === undefined) return object
  const ip = /^\d+\.\d+\.\d+\.\d+$/.test(String(metadata['name']))
  const name = ip ? '192.168.1.77' : `x-${String(metadata['name'])}`
  return withOtherPorts({ ...object, metadata: { ...metadata, name } })
}

/** Node ports belong to one Service alone. */
function withOtherPorts(object: Json): Json {
  const text = JSON.stringify(object).replace(
    /"(nodePort|healthCheckNodePort)":(\d+)/g,
    (_, field: string, port: string) => `"${field}":${Number(port) + 1000}`,
  )
  return JSON.parse(text) as Json
}

/** Every change of the object that is tried. */
export function* changesIn(base: Base): Generator<Change> {
  const { focus } = base
  for (const field of schemaOf(typeOf(base))!.fields.values()) {
    if (field.name === 'apiVersion' || field.name === 'kind') continue
    if (field.name === 'metadata' && focus !== 'all') continue
    if (field.name === 'status' && base.object['status'] === undefined) continue
    const given = base.object[field.name]
    for (const change of changesOf(field, given, [field.name], base.absentDepth ?? ABSENT_DEPTH)) {
      const path = change.path.join('.')
      if (typeof focus === 'object' && !focus.some((prefix) => path.startsWith(prefix))) continue
      yield change
    }
  }
}

/** Every change of its status that is tried, where that is written by itself. */
export function* statusChangesIn(base: Base): Generator<Change> {
  if (!resourceFacts[base.key]!.subresources.some(({ name }) => name === 'status')) return
  const field = schemaOf(typeOf(base))!.fields.get('status')!
  yield* changesOf(field, base.object['status'] ?? {}, ['status'], base.absentDepth ?? ABSENT_DEPTH)
}

/** The key of the kind's type. */
export const typeOf = (base: Base): string => resourceFacts[base.key]!.type

export const labelOf = ({ path, label }: Change) => `${path.join('.')}=${label}`
