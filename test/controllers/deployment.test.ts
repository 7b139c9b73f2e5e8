import { describe, expect, test } from 'vitest'
import type { Deployment } from '../../src/api/generated/apps-v1.ts'
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../src/client/resources.ts'
import { template, type World, withWorld } from './world.ts'

const web = (spec: Partial<Deployment['spec']> = {}): Deployment => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: template({ app: 'web' }),
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    ...spec,
  },
})

const AT = { namespace: 'default', name: 'web' }
const image = (name: string) => ({ spec: { template: { spec: { containers: [{ name: 'c', image: name }] } } } })

async function rollTo(world: World, name: string): Promise<void> {
  await world.client.patch(DEPLOYMENTS, AT, 'merge', image(name))
}

async function settleRollout(world: World): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await world.kubelets()
}

describe('a Deployment', () => {
  test('makes a ReplicaSet and Pods, and reports when they are available', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web())
      await world.kubelets()
      const [set] = await world.list(REPLICA_SETS)
      const hash = set?.metadata.labels?.['pod-template-hash']
      expect(set?.metadata.name).toBe(`web-${hash}`)
      expect(set?.spec?.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash })
      const pods = await world.list(PODS)
      expect(pods).toHaveLength(2)
      expect(pods[0]?.metadata.generateName).toBe(`${set?.metadata.name}-`)
      const deployment = await world.find(DEPLOYMENTS, 'web')
      expect(deployment?.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' })
      expect(deployment?.metadata.generation).toBe(1)
      expect(deployment?.status).toMatchObject({
        availableReplicas: 2,
        observedGeneration: 1,
        readyReplicas: 2,
        replicas: 2,
        updatedReplicas: 2,
        conditions: [
          { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
          {
            type: 'Progressing',
            status: 'True',
            reason: 'NewReplicaSetAvailable',
            message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
          },
        ],
      })
      expect(deployment?.status?.unavailableReplicas).toBeUndefined()
      expect(world.told).toContainEqual({
        about: 'Deployment/web',
        type: 'Normal',
        reason: 'ScalingReplicaSet',
        message: `Scaled up replica set ${set?.metadata.name} from 0 to 2`,
      })
    }))

  test('counts a change of its annotations as one of its own, and passes them on', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web())
      await world.settle()
      const { generation = 0 } = (await world.find(DEPLOYMENTS, 'web'))?.metadata ?? {}
      await world.client.patch(DEPLOYMENTS, AT, 'merge', { metadata: { annotations: { note: 'new' } } })
      await world.settle()
      const { metadata, status } = (await world.find(DEPLOYMENTS, 'web')) ?? {}
      expect(metadata?.generation).toBe(generation + 1)
      expect(status?.observedGeneration).toBe(generation + 1)
      expect((await world.list(REPLICA_SETS))[0]?.metadata.annotations?.['note']).toBe('new')
    }))

  test('counts on from the revision of a ReplicaSet that it adopts, however large', () =>
    withWorld(async (world) => {
      const labels = { app: 'web', 'pod-template-hash': 'old' }
      await world.client.create(REPLICA_SETS, {
        metadata: {
          name: 'elder',
          namespace: 'default',
          labels,
          annotations: { 'deployment.kubernetes.io/revision': '3546343826724305832' },
        },
        spec: { replicas: 0, selector: { matchLabels: labels }, template: template(labels, 'older') },
      })
      await world.client.create(DEPLOYMENTS, web())
      await world.kubelets()
      const deployment = await world.find(DEPLOYMENTS, 'web')
      expect(deployment?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3546343826724305833')
    }))

  test('rolls to a new template and back, counting revisions', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web({ replicas: 1 }))
      await settleRollout(world)
      const [first] = await world.list(REPLICA_SETS)
      await rollTo(world, 'pause:2')
      await settleRollout(world)
      expect((await world.find(REPLICA_SETS, first?.metadata.name ?? ''))?.spec?.replicas).toBe(0)
      await rollTo(world, 'pause:1')
      await settleRollout(world)
      const back = await world.find(REPLICA_SETS, first?.metadata.name ?? '')
      expect(back?.spec?.replicas).toBe(1)
      expect(back?.metadata.annotations).toEqual({
        'deployment.kubernetes.io/desired-replicas': '1',
        'deployment.kubernetes.io/max-replicas': '2',
        'deployment.kubernetes.io/revision': '3',
        'deployment.kubernetes.io/revision-history': '1',
      })
      expect(await world.list(REPLICA_SETS)).toHaveLength(2)
      const pods = (await world.list(PODS)).filter((pod) => pod.metadata.deletionTimestamp === undefined)
      expect(pods.map((pod) => pod.spec?.containers[0]?.image)).toEqual(['pause:1'])
    }))

  test('never has more or fewer Pods than surge and unavailability allow', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web({ replicas: 8 }))
      await settleRollout(world)
      await rollTo(world, 'pause:2')
      for (let turn = 0; turn < 12; turn++) {
        await world.settle()
        const pods = (await world.list(PODS)).filter((pod) => pod.metadata.deletionTimestamp === undefined)
        expect(pods.length).toBeLessThanOrEqual(10)
        const ready = pods.filter((pod) => pod.status?.conditions?.some(({ status }) => status === 'True'))
        expect(ready.length).toBeGreaterThanOrEqual(6)
        await world.kubelets()
      }
      const images = (await world.list(PODS)).map((pod) => pod.spec?.containers[0]?.image)
      expect(images).toEqual(Array.from({ length: 8 }, () => 'pause:2'))
    }))

  test('with Recreate starts the new Pods only after the old ones are gone', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web({ strategy: { type: 'Recreate' } }))
      await settleRollout(world)
      await rollTo(world, 'pause:2')
      await world.settle()
      const images = new Set((await world.list(PODS)).map((pod) => pod.spec?.containers[0]?.image))
      expect(images.size).toBeLessThanOrEqual(1)
      await settleRollout(world)
      expect((await world.list(PODS)).map((pod) => pod.spec?.containers[0]?.image)).toEqual(['pause:2', 'pause:2'])
    }))

  test('paused scales but does not roll', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web({ replicas: 1 }))
      await settleRollout(world)
      await world.client.patch(DEPLOYMENTS, AT, 'merge', {
        spec: { paused: true, replicas: 2, ...image('pause:2').spec },
      })
      await settleRollout(world)
      const sets = await world.list(REPLICA_SETS)
      expect(sets.map((set) => set.spec?.replicas)).toEqual([2])
      const deployment = await world.find(DEPLOYMENTS, 'web')
      expect(deployment?.status?.observedGeneration).toBe(2)
      expect(deployment?.status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' }),
      )
    }))

  test('says so when it makes no progress within its deadline', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web({ progressDeadlineSeconds: 30 }))
      await world.settle(32_000)
      const deployment = await world.find(DEPLOYMENTS, 'web')
      expect(deployment?.status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }),
      )
    }))

  test('holds availability back for minReadySeconds', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web({ replicas: 1, minReadySeconds: 60 }))
      await world.kubelets()
      expect((await world.find(DEPLOYMENTS, 'web'))?.status).toMatchObject({ readyReplicas: 1, unavailableReplicas: 1 })
      await world.settle(60_000)
      expect((await world.find(DEPLOYMENTS, 'web'))?.status).toMatchObject({ availableReplicas: 1 })
    }))

  test('keeps no more old ReplicaSets than revisionHistoryLimit', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web({ replicas: 1, revisionHistoryLimit: 1 }))
      for (const name of ['pause:2', 'pause:3', 'pause:4']) {
        await settleRollout(world)
        await rollTo(world, name)
      }
      await settleRollout(world)
      const revisions = (await world.list(REPLICA_SETS)).map(
        (set) => set.metadata.annotations?.['deployment.kubernetes.io/revision'],
      )
      expect(revisions.map(String).toSorted()).toEqual(['3', '4'])
    }))

  test('comes to rest: nothing is written when nothing changes', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web())
      await settleRollout(world)
      const before = await world.client.list(PODS)
      await world.settle(120_000)
      expect((await world.client.list(PODS)).metadata.resourceVersion).toBe(before.metadata.resourceVersion)
    }))

  test('tells the revision that it is set back to while it is paused', () =>
    withWorld(async (world) => {
      await world.client.create(DEPLOYMENTS, web())
      await settleRollout(world)
      const [first] = (await world.list(REPLICA_SETS)).map((set) => set.spec?.template?.spec?.containers[0]?.image)
      await rollTo(world, 'pause:2')
      await settleRollout(world)
      await world.client.patch(DEPLOYMENTS, AT, 'merge', { spec: { paused: true } })
      await rollTo(world, first ?? '')
      await world.settle()
      const { annotations } = (await world.find(DEPLOYMENTS, 'web'))?.metadata ?? {}
      expect(annotations?.['deployment.kubernetes.io/revision']).toBe('3')
    }))
})
