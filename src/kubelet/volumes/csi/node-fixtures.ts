/** A node with a CSI driver for tests, and Pods that use it. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { PersistentVolumeSpec, PodSpec } from '../../../api/generated/core-v1.ts'
import type { CSIDriverSpec } from '../../../api/generated/storage-v1.ts'
import { systemClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'
import { openGrpcChannel } from '../../grpc/channel.ts'
import { linuxCsiFiles } from '../../host/linux/csi-files.ts'
import { wellKnownPaths } from '../../host/well-known-paths.ts'
import { aPod } from '../../pods/fixtures.ts'
import { csiVolumeOf, inlineVolumeOf } from './csi-volume.ts'
import type { CsiUse } from './csi-use.ts'
import { CsiVolumes } from './csi-volumes.ts'
import { aDriver } from './fixtures.ts'
import { HeldVolumes } from './held-volumes.ts'
import { CSI_PROTOCOL } from './messages.ts'
import { nodeService } from './node-service.ts'

/** For what no test aborts. */
export const never = new AbortController().signal

export const DRIVER = 'disks.example.com'

/** How the API knows the driver, and what there is of it on the node. */
export interface DriverFacts {
  /** Absent: there is no CSIDriver. */
  readonly object?: CSIDriverSpec
  readonly isAbsent?: boolean
  readonly publishContext?: Record<string, string>
  /** So many bytes are due of every claimed volume. */
  readonly growTo?: number
}

/** A folder that is a node's /var/lib/kubelet, with a driver's socket in it. */
export async function aNode() {
  const root = mkdtempSync(path.join(tmpdir(), 'gorae-csi-'))
  const socketPath = path.join(root, 'csi.sock')
  const driver = await aDriver(socketPath, { path: (told) => told.replace('/var/lib/kubelet', root) })
  const closing: (() => unknown)[] = [() => driver.close()]

  /** A kubelet of the node; another one finds what it has left. */
  function kubelet({ object, isAbsent = false, publishContext = {}, growTo }: DriverFacts = {}) {
    const channel = openGrpcChannel({ socketPath, protocol: CSI_PROTOCOL, clock: systemClock })
    const held = new HeldVolumes(systemClock)
    const groups: string[] = []
    const stop = new AbortController()
    const volumes = new CsiVolumes({
      files: linuxCsiFiles(root),
      paths: wellKnownPaths({ '/var/lib/kubelet': root }),
      drivers: {
        get(name) {
          if (isAbsent) throw new Error(`driver name ${name} not found in the list of registered CSI drivers`)
          return nodeService(channel)
        },
      },
      driverObject: async () => object && { metadata: { name: DRIVER }, spec: object },
      attachments: { attached: async () => publishContext },
      held,
      expansion: { expand: async (_use, find) => (growTo === undefined ? undefined : (await find())?.(growTo)) },
      setGroup: async (target, group) => void groups.push(`${target.replace(root, '')} ${group}`),
      clock: systemClock,
      log: silentLog,
    })
    const running = volumes.run(stop.signal).catch(() => {})
    const end = async () => {
      stop.abort()
      await running
      channel.close()
    }
    closing.unshift(end)
    return { volumes, held, groups, stop: end }
  }

  return {
    root,
    driver,
    kubelet,
    async remove() {
      for (const close of closing) await close()
      rmSync(root, { recursive: true })
    },
  }
}

/** A Pod of that uid. */
export const podOf = (uid: string, spec: Partial<PodSpec> = {}) => {
  const pod = aPod({ serviceAccountName: 'robot', ...spec })
  return { ...pod, metadata: { ...pod.metadata, uid } }
}

/** A PersistentVolume of the driver. */
export const volumeOf = (spec: Partial<PersistentVolumeSpec> = {}) => {
  const volume = csiVolumeOf({
    metadata: { name: 'pv.1' },
    spec: { csi: { driver: DRIVER, volumeHandle: 'vol-1', fsType: 'ext4' }, accessModes: ['ReadWriteOnce'], ...spec },
  })
  if (volume === undefined) throw new Error('no volume of a driver')
  return volume
}

/** What the Pod wants of it. */
export const useOf = (uid: string, more: Partial<CsiUse> = {}): CsiUse => ({
  pod: podOf(uid),
  podVolume: 'data',
  volume: volumeOf(),
  readOnly: false,
  secret: async ({ name }) =>
    name === 'none' ? undefined : { metadata: {}, data: { key: Buffer.from(`of ${name}`).toString('base64') } },
  token: async ({ audience }) => ({ token: `for ${audience}`, expirationTimestamp: '2026-01-01T01:00:00Z' }),
  tell: () => {},
  ...more,
})

/** The same of a volume of its own. */
export const inline = (uid: string): CsiUse =>
  useOf(uid, { volume: inlineVolumeOf(podOf(uid), 'scratch', { driver: DRIVER, volumeAttributes: { size: '1Gi' } }) })

/** Settles when the node has no volume any more. */
export async function unstaged(held: HeldVolumes): Promise<void> {
  while (held.all.length > 0) await held.changed(1_000, never)
}
