import { describe, expect, test } from 'vitest'

import { LOCAL_PATH_PROVISIONER, PROVISIONED_BY } from '../../api/core/v1/persistentvolume/local-path.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { DeviceMount, VolumeFiles } from '../host/host.ts'
import { MemoryFiles } from '../host/simulated/memory-files.ts'
import { simulatedVolumeFiles } from '../host/simulated/pod-files.ts'
import { aPod } from '../pods/fixtures.ts'
import { makeClaimed } from './claimed.ts'
import type { VolumeSources } from './pod-volumes.ts'

/** A node that has folders, files, or nothing at a path. */
function sourcesOf({ claim, volume, has }: Partial<Claimed>): VolumeSources {
  const files = {
    ...simulatedVolumeFiles(new MemoryFiles()),
    hostPath: async (path: string, type: string) => {
      if (type === has) return path
      throw new Error(`hostPath type check failed: ${path}`)
    },
  }
  return {
    files,
    configMap: async () => undefined,
    secret: async () => undefined,
    token: async () => '',
    claim: async () => claim,
    persistentVolume: async () => volume,
    node: { nodeName: 'n1', hostIps: [], podIps: [], allocatable: {} },
  }
}

interface Claimed {
  readonly claim: PersistentVolumeClaim
  readonly volume: PersistentVolume
  readonly has: 'Directory' | 'File' | 'BlockDevice'
  readonly isDevice: boolean
}

const bound: PersistentVolumeClaim = { metadata: {}, spec: { volumeName: 'pv1' }, status: { phase: 'Bound' } }
const local = (volumeMode: 'Block' | 'Filesystem'): PersistentVolume => ({
  metadata: { name: 'pv1' },
  spec: { volumeMode, local: { path: '/data' } },
})

const unprocessed = (why: string) =>
  `Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: ${why}`

const cases: readonly (Partial<Claimed> & { readonly when: string; readonly says: string })[] = [
  {
    when: 'there is no claim',
    says: unprocessed(
      'error processing PVC ns/data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found',
    ),
  },
  {
    when: 'the claim has no volume yet',
    claim: { ...bound, status: { phase: 'Pending' } },
    says: unprocessed('error processing PVC ns/data: PVC is not bound'),
  },
  {
    when: 'a device is to be mounted',
    claim: bound,
    volume: local('Block'),
    says: unprocessed('volume v has volumeMode Block, but is specified in volumeMounts'),
  },
  {
    when: 'a folder is to be a device',
    claim: bound,
    volume: local('Filesystem'),
    isDevice: true,
    says: unprocessed('volume v has volumeMode Filesystem, but is specified in volumeDevices'),
  },
  {
    when: 'the folder is missing',
    claim: bound,
    volume: local('Filesystem'),
    says: 'MountVolume.NewMounter initialization failed for volume "pv1" : path "/data" does not exist',
  },
  {
    when: 'the folder is a file',
    claim: bound,
    volume: local('Filesystem'),
    has: 'File',
    says: 'MountVolume.NewMounter initialization failed for volume "pv1" : only directory and block device are supported',
  },
]

for (const { when, says, isDevice = false, ...given } of cases) {
  test(`a claimed volume is refused in Kubernetes's words when ${when}`, async () => {
    const use = { volume: 'v', namespace: 'ns', name: 'data', readOnly: false, isDevice, isMounted: !isDevice }
    await expect(makeClaimed(aPod(), use, sourcesOf(given))).rejects.toThrow(says)
  })
}

test('a claimed folder that is there is mounted', async () => {
  const use = { volume: 'v', namespace: 'ns', name: 'data', readOnly: true, isDevice: false, isMounted: true }
  const sources = sourcesOf({ claim: bound, volume: local('Filesystem'), has: 'Directory' })
  expect(await makeClaimed(aPod(), use, sources)).toMatchObject({ kind: 'path', path: '/data', readOnly: true })
})

test('a claimed device of files is mounted, as the file system that is asked for', async () => {
  const use = { volume: 'v', namespace: 'ns', name: 'data', readOnly: false, isDevice: false, isMounted: true }
  const volume: PersistentVolume = {
    metadata: { name: 'pv1' },
    spec: { volumeMode: 'Filesystem', local: { path: '/dev/sdx', fsType: 'ext3' }, mountOptions: ['noatime'] },
  }
  const sources = sourcesOf({ claim: bound, volume, has: 'BlockDevice' })
  const asked: DeviceMount[] = []
  const files: VolumeFiles = {
    ...sources.files,
    local: {
      ...sources.files.local,
      mountDevice: async (request) => {
        asked.push(request)
        return '/mounted'
      },
    },
  }
  const pod = aPod()
  expect(await makeClaimed(pod, use, { ...sources, files })).toMatchObject({ kind: 'path', path: '/mounted' })
  const { uid } = pod.metadata
  expect(asked).toEqual([
    { uid, volume: 'pv1', device: '/dev/sdx', fsType: 'ext3', options: ['noatime'], readOnly: false },
  ])
})

test('a claimed device that cannot be mounted is told of as one', async () => {
  const use = { volume: 'v', namespace: 'ns', name: 'data', readOnly: false, isDevice: false, isMounted: true }
  const sources = sourcesOf({ claim: bound, volume: local('Filesystem'), has: 'BlockDevice' })
  const mountDevice = () => Promise.reject(new Error('no such file system'))
  const files = { ...sources.files, local: { ...sources.files.local, mountDevice } }
  const failure = 'MountVolume.MountDevice failed for volume "pv1" : no such file system'
  await expect(makeClaimed(aPod(), use, { ...sources, files })).rejects.toThrow(failure)
})

test('a claimed device that is there is told of', async () => {
  const use = { volume: 'v', namespace: 'ns', name: 'data', readOnly: false, isDevice: true, isMounted: false }
  const told: string[] = []
  const sources = sourcesOf({ claim: bound, volume: local('Block'), has: 'BlockDevice' })
  const mapped = (name: string, path: string) => told.push(`${name} ${path}`)
  expect(await makeClaimed(aPod(), use, { ...sources, mapped })).toMatchObject({ kind: 'device', path: '/data' })
  expect(told).toEqual(['pv1 /data'])
})

describe('a claimed volume that somebody has put on the node', () => {
  const use = { volume: 'v', namespace: 'ns', name: 'data', readOnly: true, isDevice: false, isMounted: true }
  const atDevice = { kind: 'path', path: '/mounted', readOnly: true, isManaged: true, mayGrow: true } as const
  const cases = [
    { what: 'a folder', has: 'Directory', standing: undefined, grown: [] },
    { what: 'a device of files', has: 'BlockDevice', standing: undefined, grown: ['/data'] },
    { what: 'a device of files that is mounted', has: 'File', standing: atDevice, grown: ['/data'] },
    { what: 'a device', has: 'BlockDevice', standing: undefined, isDevice: true, grown: [] },
  ] as const
  for (const { what, has, standing, grown, ...more } of cases) {
    test(`grows when it is ${what}`, async () => {
      const isDevice = 'isDevice' in more
      const sources = sourcesOf({ claim: bound, volume: local(isDevice ? 'Block' : 'Filesystem'), has })
      const told: unknown[] = []
      const devices: string[] = []
      const made = await makeClaimed(
        aPod(),
        { ...use, isDevice, isMounted: !isDevice, standing },
        {
          ...sources,
          files: {
            ...sources.files,
            local: { ...sources.files.local, growDevice: async ({ device }) => void devices.push(device) },
          },
          grow: async ({ name, readOnly, claimed }, grow) => {
            told.push({ name, readOnly, claim: claimed.claim })
            await grow(2 ** 31)
          },
        },
      )
      expect(made).toMatchObject({ mayGrow: true, ...standing })
      expect(told).toEqual([{ name: 'pv1', readOnly: true, claim: bound }])
      expect(devices).toEqual(grown)
    })
  }

  test('does not when the node itself has made it', async () => {
    const metadata = { name: 'pv1', annotations: { [PROVISIONED_BY]: LOCAL_PATH_PROVISIONER } }
    const sources = sourcesOf({ claim: bound, volume: { ...local('Filesystem'), metadata } })
    const grow = () => Promise.reject(new Error('nobody asks'))
    expect(await makeClaimed(aPod(), use, { ...sources, grow })).not.toHaveProperty('mayGrow')
  })
})
