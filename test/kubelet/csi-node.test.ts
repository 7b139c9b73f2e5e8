import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { CSI_NODES, NODES } from '../../src/client/resources.ts'
import { CsiNodeWriter } from '../../src/kubelet/volumes/csi/csi-node.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'

const never = new AbortController().signal
const NODE_IDS = 'csi.volume.kubernetes.io/nodeid'
const disks = { nodeId: 'd-1', maxVolumes: 5, topology: { 'example.com/zone': 'a' } }

let cluster: Cluster
let at: { name: string }
let csiNode: CsiNodeWriter
beforeEach(async () => {
  cluster = await createCluster({ clock: 'virtual', nodes: 1 })
  await cluster.advance(5_000)
  at = { name: (await cluster.client.list(NODES)).items[0]?.metadata.name ?? '' }
  csiNode = new CsiNodeWriter({ client: cluster.client, clock: systemClock, nodeName: at.name })
})
afterEach(() => cluster.stop())

const written = async () => {
  const node = await cluster.client.get(NODES, at)
  const { metadata, spec } = await cluster.client.get(CSI_NODES, at)
  return {
    drivers: spec.drivers,
    ids: node.metadata.annotations?.[NODE_IDS],
    zone: node.metadata.labels?.['example.com/zone'],
    isOwned: metadata.ownerReferences?.some(({ uid }) => uid === node.metadata.uid),
    migrated: metadata.annotations?.['storage.alpha.kubernetes.io/migrated-plugins'],
  }
}

describe('the CSINode of a node', () => {
  test('is there before any driver, and is the Node’s', async () => {
    await csiNode.initialize(never)
    await csiNode.initialize(never)
    expect(await written()).toEqual({
      drivers: [],
      ids: undefined,
      zone: undefined,
      isOwned: true,
      migrated: expect.stringContaining('kubernetes.io/aws-ebs,kubernetes.io/azure-disk'),
    })
  })

  test('has each driver as long as it is registered; the Node keeps where it is', async () => {
    const others = { nodeId: 'o-1', maxVolumes: 0, topology: {} }
    await csiNode.install('others.example.com', others, never)
    await csiNode.install('disks.example.com', disks, never)
    await csiNode.install('disks.example.com', { ...disks, maxVolumes: 6 }, never)
    expect(await written()).toMatchObject({
      drivers: [
        { name: 'others.example.com', nodeID: 'o-1', topologyKeys: [] },
        { name: 'disks.example.com', nodeID: 'd-1', topologyKeys: ['example.com/zone'], allocatable: { count: 6 } },
      ],
      ids: '{"disks.example.com":"d-1","others.example.com":"o-1"}',
      zone: 'a',
    })
    await csiNode.uninstall('others.example.com', () => true, never)
    await csiNode.uninstall('disks.example.com', () => false, never)
    expect(await written()).toMatchObject({ ids: '{"others.example.com":"o-1"}', zone: 'a' })
    await csiNode.uninstall('others.example.com', () => false, never)
    expect(await written()).toMatchObject({ drivers: [], ids: undefined, isOwned: true })
  })

  test('of an earlier Node of the name is replaced', async () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: at.name, uid: 'another' }]
    const drivers = [{ name: 'gone.example.com', nodeID: 'g' }]
    await cluster.client.create(CSI_NODES, { metadata: { ...at, ownerReferences }, spec: { drivers } })
    await csiNode.initialize(never)
    expect(await written()).toMatchObject({ drivers: [], isOwned: true })
  })

  const refused = [
    { info: { ...disks, nodeId: '' }, why: 'error adding CSI driver node info: driverNodeID must not be empty' },
    {
      info: { ...disks, topology: { 'kubernetes.io/os': 'plan9' } },
      why:
        'error updating Node object with CSI driver node info: detected topology value collision: driver reported ' +
        '"kubernetes.io/os":"plan9" but existing label is "kubernetes.io/os":"linux"',
    },
  ]
  for (const { info, why } of refused) {
    test(`has no driver that is refused: ${why.slice(0, 60)}…`, async () => {
      await expect(csiNode.install('disks.example.com', info, never)).rejects.toThrow(why)
    })
  }
})
