import { expect, test } from 'vitest'
import { indentInSteps, indentJson } from './indent.ts'

const indented = (json: string) => indentJson(Buffer.from(json)).toString()

test.each<[string, unknown]>([
  ['an object', { a: 1, b: { c: [1, 2, { d: null }], e: true } }],
  ['empty lists and objects', { a: [], b: {}, c: [{}, []] }],
  ['text with signs of JSON', { 'a{"[': 'x:,}\\"]\\\\', ü: '고래\n' }],
  ['text alone', 'a, b'],
  ['a number alone', 1.5e-7],
])('%s is indented by two spaces', (_, value) => {
  expect(indented(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
})

test('blanks of the source are gone, also within what is empty', () => {
  expect(indented('{ "a" :\t[ ] , "b": [ 1 ,\n2 ]}\n')).toBe(JSON.stringify({ a: [], b: [1, 2] }, null, 2))
})

test('a whole number that a double cannot hold keeps its digits', () => {
  expect(indented('{"a":9223372036854775807}')).toBe('{\n  "a": 9223372036854775807\n}')
})

test('a large text is indented in steps', () => {
  const value = Array.from({ length: 50_000 }, (_, i) => ({ 'a:"': i, b: [`${i},\n`] }))
  const steps = indentInSteps(Buffer.from(JSON.stringify(value)))
  let turns = 0
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) turns++
  expect(turns).toBeGreaterThan(5)
  expect(step.value.toString()).toBe(JSON.stringify(value, null, 2))
})
