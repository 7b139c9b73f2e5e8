import { describe, expect, test } from 'vitest'
import type { JobSpec, PodFailurePolicyRule } from '../../api/generated/batch-v1.ts'
import type { PodStatus } from '../../api/generated/core-v1.ts'
import type { ReadJob } from './facts.ts'
import { failureAction } from './failure-policy.ts'
import { successPolicyMet } from './success-policy.ts'

const jobOf = (spec: Partial<JobSpec>): ReadJob => ({
  metadata: { name: 'j', namespace: 'default' },
  spec: { template: { spec: { containers: [] } }, ...spec },
})

const failed = (status: Partial<PodStatus>) => ({
  metadata: { name: 'p', namespace: 'default' },
  status: { phase: 'Failed' as const, ...status },
})
const exited = (codes: Readonly<Record<string, number>>) =>
  failed({
    containerStatuses: Object.entries(codes).map(([name, exitCode]) => ({
      name,
      image: '',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode } },
    })),
  })
const disturbed = (status: 'True' | 'False') => failed({ conditions: [{ type: 'DisruptionTarget', status }] })

describe('failureAction()', () => {
  const onDisruption: PodFailurePolicyRule = {
    action: 'Ignore',
    onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
  }
  const on42: PodFailurePolicyRule = { action: 'FailJob', onExitCodes: { operator: 'In', values: [42, 43] } }
  const notOn1: PodFailurePolicyRule = { action: 'FailIndex', onExitCodes: { operator: 'NotIn', values: [1] } }
  const ofMain: PodFailurePolicyRule = {
    action: 'FailJob',
    onExitCodes: { containerName: 'main', operator: 'In', values: [7] },
  }
  const cases = [
    { what: 'no rule', rules: [], pod: exited({ c: 1 }), want: 'Count' },
    { what: 'a condition that holds', rules: [onDisruption], pod: disturbed('True'), want: 'Ignore' },
    { what: 'a condition that does not hold', rules: [onDisruption], pod: disturbed('False'), want: 'Count' },
    { what: 'an exit code of the list', rules: [on42], pod: exited({ c: 42 }), want: 'FailJob' },
    { what: 'an exit code of another list', rules: [on42], pod: exited({ c: 41 }), want: 'Count' },
    { what: 'an exit code not of the list', rules: [notOn1], pod: exited({ c: 2 }), want: 'FailIndex' },
    { what: 'exit code 0 and NotIn', rules: [notOn1], pod: exited({ c: 0 }), want: 'Count' },
    { what: 'the exit code of another container', rules: [ofMain], pod: exited({ c: 7, main: 1 }), want: 'Count' },
    { what: 'the exit code of the container', rules: [ofMain], pod: exited({ c: 1, main: 7 }), want: 'FailJob' },
    { what: 'several rules, by the first', rules: [onDisruption, on42], pod: exited({ c: 43 }), want: 'FailJob' },
  ]
  for (const { what, rules, pod, want } of cases) {
    test(`for ${what}: ${want}`, () => {
      const job = jobOf({ podFailurePolicy: { rules }, backoffLimitPerIndex: 1 })
      expect(failureAction(job, pod).action).toBe(want)
    })
  }

  test('without a limit per index, FailIndex counts', () => {
    expect(failureAction(jobOf({ podFailurePolicy: { rules: [notOn1] } }), exited({ c: 2 })).action).toBe('Count')
  })

  test('says which rule failed the Job', () => {
    const rules: PodFailurePolicyRule[] = [
      on42,
      { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ]
    expect(failureAction(jobOf({ podFailurePolicy: { rules } }), disturbed('True'))).toEqual({
      action: 'FailJob',
      message: 'Pod default/p has condition DisruptionTarget matching FailJob rule at index 1',
    })
  })
})

describe('successPolicyMet()', () => {
  const cases = [
    { rules: [{ succeededIndexes: '0,2-3' }], done: [0, 2], met: undefined },
    { rules: [{ succeededIndexes: '0,2-3' }], done: [0, 2, 3], met: 0 },
    { rules: [{ succeededCount: 2 }], done: [1], met: undefined },
    { rules: [{ succeededCount: 2 }], done: [1, 4], met: 0 },
    { rules: [{ succeededIndexes: '0-4', succeededCount: 3 }], done: [0, 5, 6, 7], met: undefined },
    { rules: [{ succeededIndexes: '0-4', succeededCount: 3 }], done: [0, 1, 4, 7], met: 0 },
    { rules: [{ succeededIndexes: '9' }, { succeededCount: 1 }], done: [3], met: 1 },
  ]
  for (const { rules, done, met } of cases) {
    test(`${JSON.stringify(rules)} with ${done.join(',')} done is met by rule ${met ?? 'none'}`, () => {
      const job = jobOf({ completionMode: 'Indexed', completions: 10, successPolicy: { rules } })
      expect(successPolicyMet(job, new Set(done))).toBe(met === undefined ? undefined : `Matched rules at index ${met}`)
    })
  }
})
