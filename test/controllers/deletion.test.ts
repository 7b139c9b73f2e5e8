import { describe, expect, test } from 'vitest'
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  NAMESPACES,
  PODS,
  REPLICA_SETS,
  SERVICE_ACCOUNTS,
} from '../../src/client/resources.ts'
import { template, type World, withWorld } from './world.ts'

const AT = { namespace: 'default', name: 'web' }
const SPEC = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: template({ app: 'web' }) }

async function deployment(world: World): Promise<void> {
  await world.client.create(DEPLOYMENTS, { metadata: AT, spec: SPEC })
  await world.kubelets()
}

describe('the garbage collector', () => {
  test('collects everything under a Deployment deleted in the background', () =>
    withWorld(async (world) => {
      await deployment(world)
      await world.client.delete(DEPLOYMENTS, AT, { propagationPolicy: 'Background' })
      await world.kubelets()
      await world.kubelets()
      expect([await world.list(REPLICA_SETS), await world.list(PODS)]).toEqual([[], []])
    }))

  test('in the foreground keeps the owner until its dependents are gone', () =>
    withWorld(async (world) => {
      const { client } = world
      const { metadata } = await client.create(CONFIG_MAPS, { metadata: { name: 'owner', namespace: 'default' } })
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid ?? '' }
      const child = (name: string, blockOwnerDeletion: boolean) =>
        client.create(CONFIG_MAPS, {
          metadata: {
            name,
            namespace: 'default',
            ownerReferences: [{ ...owner, blockOwnerDeletion }],
            finalizers: ['example.com/hold'],
          },
        })
      await child('waited-for', true)
      await child('not-waited-for', false)
      await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'owner' }, { propagationPolicy: 'Foreground' })
      await world.settle()
      expect((await world.find(CONFIG_MAPS, 'owner'))?.metadata.finalizers).toEqual(['foregroundDeletion'])
      expect((await world.find(CONFIG_MAPS, 'waited-for'))?.metadata.deletionTimestamp).toBeDefined()
      const free = { metadata: { finalizers: null } }
      await client.patch(CONFIG_MAPS, { namespace: 'default', name: 'waited-for' }, 'merge', free)
      await world.settle()
      expect(await world.find(CONFIG_MAPS, 'owner')).toBeUndefined()
      expect((await world.find(CONFIG_MAPS, 'not-waited-for'))?.metadata.deletionTimestamp).toBeDefined()
    }))

  test('orphaning lets the dependents live, and another owner adopt them', () =>
    withWorld(async (world) => {
      await world.client.create(REPLICA_SETS, { metadata: AT, spec: { ...SPEC, replicas: 1 } })
      await world.kubelets()
      await world.client.delete(REPLICA_SETS, AT, { propagationPolicy: 'Orphan' })
      await world.settle()
      expect(await world.find(REPLICA_SETS, 'web')).toBeUndefined()
      const [pod] = await world.list(PODS)
      expect(pod?.metadata.ownerReferences).toBeUndefined()
      await world.client.create(REPLICA_SETS, { metadata: { ...AT, name: 'next' }, spec: { ...SPEC, replicas: 1 } })
      await world.settle()
      expect((await world.list(PODS)).map((one) => one.metadata.ownerReferences?.[0]?.name)).toEqual(['next'])
    }))

  test('deletes what names an absent owner, keeps what another owner holds', () =>
    withWorld(async (world) => {
      const { client } = world
      const owner = await client.create(CONFIG_MAPS, { metadata: { name: 'owner', namespace: 'default' } })
      const other = await client.create(CONFIG_MAPS, { metadata: { name: 'other', namespace: 'default' } })
      const reference = ({ metadata: { name = '', uid = '' } }: typeof owner) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name,
        uid,
      })
      const child = (name: string, owners: (typeof owner)[]) =>
        client.create(CONFIG_MAPS, {
          metadata: { name, namespace: 'default', ownerReferences: owners.map(reference) },
        })
      await child('one', [owner])
      await child('two', [owner, other])
      await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'owner' })
      await world.settle()
      expect(await world.find(CONFIG_MAPS, 'one')).toBeUndefined()
      expect((await world.find(CONFIG_MAPS, 'two'))?.metadata.ownerReferences?.map(({ name }) => name)).toEqual([
        'other',
      ])
    }))

  test('does not believe a reference into another namespace', () =>
    withWorld(async (world) => {
      const { client } = world
      const owner = await client.create(CONFIG_MAPS, { metadata: { name: 'owner', namespace: 'kube-public' } })
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid ?? '' }]
      await client.create(CONFIG_MAPS, { metadata: { name: 'far', namespace: 'default', ownerReferences } })
      await world.settle()
      expect(await world.find(CONFIG_MAPS, 'far')).toBeUndefined()
      expect(await world.find(CONFIG_MAPS, 'owner', 'kube-public')).toBeDefined()
    }))
})

describe('a namespace', () => {
  test('gets a service account and the root CA', () =>
    withWorld(async (world) => {
      await world.client.create(NAMESPACES, { metadata: { name: 'new' } })
      await world.settle()
      expect(await world.find(SERVICE_ACCOUNTS, 'default', 'new')).toBeDefined()
      expect((await world.find(CONFIG_MAPS, 'kube-root-ca.crt', 'new'))?.data).toEqual({ 'ca.crt': 'PEM' })
    }))

  test('deleted takes everything in it along', () =>
    withWorld(async (world) => {
      await world.client.create(NAMESPACES, { metadata: { name: 'old' } })
      await world.client.create(DEPLOYMENTS, { metadata: { name: 'web', namespace: 'old' }, spec: SPEC })
      await world.settle()
      await world.client.delete(NAMESPACES, { name: 'old' })
      await world.settle()
      for (let turn = 0; turn < 4; turn++) await world.kubelets()
      expect(await world.find(NAMESPACES, 'old')).toBeUndefined()
      expect((await world.client.list(PODS, { namespace: 'old' })).items).toEqual([])
    }))

  test('held by somebody else keeps our finalizer for some seconds, then stays for the other', () =>
    withWorld(async (world) => {
      const { client } = world
      await client.create(NAMESPACES, { metadata: { name: 'held' }, spec: { finalizers: ['example.com/mine'] } })
      await world.settle()
      await client.delete(NAMESPACES, { name: 'held' })
      await world.settle(3_000)
      expect((await world.find(NAMESPACES, 'held', ''))?.spec?.finalizers).toEqual(['example.com/mine', 'kubernetes'])
      await world.settle(5_000)
      expect((await world.find(NAMESPACES, 'held', ''))?.spec?.finalizers).toEqual(['example.com/mine'])
    }))

  test('that cannot be emptied says what holds it', () =>
    withWorld(async (world) => {
      await world.client.create(NAMESPACES, { metadata: { name: 'stuck' } })
      await world.client.create(CONFIG_MAPS, {
        metadata: { name: 'held', namespace: 'stuck', finalizers: ['example.com/hold'] },
      })
      await world.client.delete(NAMESPACES, { name: 'stuck' })
      await world.settle(30_000)
      const messages = (await world.find(NAMESPACES, 'stuck'))?.status?.conditions?.map(({ message }) => message)
      expect(messages).toContain('Some resources are remaining: configmaps. has 1 resource instances')
      expect(messages).toContain(
        'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
      )
    }))
})
