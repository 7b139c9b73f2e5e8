import { describe, expect, test } from 'vitest'
import type { ControllerRevision, DaemonSet, DaemonSetSpec } from '../../src/api/generated/apps-v1.ts'
import type { Taint } from '../../src/api/generated/core-v1.ts'
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } from '../../src/client/resources.ts'
import { ended, template, type World, withWorld } from './world.ts'

const agent = (spec: Partial<DaemonSetSpec> = {}): DaemonSet => ({
  metadata: { name: 'agent', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: template({ app: 'agent' }),
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    revisionHistoryLimit: 10,
    ...spec,
  },
})

const AT = { namespace: 'default', name: 'agent' }

async function addNode({ client }: World, name: string, labels: Record<string, string> = {}, taints: Taint[] = []) {
  await client.create(NODES, { metadata: { name, labels }, spec: { taints } })
}

const places = async (world: World) =>
  (await world.list(PODS))
    .map(
      (pod) =>
        pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
          ?.matchFields?.[0]?.values?.[0] ?? '',
    )
    .toSorted()

async function rest(world: World, turns = 6): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await world.kubelets()
}

const roll = (world: World, image: string) =>
  world.client.patch(DAEMON_SETS, AT, 'merge', { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } })

describe('a DaemonSet', () => {
  test('has one Pod on every node, also on those that come later', () =>
    withWorld(async (world) => {
      await addNode(world, 'n1')
      await addNode(world, 'n2')
      await world.client.create(DAEMON_SETS, agent())
      await rest(world, 2)
      expect(await places(world)).toEqual(['n1', 'n2'])
      await addNode(world, 'n3')
      await rest(world, 2)
      expect(await places(world)).toEqual(['n1', 'n2', 'n3'])
      expect((await world.find(DAEMON_SETS, 'agent'))?.status).toEqual({
        currentNumberScheduled: 3,
        desiredNumberScheduled: 3,
        numberAvailable: 3,
        numberMisscheduled: 0,
        numberReady: 3,
        observedGeneration: 1,
        updatedNumberScheduled: 3,
      })
      const [pod] = await world.list(PODS)
      expect(pod?.spec?.tolerations).toContainEqual({
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
      })
    }))

  test('writes its template down in the order of keys that Go has', () =>
    withWorld(async (world) => {
      const { spec, ...rest } = template({ app: 'agent' })
      await world.client.create(DAEMON_SETS, agent({ template: { spec: { ...spec, hostNetwork: true }, ...rest } }))
      await world.kubelets()
      const [revision] = await world.list(CONTROLLER_REVISIONS)
      const { spec: data } = (revision as ControllerRevision).data as { spec: { template: { spec: object } } }
      expect(Object.keys(data.template)).toEqual(['$patch', 'metadata', 'spec'])
      expect(Object.keys(data.template.spec)).toEqual(Object.keys(data.template.spec).toSorted())
      expect(Object.keys(data.template.spec)).toContain('terminationGracePeriodSeconds')
    }))

  test('keeps to the nodes that its selector and tolerations allow', () =>
    withWorld(async (world) => {
      await addNode(world, 'plain')
      await addNode(world, 'disk', { disk: 'ssd' })
      await addNode(world, 'closed', { disk: 'ssd' }, [{ key: 'own', effect: 'NoSchedule' }])
      const pod = template({ app: 'agent' })
      await world.client.create(
        DAEMON_SETS,
        agent({ template: { ...pod, spec: { ...pod.spec, nodeSelector: { disk: 'ssd' } } } }),
      )
      await rest(world, 2)
      expect(await places(world)).toEqual(['disk'])
      await world.client.patch(DAEMON_SETS, AT, 'merge', {
        spec: { template: { spec: { nodeSelector: { disk: 'no' } } } },
      })
      await rest(world, 3)
      expect(await places(world)).toEqual([])
      expect((await world.find(DAEMON_SETS, 'agent'))?.status?.desiredNumberScheduled).toBe(0)
    }))

  test('with OnDelete replaces only what is deleted', () =>
    withWorld(async (world) => {
      await addNode(world, 'n1')
      await world.client.create(DAEMON_SETS, agent({ updateStrategy: { type: 'OnDelete' } }))
      await rest(world, 2)
      await roll(world, 'pause:2')
      await rest(world, 2)
      const [pod] = await world.list(PODS)
      expect(pod?.spec?.containers[0]?.image).toBe('pause:1')
      await world.client.delete(
        PODS,
        { namespace: 'default', name: pod?.metadata.name ?? '' },
        { gracePeriodSeconds: 0 },
      )
      await rest(world, 2)
      expect((await world.list(PODS))[0]?.spec?.containers[0]?.image).toBe('pause:2')
    }))

  test('rolls one node at a time', () =>
    withWorld(async (world) => {
      for (const name of ['n1', 'n2', 'n3']) await addNode(world, name)
      await world.client.create(DAEMON_SETS, agent())
      await rest(world, 2)
      await roll(world, 'pause:2')
      for (let turn = 0; turn < 8; turn++) {
        await world.settle()
        const ready = (await world.list(PODS)).filter(({ status }) => status?.phase === 'Running')
        expect(ready.length).toBeGreaterThanOrEqual(2)
        await world.kubelets()
      }
      const images = (await world.list(PODS)).map((pod) => pod.spec?.containers[0]?.image)
      expect(images).toEqual(['pause:2', 'pause:2', 'pause:2'])
      expect(
        (await world.list(CONTROLLER_REVISIONS)).map(({ revision }) => revision).toSorted((a, b) => a - b),
      ).toEqual([1, 2])
    }))

  test('with surge starts the new Pod before it stops the old one', () =>
    withWorld(async (world) => {
      await addNode(world, 'n1')
      const updateStrategy = { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
      await world.client.create(DAEMON_SETS, agent({ updateStrategy }))
      await rest(world, 2)
      await roll(world, 'pause:2')
      await world.settle()
      expect(await world.list(PODS)).toHaveLength(2)
      await rest(world, 3)
      expect((await world.list(PODS)).map((pod) => pod.spec?.containers[0]?.image)).toEqual(['pause:2'])
    }))

  test('replaces a daemon that ended, and waits longer each time', () =>
    withWorld(async (world) => {
      await addNode(world, 'n1')
      await world.client.create(DAEMON_SETS, agent())
      await world.settle()
      for (let turn = 0; turn < 30; turn++) {
        for (const pod of await world.list(PODS)) await world.report(pod, ended(1, world.clock.now()))
        await world.settle()
      }
      const made = world.told.filter(({ reason }) => reason === 'SuccessfulCreate').length
      expect(made).toBeGreaterThan(2)
      expect(made).toBeLessThan(10)
    }))
})
