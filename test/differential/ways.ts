/**
 * The changes of the corpus by other ways than creates and updates in JSON: applies of what is not there and of what
 * is, merge and strategic patches, and bodies in protobuf. All are dry, and all are answered in JSON.
 */

import { schemaOf } from '../../src/api/schemas.ts'
import type { FieldSchema, Shape } from '../../src/wire/schema.ts'
import {
  applied,
  type Base,
  type Change,
  changesIn,
  dryCreate,
  dryStatus,
  dryUpdate,
  fresh,
  isChanged,
  type Json,
  labelOf,
  nameOf,
  pathOf,
  type Request,
  statusChangesIn,
  typeOf,
} from './corpus.ts'
import { bodyOf } from './message.ts'

const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const APPLY = 'application/apply-patch+yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const WAYS = ['apply', 'reapply', 'merge', 'strategic', 'protobuf']
/** Who applies: all that the base object says is already theirs. */
const APPLIER = 'fieldManager=applier&force=true'

/** Makes all of the base object, which was created before, the applier's. */
export function ownership(base: Base): Request {
  const path = `${pathOf(base.key, nameOf(base))}?${APPLIER}`
  return { id: `${base.name} apply`, method: 'PATCH', path, body: JSON.stringify(base.object), type: APPLY }
}

/** The requests of the ways among `kinds`. */
export function* wayRequests(base: Base, kinds: ReadonlySet<string>): Generator<Request> {
  if (!WAYS.some((way) => kinds.has(way))) return
  for (const change of changesIn(base)) {
    yield* created(base, change, kinds)
    if (isChanged(base)) yield* changed({ base, change, kinds, part: '' })
  }
  if (!isChanged(base)) return
  for (const change of statusChangesIn(base)) yield* changed({ base, change, kinds, part: '/status' })
}

/** What would be there for the first time. */
function* created(base: Base, change: Change, kinds: ReadonlySet<string>): Generator<Request> {
  const label = ` ${labelOf(change)}`
  const object = applied(fresh(base.object), change)
  const plain = () => [dryCreate(base, label, object)]
  const { path } = dryCreate(base, label, object)
  const name = nameOf({ ...base, object: fresh(base.object) })
  if (kinds.has('apply') && base.review !== true && name !== undefined) {
    const one = `${pathOf(base.key, name)}?dryRun=All&${APPLIER}`
    const body = JSON.stringify(object)
    yield { id: `${base.name} APPLY${label}`, method: 'PATCH', path: one, body, type: APPLY, plain }
  }
  const body = kinds.has('protobuf') ? bodyOf(object, typeOf(base)) : undefined
  if (body !== undefined)
    yield { id: `${base.name} PROTO-POST${label}`, method: 'POST', path, body, type: PROTOBUF, plain }
}

interface Changing {
  readonly base: Base
  readonly change: Change
  readonly kinds: ReadonlySet<string>
  readonly part: '' | '/status'
}

/** What is there already, and would become another. */
function* changed({ base, change, kinds, part }: Changing): Generator<Request> {
  const label = ` ${labelOf(change)}`
  const object = applied(base.object, change)
  const isStatus = part !== ''
  const plain = () =>
    isStatus
      ? [dryStatus(base, label, object)]
      : [dryUpdate(base, label, object), dryCreate(base, label, applied(fresh(base.object), change))]
  const path = `${pathOf(base.key, nameOf(base))}${part}?dryRun=All`
  const ask = (way: string, type: string, body: string | Buffer): Request => {
    const isPut = type === PROTOBUF
    const id = `${base.name} ${way}${isStatus ? '-STATUS' : ''}${label}`
    const by = type === APPLY ? `&${APPLIER}` : ''
    return { id, method: isPut ? 'PUT' : 'PATCH', path: `${path}${by}`, body, type, plain }
  }
  if (kinds.has('reapply')) yield ask('REAPPLY', APPLY, JSON.stringify(object))
  const isSame = change.value === null && !change.path.some((step) => typeof step === 'number')
  if (kinds.has('merge') && !isSame) yield ask('MERGE', MERGE, JSON.stringify(mergePatch(base, change, object)))
  if (kinds.has('strategic') && !isSame) {
    yield ask('STRATEGIC', STRATEGIC, JSON.stringify(strategicPatch(base, change, object)))
  }
  const body = kinds.has('protobuf') ? bodyOf(object, typeOf(base)) : undefined
  if (body !== undefined) yield ask('PROTO-PUT', PROTOBUF, body)
}

/** The change alone; of a list in its way all the items. */
function mergePatch(base: Base, { path, value }: Change, object: Json): Json {
  const end = path.findIndex((step) => typeof step === 'number')
  if (end < 0) return nested(path, value ?? null)
  const way = path.slice(0, end)
  return nested(
    way,
    way.reduce<unknown>((at, step) => (at as Json)[step], object),
  )
}

function nested(path: readonly (string | number)[], value: unknown): Json {
  return path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value) as Json
}

/** The change alone, and of a list in its way only the item, where its kind of item has a key. */
function strategicPatch(base: Base, { path, value }: Change, object: Json): Json {
  const patch = (
    shape: Shape,
    steps: Change['path'],
    before: unknown,
    after: unknown,
    field?: FieldSchema,
  ): unknown => {
    const [step, ...rest] = steps
    if (step === undefined) return value ?? null
    const inner = (of: Shape, known?: FieldSchema) =>
      patch(of, rest, (before as Json | undefined)?.[step], (after as Json | undefined)?.[step], known)
    if (shape.kind === 'list') {
      const key = field?.patchStrategy?.includes('merge') === true ? field.patchMergeKey : undefined
      const own = key === undefined ? undefined : (before as readonly Json[] | undefined)?.[step as number]?.[key]
      if (key === undefined || own === undefined || (rest.length === 0 && value !== undefined)) return after
      if (rest.length === 0) return [{ $patch: 'delete', [key]: own }]
      return [{ [key]: own, ...(inner(shape.of) as Json) }]
    }
    if (shape.kind === 'map') return { [step]: inner(shape.of) }
    const known = shape.kind === 'struct' ? schemaOf(shape.type)?.fields.get(String(step)) : undefined
    return { [step]: inner(known?.shape ?? { kind: 'scalar', scalar: 'any' }, known) }
  }
  return patch({ kind: 'struct', type: typeOf(base) }, path, base.object, object) as Json
}
