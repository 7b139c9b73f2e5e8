import { describe, expect, test } from 'vitest'
import { decodeContinue, encodeContinue } from './continue-token.ts'
import { checkContinue, checkWatchOptions, parseResourceVersion } from './resource-version.ts'

const told = (act: () => unknown) => {
  try {
    return act()
  } catch (error) {
    return (error as Error).message
  }
}
const token = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const NOT_VALID = 'invalid continue token: continue key is not valid: '
const META = 'meta.k8s.io/v1'
const UNREAD = 'json: cannot unmarshal'
const INTO = 'into Go struct field continueToken'

describe('a continue token', () => {
  test('comes back as it was given out', () => {
    expect(decodeContinue(encodeContinue({ revision: 7, start: 'n/a\0' }))).toEqual({ revision: 7, start: 'n/a\0' })
  })

  test('is read whatever the case of its names', () => {
    expect(decodeContinue(token({ V: META, RV: 7, Start: 'a' }))).toEqual({ revision: 7, start: 'a' })
  })

  const tokens: [why: string, token: string, message: string][] = [
    ['is no base64', 'a*b', 'illegal base64 data at input byte 1'],
    ['is cut short', 'bogus', 'illegal base64 data at input byte 4'],
    ['is of another version', token({ v: 'x', rv: 1, start: 'a' }), 'server does not recognize this encoded version x'],
    ['has no start', token({ v: META, rv: 1, start: '' }), `encoded start key empty (version ${META})`],
    ['says no whole revision', token({ v: META, rv: 1.5 }), `${UNREAD} number 1.5 ${INTO}.rv of type int64`],
    ['says a revision as text', token({ v: META, rv: '1' }), `${UNREAD} string ${INTO}.rv of type int64`],
    ['starts at a number', token({ v: META, rv: 1, start: 1 }), `${UNREAD} number ${INTO}.start of type string`],
    ['stays where it is', token({ v: META, rv: 1, start: './x' }), './x'],
    ['leads out of the list', token({ v: META, rv: 1, start: '../x' }), '../x'],
  ]
  test('is read before the revision beside it is refused', () => {
    const message = `${NOT_VALID}illegal base64 data at input byte 1`
    expect(told(() => checkContinue({ continue: 'a*b', resourceVersion: '1' }))).toBe(message)
  })

  for (const [why, text, message] of tokens) {
    test(`that ${why} is refused`, () => expect(told(() => decodeContinue(text))).toBe(NOT_VALID + message))
  }
})

describe('a resourceVersion that is no number', () => {
  const WHY = 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'
  test.each([
    ['get', WHY],
    ['list', `invalid resource version: ${WHY}`],
    ['watch', ` "" is invalid: ${WHY}`],
  ] as const)('is refused by %s in its own words', (verb, message) => {
    expect(told(() => parseResourceVersion('abc', verb))).toBe(message)
  })
})

describe('a watch', () => {
  const MATCH = 'resourceVersionMatch: '
  const NOT_EXACT = `${MATCH}Unsupported value: "Exact": supported values: "NotOlderThan"`
  const INITIAL = `${MATCH}Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`
  test.each([
    [{ sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }, undefined],
    [{ sendInitialEvents: true }, INITIAL],
    [{ sendInitialEvents: true, resourceVersionMatch: 'Exact' }, `[${INITIAL}, ${NOT_EXACT}]`],
  ])('with %j is told %s', (options, faults) => {
    const message = faults === undefined ? undefined : `ListOptions.meta.k8s.io "" is invalid: ${faults}`
    expect(told(() => checkWatchOptions(options))).toBe(message)
  })
})
