import { describe, expect, test } from 'vitest'
import type { JobSpec } from '../../api/generated/batch-v1.ts'
import type { ReadPod } from '../kit/pods.ts'
import { NO_FAILURES } from './backoff.ts'
import { decideJob, factsAfter, type JobView } from './decide.ts'
import { TRACKING } from './facts.ts'

const aPod = (name: string, phase: 'Running' | 'Failed' | 'Succeeded'): ReadPod => ({
  metadata: { name, namespace: 'default', uid: name, finalizers: [TRACKING] },
  status: { phase },
})

const viewOf = (spec: Partial<JobSpec>, pods: readonly ReadPod[] = []): JobView => ({
  job: {
    metadata: { name: 'j', namespace: 'default' },
    spec: { template: { spec: { containers: [] } }, completions: 2, parallelism: 2, ...spec },
  },
  pods,
  now: 1_000,
})

const running = [aPod('a', 'Running'), aPod('b', 'Running')]

describe('decideJob()', () => {
  const cases: readonly { when: string; view: JobView; creates?: number; stops?: readonly string[]; ends?: string }[] =
    [
      { when: 'it is new', view: viewOf({}), creates: 2 },
      { when: 'all run', view: viewOf({}, running) },
      { when: 'it is suspended', view: viewOf({ suspend: true }, running), stops: ['b', 'a'] },
      {
        when: 'too many failed',
        view: viewOf({ backoffLimit: 0 }, [aPod('a', 'Failed'), aPod('b', 'Running')]),
        stops: ['b'],
        ends: 'BackoffLimitExceeded',
      },
      {
        when: 'enough succeeded',
        view: viewOf({}, [aPod('a', 'Succeeded'), aPod('b', 'Succeeded'), aPod('c', 'Running')]),
        stops: ['c'],
        ends: 'CompletionsReached',
      },
    ]
  for (const { when, view, creates = 0, stops = [], ends } of cases) {
    test(`makes ${creates}, stops ${stops.length} when ${when}`, () => {
      const { plan, stop, finish } = decideJob(view, NO_FAILURES)
      expect(plan.create).toHaveLength(creates)
      expect(new Set(stop.map(({ metadata }) => metadata.name))).toEqual(new Set(stops))
      expect(finish?.reason).toBe(ends)
    })
  }
})

describe('factsAfter()', () => {
  const view = viewOf({ parallelism: 1 }, running)
  const verdict = decideJob(view, NO_FAILURES)
  test('counts what was stopped as terminating', () => {
    expect(factsAfter(view, verdict, false)).toMatchObject({ active: 1, terminating: 1 })
  })
  test('counts it as active where the deletion failed', () => {
    expect(factsAfter(view, verdict, true)).toMatchObject({ active: 2, terminating: 0 })
  })
})
