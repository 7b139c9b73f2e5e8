import { describe, expect, test } from 'vitest'
import { lastSuccess, type Status, unexpected } from './active.ts'
import type { Due, ReadCronJob, ReadJob } from './due.ts'
import { planStart } from './start-plan.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const DUE: Due = { due: NOW - 30_000, next: NOW + 30_000, missedMany: false }
const ACTIVE: Status = { active: [{ kind: 'Job', name: 'other', uid: 'u' }] }

const aCronJob = (spec: Partial<ReadCronJob['spec']> = {}): ReadCronJob => ({
  metadata: { name: 'report', namespace: 'default' },
  spec: { schedule: '* * * * *', jobTemplate: {}, ...spec },
})

describe('planStart()', () => {
  const cases: readonly {
    when: string
    spec?: Partial<ReadCronJob['spec']>
    status?: Status
    found?: Partial<Due>
    starts: boolean
    reasons?: readonly string[]
  }[] = [
    { when: 'a Job is due', starts: true },
    { when: 'none is due', found: { due: undefined }, starts: false },
    {
      when: 'none will ever be due',
      found: { due: undefined, next: undefined },
      starts: false,
      reasons: ['InvalidSchedule'],
    },
    { when: 'many were missed', found: { missedMany: true }, starts: true, reasons: ['TooManyMissedTimes'] },
    { when: 'the deadline is over', spec: { startingDeadlineSeconds: 29 }, starts: false, reasons: ['MissSchedule'] },
    { when: 'the deadline is not over', spec: { startingDeadlineSeconds: 30 }, starts: true },
    {
      when: 'it was started already',
      status: { active: [{ name: `report-${Math.floor((NOW - 30_000) / 60_000)}` }] },
      spec: { concurrencyPolicy: 'Forbid' },
      starts: false,
    },
    { when: 'another one runs, which may be', status: ACTIVE, starts: true },
    {
      when: 'another one runs, which is replaced',
      status: ACTIVE,
      spec: { concurrencyPolicy: 'Replace' },
      starts: true,
    },
    {
      when: 'another one runs and must be alone',
      status: ACTIVE,
      spec: { concurrencyPolicy: 'Forbid' },
      starts: false,
      reasons: ['JobAlreadyActive'],
    },
  ]
  for (const { when, spec, status = {}, found, starts, reasons = [] } of cases) {
    test(`${starts ? 'starts' : 'does not start'} a Job when ${when}`, () => {
      const plan = planStart(aCronJob(spec), status, { ...DUE, ...found }, NOW)
      expect(plan.start).toBe(starts ? DUE.due : undefined)
      expect(plan.notes.map(({ reason }) => reason)).toEqual(reasons)
    })
  }
})

const aJob = (uid: string, completionTime?: string): ReadJob => ({
  metadata: { name: uid, uid },
  ...(completionTime === undefined
    ? {}
    : { status: { completionTime, conditions: [{ type: 'Complete', status: 'True' }] } }),
})

describe('unexpected()', () => {
  test('names the Jobs that run and are not listed', () => {
    const jobs = [aJob('listed'), aJob('forgotten'), aJob('ended', '2026-01-01T00:00:00Z')]
    expect(unexpected(jobs, [{ uid: 'listed' }]).map(({ metadata }) => metadata.uid)).toEqual(['forgotten'])
  })
})

describe('lastSuccess()', () => {
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'] as const
  const cases = [
    { when: 'nothing completed', jobs: [aJob('a')], known: undefined, want: undefined },
    { when: 'two completed', jobs: [aJob('a', late), aJob('b', early)], known: undefined, want: Date.parse(late) },
    { when: 'what is known is later', jobs: [aJob('a', early)], known: Date.parse(late), want: Date.parse(late) },
  ]
  for (const { when, jobs, known, want } of cases) {
    test(`tells the latest when ${when}`, () => {
      expect(lastSuccess(jobs, known)).toBe(want)
    })
  }
})
