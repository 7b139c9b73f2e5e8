import { describe, expect, test } from 'vitest'
import { NODES, POD_DISRUPTION_BUDGETS, PODS, PRIORITY_CLASSES } from '../../src/client/resources.ts'
import { aborted, withGroup } from '../../src/base/async/group.ts'
import { silentLog } from '../../src/base/log.ts'
import { seededRandom } from '../../src/base/random.ts'
import { createClient } from '../../src/client/client.ts'
import { createInformers } from '../../src/client/informer.ts'
import type { Transport } from '../../src/client/transport.ts'
import { runScheduler } from '../../src/scheduler/scheduler.ts'
import { type World, withWorld } from './world.ts'

const classes = async ({ cluster: { client } }: World) => {
  await client.create(PRIORITY_CLASSES, { metadata: { name: 'high' }, value: 1000 })
  await client.create(PRIORITY_CLASSES, { metadata: { name: 'middle' }, value: 500 })
  const never = { metadata: { name: 'polite' }, value: 1000, preemptionPolicy: 'Never' as const }
  await client.create(PRIORITY_CLASSES, never)
}
/** One node that a Pod of this name fills. */
const crowd = async (world: World, name: string) => {
  await classes(world)
  await world.node('a', { cpu: '2' })
  await world.pod(name, '2')
  await world.settle()
}
const gone = (world: World, name: string) =>
  world.cluster.client.delete(PODS, { namespace: 'default', name }, { gracePeriodSeconds: 0 })

describe('preemption', () => {
  test('makes room: the victim is told why, the node is nominated, and the Pod gets it', () =>
    withWorld(async (world) => {
      const { pod, settle, read, nodeOf, told, scheduled } = world
      await crowd(world, 'victim')
      const great = await pod('great', '2', { priorityClassName: 'high' })
      await settle(1_000)
      const victim = await read('victim')
      expect(victim?.metadata.deletionTimestamp).toBeDefined()
      const condition = victim?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
      expect(condition).toMatchObject({
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: 'default-scheduler: preempting to accommodate a higher priority pod',
      })
      expect((await read('great'))?.status?.nominatedNodeName).toBe('a')
      expect(await scheduled('great')).toMatch(/^Unschedulable: 0\/1 nodes are available: 1 Insufficient cpu\./)
      await settle(20_000)
      expect(await told('victim')).toContain(`Normal Preempted Preempted by pod ${great.metadata.uid ?? ''} on node a`)
      expect(await nodeOf('great')).toBe('')
      await gone(world, 'victim')
      await settle(1_000)
      expect(await nodeOf('great')).toBe('a')
      expect((await read('great'))?.status?.nominatedNodeName).toBeUndefined()
    }))

  test('the room made for one Pod is not given to a less important one', () =>
    withWorld(async (world) => {
      const { pod, settle, nodeOf } = world
      await crowd(world, 'victim')
      await pod('great', '2', { priorityClassName: 'high' })
      await settle(1_000)
      await pod('late', '1', { priorityClassName: 'middle' })
      await settle(12_000)
      await gone(world, 'victim')
      await settle(12_000)
      expect([await nodeOf('great'), await nodeOf('late')]).toEqual(['a', ''])
    }))

  test('a Pod whose policy is Never waits', () =>
    withWorld(async (world) => {
      const { pod, settle, read, scheduled } = world
      await crowd(world, 'other')
      await pod('polite', '2', { priorityClassName: 'polite' })
      await settle(30_000)
      expect((await read('other'))?.metadata.deletionTimestamp).toBeUndefined()
      expect(await scheduled('polite')).toBe(
        'Unschedulable: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
      )
    }))

  test('takes the node where the least important Pods would have to go', () =>
    withWorld(async (world) => {
      const { node, pod, settle, read } = world
      await classes(world)
      await node('a', { cpu: '2', labels: { at: 'a' } })
      await node('b', { cpu: '2', labels: { at: 'b' } })
      await pod('middle', '2', { priorityClassName: 'middle', nodeSelector: { at: 'a' } })
      await pod('low', '2', { nodeSelector: { at: 'b' } })
      await settle()
      await pod('great', '2', { priorityClassName: 'high' })
      await settle(1_000)
      expect((await read('middle'))?.metadata.deletionTimestamp).toBeUndefined()
      expect((await read('low'))?.metadata.deletionTimestamp).toBeDefined()
    }))

  test('spares what a disruption budget wants to keep, where it can', () =>
    withWorld(async (world) => {
      const { cluster, node, pod, settle, read } = world
      await classes(world)
      await node('a', { cpu: '2', labels: { at: 'a' } })
      await node('b', { cpu: '2', labels: { at: 'b' } })
      await pod('kept', '2', { nodeSelector: { at: 'a' } }, { app: 'kept' })
      await pod('free', '2', { nodeSelector: { at: 'b' } }, { app: 'free' })
      const budget = { maxUnavailable: 0, selector: { matchLabels: { app: 'kept' } } }
      await cluster.client.create(POD_DISRUPTION_BUDGETS, {
        metadata: { name: 'kept', namespace: 'default' },
        spec: budget,
      })
      await settle()
      await pod('great', '2', { priorityClassName: 'high' })
      await settle(1_000)
      expect((await read('kept'))?.metadata.deletionTimestamp).toBeUndefined()
      expect((await read('free'))?.metadata.deletionTimestamp).toBeDefined()
    }))

  test('says why a node would not do even without its less important Pods', () =>
    withWorld(async (world) => {
      const { node, pod, settle, scheduled } = world
      await classes(world)
      await node('a', { cpu: '4' })
      await node('b', { cpu: '1' })
      await pod('equal', '2', { priorityClassName: 'high', nodeSelector: { 'kubernetes.io/hostname': 'a' } })
      await pod('low', '1', { nodeSelector: { 'kubernetes.io/hostname': 'a' } })
      await settle()
      await pod('great', '3', { priorityClassName: 'high' })
      await settle()
      expect(await scheduled('great')).toBe(
        'Unschedulable: 0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: ' +
          '0/2 nodes are available: 1 Insufficient cpu, 1 Preemption is not helpful for scheduling.',
      )
    }))

  test('a nomination is taken back when nothing can make room any more', () =>
    withWorld(async (world) => {
      const { cluster, node, pod, settle, read } = world
      await crowd(world, 'victim')
      await pod('great', '2', { priorityClassName: 'high' })
      await settle(1_000)
      expect((await read('great'))?.status?.nominatedNodeName).toBe('a')
      await cluster.client.delete(NODES, { name: 'a' })
      await node('b', { cpu: '2', taints: [{ key: 'only', value: 'others', effect: 'NoSchedule' }] })
      await settle(15_000)
      expect((await read('great'))?.status?.nominatedNodeName).toBeUndefined()
    }))
})

/** A scheduler whose patches of Pods' statuses take their time; until `stop`. */
function slowScheduler({ cluster }: World): { readonly stop: () => Promise<void> } {
  const { clock } = cluster
  const { transport: quick } = cluster.clientFor('system:kube-scheduler')
  const transport: Transport = {
    watch: (target, options, signal) => quick.watch(target, options, signal),
    async call(call, signal) {
      if (call.verb === 'patch' && call.subresource === 'status') await clock.sleep(3_000, signal)
      return quick.call(call, signal)
    },
  }
  const client = createClient(transport)
  const informers = createInformers(client, clock, silentLog, seededRandom(1))
  const events = () => ({ event: () => {} })
  const deps = { client, informers, events, clock, random: seededRandom(1), log: silentLog }
  const stopping = new AbortController()
  const running = withGroup(async (group) => {
    group.start((signal) => informers.run(signal))
    group.start((signal) => runScheduler(deps, signal))
    await aborted(group.signal)
  }, stopping.signal)
  return {
    async stop() {
      stopping.abort(new Error('stopped'))
      await running
    },
  }
}

test('a Pod that gets its node at once is not called unschedulable afterwards, however slow the API', () =>
  withWorld(
    async (world) => {
      const { node, pod, settle, nodeOf, scheduled, read } = world
      await classes(world)
      await node('a', { cpu: '2' })
      await pod('victim', '2', { nodeName: 'a', terminationGracePeriodSeconds: 0 })
      const { stop } = slowScheduler(world)
      await settle()
      await pod('great', '2', { priorityClassName: 'high' })
      await settle(60_000)
      await stop()
      expect([await nodeOf('great'), await scheduled('great')]).toEqual(['a', 'True'])
      expect((await read('great'))?.status?.nominatedNodeName).toBeUndefined()
    },
    { scheduler: false },
  ))
