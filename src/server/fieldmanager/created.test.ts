import { describe, expect, test } from 'vitest'
import { atOnce } from '../../base/async/steps.ts'
import { schemaOf } from '../../api/schemas.ts'
import { seededRandom } from '../../base/random.ts'
import { dice, objectByChance } from '../http/chance-objects.ts'
import { fieldsOfNew } from './created.ts'
import type { ObjectValue } from './elements.ts'
import { isEmpty, setOf } from './field-set.ts'
import { typeOf } from './field-type.ts'
import { formatFieldsV1 } from './fields-v1.ts'
import { Outlines } from './outline.ts'
import { compareChange, taken } from './ownership.ts'
import { zeroOf } from './zero.ts'

const POD = 'core/v1.Pod'
const reset = setOf(['f:status'])

/** What is found of an object of which nothing is remembered. */
function foundAnew(object: ObjectValue, key: string): object | undefined {
  const type = typeOf(key, schemaOf)
  const fields = taken(compareChange({ before: zeroOf(key, schemaOf), after: object, type, reset }).changed)
  return isEmpty(fields) ? undefined : atOnce(formatFieldsV1(fields))
}

/** The object with other values in the same places: zeros and others by chance. */
function otherValues(value: unknown, die: ReturnType<typeof dice>): unknown {
  if (Array.isArray(value)) return value.map((item) => otherValues(item, die))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, otherValues(member, die)]))
  }
  return die.is(0.5) ? value : die.pick(['', 0, false, null, 'other', 7, true])
}

describe('fieldsOfNew()', () => {
  for (const key of [POD, 'apps/v1.Deployment', 'core/v1.Event', 'core/v1.ConfigMap', 'core/v1.Service']) {
    test(`what is remembered of a ${key} is what would be found`, () => {
      const die = dice(seededRandom(5))
      const outlines = new Outlines()
      const places = new Set<object | undefined>()
      const objects = Array.from({ length: 60 }, () => objectByChance(key, die, 0.02)).flatMap((object) => [
        object,
        ...Array.from({ length: 5 }, () => otherValues(object, die) as ObjectValue),
      ])
      for (const object of objects) {
        const remembered = atOnce(fieldsOfNew({ object, key, lookup: schemaOf, reset }))
        expect(JSON.stringify(remembered)).toBe(JSON.stringify(foundAnew(object, key)))
        places.add(outlines.placeOf(object, typeOf(key, schemaOf), key))
      }
      expect(places.size).toBeLessThan(objects.length)
    })
  }

  test('objects of one make share one value', () => {
    const [a, b] = ['a', 'b'].map((name) => {
      const object = { metadata: { name, labels: { app: name } }, data: { key: name } }
      return atOnce(fieldsOfNew({ object, key: 'core/v1.ConfigMap', lookup: schemaOf, reset }))
    })
    expect(a).toEqual({ 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } }, 'f:data': { '.': {}, 'f:key': {} } })
    expect(b).toBe(a)
  })
})

describe('an outline', () => {
  const outlines = new Outlines()
  const placeOf = (object: object) => outlines.placeOf(object as ObjectValue, typeOf(POD, schemaOf), POD)
  const differing: readonly (readonly [what: string, a: object, b: object])[] = [
    ['the names of fields', { spec: { hostname: 'a' } }, { spec: { nodeName: 'a' } }],
    ['the keys of items', { spec: { containers: [{ name: 'a' }] } }, { spec: { containers: [{ name: 'b' }] } }],
    ['values of a set', { metadata: { finalizers: ['a/b'] } }, { metadata: { finalizers: ['a/c'] } }],
    ['a zero and a value', { spec: { hostname: '' } }, { spec: { hostname: 'a' } }],
    [
      'names that run into each other',
      { metadata: { labels: { a: '1', b: '1' } } },
      { metadata: { labels: { ab: '1' } } },
    ],
  ]
  for (const [what, a, b] of differing) {
    test(`tells ${what} apart`, () => expect(placeOf(a)).not.toBe(placeOf(b)))
  }

  test('is the same for objects that differ in values only', () => {
    expect(placeOf({ spec: { hostname: 'a' } })).toBe(placeOf({ spec: { hostname: 'b' } }))
  })

  test('of what is very large or deep there is none', () => {
    const labels = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`label-${at}`, '']))
    const deep = Array.from({ length: 2_000 }).reduce<object>((inner) => ({ inner }), {})
    expect(placeOf({ metadata: { labels } })).toBeUndefined()
    expect(placeOf({ deep })).toBeUndefined()
    expect(placeOf({ ['x'.repeat(1_000)]: '' })).toBeUndefined()
  })
})
