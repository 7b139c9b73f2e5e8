import { describe, expect, test } from 'vitest'
import { fieldPath } from './field-path.ts'
import { validateConditions, validateConditionTypes } from './validate-conditions.ts'

const AT = fieldPath('status', 'conditions')
const GOOD = {
  type: 'a.io/Ready',
  status: 'True',
  reason: 'Ready',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
}
const told = (faults: readonly { field: string; message: string }[]) =>
  faults.map(({ field, message }) => `${field}: ${message.split(', optionally')[0]}`)

describe('validateConditions()', () => {
  test.each<[string, object, string[]]>([
    ['nothing wrong', {}, []],
    ['no time', { lastTransitionTime: null }, ['lastTransitionTime: Required value']],
    ['no reason', { reason: '' }, ['reason: Required value']],
    [
      'a status that is none',
      { status: 'Yes' },
      ['status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"'],
    ],
    [
      'a generation below zero',
      { observedGeneration: -1 },
      ['observedGeneration: Invalid value: -1: must be greater than or equal to zero'],
    ],
    [
      'a sentence as its reason',
      { reason: 'not a word' },
      ['reason: Invalid value: "not a word": a condition reason must start with alphabetic character'],
    ],
    ['a long message', { message: 'm'.repeat(32_769) }, ['message: Too long: may not be more than 32768 bytes']],
  ])('tells of %s', (_, change, expected) => {
    const faults = validateConditions([{ ...GOOD, ...change }], AT)
    expect(told(faults)).toEqual(expected.map((text) => `status.conditions[0].${text}`))
  })

  test('wants each type once', () => {
    expect(told(validateConditions([GOOD, GOOD], AT))).toEqual([
      'status.conditions[1].type: Duplicate value: "a.io/Ready"',
    ])
  })
})

test('validateConditionTypes() wants types, and each once', () => {
  expect(told(validateConditionTypes([{ type: 'any thing' }, {}, { type: 'any thing' }], AT))).toEqual([
    'status.conditions[1].type: Required value',
    'status.conditions[2].type: Duplicate value: "any thing"',
  ])
})
