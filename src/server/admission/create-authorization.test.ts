import { expect, test } from 'vitest'

import { CONFIG_MAPS, LEASES, ROLE_BINDINGS, ROLES } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'
import { answerOf } from './fixtures.ts'

const at = { namespace: 'default', name: 'a' }

test('who may change objects creates none by applying or updating', async () => {
  const { client, clientFor } = await startServer()
  const apiGroup = 'rbac.authorization.k8s.io'
  const verbs = ['get', 'patch', 'update']
  const rules = [{ apiGroups: ['', 'coordination.k8s.io'], resources: ['configmaps', 'leases'], verbs }]
  await client.create(ROLES, { metadata: at, rules })
  const subjects = [{ kind: 'User', name: 'jane', apiGroup }]
  await client.create(ROLE_BINDINGS, { metadata: at, subjects, roleRef: { kind: 'Role', name: 'a', apiGroup } })
  const jane = clientFor('jane')
  const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
  const apply = (data: object) =>
    answerOf(jane.patch(CONFIG_MAPS, at, 'apply', { ...applied, data }, { fieldManager: 'm' }))
  const refused = (resource: string, group: string) =>
    `cannot create resource "${resource}" in API group "${group}" in the namespace "default"`
  expect(await apply({})).toBe(`configmaps "a" is forbidden: User "jane" ${refused('configmaps', '')}`)
  expect(await apply({ 'a b': 'c' })).toContain('a valid config key')
  expect(await answerOf(jane.update(LEASES, { metadata: at, spec: {} }))).toContain(
    refused('leases', 'coordination.k8s.io'),
  )
  await client.create(CONFIG_MAPS, { metadata: at })
  expect(await apply({ x: 'y' })).toBe('allowed')
})
