import { describe, expect, test } from 'vitest'
import { atOnce } from '../../../base/async/steps.ts'
import { jsonInSteps } from './json-steps.ts'

describe('jsonInSteps()', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`"${i}`, { description: 'é'.repeat(1_000) }]))
  const cases = [
    { what: 'nothing', value: {} },
    { what: 'what is no map of maps', value: { a: 1, b: 'x', c: null, d: [1, { e: {} }], f: true } },
    { what: 'what is not there', value: { a: undefined, b: { c: undefined, d: {} }, e: { f: undefined } } },
    {
      what: 'many members, and maps of many members',
      value: { a: 'x', paths: many, components: { schemas: many, more: {} } },
    },
  ]
  for (const { what, value } of cases) {
    test(`writes the same as at once: ${what}`, () => {
      expect(atOnce(jsonInSteps(value)).toString()).toBe(JSON.stringify(value))
    })
  }

  test('lets others have their turn after some thousand characters', () => {
    let turns = 0
    for (const steps = jsonInSteps({ paths: many }); steps.next().done !== true; turns++);
    expect(turns).toBeGreaterThanOrEqual(3)
  })
})
