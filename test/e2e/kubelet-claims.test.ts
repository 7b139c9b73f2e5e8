import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { attach, DRIVER, folderDriver, volumeAndClaim } from './csi-driver.ts'
import { aPod, type Manifest, mounted, podsCluster, runs, STAY } from './pods.ts'

const cluster = podsCluster()

const claim = (name: string, more: Manifest = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Mi' } }, ...more },
})
const claimed = (name: string, claimName: string): Manifest => ({ name, persistentVolumeClaim: { claimName } })

describe('a claim', () => {
  test('waits for its first Pod, gets a folder of the node, keeps it for the next, and takes it along', async () => {
    await cluster.create(claim('data'))
    const pod = (name: string, script: string) =>
      aPod(name, {
        securityContext: { fsGroup: 3000, fsGroupChangePolicy: 'OnRootMismatch' },
        containers: [runs(script, { volumeMounts: [mounted('data', '/data')] })],
        volumes: [claimed('data', 'data')],
      })
    await expect
      .poll(() => cluster.events('data', 'WaitForFirstConsumer'), { timeout: 20_000 })
      .toEqual(['waiting for first consumer to be created before binding'])
    expect(await cluster.field('pvc/data', '.status.phase')).toBe('Pending')
    await cluster.output(pod('first', 'echo kept > /data/file; touch /data/own; chown 7:7 /data/own'))
    // The group of the folder is right, so nothing in it is touched.
    expect(await cluster.output(pod('second', 'cat /data/file; stat -c "%a %g" /data; stat -c %g /data/own'))).toBe(
      'kept\n2777 3000\n7\n',
    )
    const volume = await cluster.field('pvc/data', '.spec.volumeName')
    const folder = await cluster.field(`pv/${volume}`, '.spec.local.path')
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept\n')
    await cluster.remove('pod/first', 'pod/second')
    await cluster.remove('pvc/data')
    await expect
      .poll(async () => (await cluster.tryKubectl('get', 'pv', volume)).stderr, { timeout: 20_000 })
      .toContain('NotFound')
    expect(existsSync(folder)).toBe(false)
  })

  test('can be for a block device, which is the node’s no longer when nobody has it', async () => {
    await cluster.create(claim('disk', { volumeMode: 'Block' }))
    const pod = (name: string, script: string) =>
      aPod(name, {
        containers: [runs(script, { volumeDevices: [{ name: 'disk', devicePath: '/dev/disk' }] })],
        volumes: [claimed('disk', 'disk')],
      })
    const written = await cluster.output(
      pod(
        'writer',
        'ls -l /dev/disk | cut -c1; echo written | dd of=/dev/disk conv=notrunc 2>/dev/null; cat /dev/disk | wc -c',
      ),
    )
    expect(written).toBe(`b\n${8 * 2 ** 20}\n`)
    await cluster.remove('pod/writer')
    const volume = await cluster.field('pvc/disk', '.spec.volumeName')
    const devices = () => execFileSync('losetup', ['--all', '--noheadings', '--output', 'BACK-FILE']).toString()
    expect(devices()).not.toContain(volume)
    expect(await cluster.output(pod('reader', 'head -c 8 /dev/disk'))).toBe('written\n')
    expect(
      await cluster.output(
        aPod('mounter', {
          containers: [runs('head -c 8 /dev/disk', { volumeDevices: [{ name: 'disk', devicePath: '/dev/disk' }] })],
          volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk', readOnly: true } }],
        }),
      ),
    ).toBe('written\n')
    await cluster.remove('pod/reader', 'pod/mounter')
    await cluster.create(
      aPod('confused', {
        containers: [runs(STAY, { volumeMounts: [mounted('disk', '/disk')] })],
        volumes: [claimed('disk', 'disk')],
      }),
    )
    await expect
      .poll(() => cluster.events('confused', 'FailedMount'), { timeout: 20_000 })
      .toEqual([
        'Unable to attach or mount volumes: unmounted volumes=[disk], unattached volumes=[], failed to process volumes=[disk]: volume disk has volumeMode Block, but is specified in volumeMounts',
      ])
    await cluster.remove('pod/confused', 'pvc/disk')
    await expect
      .poll(async () => (await cluster.tryKubectl('get', 'pv', volume)).stderr, { timeout: 20_000 })
      .toContain('NotFound')
    expect(devices()).not.toContain(volume)
  })

  test('can belong to a Pod, and goes with it', async () => {
    const { spec } = claim('scratch')
    await cluster.create(
      aPod('owner', {
        containers: [runs(`echo x > /scratch/file; ${STAY}`, { volumeMounts: [mounted('scratch', '/scratch')] })],
        volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } }],
      }),
    )
    await cluster.until('pod/owner', '.status.phase', 'Running')
    expect(await cluster.field('pvc/owner-scratch', '.status.phase')).toBe('Bound')
    await cluster.remove('pod/owner')
    await expect
      .poll(async () => (await cluster.tryKubectl('get', 'pvc', 'owner-scratch')).stderr, { timeout: 20_000 })
      .toContain('NotFound')
  })
})

describe('a volume of a CSI driver', () => {
  test('waits until it is attached, is the Pods’ while they are there, and goes when the last has gone', async () => {
    const driver = await folderDriver(cluster)
    expect(await driver.status()).toMatchObject({ pluginRegistered: true })
    expect(JSON.parse(await cluster.field('csinode/node-1', '.spec.drivers'))).toEqual([
      { name: DRIVER, nodeID: 'the-node', topologyKeys: [`${DRIVER}/rack`], allocatable: { count: 7 } },
    ])
    expect(await cluster.field('node/node-1', `.metadata.labels.folders\\.example\\.com/rack`)).toBe('r1')
    await cluster.create(...volumeAndClaim('shelf'))
    const volumes = [claimed('shelf', 'shelf')]
    const subPath = { volumeMounts: [mounted('shelf', '/shelf', { subPath: 'inner' })] }
    await cluster.create(aPod('holder', { containers: [runs(`echo kept > /shelf/file; ${STAY}`, subPath)], volumes }))
    await attach(cluster)
    await cluster.until('pod/holder', '.status.phase', 'Running')
    expect(driver.asked.map(({ request }) => request['publishContext'])).toEqual([{ shelf: '4' }, { shelf: '4' }])
    expect(driver.calls()).toEqual(['Stage', 'Publish'])
    const inUse = `["kubernetes.io/csi/${DRIVER}^handle-of-shelf"]`
    expect(await cluster.field('node/node-1', '.status.volumesInUse')).toBe(inUse)
    const whole = { volumeMounts: [mounted('shelf', '/shelf')] }
    expect(await cluster.output(aPod('looker', { containers: [runs('cat /shelf/inner/file', whole)], volumes }))).toBe(
      'kept\n',
    )
    expect(readFileSync(join(driver.data, 'handle-of-shelf/inner/file'), 'utf8')).toBe('kept\n')
    await cluster.remove('pod/holder', 'pod/looker')
    const attachments = async () => (await cluster.tryKubectl('get', 'volumeattachments', '-o', 'name')).stdout
    await expect.poll(attachments, { timeout: 20_000 }).toBe('')
    expect(await cluster.field('node/node-1', '.status.volumesInUse')).toBe('')
    expect(driver.calls().toSorted()).toEqual(['Publish', 'Unpublish', 'Unpublish', 'Unstage'])

    const modes = { attachRequired: false, podInfoOnMount: true, volumeLifecycleModes: ['Persistent', 'Ephemeral'] }
    await cluster.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: DRIVER },
      spec: modes,
    })
    const scratch = [{ name: 'scratch', csi: { driver: DRIVER, readOnly: false } }]
    const writes = runs('echo mine > /scratch/file; cat /scratch/file', {
      volumeMounts: [mounted('scratch', '/scratch')],
    })
    expect(await cluster.output(aPod('inliner', { containers: [writes], volumes: scratch }))).toBe('mine\n')
    expect(driver.asked[0]?.request['volumeContext']).toMatchObject({ 'csi.storage.k8s.io/pod.name': 'inliner' })
    await cluster.remove('pod/inliner')
    expect(driver.calls()).toEqual(['Publish', 'Unpublish'])

    await driver.leave()
    await cluster.create(aPod('late', { containers: [writes], volumes: scratch }))
    await expect
      .poll(() => cluster.events('late', 'FailedMount'), { timeout: 20_000 })
      .toEqual([
        `MountVolume.SetUp failed for volume "scratch" : kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name ${DRIVER} not found in the list of registered CSI drivers`,
      ])
    await cluster.remove('pod/late', 'pvc/shelf', 'pv/shelf')
  })
})
