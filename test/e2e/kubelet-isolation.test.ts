import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { aPod, mounted, podsCluster, runs, STAY } from './pods.ts'

const cluster = podsCluster()

test('a container is who its securityContext says, and may do no more', async () => {
  const said = await cluster.output(
    aPod('restricted', {
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 2000,
        fsGroup: 3000,
        supplementalGroups: [4000],
        seccompProfile: { type: 'RuntimeDefault' },
        sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '80' }],
      },
      containers: [
        runs(
          [
            'id',
            'grep -E "CapBnd|CapEff|NoNewPrivs|Seccomp:" /proc/self/status',
            'touch /file 2>&1',
            'touch /tmp/file && echo "tmp is writable"',
            'stat -c "%u:%g" /tmp/file',
            'cat /proc/sys/net/ipv4/ip_unprivileged_port_start',
            'mount -t tmpfs none /mnt 2>&1',
            'mount | grep -c "/proc/\\(sys\\|irq\\|bus\\) .*(ro,"',
          ].join('; '),
          {
            securityContext: {
              capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
            },
            volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
          },
        ),
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    }),
  )
  expect(said.replaceAll('\t', ' ').split('\n')).toEqual([
    'uid=1000 gid=2000 groups=2000,3000,4000',
    'CapEff: 0000000000000000',
    'CapBnd: 0000000000000400',
    'NoNewPrivs: 1',
    'Seccomp: 2',
    'touch: /file: Read-only file system',
    'tmp is writable',
    '1000:3000',
    '80',
    'mount: permission denied (are you root?)',
    '3',
    '',
  ])
})

test('a privileged container may do everything, and one that shares the node sees the node', async () => {
  const said = await cluster.output(
    aPod('privileged', {
      hostPID: true,
      hostIPC: true,
      hostNetwork: true,
      containers: [
        runs(
          [
            'mkdir /m && mount -t tmpfs none /m && echo mounted',
            'grep CapEff /proc/self/status',
            'for kind in pid ipc net; do readlink /proc/self/ns/$kind; done',
            'cat /proc/1/comm',
          ].join('; '),
          { securityContext: { privileged: true } },
        ),
      ],
    }),
  )
  const [mounted, effective = '', pid, ipc, net, first] = said.split('\n')
  expect(mounted).toBe('mounted')
  expect(BigInt(`0x${effective.split('\t')[1] ?? '0'}`) & (1n << 21n)).not.toBe(0n) // CAP_SYS_ADMIN
  const own = (await cluster.machine.run('readlink', ['/proc/self/ns/pid', '/proc/self/ns/ipc'])).stdout.split('\n')
  expect([pid, ipc]).toEqual(own.slice(0, 2))
  // The node's network is one of its own, not this machine's and not the Pod's.
  expect(net).toMatch(/^net:/)
  expect(first).toBe(readFileSync('/proc/1/comm', 'utf8').trim())
})

test('containers of a Pod share memory, and processes if they are told to', async () => {
  const see = 'until [ -e /dev/shm/word ]; do sleep 0.1; done; cat /dev/shm/word; ps | grep -c "[s]leep 1234"'
  const writer = { ...runs(`echo shared > /dev/shm/word; exec sleep 1234`), name: 'writer' }
  const pods = [true, false].map((share) =>
    aPod(`share-${share}`, {
      shareProcessNamespace: share,
      containers: [writer, { ...runs(`${see}; ${STAY}`), name: 'reader' }],
    }),
  )
  await cluster.create(...pods)
  const logs = (pod: string) => async () => (await cluster.tryKubectl('logs', pod, '-c', 'reader')).stdout
  await expect.poll(logs('share-true'), { timeout: 30_000 }).toBe('shared\n1\n')
  await expect.poll(logs('share-false'), { timeout: 30_000 }).toBe('shared\n0\n')
})

test('a container keeps to a seccomp profile of the node', async () => {
  const folder = join(cluster.nodeFolder, 'kubelet/seccomp/profiles')
  mkdirSync(folder, { recursive: true })
  const names = ['mkdir', 'mkdirat']
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names, action: 'SCMP_ACT_ERRNO' }] }
  writeFileSync(join(folder, 'no-mkdir.json'), JSON.stringify(profile))
  const localhost = (localhostProfile: string) => ({ seccompProfile: { type: 'Localhost', localhostProfile } })
  const said = await cluster.output(
    aPod('seccomp', {
      securityContext: localhost('profiles/no-mkdir.json'),
      containers: [runs('touch /tmp/file && echo touched; mkdir /tmp/folder 2>&1')],
    }),
  )
  expect(said).toBe("touched\nmkdir: can't create directory '/tmp/folder': Operation not permitted\n")
  await cluster.create(aPod('no-profile', { securityContext: localhost('none.json'), containers: [runs(STAY)] }))
  await cluster.until('pod/no-profile', '.status.containerStatuses[0].state.waiting.reason', 'CreateContainerError')
  expect(await cluster.field('pod/no-profile', '.status.containerStatuses[0].state.waiting.message')).toMatch(
    /cannot load seccomp profile ".*\/none\.json"/,
  )
})

test('a container has the cgroup that its resources ask for', async () => {
  const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers')
  const read = v2
    ? 'cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/memory.max'
    : 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us /sys/fs/cgroup/cpu/cpu.shares /sys/fs/cgroup/memory/memory.limit_in_bytes'
  const said = await cluster.output(
    aPod('limited', {
      containers: [
        runs(`${read}; cat /proc/self/oom_score_adj; cat /proc/self/cgroup | head -1`, {
          resources: { requests: { cpu: '100m', memory: '16Mi' }, limits: { cpu: '250m', memory: '32Mi' } },
        }),
      ],
    }),
  )
  const numbers = v2 ? ['25000 100000', String(32 * 2 ** 20)] : ['25000', '100000', '102', String(32 * 2 ** 20)]
  expect(said.split('\n').slice(0, numbers.length)).toEqual(numbers)
  // Version 2 shows a container its own cgroup as the root.
  expect(said).toContain(v2 ? '0::/' : '/kubepods/burstable/pod')
})

describe('what this node cannot enforce is refused:', () => {
  const rejected: readonly {
    readonly what: string
    readonly security: object
    readonly reason: string
    readonly says: string
    readonly unless?: string
  }[] = [
    {
      what: 'an unsafe kernel parameter',
      security: { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] },
      reason: 'SysctlForbidden',
      says: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
    },
    {
      what: 'an AppArmor profile',
      security: { appArmorProfile: { type: 'RuntimeDefault' } },
      reason: 'AppArmor',
      says: 'Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host',
      unless: '/sys/module/apparmor/parameters/enabled',
    },
  ]
  for (const { what, security, reason, says, unless } of rejected) {
    test.skipIf(unless !== undefined && existsSync(unless))(`${what} (${reason})`, async () => {
      const name = `rejected-${reason.toLowerCase()}`
      await cluster.create(aPod(name, { securityContext: security, containers: [runs(STAY)] }))
      await cluster.until(`pod/${name}`, '.status.phase', 'Failed')
      expect(await cluster.field(`pod/${name}`, '.status.reason')).toBe(reason)
      expect(await cluster.field(`pod/${name}`, '.status.message')).toBe(says)
    })
  }

  test('root, where the container must not be root', async () => {
    await cluster.create(aPod('root', { securityContext: { runAsNonRoot: true }, containers: [runs(STAY)] }))
    const waiting = '.status.containerStatuses[0].state.waiting'
    await cluster.until('pod/root', `${waiting}.reason`, 'CreateContainerConfigError')
    expect(await cluster.field('pod/root', `${waiting}.message`)).toMatch(
      /^container has runAsNonRoot and image will run as root \(pod: "root_default\(.*\)", container: app\)$/,
    )
  })

  test('more huge pages than there are', async () => {
    const resources = { requests: { cpu: '10m' }, limits: { memory: '16Mi', 'hugepages-2Mi': '1Gi' } }
    await cluster.create(aPod('huge', { containers: [runs(STAY, { resources })] }))
    await expect
      .poll(() => cluster.events('huge', 'FailedScheduling'), { timeout: 20_000 })
      .toContainEqual(expect.stringContaining('Insufficient hugepages-2Mi'))
  })
})

const HUGE_PAGES = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages'
const hugePages = existsSync(HUGE_PAGES) ? Number(readFileSync(HUGE_PAGES, 'utf8')) : 0

const CONTROLLERS = '/sys/fs/cgroup/cgroup.controllers'
const limitsHugePages =
  existsSync('/sys/fs/cgroup/hugetlb') ||
  (existsSync(CONTROLLERS) && readFileSync(CONTROLLERS, 'utf8').includes('hugetlb'))

test.skipIf(hugePages < 8 || !limitsHugePages)(
  'a container has the huge pages that it asks for, and no more',
  async () => {
    const amounts = { memory: '32Mi', cpu: '10m', 'hugepages-2Mi': '4Mi' }
    const script = [
      'mount | grep -o "/pages type hugetlbfs.*pagesize=2M"',
      'fallocate -l 4194304 /pages/most && echo "there are two"',
      'cat /sys/fs/cgroup/hugetlb.2MB.max /sys/fs/cgroup/hugetlb/hugetlb.2MB.limit_in_bytes 2>/dev/null',
      'fallocate -l 4194304 /pages/more 2>/dev/null || echo "there is no third"',
    ]
    const said = await cluster.output(
      aPod('pages', {
        containers: [
          runs(script.join('; '), {
            resources: { requests: amounts, limits: amounts },
            volumeMounts: [mounted('pages', '/pages')],
          }),
        ],
        volumes: [{ name: 'pages', emptyDir: { medium: 'HugePages' } }],
      }),
    )
    const [mount = '', ...rest] = said.split('\n')
    expect(mount).toContain('hugetlbfs')
    expect(rest).toEqual(['there are two', '4194304', 'there is no third', ''])
    expect(await cluster.field('node/node-1', '.status.capacity.hugepages-2Mi')).toBe(`${hugePages * 2}Mi`)
  },
)

const APP_ARMOR = '/sys/module/apparmor/parameters/enabled'
const hasAppArmor = existsSync(APP_ARMOR) && readFileSync(APP_ARMOR, 'utf8').startsWith('Y')

describe.skipIf(!hasAppArmor)('with AppArmor', () => {
  const profile = 'gorae-test-quiet'
  const rules = `#include <tunables/global>\nprofile ${profile} flags=(attach_disconnected) {\n  file,\n  deny /tmp/** w,\n}\n`
  const current = 'cat /proc/self/attr/current'
  const said = (name: string, appArmorProfile: object, script = current) =>
    cluster.output(aPod(`apparmor-${name}`, { securityContext: { appArmorProfile }, containers: [runs(script)] }))

  test('a container runs under the profile that it asks for', async () => {
    const folder = cluster.hostFolder('apparmor')
    const file = join(folder, profile)
    writeFileSync(file, rules)
    await cluster.machine.run('apparmor_parser', ['--replace', file])
    try {
      expect(await said('default', { type: 'RuntimeDefault' })).toBe('cri-containerd.apparmor.d (enforce)\n')
      expect(await said('unconfined', { type: 'Unconfined' })).toBe('unconfined\n')
      const localhost = { type: 'Localhost', localhostProfile: profile }
      expect(await said('own', localhost, `${current}; touch /tmp/file 2>&1`)).toBe(
        `${profile} (enforce)\ntouch: /tmp/file: Permission denied\n`,
      )
    } finally {
      await cluster.machine.run('apparmor_parser', ['--remove', file])
    }
  })

  test('a profile that is not loaded is refused', async () => {
    const appArmorProfile = { type: 'Localhost', localhostProfile: 'gorae-test-none' }
    await cluster.create(aPod('apparmor-none', { securityContext: { appArmorProfile }, containers: [runs(STAY)] }))
    const waiting = '.status.containerStatuses[0].state.waiting'
    await cluster.until('pod/apparmor-none', `${waiting}.reason`, 'CreateContainerError')
    expect(await cluster.field('pod/apparmor-none', `${waiting}.message`)).toContain(
      'apparmor profile not found gorae-test-none',
    )
  })
})

/** What came with containerd 2; an older runtime refuses it, and the Node says which of the two is here. */
describe('what not every runtime has is there, or is refused:', () => {
  const has = async (feature: string) => (await cluster.field('node/node-1', `.status${feature}`)).includes('true')
  const handler = '.runtimeHandlers[?(@.name=="")].features'

  test('a strict list of groups', async () => {
    const groups = { supplementalGroups: [4000], supplementalGroupsPolicy: 'Strict' }
    const securityContext = { runAsUser: 1000, runAsGroup: 2000, ...groups }
    await cluster.create(aPod('strict', { securityContext, containers: [runs('id')] }))
    const isThere = await has('.features.supplementalGroupsPolicy')
    await cluster.until('pod/strict', '.status.phase', isThere ? 'Succeeded' : 'Failed')
    const { stdout } = await cluster.tryKubectl('logs', 'strict')
    const why = await Promise.all(['reason', 'message'].map((part) => cluster.field('pod/strict', `.status.${part}`)))
    const refusal = [
      'SupplementalGroupsPolicyNotSupported',
      'Pod was rejected: SupplementalGroupsPolicy=Strict is not supported in this node',
    ]
    expect([stdout, ...why]).toEqual(isThere ? ['uid=1000 gid=2000 groups=2000,4000\n', '', ''] : ['', ...refusal])
  })

  test('a user namespace', async () => {
    const script = `cat /proc/self/uid_map; touch /v/file; stat -c %u:%g /v/file /c/name; ${STAY}`
    const pod = aPod('userns', {
      hostUsers: false,
      containers: [runs(script, { volumeMounts: [mounted('v', '/v'), mounted('c', '/c')] })],
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'c', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      ],
    })
    await cluster.create(pod)
    const isThere = await has(`${handler}.userNamespaces`)
    const logs = async () => (await cluster.tryKubectl('logs', 'userns')).stdout
    const events = async () => (await cluster.events('userns', 'FailedCreatePodSandBox')).join('\n')
    const says =
      "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces"
    await expect
      .poll(isThere ? logs : events, { timeout: 20_000 })
      .toMatch(isThere ? /^ +0 +\d+ +65536\n0:0\n0:0\n$/ : says)
    expect(await cluster.field('pod/userns', '.status.phase')).toBe(isThere ? 'Running' : 'Pending')
  })

  test('mounts that are read-only all the way down', async () => {
    const folder = cluster.hostFolder('recursive')
    mkdirSync(join(folder, 'below'))
    await cluster.machine.run('mount', ['-t', 'tmpfs', 'tmpfs', join(folder, 'below')])
    const volumeMounts = [{ name: 'data', mountPath: '/data', readOnly: true, recursiveReadOnly: 'Enabled' }]
    const volumes = [{ name: 'data', hostPath: { path: folder } }]
    const isThere = await has(`${handler}.recursiveReadOnlyMounts`)
    const status = '.status.containerStatuses[0]'
    try {
      await cluster.create(
        aPod('recursive', { containers: [runs('touch /data/below/file 2>&1; true', { volumeMounts })], volumes }),
      )
      await cluster.until(
        'pod/recursive',
        `${status}.state.*.reason`,
        isThere ? 'Completed' : 'CreateContainerConfigError',
      )
      const proof = isThere ? 'volumeMounts[0].recursiveReadOnly' : 'state.waiting.message'
      const said = [
        (await cluster.tryKubectl('logs', 'recursive')).stdout,
        await cluster.field('pod/recursive', `${status}.${proof}`),
      ]
      const refusal =
        'failed to resolve recursive read-only mode: volume "data" requested recursive read-only mode, but it is not supported by the runtime'
      expect(said).toEqual(isThere ? ['touch: /data/below/file: Read-only file system\n', 'Enabled'] : ['', refusal])
    } finally {
      await cluster.remove('pod/recursive')
      await cluster.machine.run('umount', [join(folder, 'below')])
    }
  })
})
