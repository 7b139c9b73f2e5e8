import { expect, test } from 'vitest'

import { asGiven, copyAsGiven, hasLeftOut, keepLeftOut, lacksGiven, noteLeftOut } from './nil.ts'

interface Owner {
  readonly list?: readonly string[]
  readonly inner?: Owner
}

test('what was given empty and left out is known of its owner alone, and of copies', () => {
  const owner: Owner = { inner: {} }
  noteLeftOut(owner.inner!, 'list', [])
  expect(owner).toEqual({ inner: {} })
  expect(asGiven(owner.inner, 'list')).toEqual([])
  expect(asGiven(owner, 'list')).toBe(undefined)
  expect(asGiven(undefined as Owner | undefined, 'list')).toBe(undefined)
  expect([lacksGiven(owner), lacksGiven(owner.inner)]).toEqual([false, true])
  expect(asGiven(copyAsGiven(owner).inner, 'list')).toEqual([])
  expect(asGiven(structuredClone(owner).inner, 'list')).toBe(undefined)
  expect(asGiven(keepLeftOut(owner.inner!, {} as Owner), 'list')).toEqual([])
})

test('what was filled in since is not left out any more', () => {
  const owner: { list?: string[] } = {}
  noteLeftOut(owner, 'list', [])
  expect(hasLeftOut({ at: [owner] })).toBe(true)
  owner.list = ['a']
  expect(hasLeftOut({ at: [owner] })).toBe(false)
  expect(asGiven(owner, 'list')).toEqual(['a'])
})
