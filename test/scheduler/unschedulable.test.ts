import { describe, expect, test } from 'vitest'
import type { PodSpec } from '../../src/api/generated/core-v1.ts'
import { NODES, PODS } from '../../src/client/resources.ts'
import { type NodeWish, type World, withWorld } from './world.ts'

const NO_HELP =
  'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'
const NO_VICTIMS =
  'no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.'
const friend = (labelSelector: object) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector }],
})
const isRed = { matchLabels: { color: 'red' } }

interface Case {
  readonly when: string
  readonly on?: NodeWish
  readonly cpu?: string
  readonly spec?: Partial<PodSpec>
  readonly reason: string
  /** What makes the Pod fit. */
  readonly help: (world: World) => Promise<unknown>
}

const patchNode = (body: object) => (world: World) => world.cluster.client.patch(NODES, { name: 'a' }, 'merge', body)

const cases: readonly Case[] = [
  {
    when: 'it asks for more than a node has',
    cpu: '64',
    reason: `1 Insufficient cpu. ${NO_HELP}`,
    help: (world) => world.node('b', { cpu: '100' }),
  },
  {
    when: 'a taint is in the way',
    on: { taints: [{ key: 'only', value: 'others', effect: 'NoSchedule' }] },
    reason: `1 node(s) had untolerated taint(s). ${NO_HELP}`,
    help: patchNode({ spec: { taints: [] } }),
  },
  {
    when: 'its node selector matches no node',
    spec: { nodeSelector: { disk: 'fast' } },
    reason: `1 node(s) didn't match Pod's node affinity/selector. ${NO_HELP}`,
    help: patchNode({ metadata: { labels: { disk: 'fast' } } }),
  },
  {
    when: 'it wants a friend',
    spec: { affinity: { podAffinity: friend(isRed) } },
    reason: `1 node(s) didn't match pod affinity rules. ${NO_HELP}`,
    help: (world) => world.pod('friend', '1', {}, { color: 'red' }),
  },
  {
    when: 'the node is cordoned',
    on: {},
    reason: `1 node(s) were unschedulable. ${NO_HELP}`,
    help: patchNode({ spec: { unschedulable: null } }),
  },
]

describe('a Pod that fits nowhere', () => {
  for (const { when, on, cpu = '1', spec, reason, help } of cases)
    test(`because ${when} says so, and is placed as soon as that changes`, () =>
      withWorld(async (world) => {
        await world.node('a', on)
        if (when === 'the node is cordoned') await patchNode({ spec: { unschedulable: true } })(world)
        await world.pod('p', cpu, spec)
        await world.settle(15_000)
        expect(await world.scheduled('p')).toBe(`Unschedulable: 0/1 nodes are available: ${reason}`)
        expect(await world.told('p')).toEqual([`Warning FailedScheduling 0/1 nodes are available: ${reason}`])
        await help(world)
        // A Node takes several steps to become ready: the Pod may have been tried in between, and back off.
        await world.settle(3_000)
        expect(await world.nodeOf('p')).not.toBe('')
        expect(await world.scheduled('p')).toBe('True')
      }))

  test('because there are no nodes says so', () =>
    withWorld(async ({ node, pod, settle, scheduled, nodeOf }) => {
      await pod('p', '1')
      await settle()
      expect(await scheduled('p')).toBe('Unschedulable: no nodes available to schedule pods')
      await node('a')
      await settle(10_000)
      expect(await nodeOf('p')).toBe('a')
    }))

  test('because a port is taken is placed when the other Pod goes', () =>
    withWorld(async ({ cluster, node, pod, settle, scheduled, nodeOf }) => {
      await node('a')
      const ports = { containers: [{ name: 'c', image: 'pause:1', ports: [{ containerPort: 80, hostPort: 8080 }] }] }
      await pod('first', '1', ports)
      await settle()
      await pod('p', '1', ports)
      await settle(15_000)
      expect(await scheduled('p')).toBe(
        `Unschedulable: 0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${NO_VICTIMS}`,
      )
      await cluster.client.delete(PODS, { namespace: 'default', name: 'first' }, { gracePeriodSeconds: 0 })
      await settle(1_000)
      expect(await nodeOf('p')).toBe('a')
    }))

  test('is not tried again without a reason: its condition is written once', () =>
    withWorld(async ({ node, pod, settle, read }) => {
      await node('a')
      await pod('p', '64')
      await settle()
      const before = (await read('p'))?.metadata.resourceVersion
      for (let n = 0; n < 10; n++) await pod(`other${n}`, '10m')
      await settle(240_000)
      expect((await read('p'))?.metadata.resourceVersion).toBe(before)
    }))
})
