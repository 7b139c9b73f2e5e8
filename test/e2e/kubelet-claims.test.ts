import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

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
