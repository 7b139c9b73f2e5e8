import { describe, expect, test } from 'vitest'
import { besideLimits, readYamlBody, readYamlDocuments } from './parse.ts'
import { toYaml } from './stringify.ts'

const read = (text: string) => readYamlBody(Buffer.from(text))

describe('readYamlBody()', () => {
  const values = [
    ['true', true],
    ['yes', true],
    ['off', false],
    ['y', true],
    ['"yes"', 'yes'],
    ['~', null],
    ['22:30', '22:30'],
    ['2026-01-02', '2026-01-02'],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['0777', 511],
    ['0x1F', 31],
    ['0o17', 15],
    ['-0o1_7', -15],
    ['0o8', '0o8'],
    ['1e400', '1e400'],
    ['-1e400', '-1e400'],
    ['1.5', 1.5],
    ['.5e1', 5],
    ['.', '.'],
    ['-.', '-.'],
    ['.e3', '.e3'],
    ['9007199254740993', 9007199254740993n],
    ['500m', '500m'],
  ] as const
  for (const [text, value] of values) {
    test(`reads ${text}`, () => expect(read(`a: ${text}`).value).toEqual({ a: value }))
  }

  const infinite = [
    ['.inf', '+Inf'],
    ['-.Inf', '-Inf'],
    ['.nan', 'NaN'],
  ] as const
  test.each(infinite)('refuses %s, which JSON cannot say', (text, shown) =>
    expect(() => read(`a: ${text}`)).toThrow(`error converting YAML to JSON: json: unsupported value: ${shown}`),
  )

  test('reads block texts, flow maps, anchors and merges', () => {
    const text = 'base: &b {x: 1}\nother:\n  <<: *b\n  z: |\n    one\n    two\nlist: [*b]\n1: one\n'
    expect(read(text).value).toEqual({
      base: { x: 1 },
      other: { x: 1, z: 'one\ntwo\n' },
      list: [{ x: 1 }],
      '1': 'one',
    })
  })

  test('reads a dot as the key that the owners of fields have', () => {
    expect(read('f:data:\n  .: {}\n').value).toEqual({ 'f:data': { '.': {} } })
  })

  test('reads JSON and the first of several documents', () => {
    expect(read('{"a": [1, null]}').value).toEqual({ a: [1, null] })
    expect(read('a: 1\n---\na: 2\n').value).toEqual({ a: 1 })
    expect(read('').value).toBeNull()
  })

  test('tells the paths of repeated keys, and the last value wins', () => {
    expect(read('metadata:\n  name: a\n  name: b\nlist:\n- x: 1\n- z: 1\n  z: 2\n')).toEqual({
      value: { metadata: { name: 'b' }, list: [{ x: 1 }, { z: 2 }] },
      duplicates: ['metadata.name', 'list[1].z'],
      repeated: ['line 3: key "name" already set in map', 'line 7: key "z" already set in map'],
    })
  })

  test.each([
    ['{"a": 1, "a": 2}', ['line 1: key "a" already set in map']],
    [
      '0x10: a\n16: b\ntrue: a\ntrue: b\n',
      ['line 2: key 16 already set in map', 'line 4: key true already set in map'],
    ],
    // What is inside of a value before the key that has it.
    ['a: 1\na:\n  b: 1\n  b: 2\n', ['line 4: key "b" already set in map', 'line 3: key "a" already set in map']],
  ])('tells the lines of keys that are there twice: %j', (text, repeated) => {
    expect(read(text).repeated).toEqual(repeated)
  })

  test.each([
    ['1', '1'],
    ['1.0', '1'],
    ['1.50', '1.5'],
    ['0.1e-8', '1e-09'],
    ['123456789.5', '1.2345679e+08'],
    ['18446744073709551616', '1.8446744e+19'],
    ['-9223372036854775809', '-9.223372e+18'],
    ['.inf', '.inf'],
    ['-.inf', '-.inf'],
    ['.nan', '.nan'],
  ])('names the key %s %s', (key, name) => expect(read(`${key}: a`).value).toEqual({ [name]: 'a' }))

  test.each([
    ['!!float 1', 1],
    ['!!float "1.5"', 1.5],
    ['!!int "1"', 1],
    ['!!bool yes', true],
    ['!!null ""', null],
    ['!!null ~', null],
    ['!!binary aGk=', 'hi'],
    ['!!timestamp 2020-01-01', '2020-01-01'],
    ['!!str 1', '1'],
    ['!x 1', '1'],
  ])('follows the tag of %s', (text, value) => expect(read(`a: ${text}`).value).toEqual({ a: value }))

  test('tells a hundred of very many keys, in the order of the text, without comparing each with all', () => {
    const keys = Array.from({ length: 10_000 }, (_, at) => `k${at % 9_000}: {a: 1, a: 2}\n`)
    const { duplicates } = readYamlBody(Buffer.from(keys.join('')), besideLimits)
    expect(duplicates).toHaveLength(100)
    expect(duplicates.slice(0, 2)).toEqual(['k0.a', 'k1.a'])
  })

  test('refuses aliases that unfold into too much', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 10; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    expect(() => read(lines.join('\n'))).toThrow('excessive aliasing')
  })

  const faults = [
    [
      'apiVersion: v1\nkind: ConfigMap\n metadata: bad indent\n',
      'yaml: line 3: mapping values are not allowed in this context',
    ],
    ['a: *nobody', "error converting YAML to JSON: yaml: unknown anchor 'nobody' referenced"],
    ['a: {{ .Values.b }}', 'yaml: invalid map key: map[interface {}]interface {}{".Values.b":interface {}(nil)}'],
    ['a:\n\tb: 1', 'error converting YAML to JSON: yaml: line 2: found character that cannot start any token'],
    ['a: x\u0001', 'error converting YAML to JSON: yaml: control characters are not allowed'],
    ['a: &a [*a]', 'exceeded max depth'],
    ['__proto__: {admin: true}', 'the key "__proto__" is not accepted'],
    ['['.repeat(50_000), 'exceeded max depth'],
    [`a: ${'['.repeat(1_200)}${']'.repeat(1_200)}`, 'exceeded max depth'],
    ['a: .inf', 'unsupported value: +Inf'],
    ['a: {<<: 1}', 'yaml: map merge requires map or sequence of maps as the value'],
    ['a: {<<: [1]}', 'yaml: map merge requires map or sequence of maps as the value'],
    ['a: {<<: }', 'yaml: map merge requires map or sequence of maps as the value'],
    ['~: {b: [1]}', 'JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: map[interface {}]interface {}'],
    ['? b\n? ~\n', 'JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: <nil>'],
    ['a: !!float x', 'yaml: cannot decode !!str `x` as a !!float'],
    ['a: !!int 1.0', 'yaml: cannot decode !!float `1.0` as a !!int'],
    ['a: !!bool x', 'yaml: cannot decode !!str `x` as a !!bool'],
    ['a: !!null 1', 'yaml: cannot decode !!int `1` as a !!null'],
    ['a: !!timestamp x', 'yaml: cannot decode !!str `x` as a !!timestamp'],
    ['a: !!binary aGk', 'yaml: !!binary value contains invalid base64 data'],
    ['18446744073709551615: a', 'JSON: unsupported map key of type: uint64, key: 0xffffffffffffffff, value: "a"'],
    // What the parser lets pass and Kubernetes's reader does not.
    ['a: b\n\t', 'yaml: line 2: found a tab character that violates indentation'],
    [': a', 'yaml: did not find expected key'],
    ['...', 'yaml: did not find expected node content'],
    ['a: !!#', 'yaml: did not find expected tag URI'],
  ] as const
  for (const [text, message] of faults) {
    test(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => expect(() => read(text)).toThrow(message))
  }
})

test('readYamlDocuments() reads every document that is not empty', () => {
  expect(readYamlDocuments('---\na: 1\n---\n# nothing\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }])
})

describe('toYaml()', () => {
  test('writes what is read back as it was', () => {
    const shared = { a: 1 }
    const texts = [
      'yes',
      'off',
      'y',
      'null',
      '~',
      '22:30',
      '2026-01-02',
      '1e3',
      '0777',
      '0x1F',
      '1_000',
      '.inf',
      '<<',
      '=',
      '',
    ]
    const value = {
      texts,
      shared: [shared, shared],
      big: 9_007_199_254_740_993n,
      block: 'one\n  two\n\nthree',
      spaces: ' x ',
      long: 'word '.repeat(100),
      'a: b #c': '- {}',
      none: null,
      time: '2026-01-02T03:04:05Z',
    }
    expect(read(toYaml(value)).value).toEqual(value)
    expect(toYaml(value)).not.toMatch(/[&*]a1/)
  })

  test('quotes what readers of YAML 1.1 would take for something else', () => {
    expect(toYaml({ a: 'yes', b: 'on', c: '22:30' })).toBe('a: "yes"\nb: "on"\nc: "22:30"\n')
  })
})
