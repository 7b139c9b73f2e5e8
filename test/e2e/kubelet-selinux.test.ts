/**
 * What SELinux does for Pods (https://kubernetes.io/docs/tasks/configure-pod-container/security-context/): this file runs where
 * a policy is loaded (docs/virtual-machine.md says how to get such a machine).
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { aPod, mounted, podsCluster, runs, STAY } from './pods.ts'

const isEnforced = existsSync('/sys/fs/selinux/enforce') && readFileSync('/sys/fs/selinux/enforce', 'utf8') === '1'
const OWN_LABEL = 'cat /proc/self/attr/current; echo'

describe.skipIf(!existsSync('/sys/fs/selinux/policy'))('with SELinux', () => {
  const cluster = podsCluster()
  /** The labels of files and folders of this machine. */
  const labels = async (...files: readonly string[]) => {
    const { stdout } = await cluster.machine.run('stat', ['--format=%C', ...files])
    return stdout.trim().split('\n')
  }
  const podFolder = async (pod: string) =>
    join(cluster.nodeFolder, 'kubelet/pods', await cluster.field(`pod/${pod}`, '.metadata.uid'))
  const ownLabel = async (pod: string, container = 'app') => {
    await cluster.until(`pod/${pod}`, '.status.phase', 'Running')
    return (await cluster.inside(pod, OWN_LABEL, container)).replaceAll('\0', '').trim()
  }

  test('a Pod has a label of its own, which its volumes bear and folders of the machine do not', async () => {
    const folder = cluster.hostFolder('host')
    const [before] = await labels(folder)
    await cluster.create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { one: '1' } },
      ...['one', 'other'].map((name) =>
        aPod(name, {
          volumes: [
            { name: 'scratch', emptyDir: {} },
            { name: 'settings', configMap: { name: 'settings' } },
            { name: 'host', hostPath: { path: folder } },
            { name: 'image', image: { reference: 'busybox' } },
          ],
          containers: [
            runs(`echo done > /scratch/file; ${STAY}`, {
              volumeMounts: [
                mounted('scratch', '/scratch'),
                mounted('settings', '/settings'),
                mounted('host', '/host'),
                mounted('image', '/image'),
              ],
            }),
          ],
        }),
      ),
    )
    const label = await ownLabel('one')
    expect(label).toMatch(/^system_u:system_r:container_t:s0:c\d+,c\d+$/)
    expect(await ownLabel('other')).not.toBe(label)

    const ofFiles = label.replace('system_r:container_t', 'object_r:container_file_t')
    const pod = await podFolder('one')
    const volumes = join(pod, 'volumes/kubernetes.io~')
    const labelled = [
      `${volumes}empty-dir/scratch/file`,
      `${volumes}configmap/settings/..data/one`,
      join(pod, 'etc-hosts'),
    ]
    expect(await labels(...labelled)).toEqual(labelled.map(() => ofFiles))
    expect(await labels(folder)).toEqual([before])
    expect(await cluster.inside('one', '/image/bin/busybox echo of the image')).toBe('of the image\n')

    // What changes in a volume that is mounted can be read, too: it has the type, and nobody's categories.
    await cluster.kubectl('patch', 'configmap', 'settings', '-p', '{"data":{"one":"2"}}')
    await expect.poll(() => cluster.inside('one', 'cat /settings/one'), { timeout: 90_000 }).toBe('2')
    expect(await labels(`${volumes}configmap/settings/..data/one`)).toEqual(['system_u:object_r:container_file_t:s0'])
    await cluster.remove('pod/one', 'pod/other', 'configmap/settings')
  })

  test.skipIf(!isEnforced)('a Pod reaches neither the files of another nor those of the machine', async () => {
    const level = 's0:c1,c2'
    const secret = cluster.hostFolder('secret')
    writeFileSync(join(secret, 'file'), 'of the machine\n')
    const scratch = { name: 'scratch', emptyDir: {} }
    const keeps = runs(`echo of a Pod > /scratch/file; ${STAY}`, { volumeMounts: [mounted('scratch', '/scratch')] })
    const securityContext = { seLinuxOptions: { level } }
    await cluster.create(aPod('owner', { securityContext, volumes: [scratch], containers: [keeps] }))
    await cluster.until('pod/owner', '.status.phase', 'Running')
    const theirs = join(await podFolder('owner'), 'volumes/kubernetes.io~empty-dir/scratch')
    const volumes = Object.entries({ pod: theirs, machine: secret })
    const looks = (name: string, allowed: object) =>
      aPod(name, {
        volumes: volumes.map(([of, path]) => ({ name: of, hostPath: { path } })),
        containers: [
          runs('for of in pod machine; do cat /$of/file 2>&1; done; true', {
            securityContext: allowed,
            volumeMounts: volumes.map(([of]) => mounted(of, `/${of}`)),
          }),
        ],
      })
    const denied = (of: string) => `cat: can't open '/${of}/file': Permission denied\n`
    expect(await cluster.output(looks('other', {}))).toBe(`${denied('pod')}${denied('machine')}`)
    expect(await cluster.output(looks('like-it', { seLinuxOptions: { level } }))).toBe(`of a Pod\n${denied('machine')}`)
    expect(await cluster.output(looks('privileged', { privileged: true }))).toBe('of a Pod\nof the machine\n')
    await cluster.remove('pod/owner', 'pod/other', 'pod/like-it', 'pod/privileged')
  })

  test('a Pod and its containers have the labels that they ask for', async () => {
    const asks = (name: string, seLinuxOptions: object) => runs(STAY, { name, securityContext: { seLinuxOptions } })
    await cluster.create(
      aPod('asking', {
        securityContext: { seLinuxOptions: { level: 's0:c1,c2' }, seLinuxChangePolicy: 'Recursive' },
        volumes: [{ name: 'scratch', emptyDir: {} }],
        containers: [
          runs(STAY, { volumeMounts: [mounted('scratch', '/scratch')] }),
          asks('level', { level: 's0:c3,c4' }),
          asks('type', { type: 'spc_t' }),
        ],
      }),
    )
    expect(await ownLabel('asking')).toBe('system_u:system_r:container_t:s0:c1,c2')
    expect(await ownLabel('asking', 'level')).toBe('system_u:system_r:container_t:s0:c3,c4')
    expect(await ownLabel('asking', 'type')).toMatch(/^system_u:system_r:spc_t:s0/)
    const scratch = join(await podFolder('asking'), 'volumes/kubernetes.io~empty-dir/scratch')
    expect(await labels(scratch)).toEqual(['system_u:object_r:container_file_t:s0:c1,c2'])
    expect(await cluster.events('asking', 'SELinux')).toEqual([])
    await cluster.remove('pod/asking')
  })
})
