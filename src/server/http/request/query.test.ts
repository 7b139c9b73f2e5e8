import { describe, expect, test } from 'vitest'
import { deleteOptions, listOptions, watchOptions } from './query.ts'

const EMPTY = 'strconv.ParseInt: parsing "": invalid syntax'

describe('a number in a query', () => {
  test.each([
    ['limit=', EMPTY],
    ['limit=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['limit=9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    ['timeoutSeconds=', EMPTY],
  ])('is refused as %s', (query, message) => {
    expect(() => listOptions(new URLSearchParams(query))).toThrow(message)
    expect(() => watchOptions(new URLSearchParams(query))).toThrow(message)
  })

  test('is no grace period when it is empty', () => {
    expect(() => deleteOptions(new URLSearchParams('gracePeriodSeconds='))).toThrow(EMPTY)
  })
})

describe('a delete', () => {
  test.each([
    ['', {}],
    ['propagationPolicy=', { propagationPolicy: '' }],
    ['propagationPolicy=Orphan&gracePeriodSeconds=-1', { propagationPolicy: 'Orphan', gracePeriodSeconds: -1 }],
  ])('by ?%s asks for %j', (query, options) => {
    expect(deleteOptions(new URLSearchParams(query))).toEqual(options)
  })
})

describe('a watch with a token of a list', () => {
  const WHY = 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided'
  test.each([
    'continue=x',
    'continue=x&resourceVersion=0',
    'continue=x&resourceVersion=5&resourceVersionMatch=NotOlderThan&sendInitialEvents=true',
  ])('is refused: ?%s', (query) => expect(() => watchOptions(new URLSearchParams(query))).toThrow(WHY))

  test.each(['continue=x&resourceVersion=5', 'continue=&resourceVersion=0'])('does without it: ?%s', (query) => {
    expect(watchOptions(new URLSearchParams(query))).not.toHaveProperty('continue')
  })
})
