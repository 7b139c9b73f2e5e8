import { describe, expect, test } from 'vitest'

import { explainFault } from './explain.ts'

/** Texts, and what a Kubernetes API server says of them; undefined: it reads them. */
const TEXTS: readonly (readonly [text: string, words: string | undefined])[] = [
  ['a: [', 'line 1: did not find expected node content'],
  ['a: {', 'line 1: did not find expected node content'],
  ['{a', "line 1: did not find expected ',' or '}'"],
  ['{a: 1', "line 1: did not find expected ',' or '}'"],
  ['[1, 2', "line 1: did not find expected ',' or ']'"],
  ['a: b: c', 'mapping values are not allowed in this context'],
  ["a: 'x", 'found unexpected end of stream'],
  ['a: "x', 'found unexpected end of stream'],
  ['a: "x\n  y\nb: 1\n', 'line 4: found unexpected end of stream'],
  ['a:\n\tb: 1\n', 'line 2: found character that cannot start any token'],
  ['\ta: 1', 'found character that cannot start any token'],
  ['a: 1\n b: 2\n', 'line 2: mapping values are not allowed in this context'],
  ['a: 1\n  b: 2\n', 'line 2: mapping values are not allowed in this context'],
  ['a:\n  b: 1\n c: 2\n', 'line 2: did not find expected key'],
  ['a:\n  - 1\n - 2\n', 'line 2: did not find expected key'],
  ['- a\nb: 1\n', "line 1: did not find expected '-' indicator"],
  ['a: 1\n- b\n', 'line 1: did not find expected key'],
  ['a: *x\n', "unknown anchor 'x' referenced"],
  ['a: &x 1\nb: *y\n', "unknown anchor 'y' referenced"],
  ['a: "\\q"', 'found unknown escape character'],
  ['a: "\\xZZ"', 'did not find expected hexdecimal number'],
  ['a: "\\u12"', 'did not find expected hexdecimal number'],
  ['a: \u0001', 'control characters are not allowed'],
  ['a: \u0000', 'control characters are not allowed'],
  ['a: %x\n', 'found character that cannot start any token'],
  ['%x\n', 'found unknown directive name'],
  ['a: @x', 'found character that cannot start any token'],
  ['a: |x\n  t\n', 'did not find expected comment or line break'],
  ['a: |\n  t\n b\n', 'line 2: did not find expected key'],
  ['a: >-2x\n', 'did not find expected comment or line break'],
  ['a: !<x b', "did not find the expected '>'"],
  ['a: 1\na: 2\n', undefined],
  ['a:\n  x: 1\n  x: 2\n', undefined],
  ['key: value\nbad\n', "line 3: could not find expected ':'"],
  ['bad\nkey: value\n', 'line 2: mapping values are not allowed in this context'],
  ['just text', undefined],
  ['- - -', undefined],
  ['a: ]', 'did not find expected node content'],
  ['a: }', 'did not find expected node content'],
  [']', 'did not find expected node content'],
  ['{a: 1, b', "line 1: did not find expected ',' or '}'"],
  ['{a b: c}', undefined],
  ["a: 'it's'", 'did not find expected key'],
  ['a: "x" y', 'did not find expected key'],
  ["a: 'x' y", 'did not find expected key'],
  ['a: x # c\n : y', 'line 1: did not find expected key'],
  ['x: &\n', 'did not find expected alphabetic or numeric character'],
  ['x: *\n', 'did not find expected alphabetic or numeric character'],
  ['--- a\n--- b\n', undefined],
  ['a: 1\n...\nb: 2\n', undefined],
  ['%YAML 1.1\n%YAML 1.1\n---\na: 1', 'line 1: found duplicate %YAML directive'],
  ['%YAML 1.2\n---\na: 1', 'found incompatible YAML document'],
  ['# c\n\n%YAML 1.2\n---\na: 1', 'line 2: found incompatible YAML document'],
  ['%YAML 1\n---\na', "did not find expected digit or '.' character"],
  ['%YAML\n---\na', 'did not find expected version number'],
  ['%YAML 1.1 x\n---\na', 'did not find expected comment or line break'],
  ['%YAML 01.01 # c\n---\na: 1', undefined],
  ['%TAG ! x\n---\na', undefined],
  ['a:\n  b\n  c: d\n', 'line 3: mapping values are not allowed in this context'],
  ['a:\n    - b: 1\n      c: 2\n     d: 3\n', "line 3: did not find expected '-' indicator"],
  ['- a: 1\n  b: 2\n c: 3\n', "line 2: did not find expected '-' indicator"],
  ['a: "\n\nb', 'line 3: found unexpected end of stream'],
  ["a: 'x\n\n", 'line 3: found unexpected end of stream'],
  ['  a: 1\nb: 2\n', undefined],
  ['a:\n  - b\n  c: 1\n', "line 2: did not find expected '-' indicator"],
  ['a: -\n', 'block sequence entries are not allowed in this context'],
  ['a: ? b', 'mapping keys are not allowed in this context'],
  ['? a\n? b\n: c\n: d\n', 'line 3: did not find expected key'],
  ['a: [1, 2\nb: 3\n', "line 1: did not find expected ',' or ']'"],
  ['a: {x: 1]\n', "did not find expected ',' or '}'"],
  ['a: [1}\n', "did not find expected ',' or ']'"],
  [
    'apiVersion: v1\nkind: ConfigMap\n metadata: bad indent\n',
    'line 3: mapping values are not allowed in this context',
  ],
  ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n namespace: y\n', 'line 4: did not find expected key'],
  ['a: 1\r\n\tb: 2\r\n', 'line 2: found a tab character that violates indentation'],
  ['data:\n  k: "a\n', 'line 3: found unexpected end of stream'],
  ['data:\n  k: |\n\tfoo\n', 'line 3: found a tab character where an indentation space is expected'],
  ['data:\n  k: foo\tbar\n', undefined],
  ['a:\tb\n', undefined],
  ['a: \u007f', 'control characters are not allowed'],
  ['a: \ufeff', undefined],
  ['\ufeffa: 1', undefined],
  ['a: \u0085b', "line 3: could not find expected ':'"],
  ['a: !x!y z\n', 'found undefined tag handle'],
  ['a: !!\n', 'did not find expected tag URI'],
  ['a: |0\n', 'found an indentation indicator equal to 0'],
  ['a: "\\ud800"', 'found invalid Unicode character escape code'],
  ['a: "\n---\n', 'line 2: found unexpected document indicator'],
]

describe('what is wrong with a YAML text', () => {
  for (const [text, words] of TEXTS) {
    test(`${JSON.stringify(text)}: ${words ?? 'nothing'}`, () => expect(explainFault(text)).toBe(words))
  }

  test('is told of a character that no text may have once all before it is read', () => {
    const before = `a: ${'x'.repeat(600)}\n`
    expect(explainFault(`${before}b: \u0001`)).toBe('control characters are not allowed')
    expect(explainFault(`]${before}b: \u0001`)).toBe('did not find expected node content')
    expect(explainFault(`]\u0001`)).toBe('control characters are not allowed')
  })

  test('is found at once in texts as large as bodies may be', () => {
    const large = 3 * 1024 * 1024
    expect(explainFault(`[${'a,'.repeat(large / 2)}`)).toMatch(/node content/)
    expect(explainFault(`${'['.repeat(400)}${',a'.repeat(60_000)}`)).toMatch(/node content/)
    expect(explainFault('- '.repeat(large / 2))).toBe('exceeded max depth')
  })
})
