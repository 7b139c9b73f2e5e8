import { describe, expect, test } from 'vitest'
import { inSteps } from '../../base/async/steps.ts'
import { seededRandom } from '../../base/random.ts'
import { parseCarefully } from './careful.ts'
import { readInSteps, readJson, readJsonBody } from './parse.ts'
import { toJson } from './stringify.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

describe('readJsonBody()', () => {
  test('reads plain data as the built-in parser does', () => {
    const value = { a: [1, -2.5, 'x"\\', null, true], b: { c: {} } }
    expect(readJsonBody(bytes(JSON.stringify(value, undefined, 2)))).toEqual({ value, duplicates: [] })
  })

  const wholes = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9223372036854775808', 9223372036854775808],
    ['1.00000000000000000001', 1],
  ] as const
  for (const [text, value] of wholes) {
    test(`keeps ${text}`, () => {
      expect(readJsonBody(bytes(`{"n":${text}}`)).value).toEqual({ n: value })
      expect(readJson(bytes(`[${text}]`))).toEqual([value])
    })
  }

  test('tells the paths of repeated keys, and the last value wins', () => {
    const text = '{"metadata":{"name":"a","name":"b"},"spec":{"containers":[{"x":1},{"x":1,"x":2,"x":3}]},"spec2":0}'
    expect(readJsonBody(bytes(text))).toEqual({
      value: { metadata: { name: 'b' }, spec: { containers: [{ x: 1 }, { x: 3 }] }, spec2: 0 },
      duplicates: ['metadata.name', 'spec.containers[1].x'],
    })
  })

  test('is not misled by colons, brackets and quotes inside texts', () => {
    const value = { 'a:b': '{":[\\"', c: '\\' }
    expect(readJsonBody(bytes(JSON.stringify(value))).value).toEqual(value)
  })

  const faults = [
    ['', 'unexpected end of JSON input'],
    ['{"apiVersion":"v1","kind":', 'unexpected end of JSON input'],
    ['{"kind":"Pod"', 'unexpected end of JSON input'],
    ['\u{feff}{}', "invalid character 'ï' looking for beginning of value"],
    ['\u0000', "invalid character '\\x00' looking for beginning of value"],
    ['\u007f', "invalid character '\\x7f' looking for beginning of value"],
    ['{"a":é}', "invalid character 'Ã' looking for beginning of value"],
    ['hello', "invalid character 'h' looking for beginning of value"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['tru!', "invalid character '!' in literal true (expecting 'e')"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['[1.]', "invalid character ']' after decimal point in numeric literal"],
    ['{"a":1e999}', 'a number is too large for a double'],
    ['{"__proto__":{"admin":true}}', 'the key "__proto__" is not accepted'],
    ['{"a":9007199254740993,"\\u005f_proto__":{}}', 'the key "__proto__" is not accepted'],
    ['['.repeat(1_001) + ']'.repeat(1_001), 'exceeded max depth'],
    ['['.repeat(1_000_000), 'exceeded max depth'],
  ] as const
  for (const [text, message] of faults) {
    test(`refuses ${JSON.stringify(text.slice(0, 40))}: ${message}`, () => {
      expect(() => readJsonBody(bytes(text))).toThrow(message)
    })
  }
})

const list = (count: number, item: string) => `[${Array.from({ length: count }, () => item).join(',')}]`

describe('readInSteps()', () => {
  const cases = [
    ['plain data', list(20_000, '{"a":"b"}'), 2],
    ['numbers that only the careful parser reads', list(40_000, '1.5e0,{}').replaceAll(',{}', ''), 2],
    [
      'an object with a repeated key',
      `{${Array.from({ length: 20_000 }, (_, i) => `"key-${i % 19_999}":"value"`).join(',')}}`,
      4,
    ],
    ['a text that ends too early', list(40_000, '"value"').slice(0, -1), 3],
  ] as const
  for (const [what, text, atLeast] of cases) {
    test(`reads ${what} as at once, and others have their turn`, async () => {
      let turns = 0
      const outcome = async (read: () => unknown) => {
        try {
          return await read()
        } catch (error) {
          return (error as Error).message
        }
      }
      const giveWay = async () => void turns++
      const read = await outcome(() => inSteps(readInSteps(bytes(text)), giveWay))
      expect(turns).toBeGreaterThanOrEqual(atLeast)
      expect(read).toEqual(await outcome(() => readJsonBody(bytes(text))))
    })
  }

  test('refuses what has more values than any sound object', () => {
    expect(() => readJsonBody(bytes(list(50_002, '1')))).toThrow('the body has more than 50000 values')
    expect(readJsonBody(bytes(list(50_000, '1'))).value).toHaveLength(50_000)
  })
})

describe('toJson()', () => {
  test('writes back what was read, to the last digit', () => {
    const text = '{"a":9007199254740993,"b":["x",-9223372036854775808,null],"c":{"d":1.5}}'
    expect(toJson(readJson(bytes(text)))).toBe(text)
  })
})

describe('the careful parser', () => {
  const random = seededRandom(5)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)]!
  const make = (depth: number): unknown => {
    const kind = depth <= 0 ? 0 : Math.floor(random.next() * 3)
    if (kind === 1) return Array.from({ length: Math.floor(random.next() * 4) }, () => make(depth - 1))
    if (kind === 2)
      return Object.fromEntries(Array.from({ length: 3 }, () => [pick(['a', 'b c', 'é"\\', '']), make(depth - 1)]))
    return pick([null, true, false, 0, -1.5, 1e21, 2e-7, '', 'x\n\u0001\u2028"\\/', '🌍', 'null'])
  }
  const outcome = (parse: () => unknown): unknown => {
    try {
      return { value: parse() }
    } catch {
      return 'refused'
    }
  }

  test('accepts, refuses and reads exactly what the built-in one does', () => {
    const letters = ['"', '{', '}', '[', ']', ',', ':', '\\', '0', '-', '.', 'e', 't', ' ', '\n', 'u', '/']
    for (let i = 0; i < 3_000; i++) {
      let text = JSON.stringify(make(4), undefined, pick([0, 2]))
      for (let damage = Math.floor(random.next() * 3); damage > 0; damage--) {
        const at = Math.floor(random.next() * text.length)
        text = text.slice(0, at) + pick(['', ...letters]) + text.slice(at + Math.floor(random.next() * 2))
      }
      const builtIn = outcome(() => JSON.parse(text) as unknown)
      expect({ text, is: outcome(() => parseCarefully(text).value) }).toEqual({ text, is: builtIn })
    }
  })
})
