import { describe, expect, test } from 'vitest'
import { atOnce } from '../../base/async/steps.ts'
import { schemaOf } from '../../api/schemas.ts'
import { seededRandom, type Random } from '../../base/random.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { Shape } from '../../wire/schema.ts'
import { fieldsOf } from './applied-set.ts'
import { compare } from './compare.ts'
import { applyConfiguration, updateManagedFields } from './field-manager.ts'
import { difference, intersection, isEmpty, pathsOf, sameSet, union, type FieldSet } from './field-set.ts'
import { typeOf } from './field-type.ts'
import { formatFieldsV1, parseFieldsV1 } from './fields-v1.ts'
import { merge } from './merge.ts'

const KEY = 'apps/v1.Deployment'
const type = { key: KEY, lookup: schemaOf }
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T

/** A random value of a shape, with few names so that things meet. */
const TEXTS: ReadonlySet<string> = new Set(['string', 'bytes', 'Time', 'MicroTime', 'Duration'])

function valueOf(shape: Shape, random: Random, depth: number): unknown {
  switch (shape.kind) {
    case 'scalar':
      if (shape.scalar === 'boolean') return random.next() < 0.5
      if (TEXTS.has(shape.scalar)) return pick(random, ['a', 'b', 'c'])
      return shape.scalar === 'any' ? { x: { y: pick(random, ['a', 'b']) } } : Math.floor(random.next() * 3)
    case 'map':
      return Object.fromEntries(
        ['p', 'q', 'r'].filter(() => random.next() < 0.4).map((name) => [name, valueOf(shape.of, random, depth + 1)]),
      )
    case 'list':
      return Array.from({ length: Math.floor(random.next() * 3) }, () => valueOf(shape.of, random, depth + 1))
    case 'struct':
      return structOf(shape.type, random, depth)
  }
}

function structOf(key: string, random: Random, depth: number): object {
  const out: Record<string, unknown> = {}
  const odds = depth < 3 ? 0.6 : 0.15
  for (const [name, field] of schemaOf(key)?.fields ?? []) {
    const wanted = field.required || ['spec', 'template', 'containers', 'labels', 'env', 'ports'].includes(name)
    if (depth > 9 || !(random.next() < (wanted ? 0.9 : odds / 4))) continue
    const value = valueOf(field.shape, random, depth + 1)
    out[name] = Array.isArray(value) ? distinct(value, field.listType, field.listMapKeys) : value
  }
  return out
}

/** Items that can be told apart. */
function distinct(list: unknown[], listType: string | undefined, keys: readonly string[] = []): unknown[] {
  if (listType === 'set') return [...new Set(list)]
  if (listType !== 'map') return list
  const seen = new Map<string, unknown>()
  list.forEach((item, index) => {
    const object = item as Record<string, unknown>
    for (const key of keys) object[key] ??= key === 'protocol' ? 'TCP' : key === 'containerPort' ? index : `${index}`
    seen.set(JSON.stringify(keys.map((key) => object[key])), object)
  })
  return [...seen.values()]
}

function configuration(random: Random): KubeObject {
  const { metadata, spec } = structOf(KEY, random, 0) as { metadata?: object; spec?: object }
  const { labels, annotations, finalizers } = (metadata ?? {}) as KubeObject['metadata']
  const rest = JSON.parse(JSON.stringify({ labels, annotations, finalizers })) as object // without what is undefined
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...rest, name: 'd' },
    ...(spec === undefined ? {} : { spec }),
  } as KubeObject
}

function apply(live: KubeObject | undefined, applied: KubeObject, manager: string, force: boolean): KubeObject {
  const write = { live, applied, manager, apiVersion: 'apps/v1', time: '2026-01-01T00:00:00Z', type, force }
  const { object, managedFields } = atOnce(applyConfiguration(write))
  return structuredClone({ ...object, metadata: { ...object.metadata, managedFields } }) as KubeObject
}

function unlessConflict(act: () => KubeObject): KubeObject | undefined {
  try {
    return act()
  } catch (error) {
    if (hasReason(error, 'Conflict')) return undefined
    throw error
  }
}

/** The same with every list of distinguishable items in one order. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'time') // who changes nothing by an apply has none
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, unordered(inner)]),
  )
}

/** Without nulls and empty lists and objects, which nobody owns while they are empty. */
function full(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const isFull = (inner: unknown) => typeof inner !== 'object' || Object.keys(inner ?? {}).length > 0
  if (Array.isArray(value)) return value.map(full).filter(isFull)
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, full(inner)])
  return Object.fromEntries(entries.filter(([, inner]) => isFull(inner)))
}

const seeds = Array.from({ length: 150 }, (_, index) => index + 1)
const root = typeOf(KEY, schemaOf)

describe('server-side apply, for any object', () => {
  test('the second apply of the same changes nothing', () => {
    for (const seed of seeds) {
      const random = seededRandom(seed)
      const other = apply(undefined, configuration(random), 'other', false)
      const wish = configuration(random)
      const live = apply(other, wish, 'm', true)
      expect(apply(live, wish, 'm', false), `seed ${seed}`).toEqual(live)
    }
  })

  test('what is applied is in the object, and its fields are owned', () => {
    for (const seed of seeds) {
      const random = seededRandom(seed)
      const wish = configuration(random)
      const live = apply(apply(undefined, configuration(random), 'other', false), wish, 'm', true)
      expect(merge(live, wish, root), `seed ${seed}`).toBe(live)
      const entry = live.metadata.managedFields?.find(({ manager }) => manager === 'm')
      const owned = entry === undefined ? undefined : parseFieldsV1(entry.fieldsV1)
      const unowned =
        owned === undefined
          ? []
          : [...pathsOf(difference(fieldsOf({ spec: (wish as { spec?: unknown }).spec }, root), owned))]
      expect(unowned, `seed ${seed}`).toEqual([])
    }
  })

  test('managers who do not conflict may apply in either order', () => {
    let tried = 0
    for (const seed of seeds) {
      const random = seededRandom(seed)
      const [one, two] = [configuration(random), configuration(random)]
      const first = unlessConflict(() => apply(apply(undefined, one, 'one', false), two, 'two', false))
      if (first === undefined) continue
      tried++
      const second = apply(apply(undefined, two, 'two', false), one, 'one', false)
      expect(unordered(second), `seed ${seed}`).toEqual(unordered(first))
    }
    expect(tried).toBeGreaterThan(10)
  })

  test('applying nothing gives back what was there before', () => {
    for (const seed of seeds) {
      const random = seededRandom(seed)
      const before = apply(undefined, configuration(random), 'other', false)
      const nothing = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } }
      const wish = configuration(random)
      const live = unlessConflict(() => apply(apply(before, wish, 'm', false), nothing, 'm', false))
      if (live === undefined) continue
      expect(unordered(full(live)), `seed ${seed}`).toEqual(unordered(full(before)))
    }
  })

  test('inputs are never changed', () => {
    for (const seed of seeds.slice(0, 40)) {
      const random = seededRandom(seed)
      const live = freeze(apply(undefined, configuration(random), 'other', false))
      const wish = freeze(configuration(random))
      expect(() => apply(live, wish, 'm', true)).not.toThrow()
      const write = { live, next: wish, manager: 'u', apiVersion: 'apps/v1', time: '2026-01-01T00:00:01Z', type }
      expect(() => updateManagedFields(write)).not.toThrow()
    }
  })
})

describe('sets of fields, for any object', () => {
  const sets = (seed: number): [FieldSet, FieldSet] => {
    const random = seededRandom(seed)
    return [fieldsOf(configuration(random), root), fieldsOf(configuration(random), root)]
  }

  test('follow the laws of sets', () => {
    for (const seed of seeds) {
      const [a, b] = sets(seed)
      const both = union(a, b)
      expect(sameSet(both, union(b, a))).toBe(true)
      expect(sameSet(intersection(a, b), intersection(b, a))).toBe(true)
      expect(isEmpty(difference(intersection(a, b), a))).toBe(true)
      expect(sameSet(union(difference(a, b), intersection(a, b)), a)).toBe(true)
      expect([...pathsOf(both)].length).toBe([...pathsOf(a)].length + [...pathsOf(difference(b, a))].length)
    }
  })

  test('are read as they are written', () => {
    for (const seed of seeds) {
      const [a] = sets(seed)
      const read = parseFieldsV1(JSON.parse(JSON.stringify(atOnce(formatFieldsV1(a)))))
      expect(read !== undefined && sameSet(read, a), `seed ${seed}`).toBe(true)
    }
  })

  test('a comparison with itself is empty, and one with another finds what changed', () => {
    for (const seed of seeds) {
      const random = seededRandom(seed)
      const [a, b] = [configuration(random), configuration(random)]
      const none = compare(a, structuredClone(a), root)
      expect([isEmpty(none.changed), isEmpty(none.removed)], `seed ${seed}`).toEqual([true, true])
      const there = compare(a, b, root)
      const back = compare(b, a, root)
      expect(isEmpty(difference(there.removed, back.changed)), `seed ${seed}`).toBe(true)
    }
  })
})

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze)
    Object.freeze(value)
  }
  return value
}
