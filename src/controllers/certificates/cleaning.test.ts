import { describe, expect, test } from 'vitest'
import { toTime } from '../../base/clock.ts'
import { removalTime } from './cleaning.ts'

const HOUR = 3_600_000
const CREATED = Date.UTC(2026, 0, 1)
const SAID = CREATED + 2 * HOUR

describe('removalTime()', () => {
  const cases = [
    { what: 'nobody cared about', says: [], issued: false, ends: undefined, after: CREATED + 24 * HOUR },
    { what: 'approved, never issued', says: ['Approved'], issued: false, ends: undefined, after: SAID + 24 * HOUR },
    { what: 'issued', says: ['Approved'], issued: true, ends: undefined, after: SAID + HOUR },
    { what: 'issued for ten minutes', says: ['Approved'], issued: true, ends: SAID + 600_000, after: SAID + 600_000 },
    { what: 'denied', says: ['Denied'], issued: false, ends: undefined, after: SAID + HOUR },
    { what: 'approved, then failed', says: ['Approved', 'Failed'], issued: false, ends: undefined, after: SAID + HOUR },
  ]
  for (const { what, says, issued, ends, after } of cases) {
    test(`removes a request ${what} ${(after - CREATED) / HOUR} hours after it was made`, () => {
      const conditions = says.map((type) => ({ type, status: 'True' as const, lastUpdateTime: toTime(SAID) }))
      const request = {
        metadata: { name: 'r', creationTimestamp: toTime(CREATED) },
        spec: { request: '', signerName: 's' },
        status: { conditions, ...(issued ? { certificate: 'Zg==' } : {}) },
      }
      expect(removalTime(request, ends)).toBe(after)
    })
  }
})
