import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { atOnce } from '../../base/async/steps.ts'
import { seededRandom } from '../../base/random.ts'
import { writeYaml, writeYamlInSteps } from './write.ts'

const read = (text: string) => parse(text, { version: '1.1', schema: 'yaml-1.1' }) as unknown

describe('writeYaml()', () => {
  test('writes maps sorted, and lists no deeper than their key', () => {
    const value = {
      kind: 'Pod',
      spec: { containers: [{ name: 'a', args: ['x', 'y z'] }], hostNetwork: false },
      empty: {},
    }
    expect(writeYaml(value)).toBe(
      [
        'empty: {}',
        'kind: Pod',
        'spec:',
        '  containers:',
        '  - args:',
        '    - x',
        '    - "y z"',
        '    name: a',
        '  hostNetwork: false',
        '',
      ].join('\n'),
    )
  })

  const texts = [
    'yes',
    'No',
    '~',
    'null',
    '',
    '22:30',
    '2026-01-02',
    '0x1f',
    '1_000',
    '.inf',
    '-',
    '- a',
    'a: b',
    '#',
    '&a',
  ]
  const odd = [
    '*a',
    '!t',
    '%',
    '@',
    '`',
    '"',
    "'",
    '\n',
    'a\nb\n',
    '\t',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\ud800',
    '<<',
    '=',
    'é',
  ]
  for (const text of [...texts, ...odd]) {
    test(`is read back as it was: ${JSON.stringify(text)}`, () => {
      const value = { [text]: text, list: [text, [text]] }
      // A lone surrogate is no text that could be sent; readers see what JSON makes of it.
      expect(read(writeYaml(value))).toEqual(value)
    })
  }

  test('is read back as it was, whatever it is', () => {
    const random = seededRandom(7)
    const below = (limit: number) => Math.floor(random.next() * limit)
    const any = (depth: number): unknown => {
      const text = () => [...texts, ...odd][below(texts.length + odd.length)]! + 'ab1 :-'.slice(below(6))
      const scalars = [text, () => below(1_000) - 500, () => random.next() * 1e30, () => null, () => below(2) === 0]
      const pick = below(depth > 0 ? scalars.length + 4 : scalars.length)
      if (pick < scalars.length) return scalars[pick]!()
      const parts = Array.from({ length: below(4) }, () => [text(), any(depth - 1)] as const)
      return pick % 2 === 0 ? parts.map(([, value]) => value) : Object.fromEntries(parts)
    }
    for (let i = 0; i < 500; i++) {
      const value = any(4)
      const text = writeYaml(value)
      expect(read(text)).toEqual(value)
      expect(atOnce(writeYamlInSteps(value))).toBe(text)
    }
  })

  test('is written in steps as at once, however deep and wide it is', () => {
    let deep: unknown = 'end'
    for (let i = 0; i < 12; i++) deep = i % 2 === 0 ? [deep, {}] : { deep, list: [], none: undefined }
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i % 3 === 0 ? { a: [i] } : i]))
    const value = { deep, wide, list: Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? [i] : { a: { b: i } })) }
    const steps = writeYamlInSteps(value)
    let count = 0
    for (let step = steps.next(); ; step = steps.next(), count++) {
      if (step.done !== true) continue
      expect(step.value).toBe(writeYaml(value))
      break
    }
    expect(count).toBeGreaterThan(10)
  })

  test('leaves out what is undefined, and tells numbers from texts', () => {
    expect(writeYaml({ a: undefined, b: { c: undefined }, d: 1e21, e: 1.5e-7, f: -3 })).toBe(
      'b: {}\nd: 1.0e+21\ne: 1.5e-7\nf: -3\n',
    )
  })
})
