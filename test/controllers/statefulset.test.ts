import { describe, expect, test } from 'vitest'
import type { StatefulSet, StatefulSetSpec } from '../../src/api/generated/apps-v1.ts'
import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../../src/client/resources.ts'
import { ended, template, type World, withWorld } from './world.ts'

const db = (spec: Partial<StatefulSetSpec> = {}): StatefulSet => ({
  metadata: { name: 'db', namespace: 'default' },
  spec: {
    replicas: 2,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: template({ app: 'db' }),
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    revisionHistoryLimit: 10,
    ...spec,
  },
})

const AT = { namespace: 'default', name: 'db' }
const names = async (world: World) => (await world.list(PODS)).map(({ metadata }) => metadata.name ?? '')
const images = async (world: World) =>
  Object.fromEntries((await world.list(PODS)).map((pod) => [pod.metadata.name, pod.spec?.containers[0]?.image]))
const patch = (world: World, spec: object) => world.client.patch(STATEFUL_SETS, AT, 'merge', { spec })
const roll = (world: World, image: string) =>
  patch(world, { template: { spec: { containers: [{ name: 'c', image }] } } })

async function rest(world: World, turns = 8): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await world.kubelets()
}

const volumeClaimTemplates = [
  {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } },
  },
]

describe('a StatefulSet', () => {
  test('starts its Pods in order, each when the one before is ready', () =>
    withWorld(async (world) => {
      await world.client.create(STATEFUL_SETS, db())
      await world.settle()
      expect(await names(world)).toEqual(['db-0'])
      await rest(world, 2)
      expect(await names(world)).toEqual(['db-0', 'db-1'])
      await rest(world, 2)
      const { status } = (await world.find(STATEFUL_SETS, 'db')) ?? {}
      expect(status).toMatchObject({ replicas: 2, readyReplicas: 2, currentReplicas: 2, updatedReplicas: 2 })
      const pod = await world.find(PODS, 'db-0')
      expect(pod?.metadata.labels).toMatchObject({
        app: 'db',
        'controller-revision-hash': status?.updateRevision,
        'statefulset.kubernetes.io/pod-name': 'db-0',
        'apps.kubernetes.io/pod-index': '0',
      })
      expect(pod?.metadata.generateName).toBe('db-')
      expect(pod?.spec).toMatchObject({ hostname: 'db-0', subdomain: 'db' })
      expect(world.told).toContainEqual({
        about: 'StatefulSet/db',
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: 'Create Pod db-0 in StatefulSet db successful',
      })
    }))

  test('starts all at once when Pods may be managed in parallel', () =>
    withWorld(async (world) => {
      await world.client.create(STATEFUL_SETS, db({ replicas: 3, podManagementPolicy: 'Parallel' }))
      await world.settle()
      expect(await names(world)).toEqual(['db-0', 'db-1', 'db-2'])
    }))

  test('scales down from the highest ordinal', () =>
    withWorld(async (world) => {
      await world.client.create(STATEFUL_SETS, db({ replicas: 3 }))
      await rest(world)
      await patch(world, { replicas: 1 })
      await rest(world)
      expect(await names(world)).toEqual(['db-0'])
    }))

  test('rolls down to its partition and no further, then on when it is lowered', () =>
    withWorld(async (world) => {
      await world.client.create(
        STATEFUL_SETS,
        db({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }),
      )
      await rest(world)
      await roll(world, 'pause:2')
      await rest(world)
      expect(await images(world)).toEqual({ 'db-0': 'pause:1', 'db-1': 'pause:2' })
      expect((await world.find(STATEFUL_SETS, 'db'))?.status).toMatchObject({ currentReplicas: 1, updatedReplicas: 1 })
      await patch(world, { updateStrategy: { rollingUpdate: { partition: 0 } } })
      await rest(world)
      expect(await images(world)).toEqual({ 'db-0': 'pause:2', 'db-1': 'pause:2' })
      const { status } = (await world.find(STATEFUL_SETS, 'db')) ?? {}
      expect(status?.currentRevision).toBe(status?.updateRevision)
    }))

  test('records revisions, and finds an old one again', () =>
    withWorld(async (world) => {
      await world.client.create(STATEFUL_SETS, db({ replicas: 1 }))
      await rest(world)
      const first = (await world.find(STATEFUL_SETS, 'db'))?.status?.updateRevision ?? ''
      await roll(world, 'pause:2')
      await rest(world)
      await roll(world, 'pause:1')
      await rest(world)
      const revisions = await world.list(CONTROLLER_REVISIONS)
      expect(revisions).toHaveLength(2)
      expect(revisions.find(({ metadata }) => metadata.name === first)?.revision).toBe(3)
      expect((await world.find(STATEFUL_SETS, 'db'))?.status?.updateRevision).toBe(first)
    }))

  test('replaces a failed Pod under its name', () =>
    withWorld(async (world) => {
      await world.client.create(STATEFUL_SETS, db({ replicas: 1 }))
      await rest(world)
      const pod = await world.client.get(PODS, { namespace: 'default', name: 'db-0' })
      await world.report(pod, ended(1, world.clock.now()))
      await rest(world)
      const next = await world.find(PODS, 'db-0')
      expect(next?.metadata.uid).not.toBe(pod.metadata.uid)
      expect(next?.status?.phase).toBe('Running')
    }))

  test('gives each Pod its own claims, and drops them as the retention policy says', () =>
    withWorld(async (world) => {
      const persistentVolumeClaimRetentionPolicy = { whenScaled: 'Delete', whenDeleted: 'Retain' }
      await world.client.create(STATEFUL_SETS, db({ volumeClaimTemplates, persistentVolumeClaimRetentionPolicy }))
      await world.settle()
      // A Pod that waits gets back what it lacks.
      await world.client.patch(PERSISTENT_VOLUME_CLAIMS, { namespace: 'default', name: 'data-db-0' }, 'merge', {
        metadata: { finalizers: null },
      })
      await world.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace: 'default', name: 'data-db-0' })
      await world.client.patch(PODS, { namespace: 'default', name: 'db-0' }, 'merge', {
        metadata: { labels: { a: 'b' } },
      })
      await world.settle()
      expect(await world.find(PERSISTENT_VOLUME_CLAIMS, 'data-db-0')).toBeDefined()
      await rest(world)
      const claims = async () => (await world.list(PERSISTENT_VOLUME_CLAIMS)).map(({ metadata }) => metadata.name)
      expect(await claims()).toEqual(['data-db-0', 'data-db-1'])
      expect((await world.find(PODS, 'db-1'))?.spec?.volumes).toContainEqual({
        name: 'data',
        persistentVolumeClaim: { claimName: 'data-db-1' },
      })
      await patch(world, { replicas: 1 })
      await rest(world)
      expect(await claims()).toEqual(['data-db-0'])
    }))

  test('says that a claim must go before its Pod can come', () =>
    withWorld(async (world) => {
      const claim = { namespace: 'default', name: 'data-db-0' }
      const spec = volumeClaimTemplates[0]!.spec
      await world.client.create(PERSISTENT_VOLUME_CLAIMS, { metadata: { ...claim, finalizers: ['a.b/c'] }, spec })
      await world.client.delete(PERSISTENT_VOLUME_CLAIMS, claim)
      await world.client.create(STATEFUL_SETS, db({ volumeClaimTemplates }))
      await world.settle()
      expect(await names(world)).toEqual([])
      expect(world.told).toContainEqual({
        about: 'StatefulSet/db',
        type: 'Warning',
        reason: 'FailedCreate',
        message: 'Create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being deleted',
      })
      await world.client.patch(PERSISTENT_VOLUME_CLAIMS, claim, 'merge', { metadata: { finalizers: null } })
      await world.settle(60_000)
      expect(await names(world)).toEqual(['db-0'])
    }))

  test('comes to rest', () =>
    withWorld(async (world) => {
      await world.client.create(STATEFUL_SETS, db())
      await rest(world)
      const before = (await world.client.list(PODS)).metadata.resourceVersion
      await world.settle(60_000)
      expect((await world.client.list(PODS)).metadata.resourceVersion).toBe(before)
    }))
})
