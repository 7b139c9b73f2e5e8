import { describe, expect, test } from 'vitest'
import { atOnce } from '../../base/async/steps.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { FieldSchema, Shape, StructSchema } from '../../wire/schema.ts'
import { applyConfiguration, updateManagedFields, type ApplyWrite } from './field-manager.ts'

const scalar = (kind: 'string' | 'int64' | 'any'): Shape => ({ kind: 'scalar', scalar: kind })
const list = (of: Shape): Shape => ({ kind: 'list', of })
const struct = (type: string): Shape => ({ kind: 'struct', type })
const field = (name: string, shape: Shape, markers: Partial<FieldSchema> = {}): [string, FieldSchema] => [
  name,
  { name, shape, pointer: false, omitEmpty: true, required: false, nullable: false, ...markers },
]
const schema = (key: string, ...fields: [string, FieldSchema][]): [string, StructSchema] => [
  key,
  { key, fields: new Map(fields), root: key === 'Thing', hasProto: false },
]

/** The kind of a custom resource with every kind of list. */
const types = new Map([
  schema(
    'Thing',
    field('apiVersion', scalar('string')),
    field('kind', scalar('string')),
    field('metadata', struct('Meta')),
    field('spec', struct('Spec')),
  ),
  schema('Meta', field('name', scalar('string')), field('labels', { kind: 'map', of: scalar('string') })),
  schema(
    'Spec',
    field('size', scalar('int64')),
    field('parts', list(struct('Part')), { listType: 'map', listMapKeys: ['name'] }),
    field('shares', list(struct('Share')), { listType: 'map', listMapKeys: ['name', 'id'] }),
    field('tags', list(scalar('string')), { listType: 'set' }),
    field('atomic', list(scalar('string'))),
    field('free', scalar('any')),
  ),
  schema('Share', field('name', scalar('string')), field('id', scalar('string')), field('n', scalar('int64'))),
  schema('Part', field('name', scalar('string')), field('n', scalar('int64'))),
])
const type = { key: 'Thing', lookup: (key: string) => types.get(key) }
const thing = (spec: object): KubeObject & { spec: object } => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a' },
  spec,
})

function cluster() {
  let live: KubeObject | undefined
  return {
    get live() {
      return live as (KubeObject & { spec?: unknown }) | undefined
    },
    apply(manager: string, spec: object, options: Partial<ApplyWrite> = {}) {
      const write = { live, applied: thing(spec), manager, apiVersion: 'example.com/v1', type, force: false }
      const { object, managedFields } = atOnce(
        applyConfiguration({ ...write, time: '2026-01-01T00:00:00Z', ...options }),
      )
      live = structuredClone({ ...object, metadata: { ...object.metadata, managedFields } }) as KubeObject
      return (live as { spec?: unknown }).spec
    },
  }
}

describe('apply of a custom resource', () => {
  test('tells items apart by those of their keys that they have', () => {
    const c = cluster()
    c.apply('m1', { shares: [{ name: 'x', n: 1 }] })
    c.apply('m2', { shares: [{ name: 'x', id: null, n: 2 }] })
    expect(c.apply('m3', { shares: [{ name: 'x', id: 'y', n: 3 }, { id: 'y' }] })).toEqual({
      shares: [{ name: 'x', n: 1 }, { name: 'x', id: null, n: 2 }, { name: 'x', id: 'y', n: 3 }, { id: 'y' }],
    })
    expect(c.apply('m1', {})).toEqual({
      shares: [{ name: 'x', id: null, n: 2 }, { name: 'x', id: 'y', n: 3 }, { id: 'y' }],
    })
    expect(() => c.apply('m1', { shares: [{ n: 1 }] })).toThrow(
      `.spec.shares: element 0: associative list with keys has an element that omits all key fields ["name" "id"] (and doesn't have default values for any key fields)`,
    )
  })

  test('merges lists by key and sets by value, and conflicts over atomic lists', () => {
    const c = cluster()
    c.apply('m1', { parts: [{ name: 'x', n: 1 }], tags: ['one'], atomic: ['p'] })
    expect(c.apply('m2', { parts: [{ name: 'y', n: 2 }], tags: ['two'] })).toEqual({
      parts: [
        { name: 'x', n: 1 },
        { name: 'y', n: 2 },
      ],
      tags: ['one', 'two'],
      atomic: ['p'],
    })
    expect(() => c.apply('m2', { parts: [{ name: 'x', n: 5 }], atomic: ['q'] })).toThrow(
      'Apply failed with 2 conflicts: conflicts with "m1":\n- .spec.atomic\n- .spec.parts[name="x"].n',
    )
    expect(c.apply('m1', { parts: [{ name: 'x', n: 1 }] })).toEqual({
      parts: [
        { name: 'x', n: 1 },
        { name: 'y', n: 2 },
      ],
      tags: ['two'],
    })
  })

  test('owns what has no schema key by key, and lists in it as a whole', () => {
    const c = cluster()
    c.apply('m1', { free: { a: { b: 1 }, list: [1] } })
    c.apply('m2', { free: { a: { c: 2 } } })
    expect(c.live?.spec).toEqual({ free: { a: { b: 1, c: 2 }, list: [1] } })
    expect(() => c.apply('m2', { free: { a: { b: 9 }, list: [2] } })).toThrow(
      'Apply failed with 2 conflicts: conflicts with "m1":\n- .spec.free.list\n- .spec.free.a.b',
    )
  })

  test('tells on create that spec came with it, for custom resources begin with nothing', () => {
    const write = { live: undefined, next: thing({ size: 1 }), manager: 'm', apiVersion: 'example.com/v1' }
    const [entry] = updateManagedFields({ ...write, time: '2026-01-01T00:00:00Z', type })
    expect(entry?.fieldsV1).toEqual({ 'f:spec': { '.': {}, 'f:size': {} } })
  })

  test('compares in the version that each manager wrote in, and forgets versions that are gone', () => {
    const old = { ...thing({ size: 1 }), metadata: { name: 'a', uid: 'u' } }
    const entry = (manager: string, apiVersion: string, name: string) => ({
      manager,
      operation: 'Update' as const,
      apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { [`f:${name}`]: {} } },
    })
    const managedFields = [
      entry('one', 'example.com/v1', 'size'),
      entry('two', 'example.com/v2', 'count'),
      entry('three', 'example.com/v0', 'size'),
    ]
    const live = { ...old, metadata: { ...old.metadata, managedFields } }
    const free = { key: undefined, lookup: () => undefined }
    const convert: ApplyWrite['convert'] = (object, apiVersion) => {
      if (apiVersion !== 'example.com/v2') return undefined
      const { spec } = object as DeepReadonly<ReturnType<typeof thing>>
      return { object: { ...object, ...thing({ count: Object.values(spec)[0] }) }, type: free }
    }
    const write = { live, next: thing({ size: 2 }), manager: 'm', apiVersion: 'example.com/v1', type, convert }
    const after = updateManagedFields({ ...write, time: '2026-01-01T00:00:00Z' })
    expect(after.map(({ manager }) => manager)).toEqual(['m'])
    const same = updateManagedFields({ ...write, next: thing({ size: 1, tags: ['x'] }), time: '2026-01-01T00:00:00Z' })
    expect(same.map(({ manager }) => manager)).toEqual(['one', 'two', 'm'])
  })
})
