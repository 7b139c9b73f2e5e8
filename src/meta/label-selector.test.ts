import { describe, expect, test } from 'vitest'
import { ApiError } from './errors.ts'
import { everything, parseLabelSelector, selectorFromMap, selectorOf } from './label-selector.ts'

const web = { app: 'web', tier: 'front', n: '5' }

describe('parseLabelSelector()', () => {
  const matching: [text: string, matches: boolean, written?: string][] = [
    ['', true],
    ['app=web', true],
    ['app==web', true, 'app=web'],
    ['app!=web', false],
    ['app!=db', true],
    ['none!=x', true],
    ['app in (web,db)', true, 'app in (db,web)'],
    ['app notin (web,db)', false, 'app notin (db,web)'],
    ['none notin (a)', true],
    ['app', true],
    ['!app', false],
    ['!none', true],
    ['tier=front,app=web', true, 'app=web,tier=front'],
    [' app = web , tier ', true, 'app=web,tier'],
    ['n>4', true],
    ['n<5', false],
    ['app>4', false],
    ['app=', false],
    ['app in ()', false],
    ['app in (,web)', true, 'app in (,web)'],
    ['in in (in)', false, 'in in (in)'],
    ['example.com/x=y', false],
    ['toString', false],
  ]
  for (const [text, matches, written] of matching) {
    test(`${JSON.stringify(text)} ${matches ? 'matches' : 'does not match'}`, () => {
      const selector = parseLabelSelector(text)
      expect(selector.matches(web)).toBe(matches)
      expect(selector.toString()).toBe(written ?? text)
      expect(selector.isEmpty).toBe(text === '')
    })
  }

  const faults: [text: string, message: string][] = [
    ['=', "found '=', expected: !, identifier, or 'end of string'"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a near b', "unable to parse requirement: found 'near', expected: in, notin, =, ==, !=, gt, lt"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['a=(', "unable to parse requirement: found '(', expected: identifier"],
    [
      'a=-x-',
      "unable to parse requirement: values[0][a]: Invalid value: \"-x-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      'n>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ]
  for (const [text, message] of faults) {
    test(`${JSON.stringify(text)} is refused: ${message}`, () => {
      expect(() => parseLabelSelector(text)).toThrow(ApiError)
      expect(() => parseLabelSelector(text)).toThrow(message)
    })
  }
})

describe('selectorOf()', () => {
  test('absent matches nothing, empty matches everything', () => {
    expect(selectorOf(undefined).matches(web)).toBe(false)
    expect(selectorOf(undefined).isEmpty).toBe(false)
    expect(selectorOf({}).matches(undefined)).toBe(true)
    expect(selectorOf({})).toBe(everything)
  })

  test('joins labels and expressions', () => {
    const selector = selectorOf({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['front', 'back'] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    })
    expect(selector.toString()).toBe('app=web,!old,tier in (back,front)')
    expect(selector.matches(web)).toBe(true)
    expect(selector.matches({ ...web, old: '' })).toBe(false)
  })

  test('sees changes of an object that is not frozen', () => {
    const draft = { matchLabels: { app: 'web' } }
    expect(selectorOf(draft).matches(web)).toBe(true)
    draft.matchLabels.app = 'db'
    expect(selectorOf(draft).matches(web)).toBe(false)
  })
})

test('a map selects what has all of it', () => {
  expect(selectorFromMap({ app: 'web', tier: 'front' }).matches(web)).toBe(true)
  expect(selectorFromMap({ app: 'web', tier: 'back' }).matches(web)).toBe(false)
  expect(selectorFromMap(undefined).matches(undefined)).toBe(true)
})
