import { beforeEach, describe, expect, test } from 'vitest'
import type { PolicyRule } from '../../api/generated/rbac-v1.ts'
import type { Client } from '../../client/client.ts'
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, CONFIG_MAPS, ROLE_BINDINGS, ROLES } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

let admin: Client
let alice: Client
let again: Client
beforeEach(async () => {
  const { client, clientFor } = await startServer()
  admin = client
  alice = clientFor('alice')
  again = clientFor('alice')
  for (const name of ['a', 'b']) await admin.create(CONFIG_MAPS, { metadata: { name, namespace: 'default' } })
})

const subjects = [{ kind: 'User', name: 'alice', apiGroup: 'rbac.authorization.k8s.io' }]
const reading = (resourceNames: readonly string[] = []): PolicyRule => ({
  apiGroups: [''],
  resources: ['configmaps'],
  verbs: ['get'],
  resourceNames: [...resourceNames],
})
const apiGroup = 'rbac.authorization.k8s.io'

async function allowEverywhere(rule: PolicyRule, name = 'reader'): Promise<void> {
  await admin.create(CLUSTER_ROLES, { metadata: { name }, rules: [rule] })
  const roleRef = { apiGroup, kind: 'ClusterRole', name }
  await admin.create(CLUSTER_ROLE_BINDINGS, { metadata: { name }, roleRef, subjects })
}

const read = (client: Client, name: string) => client.get(CONFIG_MAPS, { name, namespace: 'default' })
const may = (client: Client, name: string) =>
  read(client, name).then(
    () => true,
    () => false,
  )

describe('RBAC', () => {
  test('allows by name only the object that is named, whatever was asked before', async () => {
    await allowEverywhere(reading(['a']))
    for (const client of [alice, again, alice]) {
      expect([await may(client, 'a'), await may(client, 'b')]).toEqual([true, false])
      expect([await may(client, 'b'), await may(client, 'a')]).toEqual([false, true])
    }
  })

  test('goes by the roles as they are now', async () => {
    expect(await may(alice, 'a')).toBe(false)
    await allowEverywhere(reading())
    expect(await may(alice, 'a')).toBe(true)
    await admin.delete(CLUSTER_ROLE_BINDINGS, { name: 'reader' })
    expect([await may(alice, 'a'), await may(again, 'a')]).toEqual([false, false])
  })

  test('allows in one namespace what is not allowed in all', async () => {
    const metadata = { name: 'reader', namespace: 'default' }
    await admin.create(ROLES, { metadata, rules: [reading()] })
    await admin.create(ROLE_BINDINGS, { metadata, roleRef: { apiGroup, kind: 'Role', name: 'reader' }, subjects })
    expect(await may(alice, 'a')).toBe(true)
    await expect(alice.get(CONFIG_MAPS, { name: 'a', namespace: 'kube-system' })).rejects.toThrow(
      'User "alice" cannot get resource "configmaps" in API group "" in the namespace "kube-system"',
    )
  })

  test('keeps users apart whose names and groups read alike when they are joined', async () => {
    const { client, clientFor } = await startServer()
    await client.create(CLUSTER_ROLES, { metadata: { name: 'reader' }, rules: [reading()] })
    const roleRef = { apiGroup, kind: 'ClusterRole', name: 'reader' }
    const group = [{ kind: 'Group', name: 'readers', apiGroup }]
    await client.create(CLUSTER_ROLE_BINDINGS, { metadata: { name: 'reader' }, roleRef, subjects: group })
    await client.create(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'default' } })
    expect(await may(clientFor('eve\nreaders'), 'a')).toBe(false)
    expect(await may(clientFor('eve', ['readers']), 'a')).toBe(true)
  })
})
