import { describe, expect, test } from 'vitest'
import type { ValidatingAdmissionPolicySpec } from '../../api/generated/admissionregistration-v1.ts'
import { expressionWarnings } from './type-check.ts'

const rule = (group: string, version: string, ...resources: string[]) => ({
  apiGroups: [group],
  apiVersions: [version],
  operations: ['CREATE' as const],
  resources,
})

/** What is wrong with a validation of objects of these kinds: the first line of each warning. */
function faults(expression: string, spec: ValidatingAdmissionPolicySpec = {}, ...rules: ReturnType<typeof rule>[]) {
  const resourceRules = rules.length === 0 ? [rule('', 'v1', 'pods')] : rules
  const whole = { matchConstraints: { resourceRules }, validations: [{ expression }], ...spec }
  return expressionWarnings({ metadata: {}, spec: whole }).flatMap(({ warning }) =>
    warning.split('\n').filter((line) => line.includes('ERROR')),
  )
}

const overload = (types: string) => `found no matching overload for '_==_' applied to '(${types})'`

describe('expressionWarnings()', () => {
  const cases = [
    { expression: 'object.spec.nodeName == "n"', fault: undefined },
    { expression: 'object.spec.nope == "n"', fault: "1:12: undefined field 'nope'" },
    { expression: 'oldObject.spec.nope == "n"', fault: "1:15: undefined field 'nope'" },
    { expression: 'has(object.spec.nope)', fault: "1:4: undefined field 'nope'" },
    { expression: 'object.metadata.namespace == "n"', fault: undefined },
    { expression: 'object.metadata.labels.a == 1', fault: `1:26: ${overload('string, int')}` },
    { expression: 'object.metadata.creationTimestamp == "x"', fault: `1:35: ${overload('timestamp, string')}` },
    { expression: 'object.spec.containers[0].livenessProbe.httpGet.port == 5', fault: undefined },
    { expression: 'object.spec.containers[0].resources.limits.cpu == "1"', fault: "1:36: undefined field 'limits'" },
    { expression: 'object.spec.containers.all(c, c.nmae == "x")', fault: "1:32: undefined field 'nmae'" },
  ]
  for (const { expression, fault } of cases) {
    test(`says ${fault ?? 'nothing'} of ${expression}`, () => {
      const told = fault === undefined ? [] : [`/v1, Kind=Pod: ERROR: <input>:${fault}`]
      expect(faults(expression)).toEqual(told)
    })
  }

  test('checks every kind that rules name, in order, and none of wildcards and subresources', () => {
    const data = ['/v1, Kind=ConfigMap: ', '/v1, Kind=Secret: '].map(
      (kind) => `${kind}ERROR: <input>:1:7: undefined field 'x'`,
    )
    expect(faults('object.x', {}, rule('', 'v1', 'secrets', 'configmaps', 'pods/status'))).toEqual(data)
    expect(faults('object.x', {}, rule('*', 'v1', 'pods'), rule('', '*', 'pods'), rule('', 'v1', '*'))).toEqual([])
  })

  test('knows the types of variables and parameters', () => {
    const variables = [{ name: 'v', expression: 'size(object.spec.containers)' }]
    expect(faults('variables.v == "1"', { variables })).toEqual([
      `/v1, Kind=Pod: ERROR: <input>:1:13: ${overload('int, string')}`,
    ])
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
    expect(faults('params.nope == 1', { paramKind })).toEqual([
      "/v1, Kind=Pod: ERROR: <input>:1:7: undefined field 'nope'",
    ])
    expect(faults('params.nope == 1', { paramKind: { apiVersion: 'x/v1', kind: 'Y' } })).toEqual([])
  })
})
