import { lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { aPod, mounted, podsCluster, runs, STAY } from './pods.ts'

const cluster = podsCluster()

const message = '.status.containerStatuses[0].state.waiting.message'

describe('a subPath', () => {
  test('may be made of variables, and is made where it is missing', async () => {
    const said = await cluster.output(
      aPod('expanded', {
        containers: [
          runs('pwd -P > /v/file; ls /all/logs', {
            env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            volumeMounts: [mounted('v', '/v', { subPathExpr: 'logs/$(NAME)' }), mounted('v', '/all')],
          }),
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      }),
    )
    expect(said).toBe('expanded\n')
  })

  test('never leads out of its volume, however fast a neighbour changes what it names', async () => {
    const folder = cluster.hostFolder('secret-of-the-node')
    writeFileSync(join(folder, 'file'), 'stolen')
    const volume = cluster.hostFolder('shared')
    mkdirSync(join(volume, 'inside'))
    writeFileSync(join(volume, 'inside/file'), 'own')
    symlinkSync(folder, join(volume, 'outside'))
    const changer = {
      ...runs(
        'cd /v; while true; do ln -sfn inside swap.new; mv -T swap.new swap; ln -sfn outside swap.new; mv -T swap.new swap; ' +
          `ln -sfn ${folder} swap.new; mv -T swap.new swap; rm -f swap; mkdir swap; rmdir swap; done 2>/dev/null`,
      ),
      name: 'changer',
      volumeMounts: [mounted('v', '/v')],
    }
    await cluster.create(
      aPod('changer', { containers: [changer], volumes: [{ name: 'v', hostPath: { path: volume } }] }),
    )
    await cluster.until('pod/changer', '.status.phase', 'Running')
    const pods = Array.from({ length: 8 }, (_, index) => `victim-${index}`)
    await cluster.create(
      ...pods.map((name) =>
        aPod(name, {
          restartPolicy: 'Always',
          containers: [
            runs('cat /v/file; ls /v', { volumeMounts: [mounted('v', '/v', { subPath: 'swap' })] }),
            {
              ...runs('cat /v/file; ls /v', { volumeMounts: [mounted('v', '/v', { subPath: 'swap' })] }),
              name: 'other',
            },
          ],
          volumes: [{ name: 'v', hostPath: { path: volume } }],
        }),
      ),
    )
    const tried = async () => {
      const statuses = JSON.parse(await cluster.kubectl('get', 'pods', '-o', 'json')) as {
        items: {
          metadata: { name: string }
          status: { containerStatuses?: { restartCount: number; state: object; lastState: object }[] }
        }[]
      }
      return statuses.items
        .filter(({ metadata }) => pods.includes(metadata.name))
        .flatMap(({ status }) => status.containerStatuses ?? [])
        .filter(
          ({ state, lastState }) =>
            JSON.stringify([state, lastState]).match(/terminated|CreateContainerConfigError/) !== null,
        ).length
    }
    await expect.poll(tried, { timeout: 60_000, interval: 500 }).toBe(2 * pods.length)
    for (const pod of pods) {
      const said = await cluster.tryKubectl('logs', pod, '--all-containers')
      expect(said.stdout).not.toContain('stolen')
    }
    await cluster.remove('pod/changer', ...pods.map((name) => `pod/${name}`))
    expect(readdirSync(folder)).toEqual(['file'])
    expect(lstatSync(join(volume, 'outside')).isSymbolicLink()).toBe(true)
  })

  test('that leads out is refused without telling what is there', async () => {
    const volume = cluster.hostFolder('leads-out')
    symlinkSync('/etc', join(volume, 'etc'))
    await cluster.create(
      aPod('leads-out', {
        containers: [runs(STAY, { volumeMounts: [mounted('v', '/v', { subPath: 'etc' })] })],
        volumes: [{ name: 'v', hostPath: { path: volume } }],
      }),
    )
    await cluster.until(
      'pod/leads-out',
      '.status.containerStatuses[0].state.waiting.reason',
      'CreateContainerConfigError',
    )
    expect(await cluster.field('pod/leads-out', message)).toBe(
      'failed to prepare subPath for volumeMount "v" of container "app"',
    )
  })
})
