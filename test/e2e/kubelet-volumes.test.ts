import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { aPod, type Manifest, podsCluster, runs, STAY } from './pods.ts'

const cluster = podsCluster()

const configMap = (name: string, data: Manifest): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})
const claim = (name: string, more: Manifest = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Mi' } }, ...more },
})
const claimed = (name: string, claimName: string): Manifest => ({ name, persistentVolumeClaim: { claimName } })
const at = (name: string, mountPath: string, more: Manifest = {}): Manifest => ({ name, mountPath, ...more })
const message = '.status.containerStatuses[0].state.waiting.message'

/** A folder of this machine that is the test's. */
function hostFolder(name: string): string {
  const folder = join(cluster.machine.folder, name)
  mkdirSync(folder, { recursive: true, mode: 0o777 })
  return folder
}

test('files from the API have the modes, owners and contents that are asked for', async () => {
  await cluster.create(configMap('modes', { a: 'A', b: 'B' }), {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'modes' },
    stringData: { user: 'me', password: 'secret' },
  })
  const show = (folder: string) => `(cd ${folder} && stat -L -c "%n %a %u:%g" $(find * -follow -type f) )`
  const said = await cluster.output(
    aPod(
      'modes',
      {
        securityContext: { runAsUser: 1000, fsGroup: 3000 },
        containers: [
          runs(
            `${['/map', '/items', '/secret', '/down', '/all'].map(show).join('; ')}; cat /all/down/label /all/map/a; ` +
              'head -c 2 /all/token; echo; touch /map/new 2>&1; df /secret | grep -c tmpfs',
            {
              resources: { limits: { memory: '64Mi' } },
              volumeMounts: ['map', 'items', 'secret', 'down', 'all'].map((name) => at(name, `/${name}`)),
            },
          ),
        ],
        volumes: [
          { name: 'map', configMap: { name: 'modes', defaultMode: 0o400 } },
          { name: 'items', configMap: { name: 'modes', items: [{ key: 'a', path: 'x/y', mode: 0o604 }] } },
          { name: 'secret', secret: { secretName: 'modes', defaultMode: 0o440 } },
          {
            name: 'down',
            downwardAPI: {
              items: [
                {
                  path: 'memory',
                  resourceFieldRef: { containerName: 'app', resource: 'limits.memory', divisor: '1Mi' },
                },
              ],
            },
          },
          {
            name: 'all',
            projected: {
              defaultMode: 0o400,
              sources: [
                { configMap: { name: 'modes', items: [{ key: 'a', path: 'map/a' }] } },
                { secret: { name: 'modes', items: [{ key: 'user', path: 'secret/user', mode: 0o777 }] } },
                { secret: { name: 'none', optional: true } },
                {
                  downwardAPI: { items: [{ path: 'down/label', fieldRef: { fieldPath: "metadata.labels['tier']" } }] },
                },
                { serviceAccountToken: { path: 'token', audience: 'me' } },
              ],
            },
          },
        ],
      },
      { labels: { tier: 'front' } },
    ),
  )
  const lines = said.split('\n')
  expect(lines.slice(0, 10).toSorted()).toEqual(
    [
      'a 440 0:3000',
      'b 440 0:3000',
      'x/y 644 0:3000',
      'password 440 0:3000',
      'user 440 0:3000',
      'memory 644 0:3000',
      'map/a 440 0:3000',
      'secret/user 777 0:3000',
      'down/label 440 0:3000',
      'token 640 1000:3000',
    ].toSorted(),
  )
  expect(lines.slice(10)).toEqual(['frontAey', 'touch: /map/new: Read-only file system', '1', ''])
})

test('a running Pod sees changes of a ConfigMap all at once, and not through a subPath', async () => {
  await cluster.create(configMap('live', { left: '0', right: '0' }))
  // Whoever enters the folder sees one state of it for as long as it stays in it.
  const script =
    'while sleep 0.02; do (cd /live/..data && a=$(cat left) && b=$(cat right) && [ "$a" = "$b" ] || echo torn); [ "$(cat /live/left)" = 5 ] && break; done; ' +
    'ls /live; cat /single'
  await cluster.create(
    aPod('live', {
      containers: [runs(script, { volumeMounts: [at('live', '/live'), at('live', '/single', { subPath: 'left' })] })],
      volumes: [{ name: 'live', configMap: { name: 'live' } }],
    }),
  )
  await cluster.until('pod/live', '.status.phase', 'Running')
  for (const value of ['1', '2', '3', '4']) {
    await cluster.kubectl(
      'patch',
      'configmap',
      'live',
      '--type=merge',
      '-p',
      JSON.stringify({ data: { left: value, right: value } }),
    )
  }
  await cluster.kubectl(
    'patch',
    'configmap',
    'live',
    '--type=merge',
    '-p',
    '{"data":{"left":"5","right":null,"new":"5"}}',
  )
  await cluster.until('pod/live', '.status.phase', 'Succeeded')
  // The last state lacks a name, and the script stops there whether it saw that before or not.
  const said = (await cluster.kubectl('logs', 'live')).replaceAll(/^cat:.*\ntorn\n/gm, '')
  expect(said.replace(/^(cat: can't open 'right'.*\n|torn\n)*/, '')).toBe('left\nnew\n0')
})

test('a Pod sees changes after the kubelet was away, and keeps what it has when its ConfigMap is gone', async () => {
  await cluster.create(
    configMap('lasting', { word: 'old' }),
    aPod('lasting', {
      containers: [runs(STAY, { volumeMounts: [at('map', '/map')] })],
      volumes: [{ name: 'map', configMap: { name: 'lasting' } }],
    }),
  )
  await cluster.until('pod/lasting', '.status.phase', 'Running')
  const record = JSON.parse(readFileSync(join(cluster.nodeFolder, 'node.json'), 'utf8')) as { pid: number }
  process.kill(record.pid, 'SIGKILL')
  await cluster.kubectl('patch', 'configmap', 'lasting', '--type=merge', '-p', '{"data":{"word":"new"}}')
  await cluster.machine.gorae(['up'])
  const uid = await cluster.field('pod/lasting', '.metadata.uid')
  const file = join(cluster.nodeFolder, 'kubelet/pods', uid, 'volumes/kubernetes.io~configmap/map/word')
  await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 30_000 }).toBe('new')
  expect(await cluster.inside('lasting', 'cat /map/word')).toBe('new')
  expect(await cluster.field('pod/lasting', '.status.containerStatuses[0].restartCount')).toBe('0')

  await cluster.remove('configmap/lasting')
  await expect
    .poll(() => cluster.events('lasting', 'FailedMount'), { timeout: 20_000 })
    .toContain('MountVolume.SetUp failed for volume "map" : configmap "lasting" not found')
  expect(await cluster.inside('lasting', 'cat /map/word')).toBe('new')
  await cluster.remove('pod/lasting')
})

test('an emptyDir in memory has no more than the Pod may use, and is shared with its group', async () => {
  const said = await cluster.output(
    aPod('memory', {
      securityContext: { fsGroup: 3000 },
      containers: [
        runs(
          'df -k /small /pod | awk "{print \\$1, \\$2}"; stat -c "%a %u:%g" /small /disk; dd if=/dev/zero of=/small/x bs=1M count=10 2>&1 | grep -c "No space"',
          {
            resources: { limits: { memory: '32Mi' } },
            volumeMounts: [at('small', '/small'), at('pod', '/pod'), at('disk', '/disk')],
          },
        ),
      ],
      volumes: [
        { name: 'small', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
        { name: 'pod', emptyDir: { medium: 'Memory' } },
        { name: 'disk', emptyDir: {} },
      ],
    }),
  )
  expect(said.split('\n').slice(1)).toEqual(['tmpfs 4096', 'tmpfs 32768', '3777 0:3000', '2777 0:3000', '1', ''])
})

describe('a hostPath', () => {
  test('is made where its type says so, and is what its type says', async () => {
    const folder = hostFolder('made')
    await cluster.output(
      aPod('made', {
        containers: [
          runs('touch /folder/in; echo text > /file', { volumeMounts: [at('folder', '/folder'), at('file', '/file')] }),
        ],
        volumes: [
          { name: 'folder', hostPath: { path: join(folder, 'a/b'), type: 'DirectoryOrCreate' } },
          { name: 'file', hostPath: { path: join(folder, 'file'), type: 'FileOrCreate' } },
        ],
      }),
    )
    expect(existsSync(join(folder, 'a/b/in'))).toBe(true)
    expect(statSync(join(folder, 'a/b')).mode & 0o777).toBe(0o755)
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('text\n')
    expect(statSync(join(folder, 'file')).mode & 0o777).toBe(0o644)
  })

  test('is refused when it is something else', async () => {
    const folder = hostFolder('other')
    writeFileSync(join(folder, 'file'), '')
    const wrong = [
      ['Directory', 'file', 'directory'],
      ['DirectoryOrCreate', 'file', 'directory'],
      ['File', 'none', 'file'],
      ['FileOrCreate', '', 'file'],
      ['Socket', 'file', 'socket file'],
      ['CharDevice', 'file', 'character device'],
      ['BlockDevice', 'file', 'block device'],
    ] as const
    const nameOf = (type: string) => `wrong-${type.toLowerCase()}`
    await cluster.create(
      ...wrong.map(([type, name]) =>
        aPod(nameOf(type), {
          containers: [runs(STAY, { volumeMounts: [at('v', '/v')] })],
          volumes: [{ name: 'v', hostPath: { path: join(folder, name), type } }],
        }),
      ),
    )
    for (const [type, name, what] of wrong) {
      await expect
        .poll(() => cluster.events(nameOf(type), 'FailedMount'), { timeout: 20_000 })
        .toEqual([
          `MountVolume.SetUp failed for volume "v" : hostPath type check failed: ${join(folder, name)} is not a ${what}`,
        ])
    }
  })
})

describe('a claim', () => {
  test('waits for its first Pod, gets a folder of the node, keeps it for the next, and takes it along', async () => {
    await cluster.create(claim('data'))
    const pod = (name: string, script: string) =>
      aPod(name, {
        securityContext: { fsGroup: 3000, fsGroupChangePolicy: 'OnRootMismatch' },
        containers: [runs(script, { volumeMounts: [at('data', '/data')] })],
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
        containers: [runs(STAY, { volumeMounts: [at('disk', '/disk')] })],
        volumes: [claimed('disk', 'disk')],
      }),
    )
    await expect
      .poll(() => cluster.events('confused', 'FailedMount'), { timeout: 20_000 })
      .toEqual([
        'MountVolume.SetUp failed for volume "disk" : volume disk has volumeMode Block, but is specified in volumeMounts',
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
        containers: [runs(`echo x > /scratch/file; ${STAY}`, { volumeMounts: [at('scratch', '/scratch')] })],
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

test('an image is a volume, whole or in part, and is unmounted with its Pod', async () => {
  await cluster.create(
    aPod('image', {
      containers: [
        runs(`/v/bin/busybox echo from the image; ls /bin-of-it | grep -c busybox; touch /v/x 2>&1; ${STAY}`, {
          volumeMounts: [at('image', '/v'), at('image', '/bin-of-it', { subPath: 'bin' })],
        }),
      ],
      volumes: [{ name: 'image', image: { reference: 'busybox', pullPolicy: 'IfNotPresent' } }],
    }),
  )
  const logs = async () => (await cluster.tryKubectl('logs', 'image')).stdout
  await expect.poll(logs, { timeout: 30_000 }).toBe('from the image\n1\ntouch: /v/x: Read-only file system\n')
  const mounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes('kubernetes.io~image') && line.includes(cluster.machine.home))
  expect(mounts()).toHaveLength(1)
  await cluster.remove('pod/image')
  expect(mounts()).toEqual([])

  await cluster.create(
    aPod('no-image', {
      containers: [runs(STAY, { volumeMounts: [at('image', '/v')] })],
      volumes: [{ name: 'image', image: { reference: 'nowhere.invalid/none:1', pullPolicy: 'Never' } }],
    }),
  )
  await cluster.until('pod/no-image', '.status.containerStatuses[0].state.waiting.reason', 'ErrImageNeverPull')
})

test('mounts go from a container to the node and to others, as far as they are told to', async () => {
  const mounter = {
    ...runs(`mkdir /v/m && mount -t tmpfs none /v/m && echo seen > /v/m/file; ${STAY}`),
    name: 'mounter',
    securityContext: { privileged: true },
    volumeMounts: [at('v', '/v', { mountPropagation: 'Bidirectional' })],
  }
  const watcher = (name: string, mountPropagation: string) => ({
    ...runs('until [ -e /v/m ]; do sleep 0.1; done; sleep 0.5; cat /v/m/file 2>/dev/null || echo nothing', {
      volumeMounts: [at('v', '/v', { mountPropagation })],
    }),
    name,
  })
  await cluster.create(
    aPod('propagation', {
      containers: [watcher('told', 'HostToContainer'), watcher('apart', 'None'), mounter],
      volumes: [{ name: 'v', emptyDir: {} }],
    }),
  )
  const logs = (container: string) => async () =>
    (await cluster.tryKubectl('logs', 'propagation', '-c', container)).stdout
  await expect.poll(logs('told'), { timeout: 30_000 }).toBe('seen\n')
  await expect.poll(logs('apart'), { timeout: 30_000 }).toBe('nothing\n')
  const uid = await cluster.field('pod/propagation', '.metadata.uid')
  const seen = () =>
    readFileSync('/proc/self/mountinfo', 'utf8').includes(`${uid}/volumes/kubernetes.io~empty-dir/v/m `)
  expect(seen()).toBe(true)
  await cluster.remove('pod/propagation')
  expect(seen()).toBe(false)
})

test('an ephemeral container can mount a volume that no other container has', async () => {
  await cluster.create(
    configMap('late', { word: 'late' }),
    aPod('late', {
      containers: [runs(STAY)],
      volumes: [{ name: 'late', configMap: { name: 'late' } }],
    }),
  )
  await cluster.until('pod/late', '.status.phase', 'Running')
  const pod = JSON.parse(await cluster.kubectl('get', 'pod', 'late', '-o', 'json')) as { spec: Record<string, unknown> }
  pod.spec['ephemeralContainers'] = [
    {
      name: 'debug',
      image: 'busybox',
      imagePullPolicy: 'IfNotPresent',
      command: ['cat', '/late/word'],
      volumeMounts: [at('late', '/late')],
    },
  ]
  const path = '/api/v1/namespaces/default/pods/late/ephemeralcontainers'
  await cluster.machine.kubectl(['replace', '--raw', path, '-f', '-'], { input: JSON.stringify(pod) })
  await cluster.until('pod/late', '.status.ephemeralContainerStatuses[0].state.terminated.reason', 'Completed')
  expect(await cluster.kubectl('logs', 'late', '-c', 'debug')).toBe('late')
})

test('what this kubelet does not have is refused, and says so', async () => {
  const kinds = {
    git: [{ gitRepo: { repository: 'https://example.invalid/x.git' } }, 'git-repo volume plugin has been disabled'],
    nfs: [
      { nfs: { server: '192.0.2.1', path: '/' } },
      'no volume plugin matched: this kubelet does not support the type of volume "v"',
    ],
  } as const
  await cluster.create(
    ...Object.entries(kinds).map(([name, [source]]) =>
      aPod(`has-${name}`, {
        containers: [runs(STAY, { volumeMounts: [at('v', '/v')] })],
        volumes: [{ name: 'v', ...source }],
      }),
    ),
  )
  for (const [name, [, says]] of Object.entries(kinds)) {
    await expect
      .poll(() => cluster.events(`has-${name}`, 'FailedMount'), { timeout: 20_000 })
      .toEqual([`MountVolume.SetUp failed for volume "v" : ${says}`])
  }
})

describe('a subPath', () => {
  test('may be made of variables, and is made where it is missing', async () => {
    const said = await cluster.output(
      aPod('expanded', {
        containers: [
          runs('pwd -P > /v/file; ls /all/logs', {
            env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            volumeMounts: [at('v', '/v', { subPathExpr: 'logs/$(NAME)' }), at('v', '/all')],
          }),
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      }),
    )
    expect(said).toBe('expanded\n')
  })

  test('never leads out of its volume, however fast a neighbour changes what it names', async () => {
    const folder = hostFolder('secret-of-the-node')
    writeFileSync(join(folder, 'file'), 'stolen')
    const volume = hostFolder('shared')
    mkdirSync(join(volume, 'inside'))
    writeFileSync(join(volume, 'inside/file'), 'own')
    symlinkSync(folder, join(volume, 'outside'))
    const changer = {
      ...runs(
        'cd /v; while true; do ln -sfn inside swap.new; mv -T swap.new swap; ln -sfn outside swap.new; mv -T swap.new swap; ' +
          `ln -sfn ${folder} swap.new; mv -T swap.new swap; rm -f swap; mkdir swap; rmdir swap; done 2>/dev/null`,
      ),
      name: 'changer',
      volumeMounts: [at('v', '/v')],
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
            runs('cat /v/file; ls /v', { volumeMounts: [at('v', '/v', { subPath: 'swap' })] }),
            { ...runs('cat /v/file; ls /v', { volumeMounts: [at('v', '/v', { subPath: 'swap' })] }), name: 'other' },
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
    const seen = await Promise.all(pods.map((pod) => cluster.tryKubectl('logs', pod, '--all-containers')))
    expect(seen.map(({ stdout }) => stdout).join('')).toContain('own')
    await cluster.remove('pod/changer', ...pods.map((name) => `pod/${name}`))
    expect(readdirSync(folder)).toEqual(['file'])
    expect(lstatSync(join(volume, 'outside')).isSymbolicLink()).toBe(true)
  })

  test('that leads out is refused without telling what is there', async () => {
    const volume = hostFolder('leads-out')
    symlinkSync('/etc', join(volume, 'etc'))
    await cluster.create(
      aPod('leads-out', {
        containers: [runs(STAY, { volumeMounts: [at('v', '/v', { subPath: 'etc' })] })],
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
