import { describe, expect, test } from 'vitest'
import { metricsText } from '../../base/metrics/text.ts'
import { PolicyMetrics } from './policy-metrics.ts'

const lines = (metrics: PolicyMetrics, name: string) =>
  metricsText(metrics.families)
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))

describe('what Pod security decided', () => {
  const request = { operation: 'CREATE', subresource: '', resource: { resource: 'pods' } }
  const cases = [
    { level: 'baseline', version: 'latest', told: 'policy_level="baseline",policy_version="latest"' },
    { level: 'restricted', version: 24, told: 'policy_level="restricted",policy_version="v1.24"' },
    { level: 'restricted', version: 99, told: 'policy_level="restricted",policy_version="future"' },
    { level: 'privileged', version: 24, told: 'policy_level="privileged",policy_version="latest"' },
  ] as const
  for (const { told, ...policy } of cases) {
    test(`is counted by level and version: ${policy.level} ${policy.version}`, () => {
      const metrics = new PolicyMetrics()
      metrics.secured(request, 'warn', policy, false)
      metrics.secured(request, 'warn', policy, false)
      expect(lines(metrics, 'pod_security_evaluations_total')).toEqual([
        `pod_security_evaluations_total{decision="deny",mode="warn",${told},request_operation="create",resource="pod",subresource=""} 2`,
      ])
    })
  }

  test('tells Pods from what makes them, and labels that cannot be read', () => {
    const metrics = new PolicyMetrics()
    metrics.unreadable({ ...request, operation: 'UPDATE', resource: { resource: 'deployments' } })
    expect(lines(metrics, 'pod_security_errors_total')).toEqual([
      'pod_security_errors_total{fatal="false",request_operation="update",resource="controller",subresource=""} 1',
    ])
  })
})

test.each([
  [undefined, 'no_error'],
  ['compilation error: no', 'compile_error'],
  ['validation failed due to running out of cost budget, no further', 'out_of_budget'],
  ['failed expression: false', 'invalid_error'],
])('a check that says %s is of the type %s', (message, type) => {
  const metrics = new PolicyMetrics()
  const names = { policy: 'p', binding: 'b', ms: 2, ...(message === undefined ? {} : { message }) }
  metrics.validated('deny', names)
  metrics.mutated(names)
  expect(lines(metrics, 'apiserver_validating_admission_policy_check_total')).toEqual([
    `apiserver_validating_admission_policy_check_total{enforcement_action="deny",error_type="${type}",policy="p",policy_binding="b"} 1`,
  ])
  expect(lines(metrics, 'apiserver_mutating_admission_policy_check_total')).toEqual([
    `apiserver_mutating_admission_policy_check_total{error_type="${type}",policy="p",policy_binding="b"} 1`,
  ])
  expect(metricsText(metrics.families)).toContain(`policy_binding="b",le="0.01"} 1`)
})
