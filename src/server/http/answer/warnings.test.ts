import { describe, expect, test } from 'vitest'
import { Warnings } from './warnings.ts'

function told(...texts: readonly string[]): readonly string[] {
  const warnings = new Warnings()
  for (const text of texts) warnings.add(text)
  return warnings.headers()
}

describe('Warning headers', () => {
  test('say each thing once, in order', () => {
    expect(told('a', 'b', 'a', '')).toEqual(['299 - "a"', '299 - "b"'])
  })

  test('are quoted', () => expect(told('unknown field "a\\b"')).toEqual([String.raw`299 - "unknown field \"a\\b\""`]))

  test('are UTF-8', () => expect(Buffer.from(told('ü')[0]!, 'latin1').toString()).toBe('299 - "ü"'))

  test('hold no control characters', () => expect(told('a\nb', 'c')).toEqual(['299 - "c"']))

  test('are whole up to 4 KiB', () => expect(told('x'.repeat(4_000))[0]).toHaveLength(4_000 + '299 - ""'.length))

  test('are cut each beyond 4 KiB, and end there', () => {
    const long = Array.from({ length: 100 }, (_, at) => `${at}${'x'.repeat(1_000)}`)
    const headers = told(...long)
    expect(headers).toHaveLength(16)
    expect(new Set(headers.map((header) => header.length))).toEqual(new Set([256 + '299 - ""'.length]))
  })
})
