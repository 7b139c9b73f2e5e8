import { describe, expect, test } from 'vitest'
import type { JobSpec } from '../../api/generated/batch-v1.ts'
import type { ReadPod } from '../kit/pods.ts'
import { countEnds } from './count.ts'
import type { ReadJob } from './facts.ts'
import { decideFinish, untilDeadline } from './finish.ts'

const START = '2026-01-01T00:00:00Z'
const NOW = Date.parse(START) + 60_000

const jobOf = (spec: Partial<JobSpec>): ReadJob => ({
  metadata: { name: 'j', namespace: 'default' },
  spec: { completions: 3, parallelism: 3, template: { spec: { containers: [] } }, ...spec },
  status: { startTime: START },
})

const restarted = (times: number, phase: 'Running' | 'Failed' = 'Running'): ReadPod => ({
  metadata: { name: `p${times}` },
  status: {
    phase,
    containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount: times }],
  },
})

const reasonOf = (spec: Partial<JobSpec>, pods: readonly ReadPod[], count: object = {}) => {
  const job = jobOf(spec)
  return decideFinish({ job, pods, count: { ...countEnds(job, []), ...count }, now: NOW })?.reason
}

describe('decideFinish()', () => {
  const onFailure = (backoffLimit: number): Partial<JobSpec> => ({
    backoffLimit,
    template: { spec: { containers: [], restartPolicy: 'OnFailure' } },
  })
  const indexed = (maxFailedIndexes: number): Partial<JobSpec> => ({
    completionMode: 'Indexed',
    backoffLimitPerIndex: 1,
    maxFailedIndexes,
  })
  const failedIndexes = new Set([0, 1])
  const cases: readonly { when: string; spec: Partial<JobSpec>; pods?: ReadPod[]; count?: object; ends?: string }[] = [
    { when: 'as many failed as may', spec: { backoffLimit: 2 }, count: { failed: 2 } },
    { when: 'one more failed', spec: { backoffLimit: 2 }, count: { failed: 3 }, ends: 'BackoffLimitExceeded' },
    { when: 'six failed, without a limit', spec: {}, count: { failed: 6 } },
    { when: 'seven failed, without a limit', spec: {}, count: { failed: 7 }, ends: 'BackoffLimitExceeded' },
    { when: 'nothing restarted, and nothing may', spec: onFailure(0), pods: [restarted(0)] },
    { when: 'one restarted, and none may', spec: onFailure(0), pods: [restarted(1)], ends: 'BackoffLimitExceeded' },
    { when: 'fewer restarts than the limit', spec: onFailure(4), pods: [restarted(1), restarted(2)] },
    {
      when: 'as many restarts as the limit',
      spec: onFailure(3),
      pods: [restarted(1), restarted(2)],
      ends: 'BackoffLimitExceeded',
    },
    { when: 'the restarts are of a Pod that is over', spec: onFailure(3), pods: [restarted(9, 'Failed')] },
    { when: 'as many indexes failed as may', spec: indexed(2), count: { failedIndexes } },
    {
      when: 'more indexes failed than may',
      spec: indexed(1),
      count: { failedIndexes },
      ends: 'MaxFailedIndexesExceeded',
    },
    {
      when: 'all indexes are over, and some failed',
      spec: indexed(2),
      count: { failedIndexes, completedIndexes: new Set([2]) },
      ends: 'FailedIndexes',
    },
    { when: 'its time is up', spec: { activeDeadlineSeconds: 60 }, ends: 'DeadlineExceeded' },
    { when: 'there is a second left', spec: { activeDeadlineSeconds: 61 } },
  ]
  for (const { when, spec, pods = [], count, ends } of cases) {
    test(`${ends ?? 'goes on'} when ${when}`, () => expect(reasonOf(spec, pods, count)).toBe(ends))
  }
})

test('a suspended Job has no deadline', () => {
  expect(untilDeadline(jobOf({ activeDeadlineSeconds: 61 }), NOW)).toBe(1_000)
  expect(untilDeadline(jobOf({ activeDeadlineSeconds: 61, suspend: true }), NOW)).toBeUndefined()
})
