import { existsSync, rmSync } from 'node:fs'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { CSIDriverSpec } from '../../../api/generated/storage-v1.ts'
import { GrpcError } from '../../grpc/error.ts'
import { aNode, DRIVER, inline, never, podOf, unstaged, useOf, volumeOf } from './node-fixtures.ts'

const STAGING = `/var/lib/kubelet/plugins/kubernetes.io/csi/${DRIVER}/d2e8363faaac7ae76def3b14091d8eb5755f6b92e9531627aeec833a8731cc49/globalmount`

let node: Awaited<ReturnType<typeof aNode>>
beforeEach(async () => {
  node = await aNode()
})
afterEach(() => node.remove())

describe('a volume of two Pods of one node', () => {
  test('is staged once, published for each, and unstaged after the last', async () => {
    const { volumes, held } = node.kubelet()
    expect(await volumes.make(useOf('u1'), never)).toMatchObject({
      kind: 'path',
      path: `${node.root}/pods/u1/volumes/kubernetes.io~csi/pv.1/mount`,
    })
    await volumes.make(useOf('u2'), never)
    expect(node.driver.calls()).toEqual(['Stage', 'Publish', 'Publish'])
    await volumes.release('u1', never)
    expect(node.driver.calls()).toEqual(['Unpublish'])
    expect(held.all).toHaveLength(1)
    await volumes.release('u2', never)
    await unstaged(held)
    expect(node.driver.calls()).toEqual(['Unpublish', 'Unstage'])
    expect(existsSync(STAGING.replace('/var/lib/kubelet', node.root))).toBe(false)
    expect(existsSync(`${node.root}/pods/u2/volumes/kubernetes.io~csi/pv.1`)).toBe(false)
  })

  test('is known to a kubelet that starts later, which takes it away', async () => {
    const before = node.kubelet()
    await before.volumes.make(useOf('u1'), never)
    await before.stop()
    node.driver.calls()
    const after = node.kubelet()
    await after.volumes.release('u1', never)
    await unstaged(after.held)
    expect(node.driver.calls()).toEqual(['Unpublish', 'Unstage'])
  })

  test('that was staged for a Pod which is gone is unstaged by a kubelet that starts later', async () => {
    node.driver.fail('NodePublishVolume', new GrpcError('Unavailable', 'going down'))
    const before = node.kubelet()
    await before.volumes.make(useOf('u1'), never).catch(() => {})
    await before.stop()
    rmSync(`${node.root}/pods`, { recursive: true })
    node.driver.calls()
    const after = node.kubelet()
    await after.volumes.release('another', never)
    await unstaged(after.held)
    expect(node.driver.calls()).toEqual(['Unstage'])
  })

  test('is published again by a kubelet that starts while its Pod runs', async () => {
    const before = node.kubelet()
    await before.volumes.make(useOf('u1'), never)
    await before.stop()
    node.driver.calls()
    const after = node.kubelet()
    await after.volumes.make(useOf('u1'), never)
    expect(node.driver.calls()).toEqual(['Stage', 'Publish'])
  })
})

describe('a driver', () => {
  test('hears all that it needs to know', async () => {
    node.driver.can('STAGE_UNSTAGE_VOLUME', 'SINGLE_NODE_MULTI_WRITER', 'VOLUME_MOUNT_GROUP')
    const object = {
      podInfoOnMount: true,
      volumeLifecycleModes: ['Persistent'],
      tokenRequests: [{ audience: 'vault' }],
    }
    const { volumes, groups } = node.kubelet({ object: object as CSIDriverSpec, publishContext: { lun: '7' } })
    const volume = volumeOf({
      accessModes: ['ReadWriteOncePod'],
      mountOptions: ['noatime'],
      csi: {
        driver: DRIVER,
        volumeHandle: 'vol-1',
        fsType: 'ext4',
        volumeAttributes: { tier: 'fast' },
        nodeStageSecretRef: { namespace: 'ns', name: 'staging' },
        nodePublishSecretRef: { namespace: 'ns', name: 'publishing' },
      },
    })
    const pod = podOf('u1', { securityContext: { fsGroup: 2000 } })
    await volumes.make(useOf('u1', { pod, volume, readOnly: true }), never)
    const common = {
      volumeId: 'vol-1',
      publishContext: { lun: '7' },
      volumeCapability: expect.objectContaining({
        accessMode: { mode: 'SINGLE_NODE_SINGLE_WRITER' },
        mount: { fsType: 'ext4', mountFlags: ['noatime'], volumeMountGroup: '2000' },
      }),
    }
    expect(node.driver.asked.map(({ request }) => request)).toEqual([
      {
        ...common,
        stagingTargetPath: STAGING,
        secrets: { key: 'of staging' },
        volumeContext: { tier: 'fast' },
      },
      {
        ...common,
        stagingTargetPath: STAGING,
        targetPath: '/var/lib/kubelet/pods/u1/volumes/kubernetes.io~csi/pv.1/mount',
        readonly: true,
        secrets: { key: 'of publishing' },
        volumeContext: {
          tier: 'fast',
          'csi.storage.k8s.io/pod.name': 'web',
          'csi.storage.k8s.io/pod.namespace': 'default',
          'csi.storage.k8s.io/pod.uid': 'u1',
          'csi.storage.k8s.io/serviceAccount.name': 'robot',
          'csi.storage.k8s.io/ephemeral': 'false',
          'csi.storage.k8s.io/serviceAccount.tokens':
            '{"vault":{"token":"for vault","expirationTimestamp":"2026-01-01T01:00:00Z"}}',
        },
      },
    ])
    expect(groups).toEqual([])
  })

  test('that cannot mount for a group leaves that to the kubelet', async () => {
    const { volumes, groups } = node.kubelet()
    await volumes.make(useOf('u1', { pod: podOf('u1', { securityContext: { fsGroup: 2000 } }) }), never)
    expect(groups).toEqual(['/pods/u1/volumes/kubernetes.io~csi/pv.1/mount 2000'])
  })

  test('that stages nothing is not asked to', async () => {
    node.driver.can()
    const { volumes, held } = node.kubelet()
    await volumes.make(useOf('u1'), never)
    expect(node.driver.asked.map(({ request }) => request['stagingTargetPath'])).toEqual([''])
    await volumes.release('u1', never)
    await unstaged(held)
    expect(node.driver.calls()).toEqual(['Publish', 'Unpublish'])
  })

  test('makes devices in a folder of the node', async () => {
    const before = node.kubelet()
    const use = useOf('u1', { volume: volumeOf({ volumeMode: 'Block' }) })
    const devices = '/var/lib/kubelet/plugins/kubernetes.io/csi/volumeDevices'
    expect(await before.volumes.make(use, never)).toMatchObject({
      kind: 'device',
      path: `${devices}/publish/pv.1/u1`.replace('/var/lib/kubelet', node.root),
    })
    expect(node.driver.asked.map(({ request }) => request)).toMatchObject([
      { stagingTargetPath: `${devices}/staging/pv.1`, volumeCapability: { block: {} } },
      { stagingTargetPath: `${devices}/staging/pv.1`, targetPath: `${devices}/publish/pv.1/u1` },
    ])
    expect(existsSync(`${node.root}/pods/u1/volumeDevices/kubernetes.io~csi/pv.1`)).toBe(true)
    await before.stop()
    const after = node.kubelet()
    await after.volumes.release('u1', never)
    await unstaged(after.held)
    expect(node.driver.calls()).toEqual(['Stage', 'Publish', 'Unpublish', 'Unstage'])
    expect(existsSync(devices.replace('/var/lib/kubelet', node.root) + '/pv.1')).toBe(false)
  })

  test('tells what its volumes hold', async () => {
    node.driver.can('STAGE_UNSTAGE_VOLUME', 'GET_VOLUME_STATS')
    const { volumes } = node.kubelet()
    const made = await volumes.make(useOf('u1'), never)
    expect(made.kind === 'image' || (await made.driven?.usage())).toEqual({
      device: `kubernetes.io/csi/${DRIVER}^vol-1`,
      capacityBytes: 100,
      availableBytes: 60,
      usedBytes: 40,
      inodes: 10,
      inodesFree: 7,
    })
  })

  test('that wants it is asked again while the volume is in use', async () => {
    const object: CSIDriverSpec = { requiresRepublish: true, volumeLifecycleModes: ['Persistent'] }
    const { volumes } = node.kubelet({ object })
    await volumes.make(useOf('u1'), never)
    await volumes.keep(useOf('u1'), never)
    expect(node.driver.calls()).toEqual(['Stage', 'Publish', 'Publish'])
  })
})

describe('a volume of the Pod’s own', () => {
  test('is published where the driver makes such volumes', async () => {
    const { volumes, held } = node.kubelet({ object: { volumeLifecycleModes: ['Ephemeral'] } })
    await volumes.make(inline('u1'), never)
    expect(node.driver.asked[0]?.request['volumeId']).toMatch(/^csi-[0-9a-f]{64}$/)
    expect(held.all).toEqual([])
    await volumes.release('u1', never)
    expect(node.driver.calls()).toEqual(['Publish', 'Unpublish'])
  })

  const modes = [
    { object: undefined, why: '(no CSIDriver object)' },
    { object: { volumeLifecycleModes: ['Persistent'] } as CSIDriverSpec, why: '(only supports ["Persistent"])' },
  ]
  for (const { object, why } of modes) {
    test(`is refused ${why}`, async () => {
      const { volumes } = node.kubelet(object === undefined ? {} : { object })
      await expect(volumes.make(inline('u1'), never)).rejects.toThrow(
        'MountVolume.SetUp failed for volume "scratch" : kubernetes.io/csi: mounter.SetupAt failed to check volume ' +
          `lifecycle mode: volume mode "Ephemeral" not supported by driver ${DRIVER} ${why}`,
      )
    })
  }
})

describe('a claimed volume that is to grow', () => {
  const claimed = { claim: { metadata: {} }, persistentVolume: { metadata: {} } }

  test('is made larger by a driver that can, when it is made and when it is kept', async () => {
    node.driver.can('STAGE_UNSTAGE_VOLUME', 'EXPAND_VOLUME')
    const { volumes } = node.kubelet({ growTo: 2 ** 31 })
    await volumes.make(useOf('u1', { claimed }), never)
    expect(node.driver.asked.at(-1)).toMatchObject({
      method: 'Expand',
      request: {
        volumeId: 'vol-1',
        volumePath: '/var/lib/kubelet/pods/u1/volumes/kubernetes.io~csi/pv.1/mount',
        stagingTargetPath: STAGING,
        capacityRange: { requiredBytes: String(2 ** 31) },
      },
    })
    node.driver.calls()
    await volumes.keep(useOf('u1', { claimed }), never)
    expect(node.driver.calls()).toEqual(['Expand'])
  })

  test('stays as it is where the driver cannot, and so does one that nobody has claimed', async () => {
    const { volumes } = node.kubelet({ growTo: 2 ** 31 })
    await volumes.make(useOf('u1', { claimed }), never)
    node.driver.can('STAGE_UNSTAGE_VOLUME', 'EXPAND_VOLUME')
    await volumes.make(useOf('u2'), never)
    expect(node.driver.calls()).toEqual(['Stage', 'Publish', 'Publish'])
  })
})
