/** The claims that Pods take from templates, and what becomes of claims that nobody uses. */

import { describe, expect, test } from 'vitest'
import type { Pod } from '../../src/api/generated/core-v1.ts'
import type { ResourceClaim } from '../../src/api/generated/resource-v1.ts'
import { PODS, RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS } from '../../src/client/resources.ts'
import type { DeepReadonly } from '../../src/meta/deep-readonly.ts'
import { claimTemplate, ended, template, withWorld, type World } from './world.ts'

const AT = { namespace: 'default', name: 'worker' }
const { devices } = claimTemplate.spec.spec
const PROTECTION = 'resource.kubernetes.io/delete-protection'

const createTemplate = (world: World) => world.client.create(RESOURCE_CLAIM_TEMPLATES, claimTemplate)

const createPod = (
  world: World,
  claim: { readonly resourceClaimTemplateName: string } | { readonly resourceClaimName: string },
  nodeName?: string,
) =>
  world.client.create(PODS, {
    metadata: AT,
    spec: {
      ...template({}, 'pause:1', 'Never').spec,
      resourceClaims: [{ name: 'gpu', ...claim }],
      ...(nodeName === undefined ? {} : { nodeName }),
    },
  })

/** Gives the claim devices, as the scheduler does, for these Pods. */
async function allocate(world: World, claim: DeepReadonly<ResourceClaim>, users: readonly DeepReadonly<Pod>[]) {
  const finalizers = [...(claim.metadata.finalizers ?? []), PROTECTION]
  const held = await world.client.update(RESOURCE_CLAIMS, { ...claim, metadata: { ...claim.metadata, finalizers } })
  const results = [{ request: 'one', driver: 'gpu.example.com', pool: 'n1', device: 'gpu-0' }]
  const reservedFor = users.map(({ metadata: { name = '', uid = '' } }) => ({ resource: 'pods', name, uid }))
  const status = { allocation: { devices: { results } }, reservedFor }
  return world.client.updateStatus(RESOURCE_CLAIMS, { ...held, status } as ResourceClaim)
}

const createClaim = (world: World) =>
  world.client.create(RESOURCE_CLAIMS, { metadata: { name: 'shared', namespace: 'default' }, spec: { devices } })

describe('a Pod that takes a claim from a template', () => {
  test('gets one of its own, by a name that its status tells, and gets another when that is deleted', () =>
    withWorld(async (world) => {
      await createTemplate(world)
      const { metadata } = await createPod(world, { resourceClaimTemplateName: 'gpus' })
      await world.settle()
      const [claim, ...others] = await world.list(RESOURCE_CLAIMS)
      expect(others).toEqual([])
      expect(claim?.metadata).toMatchObject({
        generateName: 'worker-gpu-',
        labels: { made: 'yes' },
        annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'worker', uid: metadata.uid, controller: true }],
      })
      expect(claim?.spec.devices?.requests?.[0]?.exactly?.deviceClassName).toBe('gpu')
      const told = (await world.find(PODS, 'worker'))?.status?.resourceClaimStatuses
      expect(told).toEqual([{ name: 'gpu', resourceClaimName: claim?.metadata.name }])

      await world.client.delete(RESOURCE_CLAIMS, { namespace: 'default', name: claim?.metadata.name ?? '' })
      await world.settle()
      const [next] = await world.list(RESOURCE_CLAIMS)
      expect(next?.metadata.uid).not.toBe(claim?.metadata.uid)
      expect((await world.find(PODS, 'worker'))?.status?.resourceClaimStatuses).toEqual([
        { name: 'gpu', resourceClaimName: next?.metadata.name },
      ])
    }))

  test('waits for a template that is missing, and says so', () =>
    withWorld(async (world) => {
      await createPod(world, { resourceClaimTemplateName: 'gpus' })
      const writes = world.writes
      await world.settle(60_000)
      expect(world.writes - writes).toBeLessThan(20)
      expect(world.told).toContainEqual({
        about: 'Pod/worker',
        type: 'Warning',
        reason: 'FailedResourceClaimCreation',
        message:
          'PodResourceClaim gpu: resource claim template "gpus": resourceclaimtemplate.resource.k8s.io "gpus" not found',
      })
      await createTemplate(world)
      await world.settle()
      expect(await world.list(RESOURCE_CLAIMS)).toHaveLength(1)
    }))

  test('gives it back when it is done, before it is deleted itself', () =>
    withWorld(async (world) => {
      await createTemplate(world)
      const pod = await createPod(world, { resourceClaimTemplateName: 'gpus' })
      await world.settle()
      const [claim] = await world.list(RESOURCE_CLAIMS)
      if (claim === undefined) throw new Error('no claim was made')
      await allocate(world, claim, [pod])
      await world.settle()
      expect(await world.list(RESOURCE_CLAIMS)).toHaveLength(1)
      await world.report((await world.find(PODS, 'worker')) ?? pod, ended(0, world.clock.now()))
      await world.settle(1_000)
      expect(await world.list(RESOURCE_CLAIMS)).toEqual([])
      expect(await world.find(PODS, 'worker')).toBeDefined()
    }))
})

describe('a claim that Pods share', () => {
  test('is reserved for a Pod that somebody bound past the scheduler', () =>
    withWorld(async (world) => {
      await allocate(world, await createClaim(world), [])
      const { metadata } = await createPod(world, { resourceClaimName: 'shared' }, 'n1')
      await world.settle()
      expect((await world.find(RESOURCE_CLAIMS, 'shared'))?.status?.reservedFor).toEqual([
        { resource: 'pods', name: 'worker', uid: metadata.uid },
      ])
    }))

  test('loses its devices with its last user, and stays', () =>
    withWorld(async (world) => {
      const pod = await createPod(world, { resourceClaimName: 'shared' })
      await allocate(world, await createClaim(world), [pod])
      await world.settle()
      expect((await world.find(RESOURCE_CLAIMS, 'shared'))?.status?.allocation).toBeDefined()
      await world.client.delete(PODS, AT, { gracePeriodSeconds: 0 })
      await world.settle()
      const claim = await world.find(RESOURCE_CLAIMS, 'shared')
      expect(claim?.status?.allocation).toBeUndefined()
      expect(claim?.status?.reservedFor ?? []).toEqual([])
      expect(claim?.metadata.finalizers ?? []).toEqual([])
    }))

  test('that is deleted while a Pod uses it goes when the Pod does', () =>
    withWorld(async (world) => {
      const pod = await createPod(world, { resourceClaimName: 'shared' })
      await allocate(world, await createClaim(world), [pod])
      await world.client.delete(RESOURCE_CLAIMS, { namespace: 'default', name: 'shared' })
      await world.settle()
      expect((await world.find(RESOURCE_CLAIMS, 'shared'))?.metadata.deletionTimestamp).toBeDefined()
      await world.client.delete(PODS, AT, { gracePeriodSeconds: 0 })
      await world.settle()
      expect(await world.find(RESOURCE_CLAIMS, 'shared')).toBeUndefined()
    }))
})
