import { expect, test } from 'vitest'
import { createClient } from '../../client/client.ts'
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, RESOURCE_CLAIMS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'
import { answerOf } from './fixtures.ts'

const AT = { namespace: 'default', name: 'c' }
const STATUS = { subresource: 'status' } as const
const DEVICE = { driver: 'd.io', pool: 'p', device: 'x' }
const DRIVER = 'system:serviceaccount:default:driver'

const allocation = (node: string) => ({
  devices: { results: [{ request: 'r', ...DEVICE }] },
  nodeSelector: {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [node] }] }],
  },
})

/** A claim of devices of node n, and its driver: who may write statuses, and what else `rules` say. */
async function claimed(rules: readonly { readonly resources: string[]; readonly verbs: string[] }[]) {
  const { server, client } = await startServer()
  const exactly = { deviceClassName: 'x', allocationMode: 'ExactCount' as const, count: 1 }
  const spec = { devices: { requests: [{ name: 'r', exactly }] } }
  const claim = await client.create(RESOURCE_CLAIMS, { metadata: AT, spec })
  const status = { allocation: allocation('n') }
  await client.update(RESOURCE_CLAIMS, { ...claim, status }, STATUS)
  const all = [{ resources: ['resourceclaims/status'], verbs: ['update', 'patch'] }, ...rules]
  await client.create(CLUSTER_ROLES, {
    metadata: { name: 'driver' },
    rules: all.map((rule) => ({ apiGroups: ['resource.k8s.io'], ...rule })),
  })
  await client.create(CLUSTER_ROLE_BINDINGS, {
    metadata: { name: 'driver' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'driver' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'driver' }],
  })
  const extra = { 'authentication.kubernetes.io/node-name': ['n'] }
  const driver = createClient(server.transportFor({ name: DRIVER, groups: [], extra }))
  const write = (status: object) => answerOf(driver.patch(RESOURCE_CLAIMS, AT, 'merge', { status }, STATUS))
  return { client, write }
}

const cannot = (what: string, name: string) =>
  `resourceclaims.resource.k8s.io ${name}is forbidden: User "${DRIVER}" cannot ${what}`

test('what is allocated is written by those who may bind claims', async () => {
  const { write } = await claimed([])
  const who = [{ resource: 'pods', name: 'p', uid: 'u' }]
  expect(await write({ reservedFor: who })).toBe(
    'ResourceClaim.resource.k8s.io "c" is invalid: status.allocation: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="patch" permission: ' +
      cannot('patch resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope', ''),
  )
  const bound = await claimed([{ resources: ['resourceclaims/binding'], verbs: ['patch'] }])
  expect(await bound.write({ reservedFor: who })).toBe('allowed')
})

test('what devices say is written by those who may speak for their driver, here or anywhere', async () => {
  const { write } = await claimed([])
  expect(await write({ devices: [DEVICE] })).toBe(
    'ResourceClaim.resource.k8s.io "c" is invalid: status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[associated-node:patch arbitrary-node:patch]" permission: ' +
      cannot(
        'associated-node:patch resource "resourceclaims/driver" in API group "resource.k8s.io" in the namespace "default"',
        '"d.io" ',
      ),
  )
  const near = await claimed([{ resources: ['resourceclaims/driver'], verbs: ['associated-node:patch'] }])
  expect(await near.write({ devices: [DEVICE] })).toBe('allowed')
  const anywhere = await claimed([{ resources: ['resourceclaims/driver'], verbs: ['arbitrary-node:patch'] }])
  expect(await anywhere.write({ devices: [DEVICE] })).toBe('allowed')
})

test('a claim is given back by who may bind it, whatever its devices said', async () => {
  const { client, write } = await claimed([{ resources: ['resourceclaims/binding'], verbs: ['patch'] }])
  await client.patch(RESOURCE_CLAIMS, AT, 'merge', { status: { devices: [DEVICE] } }, STATUS)
  expect(await write({ allocation: null })).toBe('allowed')
  expect((await client.get(RESOURCE_CLAIMS, AT)).status).toEqual({})
})
