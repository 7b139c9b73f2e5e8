import { expect, test } from 'vitest'

import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  VALIDATING_ADMISSION_POLICIES,
  VALIDATING_ADMISSION_POLICY_BINDINGS,
} from '../../../client/resources.ts'
import { startServer } from '../../fixtures.ts'
import { answerOf } from '../fixtures.ts'

test('who may not read parameters makes no policy read them', async () => {
  const { client, clientFor } = await startServer()
  const apiGroup = 'rbac.authorization.k8s.io'
  const rules = [
    { apiGroups: ['admissionregistration.k8s.io'], resources: ['*'], verbs: ['*'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
  ]
  await client.create(CLUSTER_ROLES, { metadata: { name: 'r' }, rules })
  const subjects = [{ kind: 'User', name: 'jane', apiGroup }]
  await client.create(CLUSTER_ROLE_BINDINGS, {
    metadata: { name: 'r' },
    subjects,
    roleRef: { kind: 'ClusterRole', name: 'r', apiGroup },
  })
  const jane = clientFor('jane', ['g'])
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE' as const], resources: ['pods'] }]
  const make = (kind: string) => {
    const paramKind = { apiVersion: 'v1', kind }
    const spec = { paramKind, matchConstraints: { resourceRules }, validations: [{ expression: 'true' }] }
    return answerOf(jane.create(VALIDATING_ADMISSION_POLICIES, { metadata: { name: kind.toLowerCase() }, spec }))
  }
  const fault = (name: string, field: string) => `"${name}" is invalid: spec.${field}: Forbidden: `
  expect(await make('ConfigMap')).toBe('allowed')
  expect(await make('Secret')).toContain(
    `${fault('secret', 'paramKind')}user &{jane  [g system:authenticated] map[]} must have "get" permission on all objects of the referenced paramKind (kind=Secret, apiVersion=v1)`,
  )
  const bind = (policyName: string, ref: object) => {
    const spec = {
      policyName,
      validationActions: ['Deny' as const],
      paramRef: { parameterNotFoundAction: 'Deny', ...ref },
    }
    return answerOf(jane.create(VALIDATING_ADMISSION_POLICY_BINDINGS, { metadata: { name: 'b' }, spec }))
  }
  expect(await bind('configmap', { selector: {} })).toContain(
    `${fault('b', 'paramRef')}user &{jane  [g system:authenticated] map[]} does not have "list" permission on the object referenced by paramRef`,
  )
  expect(await bind('none', { name: 'a' })).toContain(
    'unable to get policy none to determine minimum required permissions',
  )
  expect(await bind('configmap', { name: 'a' })).toBe('allowed')
})
