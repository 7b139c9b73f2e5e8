import { describe, expect, test } from 'vitest'
import { parseSchedule } from '../../api/batch/v1/cronjob/schedule.ts'
import { nextTime, wallClock, wallTimestamp } from './next-time.ts'

describe('nextTime()', () => {
  const cases = [
    { schedule: '*/5 * * * *', after: '2026-01-01T00:00:00Z', next: '2026-01-01T00:05:00Z' },
    { schedule: '30 3 * * *', after: '2026-01-01T04:00:00Z', next: '2026-01-02T03:30:00Z' },
    { schedule: '@monthly', after: '2026-01-31T12:00:00Z', next: '2026-02-01T00:00:00Z' },
    { schedule: '0 0 29 2 *', after: '2026-01-01T00:00:00Z', next: '2028-02-29T00:00:00Z' },
    { schedule: '0 0 13 * fri', after: '2026-01-01T00:00:00Z', next: '2026-01-02T00:00:00Z' },
    { schedule: '0 9 * * mon-fri', after: '2026-01-02T09:00:00Z', next: '2026-01-05T09:00:00Z' },
    { schedule: '0 9 * * *', zone: 'Asia/Seoul', after: '2026-01-01T00:00:00Z', next: '2026-01-02T00:00:00Z' },
    { schedule: '15 0 * * *', zone: 'Asia/Kathmandu', after: '2026-01-01T00:00:00Z', next: '2026-01-01T18:30:00Z' },
    // New York: 2026-03-08 has no 02:30; the day of the change has 23 hours.
    { schedule: '30 2 * * *', zone: 'America/New_York', after: '2026-03-07T08:00:00Z', next: '2026-03-09T06:30:00Z' },
    { schedule: '0 0 * * *', zone: 'America/New_York', after: '2026-03-08T05:00:00Z', next: '2026-03-09T04:00:00Z' },
    { schedule: '0 0 * * *', zone: 'America/New_York', after: '2026-11-01T04:00:00Z', next: '2026-11-02T05:00:00Z' },
    { schedule: '@every 90m', after: '2026-01-01T00:00:00Z', next: '2026-01-01T01:30:00Z' },
  ]
  for (const { schedule, zone, after, next } of cases) {
    test(`after ${after}, "${schedule}" is due at ${next}${zone === undefined ? '' : ` (${zone})`}`, () => {
      const found = nextTime(parseSchedule(schedule), Date.parse(after), wallClock(zone))
      expect(found === undefined ? undefined : new Date(found).toISOString()).toBe(next.replace('Z', '.000Z'))
    })
  }

  test('a day that never comes is never due', () => {
    expect(nextTime(parseSchedule('0 0 30 2 *'), 0, wallClock(undefined))).toBeUndefined()
  })
})

describe('wallTimestamp()', () => {
  const cases = [
    { zone: undefined, text: '2026-01-01T00:30:00Z' },
    { zone: 'Asia/Seoul', text: '2026-01-01T09:30:00+09:00' },
    { zone: 'Asia/Kathmandu', text: '2026-01-01T06:15:00+05:45' },
    { zone: 'America/New_York', text: '2025-12-31T19:30:00-05:00' },
    { zone: 'Africa/Monrovia', text: '2026-01-01T00:30:00Z' },
  ]
  for (const { zone, text } of cases) {
    test(`tells the time of ${zone ?? 'no zone'} as ${text}`, () => {
      const shown = wallTimestamp(Date.parse('2026-01-01T00:30:00Z'), wallClock(zone))
      expect(shown).toBe(text)
      expect(Date.parse(shown)).toBe(Date.parse('2026-01-01T00:30:00Z'))
    })
  }
})
