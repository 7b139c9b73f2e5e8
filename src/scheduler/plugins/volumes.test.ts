import { describe, expect, test } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim, Volume } from '../../api/generated/core-v1.ts'
import type { CSINode, StorageClass, VolumeAttachment } from '../../api/generated/storage-v1.ts'
import { aCache, aNode, aPod, listerOf, outcome, place } from '../fixtures.ts'
import { nodeVolumeLimits } from './node-volume-limits/plugin.ts'
import { volumeRestrictions } from './volume-restrictions/plugin.ts'
import { volumeZone } from './volume-zone/plugin.ts'

const with_ = (...volumes: Omit<Volume, 'name'>[]) => ({
  spec: { volumes: volumes.map((volume, at) => ({ name: `v${at}`, ...volume })) },
})
const claimed = (...names: string[]) => with_(...names.map((claimName) => ({ persistentVolumeClaim: { claimName } })))

const claim = (name: string, spec: PersistentVolumeClaim['spec'] = {}): PersistentVolumeClaim => ({
  metadata: { name, namespace: 'default' },
  spec: { volumeName: name, ...spec },
})
const volume = (name: string, labels: Record<string, string> = {}): PersistentVolume => ({
  metadata: { name, labels },
  spec: { csi: { driver: 'disks.example.com', volumeHandle: name } },
})

interface Known {
  readonly claims?: readonly PersistentVolumeClaim[]
  readonly volumes?: readonly PersistentVolume[]
  readonly classes?: readonly StorageClass[]
  readonly csiNodes?: readonly CSINode[]
  readonly attachments?: readonly VolumeAttachment[]
}
const listers = ({ claims = [], volumes = [], classes = [], csiNodes = [], attachments = [] }: Known) => ({
  claims: listerOf(claims),
  volumes: listerOf(volumes),
  classes: listerOf(classes),
  csiNodes: listerOf(csiNodes),
  attachments: listerOf(attachments),
})

describe('VolumeRestrictions', () => {
  const restrictions = volumeRestrictions(listers({}))
  const inUse = { a: ['node(s) had no available disk'] }
  const gce = (pdName: string, readOnly = false) => ({ gcePersistentDisk: { pdName, readOnly } })
  const ebs = (volumeID: string, readOnly = false) => ({ awsElasticBlockStore: { volumeID, readOnly } })
  const iscsi = (iqn: string, readOnly = false) => ({ iscsi: { iqn, lun: 0, targetPortal: 'x', readOnly } })
  const rbd = (monitors: string[], image: string, readOnly = false) => ({
    rbd: { monitors, image, pool: 'p', readOnly },
  })
  const cases = [
    { what: 'a GCE disk that is written', there: gce('d'), wanted: gce('d'), shared: false },
    { what: 'a GCE disk that both read', there: gce('d', true), wanted: gce('d', true), shared: true },
    { what: 'two GCE disks', there: gce('d'), wanted: gce('e'), shared: true },
    { what: 'an EBS disk, though both only read', there: ebs('d', true), wanted: ebs('d', true), shared: false },
    { what: 'an iSCSI target of which one writes', there: iscsi('i', true), wanted: iscsi('i'), shared: false },
    { what: 'an RBD image over a common monitor', there: rbd(['m', 'n'], 'i'), wanted: rbd(['n'], 'i'), shared: false },
    { what: 'RBD images of two clusters', there: rbd(['m'], 'i'), wanted: rbd(['n'], 'i'), shared: true },
  ]
  for (const { what, there, wanted, shared } of cases)
    test(`${shared ? 'shares' : 'does not share'} ${what}`, () => {
      const cache = aCache([aNode('a')], [aPod('q', { node: 'a', ...with_(there) })])
      expect(outcome(place(cache, aPod('p', with_(wanted)), [restrictions]))).toEqual(shared ? 'a' : inUse)
    })

  test('a claim that serves one Pod is in use on every node', () => {
    const claims = [claim('c', { accessModes: ['ReadWriteOncePod'] })]
    const cache = aCache([aNode('a'), aNode('b')], [aPod('q', { node: 'a', ...claimed('c') })])
    const why =
      'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'
    const result = outcome(place(cache, aPod('p', claimed('c')), [volumeRestrictions(listers({ claims }))]))
    expect(result).toEqual({ a: [why], b: [why] })
  })
})

describe('VolumeZone', () => {
  const ZONE = 'topology.kubernetes.io/zone'
  const OLD = 'failure-domain.beta.kubernetes.io/zone'
  const refused = ['node(s) had no available volume zone']
  const zoned = (labels: Record<string, string>) =>
    volumeZone(listers({ claims: [claim('c')], volumes: [volume('c', labels)] }))
  const cache = aCache([aNode('a', { labels: { [ZONE]: '1' } }), aNode('b', { labels: { [ZONE]: '2' } })])

  test('goes to the zone of the volume', () => {
    expect(outcome(place(cache, aPod('p', claimed('c')), [zoned({ [ZONE]: '2' })]))).toBe('b')
    expect(outcome(place(cache, aPod('p', claimed('c')), [zoned({ [ZONE]: '3' })]))).toEqual({ a: refused, b: refused })
  })

  test('knows the label of older volumes, and volumes of several zones', () => {
    expect(outcome(place(cache, aPod('p', claimed('c')), [zoned({ [OLD]: '1__3' })]))).toBe('a')
  })

  test('a cluster whose nodes have no zones is one zone', () => {
    const plain = aCache([aNode('a')])
    expect(outcome(place(plain, aPod('p', claimed('c')), [zoned({ [ZONE]: '2' })]))).toBe('a')
  })

  test('says what it cannot find', () => {
    const reasons = (known: Known) => {
      const result = place(cache, aPod('p', claimed('c')), [volumeZone(listers(known))])
      return result.found ? [] : (result.everywhere?.reasons ?? [])
    }
    const unbound = [claim('c', { volumeName: '', storageClassName: 'fast' })]
    expect(reasons({})).toEqual(['persistentvolumeclaim "c" not found'])
    expect(reasons({ claims: [claim('c')] })).toEqual(['persistentvolume "c" not found'])
    expect(reasons({ claims: unbound })).toEqual(['storageclass.storage.k8s.io "fast" not found'])
    expect(reasons({ claims: [claim('c', { volumeName: '' })] })).toEqual([
      'PersistentVolumeClaim had no pv name and storageClass name',
    ])
  })
})

describe('NodeVolumeLimits', () => {
  const full = { a: ['node(s) exceed max volume count'] }
  const csiNode = (count: number, annotations: Record<string, string> = {}): CSINode => ({
    metadata: { name: 'a', annotations },
    spec: {
      drivers: [
        { name: 'disks.example.com', nodeID: 'a', allocatable: { count } },
        { name: 'ebs.csi.aws.com', nodeID: 'a', allocatable: { count } },
      ],
    },
  })
  const names = ['c1', 'c2', 'c3']
  const known = { claims: names.map((name) => claim(name)), volumes: names.map((name) => volume(name)) }
  const there = aCache([aNode('a')], [aPod('q', { node: 'a', ...claimed('c1', 'c2') })])

  test('counts what Pods on the node have attached, shared volumes once', () => {
    const limits = (count: number) => nodeVolumeLimits(listers({ ...known, csiNodes: [csiNode(count)] }))
    expect(outcome(place(there, aPod('p', claimed('c3')), [limits(2)]))).toEqual(full)
    expect(outcome(place(there, aPod('p', claimed('c3')), [limits(3)]))).toBe('a')
    expect(outcome(place(there, aPod('p', claimed('c2')), [limits(2)]))).toBe('a')
  })

  test('counts what is attached without a Pod', () => {
    const attachment: VolumeAttachment = {
      metadata: { name: 'x' },
      spec: { attacher: 'disks.example.com', nodeName: 'a', source: { persistentVolumeName: 'c2' } },
    }
    const cache = aCache([aNode('a')], [aPod('q', { node: 'a', ...claimed('c1') })])
    const limits = listers({ ...known, csiNodes: [csiNode(2)], attachments: [attachment] })
    expect(outcome(place(cache, aPod('p', claimed('c3')), [nodeVolumeLimits(limits)]))).toEqual(full)
  })

  test('counts older disks where the node has moved to their CSI driver', () => {
    const ebs = with_({ awsElasticBlockStore: { volumeID: 'e2' } })
    const cache = aCache(
      [aNode('a')],
      [aPod('q', { node: 'a', ...with_({ awsElasticBlockStore: { volumeID: 'e1' } }) })],
    )
    const moved = { 'storage.alpha.kubernetes.io/migrated-plugins': 'kubernetes.io/aws-ebs' }
    const limits = (node: CSINode) => nodeVolumeLimits(listers({ csiNodes: [node] }))
    expect(outcome(place(cache, aPod('p', ebs), [limits(csiNode(1, moved))]))).toEqual(full)
    expect(outcome(place(cache, aPod('p', ebs), [limits(csiNode(1))]))).toBe('a')
  })
})
