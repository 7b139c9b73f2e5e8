/** A CSI driver on the test's own machine: its volumes are folders, and it is attached where the test says so. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

import { registeringPlugin } from '../../src/kubelet/plugins/fixtures.ts'
import { aDriver } from '../../src/kubelet/volumes/csi/fixtures.ts'
import type { Manifest, PodsCluster } from './pods.ts'

export const DRIVER = 'folders.example.com'

/** Registers the driver on the cluster's node. */
export async function folderDriver(cluster: PodsCluster) {
  const kubelet = join(cluster.nodeFolder, 'kubelet')
  const data = cluster.hostFolder('csi-data')
  const home = join(kubelet, 'plugins', DRIVER)
  mkdirSync(home, { recursive: true })
  const driver = await aDriver(join(home, 'csi.sock'), {
    capabilities: ['STAGE_UNSTAGE_VOLUME', 'GET_VOLUME_STATS'],
    info: {
      nodeId: 'the-node',
      maxVolumesPerNode: 7,
      accessibleTopology: { segments: { 'folders.example.com/rack': 'r1' } },
    },
    path: (told) => told.replace('/var/lib/kubelet', kubelet),
    mount: {
      async publish(target, { volumeId }) {
        const source = join(data, String(volumeId))
        mkdirSync(source, { recursive: true })
        mkdirSync(target, { recursive: true })
        execFileSync('mount', ['--bind', source, target])
      },
      async unpublish(target) {
        if (!existsSync(target)) return
        execFileSync('umount', [target])
        rmdirSync(target)
      },
    },
  })
  const socket = join(kubelet, 'plugins_registry', `${DRIVER}-reg.sock`)
  const plugin = await registeringPlugin(socket, {
    type: 'CSIPlugin',
    name: DRIVER,
    endpoint: `/var/lib/kubelet/plugins/${DRIVER}/csi.sock`,
    supportedVersions: ['1.0.0'],
  })
  return {
    ...driver,
    data,
    /** What the kubelet says of its registration. */
    status: () => plugin.status(),
    /** The driver goes as its program would: first from the kubelet's folder. */
    async leave() {
      plugin.close()
      await expect.poll(() => cluster.field('csinode/node-1', '.spec.drivers'), { timeout: 20_000 }).toBe('null')
      driver.close()
    },
  }
}

/** A volume of the driver, and the claim that is bound to it. */
export const volumeAndClaim = (name: string): readonly Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '8Mi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace: 'default', name },
      csi: { driver: DRIVER, volumeHandle: `handle-of-${name}` },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      volumeName: name,
      resources: { requests: { storage: '8Mi' } },
    },
  },
]

/** Says that the volume is attached, as the driver's program beside the API would. */
export async function attach(cluster: PodsCluster): Promise<void> {
  const name = () => cluster.kubectl('get', 'volumeattachments', '-o', 'jsonpath={.items[0].metadata.name}')
  await expect
    .poll(async () => (await cluster.tryKubectl('get', 'volumeattachments', '-o', 'name')).stdout, { timeout: 20_000 })
    .not.toBe('')
  const status = JSON.stringify({ status: { attached: true, attachmentMetadata: { shelf: '4' } } })
  await cluster.kubectl('patch', 'volumeattachment', await name(), '--subresource=status', '--type=merge', '-p', status)
}
