import { existsSync } from 'node:fs'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { GrpcError } from '../../grpc/error.ts'
import { aNode, DRIVER, inline, never, unstaged, useOf, volumeOf } from './node-fixtures.ts'

let node: Awaited<ReturnType<typeof aNode>>
beforeEach(async () => {
  node = await aNode()
})
afterEach(() => node.remove())

describe('what fails', () => {
  test('for good leaves nothing to take away', async () => {
    node.driver.fail('NodeStageVolume', new GrpcError('InvalidArgument', 'bad volume'))
    const { volumes, held } = node.kubelet()
    await expect(volumes.make(useOf('u1'), never)).rejects.toThrow(
      'MountVolume.MountDevice failed for volume "pv.1" : rpc error: code = InvalidArgument desc = bad volume',
    )
    await volumes.release('u1', never)
    await unstaged(held)
    expect(node.driver.calls()).toEqual(['Stage'])
  })

  test('without an end may yet be done, and is taken away', async () => {
    node.driver.fail('NodeStageVolume', new GrpcError('Unavailable', 'try again'))
    const { volumes, held } = node.kubelet()
    await volumes.make(useOf('u1'), never).catch(() => {})
    await volumes.release('u1', never)
    await unstaged(held)
    expect(node.driver.calls()).toEqual(['Stage', 'Unstage'])
  })

  test('in publishing is told so', async () => {
    node.driver.fail('NodePublishVolume', new GrpcError('Internal', 'no such device'))
    const { volumes } = node.kubelet()
    await expect(volumes.make(useOf('u1'), never)).rejects.toThrow(
      'MountVolume.SetUp failed for volume "pv.1" : rpc error: code = Internal desc = no such device',
    )
    expect(existsSync(`${node.root}/pods/u1/volumes/kubernetes.io~csi/pv.1`)).toBe(false)
  })

  test('in unpublishing keeps the volume, and the Pod', async () => {
    const { volumes, held } = node.kubelet()
    await volumes.make(useOf('u1'), never)
    node.driver.fail('NodeUnpublishVolume', new GrpcError('Internal', 'busy'))
    await expect(volumes.release('u1', never)).rejects.toThrow('rpc error: code = Internal desc = busy')
    expect(held.all).toHaveLength(1)
    node.driver.fail('NodeUnpublishVolume', undefined)
    await volumes.release('u1', never)
    await unstaged(held)
  })

  test('for want of a driver is told so', async () => {
    const { volumes } = node.kubelet({ isAbsent: true, object: { volumeLifecycleModes: ['Ephemeral', 'Persistent'] } })
    const unknown = `driver name ${DRIVER} not found in the list of registered CSI drivers`
    await expect(volumes.make(useOf('u1'), never)).rejects.toThrow(
      'MountVolume.MountDevice failed for volume "pv.1" : kubernetes.io/csi: attacher.MountDevice failed to create ' +
        `newCsiDriverClient: ${unknown}`,
    )
    await expect(volumes.make(inline('u1'), never)).rejects.toThrow(
      'MountVolume.SetUp failed for volume "scratch" : kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ' +
        unknown,
    )
  })

  test('for want of a Secret is told so', async () => {
    const { volumes } = node.kubelet()
    const csi = { driver: DRIVER, volumeHandle: 'vol-1', nodePublishSecretRef: { namespace: 'ns', name: 'none' } }
    await expect(volumes.make(useOf('u1', { volume: volumeOf({ csi }) }), never)).rejects.toThrow(
      'MountVolume.SetUp failed for volume "pv.1" : fetching NodePublishSecretRef ns/none failed: kubernetes.io/csi: ' +
        'failed to find the secret none in the namespace ns with error: secrets "none" not found',
    )
  })
})
