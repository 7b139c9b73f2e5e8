import { describe, expect, test } from 'vitest'
import type { Taint } from '../../src/api/generated/core-v1.ts'
import { toMicroTime, toTime } from '../../src/base/clock.ts'
import { LEASES, NODES, PODS } from '../../src/client/resources.ts'
import { running, template, type World, withWorld } from './world.ts'

const ready = (now: number, status = 'True') => ({
  conditions: ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({
    type,
    status: type === 'Ready' ? status : 'False',
    lastHeartbeatTime: toTime(now),
    lastTransitionTime: toTime(now),
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
  })),
})

const postStatus = ({ client, clock }: World, name: string) =>
  client.patch(NODES, { name }, 'merge', { status: ready(clock.now()) }, { subresource: 'status' })

async function addNode(world: World, name: string): Promise<void> {
  const { client } = world
  await client.create(NODES, { metadata: { name } })
  await postStatus(world, name)
  await client.create(LEASES, { metadata: { name, namespace: 'kube-node-lease' }, spec: {} })
  await world.settle()
}

async function heartbeat({ client, clock }: World, name: string): Promise<void> {
  const spec = { renewTime: toMicroTime(clock.now()) }
  await client.patch(LEASES, { namespace: 'kube-node-lease', name }, 'merge', { spec })
}

/** Whether the Pod is deleted: its kubelet is silent, so it stays in sight, terminating. */
async function isLeaving(world: World, name: string): Promise<boolean> {
  return (await world.find(PODS, name))?.metadata.deletionTimestamp !== undefined
}

async function addPod(world: World, name: string, nodeName: string, tolerationSeconds?: number): Promise<void> {
  const toleration = { operator: 'Exists', effect: 'NoExecute' } as const
  const tolerations = tolerationSeconds === undefined ? [] : [{ ...toleration, tolerationSeconds }]
  const pod = await world.client.create(PODS, {
    metadata: { name, namespace: 'default' },
    spec: { ...template({}).spec, nodeName, tolerations },
  })
  await world.report(pod, running(world.clock.now()))
}

const taints = async (world: World, name: string) =>
  ((await world.find(NODES, name))?.spec?.taints ?? []).map(({ key, effect }: Taint) => `${key}:${effect}`)

/** `alive` sends heartbeats every ten seconds for so long. */
async function passTime(world: World, seconds: number, alive: string): Promise<void> {
  for (let second = 0; second < seconds; second += 10) {
    await heartbeat(world, alive)
    await world.clock.advance(10_000)
  }
}

describe('a node whose kubelet says that it is not ready', () => {
  test('keeps its Pods as they are: the kubelet still reports them', () =>
    withWorld(async (world) => {
      await addNode(world, 'n')
      await addPod(world, 'p', 'n')
      const status = ready(world.clock.now(), 'False')
      await world.client.patch(NODES, { name: 'n' }, 'merge', { status }, { subresource: 'status' })
      await world.settle()
      expect(await taints(world, 'n')).toContain('node.kubernetes.io/not-ready:NoSchedule')
      expect((await world.find(PODS, 'p'))?.status?.conditions?.[0]?.status).toBe('True')
      expect(world.told.map(({ about }) => about)).not.toContain('Pod/p')
    }))
})

describe('a taint by hand, without a time', () => {
  test('drives a Pod away when its while is over, counted from when the taint was seen', () =>
    withWorld(async (world) => {
      await addNode(world, 'n')
      await addPod(world, 'p', 'n', 20)
      const taint = { key: 'k', effect: 'NoExecute' as const }
      await world.client.patch(NODES, { name: 'n' }, 'merge', { spec: { taints: [taint] } })
      await passTime(world, 10, 'n')
      expect(await isLeaving(world, 'p')).toBe(false)
      await passTime(world, 20, 'n')
      expect(await isLeaving(world, 'p')).toBe(true)
    }))
})

describe('a node whose kubelet falls silent', () => {
  test('becomes Unknown and tainted after the grace period, while one with a fresh lease stays ready', () =>
    withWorld(async (world) => {
      await addNode(world, 'dead')
      await addNode(world, 'alive')
      await addPod(world, 'p', 'dead', 300)
      await passTime(world, 30, 'alive')
      expect(await taints(world, 'dead')).toEqual([])
      await passTime(world, 20, 'alive')
      expect((await world.find(NODES, 'dead'))?.status?.conditions?.[0]).toMatchObject({
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      })
      expect(await taints(world, 'dead')).toEqual([
        'node.kubernetes.io/unreachable:NoSchedule',
        'node.kubernetes.io/unreachable:NoExecute',
      ])
      expect(await taints(world, 'alive')).toEqual([])
      expect((await world.find(PODS, 'p'))?.status?.conditions).toMatchObject([{ type: 'Ready', status: 'False' }])
    }))

  test('loses its Pods when their tolerations run out', () =>
    withWorld(async (world) => {
      await addNode(world, 'dead')
      await addNode(world, 'alive')
      await addPod(world, 'patient', 'dead', 300)
      await addPod(world, 'hasty', 'dead', 0)
      await addPod(world, 'elsewhere', 'alive')
      await passTime(world, 60, 'alive')
      expect(await isLeaving(world, 'hasty')).toBe(true)
      expect(await isLeaving(world, 'patient')).toBe(false)
      await passTime(world, 300, 'alive')
      expect(await isLeaving(world, 'patient')).toBe(true)
      expect(await isLeaving(world, 'elsewhere')).toBe(false)
    }))

  test('keeps its Pods when no node at all is heard of: then it is we who are cut off', () =>
    withWorld(async (world) => {
      await addNode(world, 'a')
      await addNode(world, 'b')
      await addPod(world, 'p', 'a')
      await world.clock.advance(600_000)
      expect(await taints(world, 'a')).toEqual(['node.kubernetes.io/unreachable:NoSchedule'])
      expect(await world.find(PODS, 'p')).toBeDefined()
    }))

  test('loses its taints when it is back', () =>
    withWorld(async (world) => {
      await addNode(world, 'dead')
      await addNode(world, 'alive')
      await passTime(world, 60, 'alive')
      expect(await taints(world, 'dead')).toHaveLength(2)
      await postStatus(world, 'dead')
      await world.settle()
      expect(await taints(world, 'dead')).toEqual([])
    }))
})

describe('Pod garbage collection', () => {
  test('is told of when it goes', () =>
    withWorld(async (world) => {
      await addNode(world, 'n')
      await world.client.delete(NODES, { name: 'n' })
      await world.settle()
      const message = 'Node n event: Removing Node n from Controller'
      expect(world.told).toContainEqual({ about: 'Node/n', type: 'Normal', reason: 'RemovingNode', message })
    }))

  test('removes the Pods of a node that is gone, after a quarantine', () =>
    withWorld(async (world) => {
      await addPod(world, 'lost', 'no-such-node')
      await world.clock.advance(30_000)
      expect(await world.find(PODS, 'lost')).toBeDefined()
      await world.clock.advance(60_000)
      expect(await world.find(PODS, 'lost')).toBeUndefined()
    }))
})
