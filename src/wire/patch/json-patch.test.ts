import { describe, expect, test } from 'vitest'
import { PatchError, type PatchErrorKind } from './errors.ts'
import { applyJsonPatch, MAX_OPERATIONS } from './json-patch.ts'

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}

function fault(act: () => unknown): PatchError {
  try {
    act()
  } catch (error) {
    if (error instanceof PatchError) return error
    throw error
  }
  throw new Error('no fault')
}

const doc = deepFreeze({ data: { a: '1', b: '2' }, list: [1, 2, 3], deep: { list: [{ x: 1 }] }, nothing: null })

describe('applyJsonPatch()', () => {
  const results: [name: string, patch: unknown[], change: object][] = [
    ['adds a key', [{ op: 'add', path: '/data/c', value: '3' }], { data: { a: '1', b: '2', c: '3' } }],
    ['adds over a key that is there', [{ op: 'add', path: '/data/a', value: 9 }], { data: { a: 9, b: '2' } }],
    ['adds null for a missing value', [{ op: 'add', path: '/data/a' }], { data: { a: null, b: '2' } }],
    ['inserts into a list', [{ op: 'add', path: '/list/1', value: 9 }], { list: [1, 9, 2, 3] }],
    ['appends with -', [{ op: 'add', path: '/list/-', value: 9 }], { list: [1, 2, 3, 9] }],
    ['appends at the length', [{ op: 'add', path: '/list/3', value: 9 }], { list: [1, 2, 3, 9] }],
    ['counts from the end', [{ op: 'remove', path: '/list/-1' }], { list: [1, 2] }],
    ['removes an item', [{ op: 'remove', path: '/list/0' }], { list: [2, 3] }],
    ['replaces a key that is not there', [{ op: 'replace', path: '/none', value: 1 }], { none: 1 }],
    ['replaces an item', [{ op: 'replace', path: '/list/0', value: 'x' }], { list: ['x', 2, 3] }],
    ['replaces deep down', [{ op: 'replace', path: '/deep/list/0/x', value: 2 }], { deep: { list: [{ x: 2 }] } }],
    ['moves', [{ op: 'move', from: '/data/a', path: '/data/z' }], { data: { b: '2', z: '1' } }],
    ['moves onto itself', [{ op: 'move', from: '/data/a', path: '/data/a' }], {}],
    ['moves within a list', [{ op: 'move', from: '/list/0', path: '/list/2' }], { list: [2, 3, 1] }],
    ['copies what is not there as null', [{ op: 'copy', from: '/nope', path: '/more' }], { more: null }],
    ['copies', [{ op: 'copy', from: '/data', path: '/more' }], { more: { a: '1', b: '2' } }],
    ['tests numbers, lists and objects', [{ op: 'test', path: '/deep', value: { list: [{ x: 1 }] } }], {}],
    ['tests an absent key as null', [{ op: 'test', path: '/data/none', value: null }], {}],
    [
      'copies by value',
      [
        { op: 'copy', from: '/data', path: '/more' },
        { op: 'add', path: '/more/a', value: 'x' },
      ],
      { more: { a: 'x', b: '2' } },
    ],
  ]
  for (const [name, patch, change] of results) {
    test(`${name}`, () => expect(applyJsonPatch(doc, deepFreeze(patch))).toEqual({ ...doc, ...change }))
  }

  test('replaces and tests the whole document', () => {
    expect(applyJsonPatch(doc, [{ op: 'replace', path: '', value: { a: 1 } }])).toEqual({ a: 1 })
    expect(applyJsonPatch(doc, [{ op: 'test', path: '', value: doc }])).toBe(doc)
  })

  test('unescapes ~1 and ~0', () => {
    const patch = [{ op: 'replace', path: '/a~1b/c~0d/~01', value: 2 }]
    expect(applyJsonPatch({ 'a/b': { 'c~d': { '~1': 1 } } }, patch)).toEqual({ 'a/b': { 'c~d': { '~1': 2 } } })
  })

  test('shares what it does not touch', () => {
    const after = applyJsonPatch(doc, [{ op: 'add', path: '/data/c', value: '3' }]) as typeof doc
    expect(after.deep).toBe(doc.deep)
    expect(after.list).toBe(doc.list)
  })

  const faults: [name: string, patch: unknown, kind: PatchErrorKind, detail: RegExp][] = [
    ['a missing key to remove', [{ op: 'remove', path: '/data/none' }], 'unprocessable', /nonexistent key: none/],
    ['a missing item to replace', [{ op: 'replace', path: '/list/9', value: 1 }], 'unprocessable', /./],
    ['a missing parent', [{ op: 'add', path: '/none/deeper', value: 'x' }], 'unprocessable', /missing path/],
    ['a parent that is no container', [{ op: 'add', path: '/data/a/b', value: 'x' }], 'unprocessable', /missing/],
    ['an unknown operation', [{ op: 'bogus', path: '/data/a' }], 'unprocessable', /Unexpected kind: bogus/],
    ['an empty operation', [{}], 'unprocessable', /Unexpected kind: unknown/],
    ['an operation that is null', [null], 'unprocessable', /Unexpected kind/],
    ['no path', [{ op: 'add', value: 1 }], 'unprocessable', /^add operation failed to decode path: missing value$/],
    [
      'no from',
      [{ op: 'copy', path: '/a' }],
      'unprocessable',
      /^copy operation failed to decode from: operation, missing from field: missing value$/,
    ],
    ['a path without a slash', [{ op: 'add', path: 'data', value: 1 }], 'unprocessable', /not a JSON pointer/],
    ['a failed test', [{ op: 'test', path: '/data/a', value: '2' }], 'unprocessable', /testing value \/data\/a failed/],
    ['a test of another type', [{ op: 'test', path: '/list/0', value: '1' }], 'unprocessable', /failed/],
    ['a position past the end', [{ op: 'add', path: '/list/4', value: 1 }], 'unprocessable', /invalid index: 4/],
    ['a position before the start', [{ op: 'remove', path: '/list/-4' }], 'unprocessable', /invalid index: -4/],
    [
      'a word as position',
      [{ op: 'remove', path: '/list/x' }],
      'unprocessable',
      /strconv\.Atoi: parsing "x": invalid syntax$/,
    ],
    [
      'a move into itself',
      [{ op: 'move', from: '/deep', path: '/deep/list/0' }],
      'unprocessable',
      /missing destination path/,
    ],
    ['a removal of all', [{ op: 'remove', path: '' }], 'unprocessable', /missing path: "": missing value/],
    ['a prototype as path', [{ op: 'add', path: '/constructor/prototype/x', value: 1 }], 'unprocessable', /missing/],
    [
      'an object as patch',
      { not: 'a list' },
      'bad-request',
      /cannot unmarshal object into Go value of type \[\]handlers\.j/,
    ],
    [
      'a number as operation',
      [1],
      'bad-request',
      /cannot unmarshal number into Go value of type handlers\.jsonPatchOp/,
    ],
    [
      'a number as path',
      [{ op: 'x', path: 1 }],
      'bad-request',
      /number into Go struct field jsonPatchOp\.path of type s/,
    ],
  ]
  for (const [name, patch, kind, detail] of faults) {
    test(`refuses ${name}`, () => {
      const error = fault(() => applyJsonPatch(doc, patch))
      expect(error.kind).toBe(kind)
      expect(error.detail).toMatch(detail)
    })
  }

  test('says of a patch that does not fit what Kubernetes says', () => {
    const error = fault(() => applyJsonPatch(doc, [{ op: 'remove', path: '/none' }]))
    expect(error.message).toBe('the server rejected our request due to an error in our request')
  })

  test('refuses too many operations', () => {
    const patch = Array.from({ length: MAX_OPERATIONS + 1 }, () => ({ op: 'test', path: '/data/a', value: '1' }))
    expect(applyJsonPatch(doc, patch.slice(1))).toBe(doc)
    const error = fault(() => applyJsonPatch(doc, patch))
    expect(error.kind).toBe('too-many')
    expect(error.message).toBe(
      'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
    )
  })

  test('stops a copy bomb', () => {
    const patch = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '/b', path: `/b/x${i}` }))
    const error = fault(() => applyJsonPatch({ b: { text: 'x'.repeat(100) } }, patch))
    expect(error.detail).toMatch(/accumulated size increase of copy is [0-9]+, exceeding the limit 3145728/)
  })

  test('stops a tower of moves and copies before it is too deep', () => {
    const patch = Array.from({ length: 12 }, (_, i) => ({ op: 'copy', from: '/b', path: `/b${'/b'.repeat(2 ** i)}` }))
    expect(fault(() => applyJsonPatch({ b: {} }, patch)).message).toBe('exceeded max depth')
  })

  test('stops endless work on a wide object', () => {
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1]))
    const same = { ...wide }
    const patch = Array.from({ length: MAX_OPERATIONS }, () => ({ op: 'test', path: '', value: same }))
    expect(fault(() => applyJsonPatch(wide, patch)).kind).toBe('too-many')
  })

  test('stops endless shifting of a long list', () => {
    const patch = Array.from({ length: MAX_OPERATIONS }, () => ({ op: 'add', path: '/0', value: 1 }))
    expect(applyJsonPatch([], patch)).toHaveLength(MAX_OPERATIONS)
    expect(
      fault(() =>
        applyJsonPatch(
          Array.from({ length: 100_000 }, () => 0),
          patch,
        ),
      ).kind,
    ).toBe('too-many')
  })

  test('takes prototype keys as plain keys', () => {
    const patch = JSON.parse('[{"op":"add","path":"/__proto__","value":{"evil":1}}]') as unknown
    const after = applyJsonPatch({ a: 1 }, patch) as object
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype)
    expect(Object.hasOwn(after, '__proto__')).toBe(true)
    expect('evil' in after).toBe(false)
    const copied = applyJsonPatch(after, [{ op: 'copy', from: '', path: '/b' }]) as { b: object }
    expect(Object.hasOwn(copied.b, '__proto__')).toBe(true)
    expect(applyJsonPatch(copied, [{ op: 'remove', path: '/b/__proto__' }])).toMatchObject({ b: { a: 1 } })
  })
})
