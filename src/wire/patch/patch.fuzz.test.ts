import { describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../base/random.ts'
import type { FieldSchema, SchemaLookup, Shape, StructSchema } from '../schema.ts'
import { PatchError } from './errors.ts'
import { applyJsonPatch } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'
import { applyStrategicPatch } from './strategic.ts'

/** Names that mean something to a patch or to JavaScript. */
const names = (
  'name,list,names,map,deep,a,b,,0,-1,-,~,/,a/b,length,__proto__,constructor,prototype,toString,hasOwnProperty,' +
  '$patch,$retainKeys,$setElementOrder/list,$setElementOrder/names,$deleteFromPrimitiveList/names,$setElementOrder/'
).split(',')
const scalars = ['a', 'b', '', 'delete', 'replace', 'merge', '__proto__', 0, 1, -1, 1.5, true, false, null]
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T

/** Any JSON value, as a parser makes it: `__proto__` is an own key. */
function anyValue(random: Random, depth = 0): unknown {
  const kind = random.next()
  if (depth > 4 || kind < 0.35) return pick(random, scalars)
  const size = Math.floor(random.next() * 4)
  if (kind < 0.6) return Array.from({ length: size }, () => anyValue(random, depth + 1))
  return Object.fromEntries(Array.from({ length: size }, () => [pick(random, names), anyValue(random, depth + 1)]))
}

/** An object of the type `t.Thing`, mostly. */
function anyThing(random: Random): object {
  const items = () =>
    Array.from({ length: Math.floor(random.next() * 4) }, () => ({
      name: pick(random, ['a', 'b', 'c']),
      deep: anyValue(random, 3),
    }))
  return {
    name: pick(random, scalars),
    list: random.next() < 0.8 ? items() : anyValue(random),
    names: random.next() < 0.8 ? ['a', 'b', 'c'].filter(() => random.next() < 0.5) : anyValue(random),
    map: random.next() < 0.8 ? { a: 'x', b: 'y' } : anyValue(random),
    deep: random.next() < 0.7 ? { list: items(), name: 'n' } : anyValue(random),
  }
}

function anyOperation(random: Random): unknown {
  if (random.next() < 0.03) return anyValue(random)
  const path = () =>
    random.next() < 0.05
      ? pick(random, ['', 'a', '//', '/~', '/~2'])
      : Array.from(
          { length: 1 + Math.floor(random.next() * 4) },
          () => `/${pick(random, names).replaceAll('~', '~0').replaceAll('/', '~1')}`,
        ).join('')
  return {
    op: pick(random, ['add', 'remove', 'replace', 'move', 'copy', 'test', 'add', 'copy']),
    path: path(),
    from: path(),
    value: anyValue(random, 2),
  }
}

const field = (name: string, shape: Shape, markers: Partial<FieldSchema> = {}): [string, FieldSchema] => [
  name,
  { name, shape, pointer: false, omitEmpty: true, required: false, nullable: false, ...markers },
]
const text: Shape = { kind: 'scalar', scalar: 'string' }
const merged = { patchStrategy: ['merge'], patchMergeKey: 'name' } as const
const type: StructSchema = {
  key: 't.Thing',
  fields: new Map([
    field('name', text),
    field('list', { kind: 'list', of: { kind: 'struct', type: 't.Thing' } }, merged),
    field('names', { kind: 'list', of: text }, { patchStrategy: ['merge'] }),
    field('map', { kind: 'map', of: text }),
    field('deep', { kind: 'struct', type: 't.Thing' }, { patchStrategy: ['retainKeys'] }),
    field('a', { kind: 'scalar', scalar: 'any' }),
  ]),
  root: true,
  hasProto: true,
}
const lookup: SchemaLookup = (key) => (key === type.key ? type : undefined)

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze)
    Object.freeze(value)
  }
  return value
}

/** Every object in `value` is a plain one, and none is met twice on the way down. */
function isPlain(value: unknown, above: readonly unknown[] = []): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (above.includes(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== (Array.isArray(value) ? Array.prototype : Object.prototype)) return false
  return Object.values(value).every((inner) => isPlain(inner, [...above, value]))
}

/** What a patch does to an object: a plain value or a PatchError, and the same again. */
function outcome(apply: () => unknown): string {
  try {
    const after = apply()
    return isPlain(after) ? `value ${JSON.stringify(after)}` : 'a value that is not plain'
  } catch (error) {
    return error instanceof PatchError ? `PatchError ${error.kind} ${error.message}` : `bug ${String(error)}`
  }
}

const ROUNDS = 4_000

describe('hostile patches', () => {
  const kinds = [
    [
      'JSON',
      (random: Random) => Array.from({ length: 1 + Math.floor(random.next() * 3) }, () => anyOperation(random)),
      applyJsonPatch,
    ],
    ['merge', anyValue, applyMergePatch],
    ['merge, of the type', anyThing, applyMergePatch],
    [
      'strategic',
      anyValue,
      (current: unknown, patch: unknown) => applyStrategicPatch(current, patch, 't.Thing', lookup),
    ],
    [
      'strategic, of the type',
      anyThing,
      (current: unknown, patch: unknown) => applyStrategicPatch(current, patch, 't.Thing', lookup),
    ],
  ] as const
  for (const [kind, patchOf, apply] of kinds) {
    test(`${kind}: give a plain object or a PatchError, and never change what they are given`, () => {
      const faults: string[] = []
      let values = 0
      for (let seed = 1; seed <= ROUNDS; seed++) {
        const random = seededRandom(seed)
        const current = freeze(random.next() < 0.9 ? anyThing(random) : anyValue(random))
        const patch = freeze(patchOf(random)) // frozen: a change of either throws a TypeError
        const first = outcome(() => apply(current, patch))
        if (!/^(value|PatchError)/.test(first)) faults.push(`seed ${seed}: ${first}`)
        if (first !== outcome(() => apply(current, patch))) faults.push(`seed ${seed}: another outcome the second time`)
        if (first.startsWith('value')) values++
      }
      expect(faults).toEqual([])
      expect(values).toBeGreaterThan(ROUNDS / 50)
      expect(Object.keys(Object.prototype)).toEqual([])
    })
  }

  test('a merge patch applied twice is applied once', () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const random = seededRandom(seed)
      const patch = anyThing(random)
      const once = applyMergePatch(anyThing(random), patch)
      expect(applyMergePatch(once, patch), `seed ${seed}`).toBe(once)
    }
  })

  test('deep patches of every kind are refused, not run into the ground', () => {
    for (const depth of [900, 5_000, 100_000]) {
      const deep = towerOf(depth)
      const current = { a: { a: 1 } }
      const all = [
        outcome(() => applyMergePatch(current, deep)),
        outcome(() => applyStrategicPatch(current, deep, 't.Thing', lookup)),
        outcome(() => applyJsonPatch(current, [{ op: 'add', path: '/x', value: deep }])),
        outcome(() => applyJsonPatch({ a: deep }, [{ op: 'test', path: '/a', value: towerOf(depth) }])),
      ]
      expect(all.filter((text) => text.startsWith('bug'))).toEqual([])
    }
  })
})

/** Objects in objects. */
function towerOf(depth: number): object {
  let deep: object = { name: 'a' }
  for (let i = 0; i < depth; i++) deep = { a: deep }
  return deep
}
