import { describe, expect, test } from 'vitest'
import type { Job } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { countEnds } from './count.ts'
import { decideFinish } from './finish.ts'

const NOW = Date.UTC(2026, 0, 1)

const job = (backoffLimit: number): Job => ({
  metadata: { name: 'j', namespace: 'default', uid: 'job' },
  spec: {
    completions: 2,
    parallelism: 2,
    completionMode: 'Indexed',
    backoffLimit,
    backoffLimitPerIndex: 5,
    template: { spec: { containers: [], restartPolicy: 'Never' } },
  },
  status: { failed: 1 },
})

const failedAgain: Pod = {
  metadata: {
    name: 'j-0-b',
    namespace: 'default',
    uid: 'b',
    finalizers: ['batch.kubernetes.io/job-tracking'],
    annotations: {
      'batch.kubernetes.io/job-completion-index': '0',
      'batch.kubernetes.io/job-index-failure-count': '1',
    },
  },
  status: { phase: 'Failed' },
}

describe('a failure of an index that waits for its replacement', () => {
  test('counts for the limit of the whole Job, though not in its status yet', () => {
    const count = countEnds(job(1), [failedAgain])
    expect(count).toMatchObject({ failed: 2, settledFailed: 1, release: [] })
    expect(decideFinish({ job: job(1), pods: [failedAgain], count, now: NOW })?.reason).toBe('BackoffLimitExceeded')
    expect(decideFinish({ job: job(2), pods: [failedAgain], count, now: NOW })).toBeUndefined()
  })
})
