import { expect, test } from 'vitest'
import { copyOf } from './copy.ts'

const values: readonly { readonly what: string; readonly value: unknown }[] = [
  { what: 'a text', value: 'a' },
  { what: 'nothing', value: null },
  { what: 'lists in lists', value: [[1, [2]], [], [null]] },
  { what: 'objects in objects', value: { a: { b: { c: [{ d: 1 }] } }, e: {} } },
  { what: 'an absent member', value: { a: undefined } },
  { what: 'bytes', value: { a: Uint8Array.of(1, 2, 3) } },
]

for (const { what, value } of values) {
  test(`copies ${what}`, () => expect(copyOf(value)).toEqual(value))
}

test('shares nothing that can be changed, and a frozen value has a copy that is not', () => {
  const value = Object.freeze({ list: Object.freeze([Object.freeze({ a: 1 })]), bytes: Uint8Array.of(1) })
  const copy = copyOf(value) as { list: { a: number }[]; bytes: Uint8Array }
  copy.list[0]!.a = 2
  copy.list.push({ a: 3 })
  copy.bytes[0] = 9
  expect(value).toEqual({ list: [{ a: 1 }], bytes: Uint8Array.of(1) })
})

test('copies keys that look like a prototype as keys', () => {
  const value = JSON.parse('{"__proto__":{"a":1},"b":{"constructor":{"c":1}}}') as object
  const copy = copyOf(value) as Record<string, unknown>
  expect(JSON.stringify(copy)).toBe(JSON.stringify(value))
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  expect(copy['a']).toBeUndefined()
})

test('copies an object of very many keys, whatever is in it', () => {
  const value = JSON.parse('{"__proto__":{"a":1}}') as Record<string, unknown>
  for (let i = 0; i < 2_000; i++) value[`k${i}`] = i % 2 === 0 ? 'text' : { i }
  const copy = copyOf(value) as Record<string, { i: number }>
  expect(JSON.stringify(copy)).toBe(JSON.stringify(value))
  copy['k1']!.i = 7
  expect(value['k1']).toEqual({ i: 1 })
})
