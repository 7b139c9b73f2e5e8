import { describe, expect, test } from 'vitest'
import type { FieldSchema, SchemaLookup, Shape, StructSchema } from '../schema.ts'
import { PatchError, type PatchErrorKind } from './errors.ts'
import { applyStrategicPatch } from './strategic.ts'

const text: Shape = { kind: 'scalar', scalar: 'string' }
const number: Shape = { kind: 'scalar', scalar: 'int32' }
const anything: Shape = { kind: 'scalar', scalar: 'any', custom: 'raw' }
const list = (of: Shape): Shape => ({ kind: 'list', of })
const struct = (type: string): Shape => ({ kind: 'struct', type })
const field = (name: string, shape: Shape, markers: Partial<FieldSchema> = {}): [string, FieldSchema] => [
  name,
  { name, shape, pointer: false, omitEmpty: true, required: false, nullable: false, ...markers },
]
const type = (key: string, ...fields: [string, FieldSchema][]): [string, StructSchema] => [
  key,
  { key, fields: new Map(fields), root: false, hasProto: true },
]
const byName = { patchStrategy: ['merge'], patchMergeKey: 'name' } as const
const types = new Map<string, StructSchema>([
  type('t.Thing', field('meta', struct('t.Meta')), field('spec', struct('t.Spec'))),
  type(
    't.Meta',
    field('labels', { kind: 'map', of: text }),
    field('finalizers', list(text), { patchStrategy: ['merge'] }),
  ),
  type(
    't.Spec',
    field('items', list(struct('t.Item')), byName),
    field('volumes', list(struct('t.Volume')), { patchStrategy: ['merge', 'retainKeys'], patchMergeKey: 'name' }),
    field('plain', list(text)),
    field('objects', list(struct('t.Item'))),
    field('strategy', struct('t.Strategy'), { patchStrategy: ['retainKeys'] }),
    field('whole', struct('t.Strategy'), { patchStrategy: ['replace'] }),
    field('raw', anything),
    field('keyless', list(struct('t.Item')), { patchStrategy: ['merge'] }),
    field('lists', list(list(text)), { patchStrategy: ['merge'] }),
    field('count', number),
  ),
  type(
    't.Item',
    field('name', text),
    field('value', text),
    field('ports', list(struct('t.Port')), { patchStrategy: ['merge'], patchMergeKey: 'port' }),
  ),
  type('t.Port', field('port', number), field('name', text)),
  type('t.Volume', field('name', text), field('dir', struct('t.Strategy')), field('secret', struct('t.Strategy'))),
  type('t.Strategy', field('type', text), field('rolling', struct('t.Item'))),
])
const lookup: SchemaLookup = (key) => types.get(key)

const patched = (current: object, patch: unknown) => applyStrategicPatch(current, patch, 't.Thing', lookup)
/** The spec after a patch of the spec. */
const spec = (before: object, patch: object) => (patched({ spec: before }, { spec: patch }) as { spec: unknown }).spec
const names = (...list: string[]) => list.map((name) => ({ name }))

function fault(act: () => unknown): PatchError {
  try {
    act()
  } catch (error) {
    if (error instanceof PatchError) return error
    throw error
  }
  throw new Error('no fault')
}

describe('applyStrategicPatch()', () => {
  const cases: [rule: string, before: object, patch: object, after: object][] = [
    ['sets a value', { count: 1 }, { count: 2 }, { count: 2 }],
    ['removes with null', { count: 1, plain: ['a'] }, { count: null }, { plain: ['a'] }],
    ['ignores null for what is not there', { count: 1 }, { plain: null }, { count: 1 }],
    ['replaces a list without strategy', { plain: ['a', 'b'] }, { plain: ['c'] }, { plain: ['c'] }],
    [
      'replaces a list of objects without strategy',
      { objects: names('a') },
      { objects: names('b') },
      { objects: names('b') },
    ],
    [
      'merges items by key and puts new ones first',
      { items: [{ name: 'a', value: '1' }, { name: 'b' }] },
      { items: [{ name: 'c' }, { name: 'b', value: '2' }] },
      { items: [{ name: 'c' }, { name: 'a', value: '1' }, { name: 'b', value: '2' }] },
    ],
    [
      'keeps the order when only items that are there are named',
      { items: names('a', 'b', 'c') },
      { items: [{ name: 'c', value: '1' }] },
      { items: [{ name: 'a' }, { name: 'b' }, { name: 'c', value: '1' }] },
    ],
    [
      'takes the order of the patch for the items it names, after what stood before the first of them',
      { items: names('a', 'b', 'c') },
      { items: names('c', 'a') },
      { items: names('b', 'c', 'a') },
    ],
    [
      'takes an item whose key is null for a new one',
      { items: names('a', 'b') },
      { items: [{ name: null, value: '1' }] },
      { items: [{ name: null, value: '1' }, { name: 'a' }, { name: 'b' }] },
    ],
    [
      'deletes an item',
      { items: names('a', 'b') },
      { items: [{ name: 'a', $patch: 'delete' }] },
      { items: names('b') },
    ],
    [
      'deletes every item of a key',
      { items: [{ name: 'a', ports: [{ port: 53, name: 'u' }, { port: 53, name: 't' }, { port: 80 }] }] },
      { items: [{ name: 'a', ports: [{ port: 53, $patch: 'delete' }] }] },
      { items: [{ name: 'a', ports: [{ port: 80 }] }] },
    ],
    [
      'replaces a whole list',
      { items: names('a', 'b') },
      { items: [{ $patch: 'replace' }, { name: 'c' }] },
      { items: names('c') },
    ],
    ['empties a list', { items: names('a', 'b') }, { items: [{ $patch: 'replace' }] }, { items: [] }],
    [
      'leaves a list alone that an empty list is merged into',
      { items: names('a') },
      { items: [] },
      { items: names('a') },
    ],
    [
      'replaces an object',
      { strategy: { type: 'a', rolling: {} } },
      { strategy: { $patch: 'replace', type: 'b' } },
      { strategy: { type: 'b' } },
    ],
    ['empties an object', { strategy: { type: 'a' } }, { strategy: { $patch: 'delete' } }, { strategy: {} }],
    [
      'replaces an object whose strategy is replace',
      { whole: { type: 'a', rolling: {} } },
      { whole: { type: 'b' } },
      { whole: { type: 'b' } },
    ],
    [
      'keeps only the retained keys',
      { strategy: { type: 'a', rolling: { name: 'x' } } },
      { strategy: { $retainKeys: ['type'], type: 'b' } },
      { strategy: { type: 'b' } },
    ],
    [
      'keeps only the retained keys of an item',
      { volumes: [{ name: 'v', dir: { type: 'a' } }] },
      { volumes: [{ $retainKeys: ['name', 'secret'], name: 'v', secret: { type: 'b' } }] },
      { volumes: [{ name: 'v', secret: { type: 'b' } }] },
    ],
    [
      'merges what has no schema',
      { raw: { a: 1, b: [1] } },
      { raw: { b: [2], c: 3 } },
      { raw: { a: 1, b: [2], c: 3 } },
    ],
    [
      'replaces a value of another type',
      { strategy: 'odd' },
      { strategy: { type: 'a', rolling: null } },
      { strategy: { type: 'a' } },
    ],
    [
      'drops nulls and directives from what is new, but for what would be retained: nothing was there',
      {},
      {
        strategy: { $retainKeys: ['type'], type: 'a', rolling: null },
        items: [
          { name: 'a', value: null },
          { name: 'b', $patch: 'delete' },
        ],
      },
      { strategy: { $retainKeys: ['type'], type: 'a' }, items: names('a') },
    ],
    [
      'leaves out what is new and directed',
      {},
      {
        strategy: { $patch: 'replace', type: 'a' },
        raw: { $patch: 'odd', a: 1 },
        items: [{ $patch: 'replace' }, { name: 'a' }],
      },
      { items: names('a') },
    ],
    [
      'orders as $setElementOrder says',
      { items: names('a', 'b', 'c') },
      { '$setElementOrder/items': names('c', 'a', 'b') },
      { items: names('c', 'a', 'b') },
    ],
    [
      'orders merged items as $setElementOrder says and keeps others in place',
      { items: names('a', 'b', 'x') },
      { '$setElementOrder/items': names('b', 'n', 'a'), items: [{ name: 'n' }, { name: 'a', value: '1' }] },
      { items: [{ name: 'b' }, { name: 'n' }, { name: 'a', value: '1' }, { name: 'x' }] },
    ],
    [
      'deletes and orders at once',
      { items: names('a', 'b', 'c') },
      { '$setElementOrder/items': names('c', 'a'), items: [{ name: 'b', $patch: 'delete' }] },
      { items: names('c', 'a') },
    ],
    [
      'takes an order of nothing for no order',
      { items: names('a', 'b') },
      { '$setElementOrder/items': [], items: [{ name: 'b', value: '1' }] },
      { items: [{ name: 'a' }, { name: 'b', value: '1' }] },
    ],
  ]
  for (const [rule, before, patch, after] of cases) {
    test(`${rule}`, () => expect(spec(before, patch)).toEqual(after))
  }

  test('merges lists of plain values as sets', () => {
    const after = patched({ meta: { finalizers: ['one', 'two'] } }, { meta: { finalizers: ['three', 'two'] } })
    expect(after).toEqual({ meta: { finalizers: ['three', 'one', 'two'] } })
  })

  test('deletes from a list of plain values, and orders it', () => {
    const patch = {
      meta: {
        '$deleteFromPrimitiveList/finalizers': ['one'],
        '$setElementOrder/finalizers': ['four', 'three', 'two'],
        finalizers: ['four'],
      },
    }
    const after = patched({ meta: { finalizers: ['one', 'two', 'three'] } }, patch)
    expect(after).toEqual({ meta: { finalizers: ['four', 'three', 'two'] } })
    const only = patched(
      { meta: { finalizers: ['a', 'b'] } },
      { meta: { '$deleteFromPrimitiveList/finalizers': ['a'] } },
    )
    expect(only).toEqual({ meta: { finalizers: ['b'] } })
  })

  test('merges maps key by key', () => {
    const after = patched({ meta: { labels: { a: '1', b: '2' } } }, { meta: { labels: { a: null, c: '3' } } })
    expect(after).toEqual({ meta: { labels: { b: '2', c: '3' } } })
  })

  test('answers the object itself when nothing changes, and shares what it leaves', () => {
    const current = { meta: { labels: { a: '1' } }, spec: { items: names('a', 'b'), count: 1 } }
    expect(patched(current, { meta: { labels: { a: '1' } }, spec: { items: names('b'), plain: null } })).toBe(current)
    const after = patched(current, { spec: { items: [{ name: 'b', value: '1' }] } }) as typeof current
    expect(after.meta).toBe(current.meta)
    expect(after.spec.items[0]).toBe(current.spec.items[0])
  })

  const faults: [name: string, before: object, patch: object, kind: PatchErrorKind, message: string][] = [
    [
      'an item without its key',
      { items: names('a') },
      { items: [{ value: 'x' }] },
      'unclassified',
      'map: map[value:x] does not contain declared merge key: name',
    ],
    [
      'a deletion without a key',
      { items: names('a') },
      { items: [{ $patch: 'delete' }] },
      'unclassified',
      'map: map[$patch:delete] does not contain declared merge key: name',
    ],
    [
      'a list without merge key',
      { keyless: names('a') },
      { keyless: names('a') },
      'unclassified',
      'cannot merge lists without merge key for t.Spec',
    ],
    ['lists of lists', { lists: [['a']] }, { lists: [['b']] }, 'unprocessable', 'the server rejected our request'],
    [
      'items of several types',
      { items: names('a') },
      { items: ['b'] },
      'unclassified',
      'list element types are not identical: [[map[name:a]] [b]]',
    ],
    [
      'items of which one is a list',
      { items: names('a') },
      { items: [['b']] },
      'unclassified',
      'list element types are not identical: [[map[name:a]] [[b]]]',
    ],
    [
      'items among which are numbers',
      { items: names('a') },
      { items: [1.5, 1234567.5, 1e20, 0.00001] },
      'unclassified',
      'list element types are not identical: [[map[name:a]] [1.5 1.2345675e+06 1e+20 1e-05]]',
    ],
    [
      'deletions of another type than the items',
      { items: names('a') },
      { '$deleteFromPrimitiveList/items': ['a'] },
      'unclassified',
      'list element types are not identical: [[map[name:a]] [a]]',
    ],
    [
      'an unknown directive of an object',
      { strategy: { type: 'a' } },
      { strategy: { $patch: 'burn' } },
      'unclassified',
      'unknown patch type: burn in map: map[$patch:burn]',
    ],
    [
      'an unknown directive of an item',
      { items: names('a') },
      { items: [{ name: 'a', $patch: 'burn' }] },
      'unclassified',
      'unknown patch type: burn in map: map[$patch:burn name:a]',
    ],
    [
      'merge as directive of a list',
      { items: names('a') },
      { items: [{ $patch: 'merge' }] },
      'unclassified',
      'merging lists cannot yet be specified in the patch',
    ],
    [
      'a patch outside of its retained keys',
      { strategy: { type: 'a' } },
      { strategy: { $retainKeys: ['x'], type: 'b' } },
      'bad-request',
      'invalid patch format of retainKeys',
    ],
    [
      'retained keys that are no list',
      { strategy: { type: 'a' } },
      { strategy: { $retainKeys: 'type' } },
      'bad-request',
      'invalid patch format of retainKeys',
    ],
    [
      'deletions that are no list',
      { plain: ['a'] },
      { '$deleteFromPrimitiveList/plain': 'a' },
      'bad-request',
      'invalid patch format of primitive list',
    ],
    [
      'an order that is no list',
      { items: names('a') },
      { '$setElementOrder/items': 'a' },
      'bad-request',
      'invalid patch format of setElementOrder list',
    ],
    [
      'an order whose list is not named well',
      { items: names('a') },
      { $setElementOrderOfItems: names('a') },
      'bad-request',
      'invalid patch format of setElementOrder list',
    ],
    [
      'an order of no list in particular',
      { items: names('a') },
      { $setElementOrder: names('a') },
      'bad-request',
      'invalid patch format of setElementOrder list',
    ],
    [
      'a patch against its own order',
      { items: names('a', 'b') },
      { '$setElementOrder/items': names('a', 'b'), items: names('b', 'a') },
      'unclassified',
      "doesn't match $setElementOrder list",
    ],
    [
      'a field that the type lacks',
      { odd: { a: 1 } },
      { odd: { a: 2 } },
      'unclassified',
      'unable to find api field in struct Spec for the json field "odd"',
    ],
  ]
  for (const [name, before, patch, kind, message] of faults) {
    test(`refuses ${name}`, () => {
      const error = fault(() => spec(before, patch))
      expect(error.kind).toBe(kind)
      expect(error.message).toContain(message)
    })
  }

  test('refuses a type it has no schema of', () => {
    const error = fault(() => applyStrategicPatch({}, { a: 1 }, 't.Unknown', lookup))
    expect(error).toMatchObject({ kind: 'bad-request', message: 'strategic merge patch format is not supported' })
    expect(fault(() => applyStrategicPatch({}, { a: 1 })).kind).toBe('bad-request')
  })

  test('refuses a patch that is no object', () => {
    expect(fault(() => patched({}, [])).message).toBe(
      'json: cannot unmarshal array into Go value of type map[string]interface {}',
    )
  })

  test('takes prototype keys as plain keys', () => {
    const patch = JSON.parse('{"meta":{"labels":{"__proto__":"x","constructor":"y"}}}') as unknown
    const after = patched({ meta: { labels: { a: '1' } } }, patch) as { meta: { labels: object } }
    expect(Object.keys(after.meta.labels)).toEqual(['a', '__proto__', 'constructor'])
    expect(Object.getPrototypeOf(after.meta.labels)).toBe(Object.prototype)
  })
})
