import { describe, expect, test } from 'vitest'
import { type Body, faultsOfNew, updated, warningsOf, withStatus } from '../../../judged.ts'

const KEY = 'v1/persistentvolumes'
const volume = (more: Body) => ({ spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, ...more } })
const nfs = { server: 's', path: '/p' }
const iscsi = { targetPortal: 't', iqn: 'iqn.2001-04.com.example:storage', lun: 0 }
const csi = { driver: 'd', volumeHandle: 'h' }
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

describe('a PersistentVolume', () => {
  test.each<[string, Body, string[]]>([
    [
      'another capacity',
      { nfs, capacity: { storage: '1Gi', a: '1' } },
      ['spec.capacity: Unsupported value: {"a":"1","storage":"1Gi"}: supported values: "storage"'],
    ],
    [
      'a negative capacity',
      { nfs, capacity: { storage: '-1' } },
      [
        'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
        'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
      ],
    ],
    [
      'no mode',
      { nfs, volumeMode: '' },
      ['spec.volumeMode: Unsupported value: "": supported values: "Block", "Filesystem"'],
    ],
    ['a flexVolume besides', { nfs, flexVolume: { driver: '' } }, ['spec.flexVolume.driver: Required value']],
    ['a disk without name', { gcePersistentDisk: { pdName: '' } }, ['spec.persistentDisk.pdName: Required value']],
    [
      'a local volume anywhere',
      { local: { path: '/x' } },
      ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
    ],
    [
      'an odd iSCSI name',
      { iscsi: { ...iscsi, iqn: 'x' } },
      ['spec.iscsi.iqn: Invalid value: "x": must be valid format'],
    ],
    [
      'an iSCSI secret without name',
      { iscsi: { ...iscsi, secretRef: {} } },
      ['spec.iscsi.secretRef.name: Required value'],
    ],
    [
      'a namespace that is none',
      { glusterfs: { endpoints: 'e', path: 'p', endpointsNamespace: 'A' } },
      [`spec.glusterfs.endpointsNamespace: Invalid value: "A": ${LABEL}`],
    ],
    [
      'a CSI secret in no namespace',
      { csi: { ...csi, nodePublishSecretRef: { name: 'a', namespace: 'A' } } },
      [`spec.csi.nodePublishSecretRef.namespace: Invalid value: "A": ${LABEL}`],
    ],
    [
      'attributes without CSI',
      { nfs, volumeAttributesClassName: '' },
      [
        'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
        'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
      ],
    ],
    ['a good driver', { csi, volumeAttributesClassName: 'fast' }, []],
  ])('with %s', (_, more, faults) => expect(faultsOfNew(KEY, volume(more))).toEqual(faults))

  test('keeps that it has attributes', () => {
    const { faults } = updated(KEY, volume({ csi, volumeAttributesClassName: 'fast' }), volume({ csi }))
    expect(faults).toEqual(['spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden'])
  })

  test.each<[before: string, after: string, faults: string[]]>([
    ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone', []],
    ['beta.kubernetes.io/os', 'kubernetes.io/os', []],
    ['zone', 'other', [expect.stringMatching(/^nodeAffinity: .*field is immutable, except for updating from beta/)]],
    ['kubernetes.io/os', 'beta.kubernetes.io/os', [expect.stringMatching(/^nodeAffinity: /)]],
    [
      'zone',
      '',
      [
        expect.stringMatching(/^spec\.nodeAffinity\..*name part must be non-empty$/),
        expect.stringMatching(/^spec\.nodeAffinity\..*name part must consist of/),
      ],
    ],
  ])('may be tied to %s and then to %s: %j', (before, after, faults) => {
    const tied = (key: string) => {
      const matchExpressions = [{ key, operator: 'In', values: ['v'] }]
      return volume({ nfs, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } })
    }
    // Kubernetes looks twice.
    expect([...new Set(updated(KEY, tied(before), tied(after)).faults)]).toEqual(faults)
  })

  test('warns of recycling', () => {
    expect(warningsOf(KEY, volume({ nfs, persistentVolumeReclaimPolicy: 'Recycle' }))).toHaveLength(1)
    expect(warningsOf(KEY, volume({ nfs }))).toEqual([])
  })

  test('keeps since when it is in its phase', () => {
    const before = { ...volume({ nfs }), status: { phase: 'Bound', lastPhaseTransitionTime: '2020-01-01T00:00:00Z' } }
    expect(withStatus(KEY, before, { phase: 'Bound' }).object).toMatchObject({ status: before.status })
    expect(withStatus(KEY, before, { phase: 'Released' }).object).toMatchObject({
      status: { phase: 'Released', lastPhaseTransitionTime: '1970-01-01T00:00:00Z' },
    })
  })
})
