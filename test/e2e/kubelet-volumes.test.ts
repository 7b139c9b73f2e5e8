import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { aPod, type Manifest, mounted, podsCluster, runs, STAY } from './pods.ts'

const cluster = podsCluster()

const configMap = (name: string, data: Manifest): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})

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
              volumeMounts: ['map', 'items', 'secret', 'down', 'all'].map((name) => mounted(name, `/${name}`)),
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
    // The names that users see follow after the files.
    'until [ -e /live/new ] && [ ! -L /live/right ]; do sleep 0.02; done; ls /live; cat /single'
  await cluster.create(
    aPod('live', {
      containers: [
        runs(script, { volumeMounts: [mounted('live', '/live'), mounted('live', '/single', { subPath: 'left' })] }),
      ],
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
      containers: [runs(STAY, { volumeMounts: [mounted('map', '/map')] })],
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
            volumeMounts: [mounted('small', '/small'), mounted('pod', '/pod'), mounted('disk', '/disk')],
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
    const folder = cluster.hostFolder('made')
    await cluster.output(
      aPod('made', {
        containers: [
          runs('touch /folder/in; echo text > /file', {
            volumeMounts: [mounted('folder', '/folder'), mounted('file', '/file')],
          }),
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
    const folder = cluster.hostFolder('other')
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
          containers: [runs(STAY, { volumeMounts: [mounted('v', '/v')] })],
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

test('an image is a volume, whole or in part, and is unmounted with its Pod', async () => {
  await cluster.create(
    aPod('image', {
      containers: [
        runs(`/v/bin/busybox echo from the image; ls /bin-of-it | grep -c busybox; touch /v/x 2>&1; ${STAY}`, {
          volumeMounts: [mounted('image', '/v'), mounted('image', '/bin-of-it', { subPath: 'bin' })],
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
      containers: [runs(STAY, { volumeMounts: [mounted('image', '/v')] })],
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
    volumeMounts: [mounted('v', '/v', { mountPropagation: 'Bidirectional' })],
  }
  const watcher = (name: string, mountPropagation: string) => ({
    ...runs('until [ -e /v/m ]; do sleep 0.1; done; sleep 0.5; cat /v/m/file 2>/dev/null || echo nothing', {
      volumeMounts: [mounted('v', '/v', { mountPropagation })],
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
      volumeMounts: [mounted('late', '/late')],
    },
  ]
  const path = '/api/v1/namespaces/default/pods/late/ephemeralcontainers'
  await cluster.machine.kubectl(['replace', '--raw', path, '-f', '-'], { input: JSON.stringify(pod) })
  await cluster.until('pod/late', '.status.ephemeralContainerStatuses[0].state.terminated.reason', 'Completed')
  expect(await cluster.kubectl('logs', 'late', '-c', 'debug')).toBe('late')
})

test('what this kubelet does not have is refused, and says so', async () => {
  const kinds = {
    git: [
      { gitRepo: { repository: 'https://example.invalid/x.git' } },
      'git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`',
    ],
    nfs: [
      { nfs: { server: '192.0.2.1', path: '/' } },
      'no volume plugin matched: this kubelet does not support the type of volume "v"',
    ],
  } as const
  await cluster.create(
    ...Object.entries(kinds).map(([name, [source]]) =>
      aPod(`has-${name}`, {
        containers: [runs(STAY, { volumeMounts: [mounted('v', '/v')] })],
        volumes: [{ name: 'v', ...source }],
      }),
    ),
  )
  for (const [name, [, says]] of Object.entries(kinds)) {
    await expect
      .poll(() => cluster.events(`has-${name}`, 'FailedMount'), { timeout: 60_000 })
      .toEqual([`MountVolume.SetUp failed for volume "v" : ${says}`])
  }
})
