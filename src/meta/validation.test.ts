import { expect, test } from 'vitest'
import { fieldPath } from './field-path.ts'
import { goQuote } from './go-quote.ts'
import * as faults from './validation.ts'

const at = fieldPath('spec', 'x')

test('each kind of fault reads as Kubernetes writes it', () => {
  expect(
    [
      faults.required(at),
      faults.required(at, 'why'),
      faults.invalidValue(at, 'a"b', 'bad'),
      faults.invalidValue(at, 7, 'bad'),
      faults.invalidValue(at, undefined, 'bad'),
      faults.invalidValue(at, { a: ['b'] }, 'bad'),
      faults.notSupported(at, 'C', ['B', 'A']),
      faults.duplicate(at, 'web'),
      faults.forbiddenField(at, 'no'),
      faults.notFoundValue(at, 'v'),
      faults.tooLong(at, 10),
      faults.tooMany(at, 3, 1),
    ].map(({ type, field, message }) => `${type} ${field}: ${message}`),
  ).toEqual([
    'FieldValueRequired spec.x: Required value',
    'FieldValueRequired spec.x: Required value: why',
    'FieldValueInvalid spec.x: Invalid value: "a\\"b": bad',
    'FieldValueInvalid spec.x: Invalid value: 7: bad',
    'FieldValueInvalid spec.x: Invalid value: null: bad',
    'FieldValueInvalid spec.x: Invalid value: {"a":["b"]}: bad',
    'FieldValueNotSupported spec.x: Unsupported value: "C": supported values: "B", "A"',
    'FieldValueDuplicate spec.x: Duplicate value: "web"',
    'FieldValueForbidden spec.x: Forbidden: no',
    'FieldValueNotFound spec.x: Not found: "v"',
    'FieldValueTooLong spec.x: Too long: may not be more than 10 bytes',
    'FieldValueTooMany spec.x: Too many: 3: must have at most 1 item',
  ])
})

test('texts are quoted as Go quotes them', () => {
  expect(goQuote('a\n"\\\u0001é고\u200b\u{1f40b}')).toBe('"a\\n\\"\\\\\\x01é고\\u200b\u{1f40b}"')
})

const quoted: [text: string, escaped: string][] = [
  ['a', 'a'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\\n\n\r\t\b\f', '\\\\n\\n\\r\\t\\b\\f'],
  ['\u0007\v\u0001', '\\a\\v\\x01'],
  ['\u007f', '\\x7f'],
  ['é고\u200b\u{1f40b}', 'é고\\u200b\u{1f40b}'],
  ['\u{e0001}\u2028', '\\U000e0001\\u2028'],
  ['\ud800', '\\ufffd'],
]
test.each(quoted)('long texts are quoted as short ones: %j', (text, escaped) => {
  expect(goQuote(text)).toBe(`"${escaped}"`)
  // Something between them, so that halves of pairs stay halves.
  const times = 70_000
  expect(goQuote(`${text}-`.repeat(times)) === `"${`${escaped}-`.repeat(times)}"`).toBe(true)
})

test('absent, null and empty are equal; order of keys does not matter', () => {
  expect(faults.deepEqual({ a: 1, b: [] }, { a: 1 })).toBe(true)
  expect(faults.deepEqual({ a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 })).toBe(true)
  expect(faults.deepEqual({ a: [1, 2] }, { a: [2, 1] })).toBe(false)
  expect(faults.deepEqual({ a: 0 }, {})).toBe(false)
  expect(faults.deepEqual([], {})).toBe(false)
})

test('isRepeated() finds in lists of any length what was there before, also when they have changed', () => {
  const list = ['a', 'b', 'c', 'a', 'b', ...Array.from({ length: 100 }, (_, i) => `k${i}`), 'k0', 'c', 'new']
  const repeated = () => list.flatMap((one, at) => (faults.isRepeated(list, one, at) ? [at] : []))
  const expected = () => list.flatMap((one, at) => (list.indexOf(one) < at ? [at] : []))
  expect(repeated()).toEqual([3, 4, 105, 106])
  list.push('new', 'other')
  list.splice(50, 1)
  expect(repeated()).toEqual(expected())
})
