import { describe, expect, test } from 'vitest'
import { PatchError } from './errors.ts'
import { applyMergePatch } from './merge-patch.ts'

describe('applyMergePatch()', () => {
  // The examples of RFC 7386, appendix A, whose patches are objects.
  const cases: [current: unknown, patch: unknown, result: unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 'foo' }, { a: { b: null } }, { a: {} }],
    // What stands in lists, as Kubernetes has it.
    [{ a: 'foo' }, { a: [null, { b: null, c: [{ d: null }] }] }, { a: [null, { c: [{}] }] }],
  ]
  for (const [current, patch, result] of cases) {
    test(`${JSON.stringify(current)} with ${JSON.stringify(patch)}`, () => {
      expect(applyMergePatch(current, patch)).toEqual(result)
    })
  }

  test('answers the object itself when nothing changes', () => {
    const current = { a: { b: [1, { c: 2 }] }, d: 'x' }
    expect(applyMergePatch(current, { a: { b: [1, { c: 2 }], none: null }, d: 'x' })).toBe(current)
  })

  const faults = [
    [[1], 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['x', 'error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}'],
    [null, 'Invalid JSON Patch'],
  ] as const
  for (const [patch, message] of faults) {
    test(`refuses ${JSON.stringify(patch)} as a patch`, () => {
      expect(() => applyMergePatch({}, patch)).toThrow(new PatchError('bad-request', message))
    })
  }

  test('takes prototype keys as plain keys', () => {
    const patch = JSON.parse('{"__proto__":{"evil":1},"constructor":{"prototype":{"evil":1}}}') as unknown
    const after = applyMergePatch({}, patch) as object
    expect('evil' in {}).toBe(false)
    expect('evil' in after).toBe(false)
    expect(Object.keys(after)).toEqual(['__proto__', 'constructor'])
  })

  test('refuses a patch too deep to walk', () => {
    let patch: object = {}
    for (let i = 0; i < 20_000; i++) patch = { a: patch }
    expect(() => applyMergePatch({}, patch)).toThrow(PatchError)
  })
})
