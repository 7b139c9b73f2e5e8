import { describe, expect, test } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import { seededRandom } from '../../src/base/random.ts'
import {
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  STORAGE_CLASSES,
} from '../../src/client/resources.ts'
import { simulatedNode } from '../../src/kubelet/simulated-node.ts'
import { keepLocalVolumes } from '../../src/kubelet/volumes/local-volumes.ts'
import { LOCAL_PATH_ROOT } from '../../src/api/core/v1/persistentvolume/local-path.ts'
import { type World, withWorld } from './world.ts'

const AT = (name: string) => ({ namespace: 'default', name })

async function node({ client }: World, name: string): Promise<void> {
  await client.create(NODES, { metadata: { name, annotations: { [LOCAL_PATH_ROOT]: '/vols' } } })
}

const claim = ({ client }: World, name: string) =>
  client.create(PERSISTENT_VOLUME_CLAIMS, {
    metadata: AT(name),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  })

const user = ({ client }: World, nodeName: string) =>
  client.create(PODS, {
    metadata: AT('user'),
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }],
    },
  })

/** The part of a kubelet that looks after the folders; `removed` grows by each that it removes. */
async function withKeeper(world: World, name: string, body: (removed: string[]) => Promise<void>): Promise<void> {
  const { client, clock } = world
  const random = seededRandom(3)
  const simulated = simulatedNode({ clock, random, podCidr: '10.244.1.0/24' })
  const { host } = simulated
  const removed: string[] = []
  const local = { ...host.volumes.local, remove: async (volume: string) => void removed.push(volume) }
  const watched = { ...host, volumes: { ...host.volumes, local } }
  const options = { name, addresses: [], port: 1, clusterDomain: '', clusterDns: [], version: 'v1' }
  const stop = new AbortController()
  const deps = { client, host: watched, clock, random, log: silentLog, node: options }
  const running = keepLocalVolumes(deps, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  try {
    await body(removed)
  } finally {
    stop.abort()
    await running
    simulated.close()
  }
}

describe('the built-in provisioner', () => {
  test('a new cluster has a default class', () =>
    withWorld(async (world) => {
      expect(await world.find(STORAGE_CLASSES, 'standard')).toMatchObject({
        metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'gorae.dev/local-path',
        volumeBindingMode: 'WaitForFirstConsumer',
        reclaimPolicy: 'Delete',
      })
    }))

  for (const how of ['the scheduler’s choice', 'a Pod that is bound by hand'] as const) {
    test(`makes a volume where ${how} says; claim and volume are bound`, () =>
      withWorld(async (world) => {
        await node(world, 'n1')
        await claim(world, 'c')
        await world.settle()
        expect(await world.list(PERSISTENT_VOLUMES)).toEqual([])
        if (how === 'the scheduler’s choice') {
          const body = { metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'n1' } } }
          await world.client.patch(PERSISTENT_VOLUME_CLAIMS, AT('c'), 'merge', body)
        } else await user(world, 'n1')
        await world.settle()
        const bound = await world.find(PERSISTENT_VOLUME_CLAIMS, 'c')
        const name = `pvc-${bound?.metadata.uid}`
        expect(bound).toMatchObject({ spec: { volumeName: name }, status: { phase: 'Bound' } })
        expect(await world.find(PERSISTENT_VOLUMES, name)).toMatchObject({
          spec: { local: { path: `/vols/${name}` } },
          status: { phase: 'Bound' },
        })
        expect(world.told).toContainEqual({
          about: 'PersistentVolumeClaim/c',
          type: 'Normal',
          reason: 'ProvisioningSucceeded',
          message: `Successfully provisioned volume ${name}`,
        })
      }))
  }

  test('lets the scheduler choose again when the node is gone', () =>
    withWorld(async (world) => {
      await claim(world, 'c')
      const body = { metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'gone' } } }
      await world.client.patch(PERSISTENT_VOLUME_CLAIMS, AT('c'), 'merge', body)
      await world.settle()
      const waiting = await world.find(PERSISTENT_VOLUME_CLAIMS, 'c')
      expect(waiting?.metadata.annotations?.['volume.kubernetes.io/selected-node']).toBeUndefined()
      expect(world.told).toContainEqual({
        about: 'PersistentVolumeClaim/c',
        type: 'Warning',
        reason: 'ProvisioningFailed',
        message: 'failed to provision volume with StorageClass "standard": node "gone" not found',
      })
    }))

  test('the node’s kubelet removes the folder when the claim goes, and only its own', () =>
    withWorld(async (world) => {
      await node(world, 'n1')
      await claim(world, 'c')
      await user(world, 'n1')
      await world.settle()
      const [made] = await world.list(PERSISTENT_VOLUMES)
      await withKeeper(world, 'n1', (removed) =>
        withKeeper(world, 'n2', async (removedElsewhere) => {
          await world.client.delete(PERSISTENT_VOLUME_CLAIMS, AT('c'))
          await world.settle()
          expect(removed).toEqual([]) // a Pod still uses it
          await world.client.delete(PODS, AT('user'), { gracePeriodSeconds: 0 })
          await world.settle()
          expect(removed).toEqual([made?.metadata.name])
          expect(removedElsewhere).toEqual([])
          expect(await world.list(PERSISTENT_VOLUMES)).toEqual([])
        }),
      )
    }))

  test('the volume of a node that is gone goes too, without its kubelet', () =>
    withWorld(async (world) => {
      await node(world, 'n1')
      await claim(world, 'c')
      await user(world, 'n1')
      await world.settle()
      await world.client.delete(NODES, { name: 'n1' })
      await world.client.delete(PODS, AT('user'), { gracePeriodSeconds: 0 })
      await world.client.delete(PERSISTENT_VOLUME_CLAIMS, AT('c'))
      await world.settle()
      expect(await world.list(PERSISTENT_VOLUMES)).toEqual([])
    }))
})
