import { beforeEach, expect, test } from 'vitest'

import type { Client } from '../../client/client.ts'
import { CONFIG_MAPS, ROLE_BINDINGS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

const apiGroup = 'rbac.authorization.k8s.io'
const DENIED =
  'configmaps is forbidden: User "bob" cannot list resource "configmaps" in API group "" in the namespace "default"'
let bob: Client
let bind: (kind: string, name: string) => Promise<unknown>

beforeEach(async () => {
  const { client, clientFor } = await startServer()
  bob = clientFor('bob')
  bind = (kind, name) =>
    client.create(ROLE_BINDINGS, {
      metadata: { name, namespace: 'default' },
      roleRef: { apiGroup, kind, name },
      subjects: [{ apiGroup, kind: 'User', name: 'bob' }],
    })
})

const refusal = () => bob.list(CONFIG_MAPS, { namespace: 'default' }).then(String, (error: Error) => error.message)

test('a refusal names the roles that bindings speak of and that are not there', async () => {
  expect(await refusal()).toBe(DENIED)
  await bind('Role', 'gone')
  expect(await refusal()).toBe(`${DENIED}: RBAC: role.rbac.authorization.k8s.io "gone" not found`)
  await bind('ClusterRole', 'lost')
  expect(await refusal()).toMatch(
    /: RBAC: \[role\.rbac\.authorization\.k8s\.io "gone" not found, clusterrole\.rbac\.authorization\.k8s\.io "lost" not found\]$/,
  )
})
