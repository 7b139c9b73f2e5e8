import { describe, expect, test } from 'vitest'
import { atOnce } from '../../base/async/steps.ts'
import { pathText } from './elements.ts'
import { difference, differenceBelow, has, intersection, isEmpty, pathsOf, sameSet, setOf, union } from './field-set.ts'
import { formatFieldsV1, parseFieldsV1 } from './fields-v1.ts'

const parsed = (value: object) => parseFieldsV1(value) ?? setOf()
const a = parsed({ 'f:spec': { '.': {}, 'f:x': {}, 'f:y': { 'f:z': {} } } })
const b = parsed({ 'f:spec': { 'f:x': {}, 'f:y': {} }, 'f:other': {} })

describe('sets of fields', () => {
  const cases = [
    ['union', union(a, b), { 'f:other': {}, 'f:spec': { '.': {}, 'f:x': {}, 'f:y': { '.': {}, 'f:z': {} } } }],
    ['difference', difference(a, b), { 'f:spec': { '.': {}, 'f:y': { 'f:z': {} } } }],
    ['difference with all that is inside', differenceBelow(a, b), { 'f:spec': {} }],
    ['intersection', intersection(a, b), { 'f:spec': { 'f:x': {} } }],
  ] as const
  for (const [name, set, want] of cases) {
    test(`${name}`, () => expect(atOnce(formatFieldsV1(set))).toEqual(want))
  }

  test('share what does not change', () => {
    expect(union(a, setOf(['f:spec', 'f:x']))).toBe(a)
    expect(difference(a, setOf(['f:none']))).toBe(a)
    expect(isEmpty(difference(a, a))).toBe(true)
    expect(sameSet(a, parsed({ 'f:spec': { 'f:y': { 'f:z': {} }, '.': {}, 'f:x': {} } }))).toBe(true)
  })

  test('has() looks for the very place', () => {
    expect(has(a, ['f:spec'])).toBe(true)
    expect(has(a, ['f:spec', 'f:y'])).toBe(false)
    expect(has(a, ['f:spec', 'f:y', 'f:z'])).toBe(true)
  })

  test('paths read as in conflict messages, keys in order of their values', () => {
    const set = parsed({
      'f:spec': {
        'k:{"port":443}': { 'f:name': {} },
        'k:{"protocol":"TCP","port":80}': { '.': {}, 'f:name': {} },
        'f:replicas': {},
      },
      'f:metadata': { 'f:finalizers': { 'v:"x"': {}, 'i:2': {} } },
    })
    expect([...pathsOf(set)].map(pathText)).toEqual([
      '.metadata.finalizers[="x"]',
      '.metadata.finalizers[2]',
      '.spec.replicas',
      '.spec[port=80,protocol="TCP"]',
      '.spec[port=80,protocol="TCP"].name',
      '.spec[port=443].name',
    ])
  })
})

describe('parseFieldsV1()', () => {
  const refused = [
    null,
    [],
    'x',
    { bad: {} },
    { 'f:a': 1 },
    { 'k:x': {} },
    { 'k:[1]': {} },
    { 'i:x': {} },
    { 'v:{': {} },
    { 'k:{"a":[]}': {} },
    { 'v:[]': {} },
  ]
  for (const value of refused) {
    test(`refuses ${JSON.stringify(value)}`, () => expect(parseFieldsV1(value)).toBeUndefined())
  }

  test('takes a null as a part of what names an item', () => {
    const value = { 'f:ports': { 'k:{"port":80,"protocol":null}': {} } }
    expect(atOnce(formatFieldsV1(parsed(value)))).toEqual(value)
  })

  test('takes prototype keys as plain names', () => {
    const value = JSON.parse('{"f:__proto__":{"f:constructor":{}}}') as object
    expect(atOnce(formatFieldsV1(parsed(value)))).toEqual(value)
  })
})
