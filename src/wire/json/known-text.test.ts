/** That what was written once is not written again, and reads the same. */

import { expect, test } from 'vitest'
import { forget, knownText, rememberForNow, rememberText, textOf } from './known-text.ts'

test('a part whose text is known has that text, and no other part has it', () => {
  const part = Object.freeze({ name: 'app' })
  rememberText(part, '{"name":"app"}')
  expect(knownText(part)).toBe('{"name":"app"}')
  expect(knownText({ ...part })).toBeUndefined()
})

test.each<[unknown, string]>([
  [{ name: 'app' }, '{"name":"app"}'],
  [[1, 2], '[1,2]'],
  ['text', '"text"'],
  [null, 'null'],
  [{ n: 2n ** 60n }, '{"n":1152921504606846976}'],
])('what is not known is written', (part, text) => {
  expect(knownText(part)).toBeUndefined()
  expect(textOf(part)).toBe(text)
})

test('what is remembered for now is forgotten, and nothing else', () => {
  const [part, shared] = [{ name: 'app' }, { name: 'all' }]
  rememberForNow(part, 'part')
  rememberText(shared, 'shared')
  for (const one of [part, shared, 'text', undefined]) forget(one)
  expect([knownText(part), knownText(shared)]).toEqual([undefined, 'shared'])
})
