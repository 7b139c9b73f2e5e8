import { describe, expect, test } from 'vitest'
import { LOCAL_PATH_PROVISIONER, LOCAL_PATH_ROOT } from '../../api/core/v1/persistentvolume/local-path.ts'
import type { PersistentVolumeClaimSpec, PersistentVolume } from '../../api/generated/core-v1.ts'
import { type ClaimView, decideClaim, decideVolume } from './decide.ts'

const claim = (spec: Partial<PersistentVolumeClaimSpec> = {}) => ({
  metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
  spec: {
    storageClassName: 'standard',
    accessModes: ['ReadWriteOnce' as const],
    resources: { requests: { storage: '1Gi' } },
    ...spec,
  },
})
const storageClass = {
  metadata: { name: 'standard' },
  provisioner: LOCAL_PATH_PROVISIONER,
  reclaimPolicy: 'Delete' as const,
  volumeBindingMode: 'WaitForFirstConsumer' as const,
}
const node = {
  metadata: {
    name: 'n1',
    labels: { 'kubernetes.io/hostname': 'host-1' },
    annotations: { [LOCAL_PATH_ROOT]: '/var/volumes' },
  },
}
const view = (more: Partial<ClaimView> = {}): ClaimView => ({
  claim: claim(),
  storageClass,
  nodeName: 'n1',
  node,
  ...more,
})

describe('decideClaim()', () => {
  const cases: readonly { when: string; view: ClaimView; does: string; why?: string }[] = [
    {
      when: 'the class is somebody else’s',
      view: view({ storageClass: { ...storageClass, provisioner: 'x' } }),
      does: 'leave',
    },
    { when: 'there is no such class', view: view({ storageClass: undefined }), does: 'leave' },
    { when: 'the claim has a volume', view: view({ claim: claim({ volumeName: 'v' }) }), does: 'leave' },
    { when: 'no Pod has come yet', view: view({ nodeName: undefined, node: undefined }), does: 'leave' },
    {
      when: 'the class does not wait for a Pod',
      view: view({ storageClass: { ...storageClass, volumeBindingMode: 'Immediate' }, nodeName: undefined }),
      does: 'refuse',
      why: 'configuration error, no node was specified',
    },
    {
      when: 'it is for many nodes',
      view: view({ claim: claim({ accessModes: ['ReadWriteMany'] }) }),
      does: 'refuse',
      why: 'only the access modes ReadWriteOnce and ReadWriteOncePod are supported',
    },
    {
      when: 'it selects volumes',
      view: view({ claim: claim({ selector: {} }) }),
      does: 'refuse',
      why: 'claim.Spec.Selector is not supported',
    },
    { when: 'the node is gone', view: view({ node: undefined }), does: 'reselect', why: 'node "n1" not found' },
    {
      when: 'the node keeps no volumes',
      view: view({ node: { metadata: { name: 'n1' } } }),
      does: 'reselect',
      why: 'node "n1" has no folder for volumes',
    },
    { when: 'all is known', view: view(), does: 'make' },
  ]
  for (const { when, view: seen, does, why } of cases) {
    test(`${does}: ${when}`, () => {
      expect(decideClaim(seen)).toMatchObject({ do: does, ...(why === undefined ? {} : { why }) })
    })
  }

  test('the volume is a block device if the claim is for one', () => {
    const verdict = decideClaim(view({ claim: claim({ volumeMode: 'Block' }) }))
    expect(verdict).toMatchObject({ volume: { spec: { volumeMode: 'Block' } } })
  })

  test('the volume is a folder of the node, set aside for the claim', () => {
    const verdict = decideClaim(view())
    expect(verdict).toMatchObject({
      volume: {
        metadata: { name: 'pvc-u1', annotations: { 'pv.kubernetes.io/provisioned-by': LOCAL_PATH_PROVISIONER } },
        spec: {
          capacity: { storage: '1Gi' },
          persistentVolumeReclaimPolicy: 'Delete',
          local: { path: '/var/volumes/pvc-u1' },
          claimRef: { namespace: 'shop', name: 'data', uid: 'u1' },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['host-1'] }] },
              ],
            },
          },
        },
      },
    })
  })
})

describe('decideVolume()', () => {
  const made = decideClaim(view())
  const fresh = made.do === 'make' ? made.volume : undefined
  if (fresh === undefined) throw new Error('no volume was made')
  const volume = (more: { phase?: string; isDeleting?: boolean; policy?: string }): PersistentVolume => ({
    ...fresh,
    metadata: {
      ...fresh.metadata,
      ...(more.isDeleting === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { ...fresh.spec, persistentVolumeReclaimPolicy: (more.policy ?? 'Delete') as 'Delete' },
    status: { phase: (more.phase ?? 'Bound') as 'Bound' },
  })
  const cases = [
    { when: 'it is bound', volume: volume({}), there: true, verdict: 'leave' },
    { when: 'it is released', volume: volume({ phase: 'Released' }), there: true, verdict: 'delete' },
    {
      when: 'it is to be kept',
      volume: volume({ phase: 'Released', policy: 'Retain' }),
      there: true,
      verdict: 'leave',
    },
    { when: 'the kubelet will see to it', volume: volume({ isDeleting: true }), there: true, verdict: 'leave' },
    { when: 'its node is gone', volume: volume({ isDeleting: true }), there: false, verdict: 'forget' },
    {
      when: 'somebody else made it',
      volume: { ...volume({ phase: 'Released' }), metadata: { name: 'v' } },
      there: true,
      verdict: 'leave',
    },
  ]
  for (const { when, volume: seen, there, verdict } of cases) {
    test(`${verdict}: ${when}`, () => expect(decideVolume(seen, () => there)).toBe(verdict))
  }
})
