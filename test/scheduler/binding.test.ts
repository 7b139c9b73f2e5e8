import { describe, expect, test } from 'vitest'
import { NODES, PODS, PRIORITY_CLASSES } from '../../src/client/resources.ts'
import { withWorld } from './world.ts'

describe('binding', () => {
  test('a Pod gets a node, its condition and its event', () =>
    withWorld(async ({ node, pod, settle, nodeOf, scheduled, told }) => {
      await node('a')
      await pod('p', '1')
      await settle()
      expect(await nodeOf('p')).toBe('a')
      expect(await scheduled('p')).toBe('True')
      await settle(5_000)
      expect(await told('p')).toEqual(['Normal Scheduled Successfully assigned default/p to a'])
    }))

  test('Pods fill nodes to the last bit, and no further', () =>
    withWorld(async ({ node, pod, settle, nodeOf, scheduled }) => {
      await node('a', { cpu: '2' })
      await node('b', { cpu: '2' })
      for (let n = 1; n <= 5; n++) await pod(`p${n}`, '1')
      await settle()
      const places = await Promise.all([1, 2, 3, 4, 5].map((n) => nodeOf(`p${n}`)))
      expect(places.filter((place) => place === 'a')).toHaveLength(2)
      expect(places.filter((place) => place === 'b')).toHaveLength(2)
      const left = places.indexOf('') + 1
      expect(await scheduled(`p${left}`)).toBe(
        'Unschedulable: 0/2 nodes are available: 2 Insufficient cpu. ' +
          'no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
      )
    }))

  test('a Pod for a scheduler that is not there waits in silence', () =>
    withWorld(async ({ node, pod, settle, nodeOf, scheduled, told }) => {
      await node('a')
      await pod('p', '1', { schedulerName: 'somebody-else' })
      await settle(600_000)
      expect([await nodeOf('p'), await scheduled('p'), await told('p')]).toEqual(['', '', []])
    }))

  test('a Pod with gates waits until the last one is removed, and no event tells of it', () =>
    withWorld(async ({ cluster, node, pod, settle, nodeOf, scheduled, told }) => {
      await node('a')
      await pod('p', '1', { schedulingGates: [{ name: 'example.com/one' }, { name: 'example.com/two' }] })
      await settle(60_000)
      expect(await nodeOf('p')).toBe('')
      expect(await scheduled('p')).toBe('SchedulingGated: Scheduling is blocked due to non-empty scheduling gates')
      const open = (schedulingGates: object[] | null) =>
        cluster.client.patch(PODS, { namespace: 'default', name: 'p' }, 'merge', { spec: { schedulingGates } })
      await open([{ name: 'example.com/two' }])
      await settle(60_000)
      expect(await nodeOf('p')).toBe('')
      await open(null)
      await settle()
      expect(await nodeOf('p')).toBe('a')
      await settle(5_000)
      expect(await told('p')).toEqual(['Normal Scheduled Successfully assigned default/p to a'])
    }))

  test('the more important Pod comes first', () =>
    withWorld(async ({ cluster, node, pod, settle, nodeOf }) => {
      const { client } = cluster
      await client.create(PRIORITY_CLASSES, { metadata: { name: 'high' }, value: 1000 })
      await pod('small', '3')
      await pod('great', '3', { priorityClassName: 'high' })
      await settle(60_000)
      await node('a')
      await settle(15_000)
      expect([await nodeOf('small'), await nodeOf('great')]).toEqual(['', 'a'])
    }))

  test('a Pod goes where its image is, of nodes that are alike', () =>
    withWorld(async ({ cluster, node, pod, nodeOf, settle }) => {
      for (const name of ['a', 'b', 'c', 'd']) await node(name)
      const images = [{ names: ['x:latest'], sizeBytes: 900 * 1024 ** 2 }]
      await cluster.client.patch(NODES, { name: 'c' }, 'merge', { status: { images } }, { subresource: 'status' })
      await settle()
      await pod('p', '1', { containers: [{ name: 'c', image: 'x' }] })
      await settle()
      expect(await nodeOf('p')).toBe('c')
    }))
})
