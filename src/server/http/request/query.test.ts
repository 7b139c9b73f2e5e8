import { describe, expect, test } from 'vitest'
import { parseLabelSelector } from '../../../meta/label-selector.ts'
import { deleteOptions, listOptions, watchOptions } from './query.ts'
import { parseUrl } from './request-info.ts'

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

describe('bytes that are no text', () => {
  const name = 'name part must consist of'
  test.each([
    ['%ff', `<nil>: Invalid value: "\\xff": ${name}`],
    ['a%3D%ff', 'values[0][a]: Invalid value: "\\xff": a valid label'],
    ['a+in+(%ff%C3%A9%e9%80)', 'values[0][a]: Invalid value: "\\xffé\\xe9\\x80": a valid label'],
    ['%c3%28%3Db', `<nil>: Invalid value: "\\xc3": ${name}`],
    ['%ef%bf%bd', `<nil>: Invalid value: "\ufffd": ${name}`],
    ['%f0%9f%90%8b', `<nil>: Invalid value: "🐋": ${name}`],
    ['(%ff', "found '(', expected: !, identifier, or 'end of string'"],
    ['a+%ff', "found '\ufffd', expected: in, notin, =, ==, !=, gt, lt"],
  ])('are quoted as they came: labelSelector=%s', (selector, message) => {
    const { labelSelector = '' } = listOptions(parseUrl(`/x?watch=0&labelSelector=${selector}`).query)
    expect(() => parseLabelSelector(labelSelector)).toThrow(message)
  })

  test('are quoted in numbers, too', () =>
    expect(() => listOptions(parseUrl('/x?limit=%ff').query)).toThrow('parsing "\\xff": invalid syntax'))

  test('are one U+FFFD each in a field selector', () =>
    expect(listOptions(parseUrl('/x?fieldSelector=%f0%9f%90').query)).toEqual({ fieldSelector: '\ufffd'.repeat(3) }))
})
