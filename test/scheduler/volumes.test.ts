import { describe, expect, test } from 'vitest'
import type { PersistentVolume } from '../../src/api/generated/core-v1.ts'
import {
  CSI_NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  STORAGE_CLASSES,
  type ResourceRef,
} from '../../src/client/resources.ts'
import type { KubeObject } from '../../src/meta/types.ts'
import { type World, withWorld } from './world.ts'

const NOT_HELPFUL = (nodes: number) =>
  `no new claims to deallocate, preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`
const uses = (claimName: string) => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] })

const storageClass = ({ cluster }: World, volumeBindingMode: 'Immediate' | 'WaitForFirstConsumer', more: object = {}) =>
  cluster.client.create(STORAGE_CLASSES, {
    metadata: { name: 'local' },
    provisioner: 'disks.example.com',
    volumeBindingMode,
    ...more,
  })

const claim = ({ cluster }: World, name: string, mode: 'ReadWriteOnce' | 'ReadWriteOncePod' = 'ReadWriteOnce') =>
  cluster.client.create(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { name, namespace: 'default' },
    spec: { storageClassName: 'local', accessModes: [mode], resources: { requests: { storage: '1Gi' } } },
  })

const on = (nodeName: string) => ({
  required: {
    nodeSelectorTerms: [
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In' as const, values: [nodeName] }] },
    ],
  },
})

const volume = async ({ cluster }: World, name: string, spec: Partial<NonNullable<PersistentVolume['spec']>>) => {
  const made = await cluster.client.create(PERSISTENT_VOLUMES, {
    metadata: { name },
    spec: {
      capacity: { storage: '2Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      persistentVolumeReclaimPolicy: 'Retain',
      csi: { driver: 'disks.example.com', volumeHandle: name },
      ...spec,
    },
  })
  await cluster.client.updateStatus(PERSISTENT_VOLUMES, { ...made, status: { phase: 'Available' } })
}

const patch = <T extends KubeObject>({ cluster }: World, ref: ResourceRef<T>, name: string, body: object) =>
  cluster.client.patch(ref, ref.namespaced ? { namespace: 'default', name } : { name }, 'merge', body)

/** What the volume controller does once a claim has its volume. */
const bind = (world: World, name: string, volumeName: string) =>
  patch(world, PERSISTENT_VOLUME_CLAIMS, name, {
    metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { volumeName },
  })

describe('a Pod with claims', () => {
  test('waits for the claim to exist', () =>
    withWorld(async (world) => {
      await world.node('a')
      await storageClass(world, 'WaitForFirstConsumer')
      await world.pod('p', '1', uses('data'))
      await world.settle(5_000)
      expect(await world.scheduled('p')).toBe(
        `Unschedulable: 0/1 nodes are available: persistentvolumeclaim "data" not found. not found`,
      )
      await claim(world, 'data')
      await world.settle(2_000)
      const made = await world.cluster.client.get(PERSISTENT_VOLUME_CLAIMS, { namespace: 'default', name: 'data' })
      expect(made.metadata.annotations?.['volume.kubernetes.io/selected-node']).toBe('a')
    }))

  test('waits for a claim that is bound at once to be bound', () =>
    withWorld(async (world) => {
      await world.node('a')
      await storageClass(world, 'Immediate')
      await claim(world, 'data')
      await world.pod('p', '1', uses('data'))
      await world.settle(5_000)
      expect(await world.scheduled('p')).toBe(
        `Unschedulable: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found`,
      )
      await volume(world, 'disk', {})
      await bind(world, 'data', 'disk')
      await world.settle(2_000)
      expect(await world.nodeOf('p')).toBe('a')
    }))

  test('chooses the node for a volume that is still to be made, and is bound after it is', () =>
    withWorld(async (world) => {
      await world.node('a')
      await storageClass(world, 'WaitForFirstConsumer')
      await claim(world, 'data')
      await world.pod('p', '1', uses('data'))
      await world.settle(5_000)
      expect(await world.nodeOf('p')).toBe('')
      // Others may want to know where it will go: binding takes a while.
      expect((await world.read('p'))?.status?.nominatedNodeName).toBe('a')
      await volume(world, 'disk', {})
      await bind(world, 'data', 'disk')
      await world.settle()
      expect(await world.nodeOf('p')).toBe('a')
      expect((await world.read('p'))?.status?.nominatedNodeName).toBeUndefined()
    }))

  test('starts over when the volume cannot be made there', () =>
    withWorld(async (world) => {
      await world.node('a')
      await storageClass(world, 'WaitForFirstConsumer')
      await claim(world, 'data')
      await world.pod('p', '1', uses('data'))
      await world.settle(1_000)
      const annotations = { 'volume.kubernetes.io/selected-node': null }
      await patch(world, PERSISTENT_VOLUME_CLAIMS, 'data', { metadata: { annotations } })
      await world.settle(500)
      expect(await world.scheduled('p')).toBe(
        'SchedulerError: running PreBind plugin "VolumeBinding": binding volumes: selectedNode annotation reset for PVC "data"',
      )
      await world.settle(5_000)
      const again = await world.cluster.client.get(PERSISTENT_VOLUME_CLAIMS, { namespace: 'default', name: 'data' })
      expect(again.metadata.annotations?.['volume.kubernetes.io/selected-node']).toBe('a')
    }))

  test('goes where a free volume is, and takes the smallest that does', () =>
    withWorld(async (world) => {
      await world.node('a')
      await world.node('b')
      await storageClass(world, 'WaitForFirstConsumer', { provisioner: 'kubernetes.io/no-provisioner' })
      await claim(world, 'data')
      await world.pod('p', '1', uses('data'))
      await world.settle(5_000)
      expect(await world.scheduled('p')).toBe(
        `Unschedulable: 0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. ${NOT_HELPFUL(2)}`,
      )
      await volume(world, 'large', { nodeAffinity: on('b'), capacity: { storage: '9Gi' } })
      await volume(world, 'small', { nodeAffinity: on('b'), capacity: { storage: '1Gi' } })
      await world.settle(5_000)
      const chosen = await world.cluster.client.get(PERSISTENT_VOLUMES, { name: 'small' })
      expect(chosen.spec?.claimRef).toMatchObject({ namespace: 'default', name: 'data' })
      await bind(world, 'data', 'small')
      await world.settle()
      expect(await world.nodeOf('p')).toBe('b')
    }))

  test('follows its bound volume', () =>
    withWorld(async (world) => {
      await world.node('a')
      await world.node('b')
      await storageClass(world, 'Immediate')
      await claim(world, 'data')
      await volume(world, 'disk', { nodeAffinity: on('c') })
      await bind(world, 'data', 'disk')
      await world.pod('p', '1', uses('data'))
      await world.settle(5_000)
      expect(await world.scheduled('p')).toBe(
        `Unschedulable: 0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity. ${NOT_HELPFUL(2)}`,
      )
      await world.node('c')
      await world.settle(5_000)
      expect(await world.nodeOf('p')).toBe('c')
    }))

  test('does not share a claim that is for one Pod', () =>
    withWorld(async (world) => {
      await world.node('a')
      await storageClass(world, 'Immediate')
      await claim(world, 'data', 'ReadWriteOncePod')
      await volume(world, 'disk', { accessModes: ['ReadWriteOncePod'] })
      await bind(world, 'data', 'disk')
      await world.pod('first', '1', uses('data'))
      await world.settle()
      await world.pod('p', '1', uses('data'))
      await world.settle(5_000)
      expect(await world.scheduled('p')).toMatch(
        /^Unschedulable: 0\/1 nodes are available: 1 node\(s\) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod\./,
      )
    }))

  test('goes where the driver may attach one more', () =>
    withWorld(async (world) => {
      await world.node('a')
      const drivers = [{ name: 'disks.example.com', nodeID: 'a', allocatable: { count: 1 } }]
      await world.cluster.client.create(CSI_NODES, { metadata: { name: 'a' }, spec: { drivers } })
      await storageClass(world, 'Immediate')
      for (const name of ['one', 'two']) {
        await claim(world, name)
        await volume(world, name, {})
        await bind(world, name, name)
        await world.pod(name, '1', uses(name))
        await world.settle(1_000)
      }
      expect(await world.nodeOf('one')).toBe('a')
      expect(await world.scheduled('two')).toMatch(
        /^Unschedulable: 0\/1 nodes are available: 1 node\(s\) exceed max volume count\./,
      )
    }))

  test('goes to the zone its volume is in', () =>
    withWorld(async (world) => {
      await world.node('a', { labels: { 'topology.kubernetes.io/zone': 'east' } })
      await storageClass(world, 'Immediate')
      await claim(world, 'data')
      await volume(world, 'disk', {})
      await patch(world, PERSISTENT_VOLUMES, 'disk', {
        metadata: { labels: { 'topology.kubernetes.io/zone': 'west__north' } },
      })
      await bind(world, 'data', 'disk')
      await world.pod('p', '1', uses('data'))
      await world.settle(5_000)
      expect(await world.scheduled('p')).toMatch(/1 node\(s\) had no available volume zone\./)
      await world.node('b', { labels: { 'topology.kubernetes.io/zone': 'north' } })
      await world.settle(5_000)
      expect(await world.nodeOf('p')).toBe('b')
    }))

  test('does not take the claim of another where it wants one of its own', () =>
    withWorld(async (world) => {
      const { node, pod, settle, scheduled } = world
      await node('a')
      await storageClass(world, 'WaitForFirstConsumer')
      await claim(world, 'p-v')
      const spec = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } }
      await pod('p', '1', { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec } } }] })
      await settle(1_000)
      expect(await scheduled('p')).toBe(
        'Unschedulable: 0/1 nodes are available: PVC default/p-v was not created for pod default/p (pod is not owner). not found',
      )
    }))
})
