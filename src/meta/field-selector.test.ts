import { describe, expect, test } from 'vitest'
import { parseFieldSelector } from './field-selector.ts'

const fields: Readonly<Record<string, string>> = { 'status.phase': 'Running', 'metadata.name': 'a,b' }
const get = (field: string) => (Object.hasOwn(fields, field) ? fields[field] : undefined)

describe('parseFieldSelector()', () => {
  const cases: [text: string, matches: boolean, written: string][] = [
    ['', true, ''],
    ['status.phase=Running', true, 'status.phase=Running'],
    ['status.phase==Running', true, 'status.phase=Running'],
    ['status.phase!=Running', false, 'status.phase!=Running'],
    ['spec.nodeName=', true, 'spec.nodeName='],
    ['spec.nodeName!=', false, 'spec.nodeName!='],
    ['metadata.name=a\\,b,status.phase=Running', true, 'metadata.name=a\\,b,status.phase=Running'],
    [',status.phase=Running,', true, 'status.phase=Running'],
    ['toString=', true, 'toString='],
  ]
  for (const [text, matches, written] of cases) {
    test(`${JSON.stringify(text)} ${matches ? 'matches' : 'does not match'}`, () => {
      const selector = parseFieldSelector(text)
      expect(selector.matches(get)).toBe(matches)
      expect(selector.toString()).toBe(written)
    })
  }

  const faults: [text: string, message: string][] = [
    ['phase', "invalid selector: 'phase'; can't understand 'phase'"],
    ['a=b\\c', 'invalid field selector: invalid escape sequence: \\c'],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['x in (a,b)', "invalid selector: 'x in (a,b)'; can't understand 'b)'"],
  ]
  for (const [text, message] of faults) {
    test(`${text} is refused`, () => expect(() => parseFieldSelector(text)).toThrow(message))
  }
})
