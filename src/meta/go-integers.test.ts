import { expect, test } from 'vitest'
import { intFault, uintFault } from './go-integers.ts'

const cases: readonly [text: string, int: string | undefined, uint: string | undefined][] = [
  ['0', undefined, undefined],
  ['-1', undefined, 'invalid syntax'],
  ['+7', undefined, 'invalid syntax'],
  ['1.5', 'invalid syntax', 'invalid syntax'],
  ['', 'invalid syntax', 'invalid syntax'],
  ['9223372036854775808', 'value out of range', undefined],
  ['18446744073709551616', 'value out of range', 'value out of range'],
  [`${'0'.repeat(100)}7`, undefined, undefined],
  ['9'.repeat(100_000), 'value out of range', 'value out of range'],
]
for (const [text, int, uint] of cases) {
  test(`${text.slice(0, 20)} is ${int ?? 'an int64'}, ${uint ?? 'a uint64'}`, () => {
    expect(intFault(text)).toBe(int && `strconv.ParseInt: parsing "${text}": ${int}`)
    expect(uintFault(text)).toBe(uint && `strconv.ParseUint: parsing "${text}": ${uint}`)
  })
}
