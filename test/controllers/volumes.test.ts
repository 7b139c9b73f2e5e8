import { describe, expect, test } from 'vitest'
import type { PersistentVolumeSpec } from '../../src/api/generated/core-v1.ts'
import {
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  STORAGE_CLASSES,
  VOLUME_ATTRIBUTES_CLASSES,
} from '../../src/client/resources.ts'
import { type World, withWorld } from './world.ts'

const volume = ({ client }: World, name: string, storage: string, spec: Partial<PersistentVolumeSpec> = {}) =>
  client.create(PERSISTENT_VOLUMES, {
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      ...(spec.csi === undefined ? { hostPath: { path: `/data/${name}` } } : {}),
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      volumeMode: 'Filesystem',
      ...spec,
    },
  })

const claim = ({ client }: World, name: string, storage: string, storageClassName: string | undefined = '') =>
  client.create(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { name, namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      ...(storageClassName === 'none said' ? {} : { storageClassName }),
    },
  })

const AT = (name: string) => ({ namespace: 'default', name })

const SCRATCH = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } }
/** A Pod with an ephemeral volume. */
const USING_C = {
  terminationGracePeriodSeconds: 0,
  containers: [{ name: 'c', image: 'i' }],
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }],
}

const USER = {
  metadata: AT('user'),
  spec: {
    containers: [{ name: 'c', image: 'i' }],
    volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: SCRATCH } } }],
  },
}

describe('a PersistentVolumeClaim', () => {
  test('is bound to the smallest volume that suits it', () =>
    withWorld(async (world) => {
      await volume(world, 'big', '10Gi')
      await volume(world, 'right', '2Gi')
      await volume(world, 'small', '1Gi')
      await world.settle()
      await claim(world, 'c', '1500Mi')
      await world.settle()
      const bound = await world.find(PERSISTENT_VOLUME_CLAIMS, 'c')
      expect(bound?.spec?.volumeName).toBe('right')
      expect(bound?.status).toMatchObject({
        phase: 'Bound',
        capacity: { storage: '2Gi' },
        accessModes: ['ReadWriteOnce'],
      })
      expect(bound?.metadata.annotations).toMatchObject({ 'pv.kubernetes.io/bind-completed': 'yes' })
      const taken = await world.find(PERSISTENT_VOLUMES, 'right')
      expect(taken?.status?.phase).toBe('Bound')
      expect(taken?.spec?.claimRef).toMatchObject({ name: 'c', namespace: 'default', uid: bound?.metadata.uid })
      expect((await world.find(PERSISTENT_VOLUMES, 'big'))?.status?.phase).toBe('Available')
    }))

  test('tells the attributes that its volume had when it was bound', () =>
    withWorld(async (world) => {
      const { client } = world
      await volume(world, 'v', '1Gi', { volumeAttributesClassName: 'gold', csi: { driver: 'd', volumeHandle: 'h' } })
      const asked = { ...SCRATCH, storageClassName: '', volumeAttributesClassName: 'gold' }
      await client.create(PERSISTENT_VOLUME_CLAIMS, { metadata: AT('c'), spec: asked })
      await world.settle()
      const changed = { spec: { volumeAttributesClassName: 'silver' } }
      await client.patch(PERSISTENT_VOLUMES, { name: 'v' }, 'merge', changed)
      await world.settle()
      const { status } = (await world.find(PERSISTENT_VOLUME_CLAIMS, 'c')) ?? {}
      expect(status).toMatchObject({ phase: 'Bound', currentVolumeAttributesClassName: 'gold' })
    }))

  test('waits for a volume that comes later, and says that it does', () =>
    withWorld(async (world) => {
      await claim(world, 'c', '1Gi')
      await world.settle()
      expect((await world.find(PERSISTENT_VOLUME_CLAIMS, 'c'))?.status?.phase).toBe('Pending')
      expect(world.told).toContainEqual({
        about: 'PersistentVolumeClaim/c',
        type: 'Normal',
        reason: 'FailedBinding',
        message: 'no persistent volumes available for this claim and no storage class is set',
      })
      await volume(world, 'v', '1Gi')
      await world.settle()
      expect((await world.find(PERSISTENT_VOLUME_CLAIMS, 'c'))?.status?.phase).toBe('Bound')
    }))

  test('two claims never share a volume', () =>
    withWorld(async (world) => {
      await claim(world, 'a', '1Gi')
      await claim(world, 'b', '1Gi')
      await volume(world, 'v', '1Gi')
      await world.settle()
      const phases = (await world.list(PERSISTENT_VOLUME_CLAIMS)).map(({ status }) => status?.phase ?? '')
      expect(phases.toSorted()).toEqual(['Bound', 'Pending'])
    }))

  test('of a class that waits for the first consumer stays pending', () =>
    withWorld(async (world) => {
      await world.client.create(STORAGE_CLASSES, {
        metadata: { name: 'late' },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
      })
      await volume(world, 'v', '1Gi', { storageClassName: 'late' })
      await claim(world, 'c', '1Gi', 'late')
      await world.settle()
      expect((await world.find(PERSISTENT_VOLUME_CLAIMS, 'c'))?.status?.phase).toBe('Pending')
      expect(world.told.map(({ reason }) => reason)).toContain('WaitForFirstConsumer')
      await world.client.create(PODS, { metadata: AT('user'), spec: USING_C })
      await world.settle(15_000)
      const { reason, message } = world.told.at(-1) ?? {}
      expect({ reason, message }).toEqual({
        reason: 'WaitForPodScheduled',
        message: 'waiting for pod user to be scheduled',
      })
    }))

  test('deleted while a Pod uses it, if only one that has ended, stays until the Pod is gone; its volume is released', () =>
    withWorld(async (world) => {
      await volume(world, 'v', '1Gi')
      await claim(world, 'c', '1Gi')
      const pod = await world.client.create(PODS, { metadata: AT('user'), spec: { ...USING_C, nodeName: 'n1' } })
      await world.report(pod, { phase: 'Succeeded' })
      await world.settle()
      await world.client.delete(PERSISTENT_VOLUME_CLAIMS, AT('c'))
      await world.settle()
      expect((await world.find(PERSISTENT_VOLUME_CLAIMS, 'c'))?.metadata.deletionTimestamp).toBeDefined()
      await world.client.delete(PODS, AT('user'), { gracePeriodSeconds: 0 })
      await world.settle()
      expect(await world.find(PERSISTENT_VOLUME_CLAIMS, 'c')).toBeUndefined()
      expect((await world.find(PERSISTENT_VOLUMES, 'v'))?.status?.phase).toBe('Released')
    }))

  test('of an ephemeral volume is made for its Pod, and goes with it', () =>
    withWorld(async (world) => {
      await world.client.create(PODS, USER)
      await world.settle()
      const made = await world.find(PERSISTENT_VOLUME_CLAIMS, 'user-scratch')
      expect(made?.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', name: 'user', controller: true }])
      await world.client.delete(PODS, AT('user'), { gracePeriodSeconds: 0 })
      await world.settle()
      expect(await world.find(PERSISTENT_VOLUME_CLAIMS, 'user-scratch')).toBeUndefined()
    }))
})

test('an ephemeral volume whose claim is there and belongs to somebody else is told', () =>
  withWorld(async (world) => {
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, { metadata: AT('user-scratch'), spec: SCRATCH })
    await world.client.create(PODS, USER)
    await world.settle()
    expect(world.told).toContainEqual({
      about: 'Pod/user',
      type: 'Warning',
      reason: 'FailedBinding',
      message:
        'ephemeral volume scratch: PVC default/user-scratch was not created for pod default/user (pod is not owner)',
    })
  }))

describe('a VolumeAttributesClass', () => {
  test('goes when nobody names it any more, and no sooner', () =>
    withWorld(async (world) => {
      await world.client.create(VOLUME_ATTRIBUTES_CLASSES, {
        metadata: { name: 'fast' },
        driverName: 'disks.example',
        parameters: { iops: '9' },
      })
      await world.client.create(VOLUME_ATTRIBUTES_CLASSES, {
        metadata: { name: 'idle' },
        driverName: 'disks.example',
        parameters: { iops: '9' },
      })
      const csi = { driver: 'disks.example', volumeHandle: 'v' }
      await volume(world, 'v', '1Gi', { csi, volumeAttributesClassName: 'fast' })
      await world.settle()
      await world.client.delete(VOLUME_ATTRIBUTES_CLASSES, { name: 'fast' })
      await world.client.delete(VOLUME_ATTRIBUTES_CLASSES, { name: 'idle' })
      await world.settle()
      const names = async () => (await world.list(VOLUME_ATTRIBUTES_CLASSES)).map(({ metadata }) => metadata.name)
      expect(await names()).toEqual(['fast'])
      await world.client.delete(PERSISTENT_VOLUMES, { name: 'v' })
      await world.settle()
      expect(await names()).toEqual([])
    }))
})

describe('a claim that waits', () => {
  test('is told about again every fifteen seconds, and not for what happens to others', () =>
    withWorld(async (world) => {
      await claim(world, 'c', '1Gi', 'none')
      await world.settle()
      const told = () => world.told.filter(({ reason }) => reason === 'ProvisioningFailed').length
      expect(told()).toBe(1)
      for (const name of ['x', 'y', 'z']) await volume(world, name, '1Gi', { storageClassName: 'other' })
      await world.settle()
      expect(told()).toBe(1)
      await world.settle(60_000)
      expect(told()).toBe(5)
    }))

  test('for a larger volume says who has to make it larger', () =>
    withWorld(async (world) => {
      await world.client.create(STORAGE_CLASSES, {
        metadata: { name: 'grows' },
        provisioner: 'disks.example',
        allowVolumeExpansion: true,
      })
      await volume(world, 'v', '1Gi', { storageClassName: 'grows' })
      await claim(world, 'c', '1Gi', 'grows')
      await world.settle()
      const spec = { resources: { requests: { storage: '2Gi' } } }
      await world.client.patch(PERSISTENT_VOLUME_CLAIMS, AT('c'), 'merge', { spec })
      await world.settle()
      expect(world.told.filter(({ reason }) => reason === 'ExternalExpanding')).toEqual([
        {
          about: 'PersistentVolumeClaim/c',
          type: 'Normal',
          reason: 'ExternalExpanding',
          message: 'waiting for an external controller to expand this PVC',
        },
      ])
    }))
})
