import { describe, expect, test } from 'vitest'
import type { ReplicaSet } from '../../src/api/generated/apps-v1.ts'
import { PODS, REPLICA_SETS } from '../../src/client/resources.ts'
import { template, type World, withWorld } from './world.ts'

const set = (name: string, replicas: number): ReplicaSet => ({
  metadata: { name, namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template({ app: 'web' }) },
})

const owners = async (world: World) =>
  Object.fromEntries(
    (await world.list(PODS)).map((pod) => [pod.metadata.name, pod.metadata.ownerReferences?.[0]?.name]),
  )

describe('a ReplicaSet', () => {
  test('keeps its number of Pods, and reports them', () =>
    withWorld(async (world) => {
      await world.client.create(REPLICA_SETS, set('web', 3))
      await world.kubelets()
      expect((await world.find(REPLICA_SETS, 'web'))?.status).toEqual({
        replicas: 3,
        fullyLabeledReplicas: 3,
        readyReplicas: 3,
        availableReplicas: 3,
        terminatingReplicas: 0,
        observedGeneration: 1,
      })
      const [lost] = await world.list(PODS)
      await world.client.delete(
        PODS,
        { namespace: 'default', name: lost?.metadata.name ?? '' },
        { gracePeriodSeconds: 0 },
      )
      await world.settle()
      expect(await world.list(PODS)).toHaveLength(3)
      expect(world.told.filter(({ reason }) => reason === 'SuccessfulCreate')).toHaveLength(4)
    }))

  test('releases a Pod whose label is changed, and takes it back', () =>
    withWorld(async (world) => {
      await world.client.create(REPLICA_SETS, set('web', 1))
      await world.kubelets()
      const name = (await world.list(PODS))[0]?.metadata.name ?? ''
      const relabel = (app: string) =>
        world.client.patch(PODS, { namespace: 'default', name }, 'merge', { metadata: { labels: { app } } })
      await relabel('apart')
      await world.kubelets()
      expect((await world.find(PODS, name))?.metadata.ownerReferences).toBeUndefined()
      expect(await world.list(PODS, 'app=web')).toHaveLength(1)
      await relabel('web')
      await world.kubelets()
      expect(await world.list(PODS, 'app=web')).toHaveLength(1)
    }))

  test('adopts a matching Pod that nobody owns', () =>
    withWorld(async (world) => {
      await world.client.create(PODS, {
        metadata: { name: 'lone', namespace: 'default', labels: { app: 'web' } },
        spec: template({}).spec,
      })
      await world.client.create(REPLICA_SETS, set('web', 1))
      await world.settle()
      expect(await owners(world)).toEqual({ lone: 'web' })
    }))

  test('leaves the Pods of another with the same selector alone', () =>
    withWorld(async (world) => {
      await world.client.create(REPLICA_SETS, set('a', 1))
      await world.kubelets()
      await world.client.create(REPLICA_SETS, set('b', 2))
      await world.kubelets()
      expect(
        Object.values(await owners(world))
          .map(String)
          .toSorted(),
      ).toEqual(['a', 'b', 'b'])
    }))

  test('removes the Pod that has no node first', () =>
    withWorld(async (world) => {
      const spec = { ...template({}).spec, nodeName: 'n1' }
      await world.client.create(PODS, {
        metadata: { name: 'kept', namespace: 'default', labels: { app: 'web' } },
        spec,
      })
      await world.client.create(REPLICA_SETS, set('web', 1))
      const scale = (replicas: number) =>
        world.client.patch(REPLICA_SETS, { namespace: 'default', name: 'web' }, 'merge', { spec: { replicas } })
      await scale(2)
      await world.settle()
      expect(await world.list(PODS)).toHaveLength(2)
      await scale(1)
      await world.kubelets()
      expect((await world.list(PODS)).map((pod) => pod.metadata.name)).toEqual(['kept'])
    }))

  test('bounds its tries when its Pods are refused, and says why', () =>
    withWorld(async (world) => {
      const pod = template({ app: 'web' })
      const ghostly = { ...pod, spec: { ...pod.spec, serviceAccountName: 'ghost' } }
      const spec = { replicas: 500, selector: { matchLabels: { app: 'web' } }, template: ghostly }
      await world.client.create(REPLICA_SETS, { metadata: { name: 'web', namespace: 'default' }, spec })
      await world.settle(60_000)
      const failures = world.told.filter(({ reason }) => reason === 'FailedCreate')
      expect(failures.length).toBeGreaterThan(3)
      expect(failures.length).toBeLessThan(20)
      expect(new Set(failures.map(({ message }) => message))).toEqual(
        new Set([
          'Error creating: pods "web-" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found',
        ]),
      )
      expect((await world.find(REPLICA_SETS, 'web'))?.status?.conditions).toMatchObject([
        { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' },
      ])
    }))
})
