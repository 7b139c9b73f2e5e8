/** All that is asked about one large object: writes of every sort, reads, and the delete. */

import { definitionOf } from '../../src/api/catalog.ts'
import { resourceFacts } from '../../src/api/generated/resources.ts'
import { type Base, type Json, nameOf, pathOf, type Request, typeOf } from '../differential/corpus.ts'
import { bodyOf } from '../differential/message.ts'
import { filled, type Filling, type Place } from './bodies.ts'

const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'
const APPLY = 'application/apply-patch+yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1'

/** One request, and what must be there before. */
export interface Asked {
  readonly verb: string
  readonly request: Request
  /** What stands there when it is asked: the small object, the large one, or nothing. */
  readonly on: 'small' | 'large' | 'nothing'
}

/** The requests about a base object whose field is filled. */
export function* askedOf(base: Base, place: Place, filling: Filling): Generator<Asked> {
  const { verbs, subresources } = resourceFacts[base.key]!
  const large = filled(base.object, place, filling)
  const all = pathOf(base.key)
  const one = pathOf(base.key, nameOf(base))
  const ask = (verb: string, on: Asked['on'], method: string, path: string, body?: unknown, type?: string): Asked => ({
    verb,
    on,
    request: {
      id: verb,
      method,
      path,
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
      ...(type === undefined ? {} : { type }),
    },
  })
  const message = bodyOf(large, typeOf(base))
  if (base.review === true) {
    yield ask('create', 'nothing', 'POST', all, large)
    return
  }
  const isStatus = place.path[0] === 'status' && subresources.some(({ name }) => name === 'status')
  const sub = isStatus ? `${one}/status` : one
  if (!isStatus) {
    yield ask('dry create', 'nothing', 'POST', `${all}?dryRun=All`, large)
    yield ask('create', 'nothing', 'POST', all, large)
    yield ask('create in YAML', 'nothing', 'POST', all, large, 'application/yaml')
    if (message !== undefined) yield ask('create in protobuf', 'nothing', 'POST', all, message, PROTOBUF)
    yield ask('apply anew', 'nothing', 'PATCH', `${one}?fieldManager=a`, large, APPLY)
  }
  if (base.dry === true || !verbs.includes('update')) return
  const part = place.path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), filling.value)
  const inList = place.path.some((step) => typeof step === 'number')
  const pointer = `/${place.path.map((step) => String(step).replace(/~/g, '~0').replace(/\//g, '~1')).join('/')}`
  yield ask('update', 'small', 'PUT', sub, withVersion(base, large))
  yield ask('apply', 'small', 'PATCH', `${sub}?fieldManager=a&force=true`, large, APPLY)
  yield ask('apply in conflict', 'large', 'PATCH', `${sub}?fieldManager=b`, varied(base, place, filling), APPLY)
  yield ask('apply by force', 'large', 'PATCH', `${sub}?fieldManager=b&force=true`, varied(base, place, filling), APPLY)
  yield ask('apply of little after much', 'large', 'PATCH', `${sub}?fieldManager=b&force=true`, base.object, APPLY)
  if (!inList) {
    yield ask('merge patch', 'small', 'PATCH', sub, part, MERGE)
    yield ask('strategic patch', 'small', 'PATCH', sub, part, STRATEGIC)
  }
  yield ask('strategic patch again', 'large', 'PATCH', sub, inList ? {} : part, STRATEGIC)
  if (message !== undefined) yield ask('update in protobuf', 'small', 'PUT', sub, message, PROTOBUF)
  const small = filled(base.object, place, { name: '', value: place.value })
  yield ask('update to the same', 'large', 'PUT', sub, withVersion(base, large))
  yield ask('update of all', 'large', 'PUT', sub, withVersion(base, varied(base, place, filling)))
  yield ask('update to little', 'large', 'PUT', sub, withVersion(base, small))
  yield ask('JSON patch', 'large', 'PATCH', sub, operations(pointer, filling.value), JSON_PATCH)
  yield ask('patch of a label', 'large', 'PATCH', one, { metadata: { labels: { stalls: 'x' } } }, MERGE)
  yield ask('get', 'large', 'GET', one)
  yield {
    ...ask('get in protobuf', 'large', 'GET', one),
    request: { ...ask('', 'large', 'GET', one).request, accept: PROTOBUF },
  }
  yield ask('list', 'large', 'GET', all)
  yield { ...ask('table', 'large', 'GET', all), request: { ...ask('', 'large', 'GET', all).request, accept: TABLE } }
  if (!isStatus) yield ask('delete', 'large', 'DELETE', one)
}

/** Stands for the version that the server gave the object. */
export const VERSION = '$VERSION'

function withVersion({ key }: Base, object: Json): Json {
  if (definitionOf(key).allowUnconditionalUpdate !== false) return object
  return { ...object, metadata: { ...(object['metadata'] as Json), resourceVersion: VERSION } }
}

/** The same number of others: every value of the filling another. */
function varied(base: Base, place: Place, { value, name }: Filling): Json {
  const other = (inner: unknown): unknown =>
    typeof inner === 'string' ? `${inner}0` : typeof inner === 'number' ? inner + 1 : inner
  const others = Array.isArray(value)
    ? value.toReversed().map(other)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, other(inner)]))
      : other(value)
  return filled(base.object, place, { name, value: others })
}

/** Many small operations at a list or a map; of a text one. */
function operations(path: string, value: unknown): Json[] {
  if (typeof value !== 'object' || value === null) return [{ op: 'replace', path, value }]
  const keys = Object.keys(value).slice(0, 9_000)
  if (Array.isArray(value))
    return keys.map((_, at) => ({
      op: at % 2 === 0 ? 'remove' : 'test',
      path: `${path}/${at % 2 === 0 ? 0 : 1}`,
      value: value[1],
    }))
  const pointers = keys.map((key) => `${path}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`)
  return pointers.map((pointer) => ({ op: 'move', from: pointer, path: `${pointer}-moved` }))
}
