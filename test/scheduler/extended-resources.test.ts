/** Extended resources that devices stand behind: the scheduler makes the claim. */

import { describe, expect, test } from 'vitest'
import { DEVICE_CLASSES, PODS, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../src/client/resources.ts'
import { aSlice } from '../../src/scheduler/plugins/dynamic-resources/fixtures.ts'
import { withWorld, type World } from './world.ts'

const GPU = 'example.com/gpu'
const amounts = { [GPU]: '1' }
const wanting = { containers: [{ name: 'c', image: 'i', resources: { requests: amounts, limits: amounts } }] }
const classOf = (extendedResourceName?: string) => ({
  metadata: { name: 'gpu' },
  spec: extendedResourceName === undefined ? {} : { extendedResourceName },
})

const slice = ({ cluster }: World) => cluster.client.create(RESOURCE_SLICES, aSlice('s', [{ name: 'a' }]))
const claims = async ({ cluster }: World) =>
  (await cluster.client.list(RESOURCE_CLAIMS, { namespace: 'default' })).items

describe('a Pod that asks for an extended resource with devices behind it', () => {
  test('gets a claim of its own, and its status tells which container has what', () =>
    withWorld(async (world) => {
      await world.node('n')
      await world.cluster.client.create(DEVICE_CLASSES, classOf(GPU))
      await slice(world)
      const { metadata } = await world.pod('p', '1', wanting)
      await world.settle(3_000)
      expect(await world.nodeOf('p')).toBe('n')
      const [claim, ...others] = await claims(world)
      expect(others).toEqual([])
      expect(claim?.metadata).toMatchObject({
        generateName: 'p-extended-resources-',
        annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
        ownerReferences: [{ kind: 'Pod', name: 'p', uid: metadata.uid, controller: true }],
        finalizers: ['resource.kubernetes.io/delete-protection'],
      })
      const requestName = 'container-0-request-0'
      expect(claim?.spec.devices?.requests).toMatchObject([
        { name: requestName, exactly: { deviceClassName: 'gpu', count: 1 } },
      ])
      expect(claim?.status?.reservedFor).toEqual([{ resource: 'pods', name: 'p', uid: metadata.uid }])
      expect((await world.read('p'))?.status?.extendedResourceClaimStatus).toEqual({
        resourceClaimName: claim?.metadata.name,
        requestMappings: [{ containerName: 'c', resourceName: GPU, requestName }],
      })
    }))

  test('waits for a class that names the resource, and for a device that is free', () =>
    withWorld(async (world) => {
      await world.node('n')
      await world.cluster.client.create(DEVICE_CLASSES, classOf())
      await slice(world)
      await world.pod('p', '1', wanting)
      await world.settle(15_000)
      expect(await world.scheduled('p')).toContain('Insufficient example.com/gpu')
      const named = { spec: { extendedResourceName: GPU } }
      await world.cluster.client.patch(DEVICE_CLASSES, { name: 'gpu' }, 'merge', named)
      await world.settle(15_000)
      expect(await world.nodeOf('p')).toBe('n')
      await world.pod('q', '1', wanting)
      await world.settle(15_000)
      expect(await world.scheduled('q')).toContain('cannot allocate all claims')
      expect(await claims(world)).toHaveLength(1)
    }))

  test('has a claim removed that an earlier try left behind, and gets another', () =>
    withWorld(async (world) => {
      const { client } = world.cluster
      await world.node('n')
      await client.create(DEVICE_CLASSES, classOf(GPU))
      const { metadata } = await world.pod('p', '1', { ...wanting, schedulingGates: [{ name: 'wait' }] })
      const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: metadata.uid ?? '', controller: true }
      const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount' as const, count: 1 }
      await client.create(RESOURCE_CLAIMS, {
        metadata: {
          name: 'left',
          namespace: 'default',
          annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
          ownerReferences: [owner],
          finalizers: ['resource.kubernetes.io/delete-protection'],
        },
        spec: { devices: { requests: [{ name: 'old', exactly }] } },
      })
      await slice(world)
      const at = { namespace: 'default', name: 'p' }
      await client.patch(PODS, at, 'merge', { spec: { schedulingGates: null } })
      await world.settle(400_000)
      expect(await world.nodeOf('p')).toBe('n')
      const names = (await claims(world)).map((claim) => claim.metadata.generateName)
      expect(names).toEqual(['p-extended-resources-'])
    }))
})
