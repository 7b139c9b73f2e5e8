/** Volumes of drivers: attached where Pods want them, detached where nobody does. The test plays the driver. */

import { describe, expect, test } from 'vitest'
import {
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  CSI_DRIVERS,
  VOLUME_ATTACHMENTS,
} from '../../src/client/resources.ts'
import { ended, type World, withWorld } from './world.ts'

const DRIVER = 'disk.example.com'
const UNIQUE = `kubernetes.io/csi/${DRIVER}^handle-1`
const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' }
const ready = (status: 'True' | 'False' | 'Unknown') => ({ conditions: [{ type: 'Ready', status }] })

const setNode = ({ client }: World, name: string, status: object) =>
  client.patch(NODES, { name }, 'merge', { status }, { subresource: 'status' })

async function addVolume(world: World, mode: 'ReadWriteOnce' | 'ReadWriteMany'): Promise<void> {
  const { client } = world
  for (const name of ['n1', 'n2']) {
    await client.create(NODES, { metadata: { name, annotations } })
    await setNode(world, name, ready('True'))
  }
  const claimRef = { namespace: 'default', name: 'data' }
  const csi = { driver: DRIVER, volumeHandle: 'handle-1' }
  await client.create(PERSISTENT_VOLUMES, {
    metadata: { name: 'disk' },
    spec: { capacity: { storage: '1Gi' }, accessModes: [mode], csi, claimRef, storageClassName: '' },
  })
  const resources = { requests: { storage: '1Gi' } }
  const spec = { accessModes: [mode], storageClassName: '', volumeName: 'disk', resources }
  await client.create(PERSISTENT_VOLUME_CLAIMS, { metadata: { namespace: 'default', name: 'data' }, spec })
  await world.settle()
}

async function addPod(world: World, name: string, nodeName: string): Promise<void> {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
  const spec = { nodeName, volumes, restartPolicy: 'Never' as const, containers: [{ name: 'c', image: 'i' }] }
  await world.client.create(PODS, { metadata: { namespace: 'default', name }, spec })
  await world.settle()
}

const attachments = async ({ client }: World) => (await client.list(VOLUME_ATTACHMENTS)).items

/** The driver attaches everything it is asked to. */
async function drive(world: World): Promise<void> {
  for (const { metadata } of await attachments(world)) {
    const at = { name: metadata.name ?? '' }
    const body = { status: { attached: true } }
    await world.client.patch(VOLUME_ATTACHMENTS, at, 'merge', body, { subresource: 'status' })
  }
  await world.settle()
}

const attachedTo = async (world: World) => (await attachments(world)).map(({ spec }) => spec.nodeName)
const toldNode = async ({ client }: World, name: string) =>
  ((await client.get(NODES, { name })).status?.volumesAttached ?? []).map((volume) => volume.name)
const events = ({ told }: World) =>
  told.filter(({ reason }) => reason.includes('AttachVolume')).map(({ about, message }) => `${about}: ${message}`)
const remove = async (world: World, name: string) => {
  await world.client.delete(PODS, { namespace: 'default', name }, { gracePeriodSeconds: 0 })
  await world.settle()
}

describe('a volume of a driver', () => {
  test('is attached to the node whose Pod wants it, which is told, and is detached after that', () =>
    withWorld(async (world) => {
      await addVolume(world, 'ReadWriteOnce')
      expect(await attachedTo(world)).toEqual([])
      await addPod(world, 'one', 'n1')
      const [made] = await attachments(world)
      // sha256 of `handle-1disk.example.comn1`
      expect(made?.metadata.name).toMatch(/^csi-[0-9a-f]{64}$/)
      expect(made?.spec).toEqual({ attacher: DRIVER, nodeName: 'n1', source: { persistentVolumeName: 'disk' } })
      expect(await toldNode(world, 'n1')).toEqual([])
      await drive(world)
      expect(await toldNode(world, 'n1')).toEqual([UNIQUE])
      expect(events(world)).toEqual(['Pod/one: AttachVolume.Attach succeeded for volume "disk" '])
      await remove(world, 'one')
      expect([await attachedTo(world), await toldNode(world, 'n1')]).toEqual([[], []])
    }))

  test('goes when its Pod is over, but not while the node uses it', () =>
    withWorld(async (world) => {
      await addVolume(world, 'ReadWriteOnce')
      await addPod(world, 'one', 'n1')
      await drive(world)
      await setNode(world, 'n1', { volumesInUse: [UNIQUE] })
      const pod = await world.find(PODS, 'one')
      if (pod === undefined) throw new Error('no Pod')
      await world.report(pod, ended(0, world.clock.now()))
      await world.settle(30_000)
      expect([await attachedTo(world), await toldNode(world, 'n1')]).toEqual([['n1'], [UNIQUE]])
      await setNode(world, 'n1', { volumesInUse: null })
      await world.settle(1_000)
      expect([await attachedTo(world), await toldNode(world, 'n1')]).toEqual([[], []])
    }))

  test('of one node at a time waits for the other node, and its Pod is told once', () =>
    withWorld(async (world) => {
      await addVolume(world, 'ReadWriteOnce')
      await addPod(world, 'one', 'n1')
      await drive(world)
      await addPod(world, 'two', 'n2')
      await world.settle(60_000)
      expect(await attachedTo(world)).toEqual(['n1'])
      expect(events(world).slice(1)).toEqual([
        'Pod/two: Multi-Attach error for volume "disk" Volume is already used by pod(s) one',
      ])
      await remove(world, 'one')
      expect(await attachedTo(world)).toEqual(['n2'])
    }))

  test('of many nodes is attached to all, and where the driver fails the Pod is told', () =>
    withWorld(async (world) => {
      await addVolume(world, 'ReadWriteMany')
      await addPod(world, 'one', 'n1')
      await addPod(world, 'two', 'n2')
      expect((await attachedTo(world)).toSorted()).toEqual(['n1', 'n2'])
      for (const { metadata } of await attachments(world)) {
        const status = { attached: false, attachError: { message: 'no such disk' } }
        const at = { name: metadata.name ?? '' }
        await world.client.patch(VOLUME_ATTACHMENTS, at, 'merge', { status }, { subresource: 'status' })
      }
      await world.settle()
      const failure = 'AttachVolume.Attach failed for volume "disk" : no such disk'
      expect(events(world).toSorted()).toEqual([`Pod/one: ${failure}`, `Pod/two: ${failure}`])
    }))

  test('is taken from a node that is silent after six minutes, from one out of service at once', () =>
    withWorld(async (world) => {
      for (const isOut of [false, true]) {
        if (!isOut) await addVolume(world, 'ReadWriteOnce')
        await addPod(world, 'one', 'n1')
        await drive(world)
        await setNode(world, 'n1', { ...ready('Unknown'), volumesInUse: [UNIQUE] })
        await remove(world, 'one')
        await world.settle(300_000)
        expect(await attachedTo(world)).toEqual(['n1'])
        const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }]
        if (isOut) await world.client.patch(NODES, { name: 'n1' }, 'merge', { spec: { taints } })
        await world.settle(isOut ? 1_000 : 62_000)
        expect(await attachedTo(world)).toEqual([])
        await setNode(world, 'n1', { ...ready('True'), volumesInUse: null })
        await world.client.patch(NODES, { name: 'n1' }, 'merge', { spec: { taints: null } })
      }
    }))

  test('whose driver attaches nothing is left alone', () =>
    withWorld(async (world) => {
      await world.client.create(CSI_DRIVERS, { metadata: { name: DRIVER }, spec: { attachRequired: false } })
      await addVolume(world, 'ReadWriteOnce')
      await addPod(world, 'one', 'n1')
      expect(await attachedTo(world)).toEqual([])
    }))
})
