import { describe, expect, test } from 'vitest'
import { DEVICE_CLASSES, PODS, RESOURCE_CLAIMS } from '../../src/client/resources.ts'
import { withWorld } from './world.ts'

describe('a Pod with resource claims', () => {
  test('waits for its claim to be there and allocated, goes where the device is, and reserves it', () =>
    withWorld(async ({ cluster: { client }, node, pod, settle, nodeOf, scheduled, read }) => {
      for (const name of ['a', 'b', 'c']) await node(name)
      await pod('p', '1', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] })
      await settle(15_000)
      expect([await nodeOf('p'), await scheduled('p')]).toEqual(['', ''])

      const requests = [{ name: 'one', exactly: { deviceClassName: 'gpu.example.com' } }]
      const claim = { metadata: { name: 'gpu', namespace: 'default' }, spec: { devices: { requests } } }
      const made = await client.create(RESOURCE_CLAIMS, claim)
      await settle(15_000)
      expect(await scheduled('p')).toBe(
        'Unschedulable: 0/3 nodes are available: request one: device class gpu.example.com does not exist. ' +
          'no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      )
      await client.create(DEVICE_CLASSES, { metadata: { name: 'gpu.example.com' }, spec: {} })
      await settle(15_000)
      expect(await scheduled('p')).toBe(
        'Unschedulable: 0/3 nodes are available: 3 cannot allocate all claims. ' +
          'still not schedulable, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      )

      const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: ['b'] }]
      const results = [{ request: 'one', driver: 'gpu.example.com', pool: 'b', device: 'gpu-0' }]
      const allocation = {
        allocationTimestamp: '2026-01-01T00:00:00Z',
        devices: { results },
        nodeSelector: { nodeSelectorTerms: [{ matchFields }] },
      }
      await client.updateStatus(RESOURCE_CLAIMS, { ...claim, metadata: made.metadata, status: { allocation } } as never)
      await settle(15_000)
      expect(await nodeOf('p')).toBe('b')
      const { status } = await client.get(RESOURCE_CLAIMS, { namespace: 'default', name: 'gpu' })
      expect(status?.reservedFor).toEqual([{ resource: 'pods', name: 'p', uid: (await read('p'))?.metadata.uid }])
    }))

  test('from a template takes no claim that was made for another', () =>
    withWorld(async ({ cluster: { client }, node, pod, settle, scheduled }) => {
      await node('a')
      await client.create(RESOURCE_CLAIMS, { metadata: { name: 'p-gpu-x', namespace: 'default' }, spec: {} })
      await pod('p', '1', { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpu' }] })
      const resourceClaimStatuses = [{ name: 'gpu', resourceClaimName: 'p-gpu-x' }]
      const at = { namespace: 'default', name: 'p' }
      await client.patch(PODS, at, 'merge', { status: { resourceClaimStatuses } }, { subresource: 'status' })
      await settle(15_000)
      expect(await scheduled('p')).toBe('')
    }))
})
