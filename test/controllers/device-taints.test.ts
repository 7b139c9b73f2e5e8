/** Pods that use devices which are tainted. */

import { describe, expect, test } from 'vitest'
import type { DeviceTaint, DeviceToleration, ResourceClaim } from '../../src/api/generated/resource-v1.ts'
import { toTime } from '../../src/base/clock.ts'
import { PODS, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../src/client/resources.ts'
import { template, withWorld, type World } from './world.ts'

const DRIVER = 'gpu.example.com'
/** Long for a taint; too short for anybody to miss the node, which is not there. */
const LONG_MS = 30_000
const AT = { namespace: 'default', name: 'worker' }

const sliceWith = (taints: DeviceTaint[], generation = 1) => ({
  metadata: { name: 'n1' },
  spec: {
    driver: DRIVER,
    pool: { name: 'n1', generation, resourceSliceCount: 1 },
    allNodes: true,
    devices: [{ name: 'gpu-0', ...(taints.length > 0 && { taints }) }],
  },
})

/** A Pod on a node, whose claim was given a device of a slice with these taints. */
async function begin(world: World, taints: DeviceTaint[], tolerations: DeviceToleration[] = []): Promise<void> {
  await world.client.create(RESOURCE_SLICES, sliceWith(taints))
  const claim = await world.client.create(RESOURCE_CLAIMS, {
    metadata: { name: 'gpu', namespace: 'default' },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } },
  })
  const { metadata } = await world.client.create(PODS, {
    metadata: AT,
    spec: {
      ...template({}, 'pause:1', 'Always').spec,
      nodeName: 'n1',
      resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }],
    },
  })
  const given = { request: 'r', driver: DRIVER, pool: 'n1', device: 'gpu-0' }
  const results = [{ ...given, ...(tolerations.length > 0 && { tolerations }) }]
  const reservedFor = [{ resource: 'pods', name: 'worker', uid: metadata.uid ?? '' }]
  const status = { allocation: { devices: { results } }, reservedFor }
  await world.client.updateStatus(RESOURCE_CLAIMS, { ...claim, status } as ResourceClaim)
  await world.settle()
}

async function taint(world: World, taints: DeviceTaint[], generation = 1): Promise<void> {
  const { metadata } = await world.client.get(RESOURCE_SLICES, { name: 'n1' })
  const { spec } = sliceWith(taints, generation)
  await world.client.update(RESOURCE_SLICES, {
    metadata: { name: 'n1', resourceVersion: metadata.resourceVersion ?? '' },
    spec,
  })
  await world.settle()
}

const isGoing = async (world: World): Promise<boolean> => {
  const pod = await world.find(PODS, 'worker')
  return pod === undefined || pod.metadata.deletionTimestamp !== undefined
}

const broken: DeviceTaint = { key: 'broken', effect: 'NoExecute' }
const tolerates = (tolerationSeconds?: number): DeviceToleration[] => [
  {
    key: 'broken',
    operator: 'Exists',
    effect: 'NoExecute',
    ...(tolerationSeconds !== undefined && { tolerationSeconds }),
  },
]

describe('a Pod whose device is tainted', () => {
  test('goes, and is told why', () =>
    withWorld(async (world) => {
      await begin(world, [])
      expect(await isGoing(world)).toBe(false)
      await taint(world, [broken])
      const pod = await world.find(PODS, 'worker')
      expect(pod?.metadata.deletionTimestamp).toBeDefined()
      expect(pod?.status?.conditions).toContainEqual(
        expect.objectContaining({
          type: 'DisruptionTarget',
          reason: 'DeletionByDeviceTaintManager',
          message: 'Device Taint manager: deleting due to NoExecute taint',
        }),
      )
      expect(world.told).toContainEqual({
        about: 'Pod/worker',
        type: 'Normal',
        reason: 'DeviceTaintManagerEviction',
        message: 'Marking for deletion',
      })
    }))

  test.each<[string, DeviceTaint[], DeviceToleration[]]>([
    ['new Pods only are kept away', [{ ...broken, effect: 'NoSchedule' }], []],
    ['the claim tolerates it', [broken], tolerates()],
  ])('stays where %s', (_why, taints, tolerations) =>
    withWorld(async (world) => {
      await begin(world, taints, tolerations)
      await world.settle(LONG_MS)
      expect(await isGoing(world)).toBe(false)
    }),
  )

  test('goes when the time is over that its claim tolerates it', () =>
    withWorld(async (world) => {
      const since = { ...broken, timeAdded: toTime(world.clock.now()) }
      await begin(world, [since], tolerates(15))
      await world.settle(10_000)
      expect(await isGoing(world)).toBe(false)
      await world.settle(10_000)
      expect(await isGoing(world)).toBe(true)
    }))

  test('stays where the taint goes in time', () =>
    withWorld(async (world) => {
      await begin(world, [broken], tolerates(15))
      await taint(world, [], 2)
      await world.settle(LONG_MS)
      expect(await isGoing(world)).toBe(false)
      expect(world.told.map(({ message }) => message)).toContain('Cancelling deletion')
    }))
})
