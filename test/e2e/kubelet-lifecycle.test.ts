/** How Pods begin, go on and end, with real containers (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/). */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'

import { kubectlProgram } from './setup.ts'
import { aPod, type Manifest, mounted, podsCluster, runs, STAY } from './pods.ts'

const cluster = podsCluster()
/** A folder of the machine that containers write to. */
let out: string
const written = (name: string) => {
  try {
    return readFileSync(join(out, name), 'utf8')
  } catch {
    return ''
  }
}

const SHARED = mounted('out', '/out')
const shared = () => ({ volumes: [{ name: 'out', hostPath: { path: out } }] })
/** Runs until it gets the signal, and then a last command. */
const until = (signal: string, last: string) =>
  `trap '${last}; exit 0' ${signal}; echo listens; while true; do sleep 0.1; done`
const writing = (name: string, more: Manifest = {}) =>
  runs(until('TERM', `echo ${name} >> /out/order`), { name, volumeMounts: [SHARED], ...more })
const rule = (action: string, code: number) => ({
  restartPolicy: 'Never',
  restartPolicyRules: [{ action, exitCodes: { operator: 'In', values: [code] } }],
})
/** Ends with the first number when it runs for the first time, and then does something else. */
const firstly = (code: number, then: string) => `[ -e /kept/ran ] || { touch /kept/ran; exit ${code}; }; ${then}`
const KEPT = { volumes: [{ name: 'kept', emptyDir: {} }] }
const keeping = { volumeMounts: [mounted('kept', '/kept')] }

// They have their time while others are looked at.
beforeAll(async () => {
  out = cluster.hostFolder('out')
  await cluster.create(
    aPod('gated', { readinessGates: [{ conditionType: 'example.com/open' }], containers: [runs(STAY)] }),
    aPod('slow', {
      terminationGracePeriodSeconds: 60,
      containers: [
        runs(until('TERM', 'true'), {
          lifecycle: { postStart: { sleep: { seconds: 1 } }, preStop: { sleep: { seconds: 2 } } },
        }),
      ],
    }),
    aPod('signalled', {
      ...shared(),
      os: { name: 'linux' },
      terminationGracePeriodSeconds: 30,
      containers: [
        runs(`trap '' TERM; ${until('USR1', 'echo it came > /out/signal')}`, {
          lifecycle: { stopSignal: 'SIGUSR1' },
          volumeMounts: [SHARED],
        }),
      ],
    }),
    aPod('ordered', {
      ...shared(),
      terminationGracePeriodSeconds: 30,
      initContainers: ['one', 'two'].map((name) => writing(name, { restartPolicy: 'Always' })),
      containers: [writing('app')],
    }),
    aPod('ruled', { ...KEPT, containers: [runs(firstly(42, 'exit 3'), { ...keeping, ...rule('Restart', 42) })] }),
    aPod('anew', {
      volumes: [...KEPT.volumes, ...shared().volumes],
      initContainers: [runs('echo ran >> /out/init', { name: 'init', volumeMounts: [SHARED] })],
      containers: [
        runs(firstly(43, STAY), { ...keeping, ...rule('RestartAllContainers', 43) }),
        runs(STAY, { name: 'beside' }),
      ],
    }),
    aPod('again', {
      ...KEPT,
      restartPolicy: 'OnFailure',
      containers: [runs(`date > /kept/date; echo one; ${firstly(1, `echo two; ${STAY}`)}`, keeping)],
    }),
    aPod('stubborn', {
      ...shared(),
      containers: [
        runs(`trap '' TERM; while true; do cat /proc/uptime > /out/beat; sleep 0.1; done`, { volumeMounts: [SHARED] }),
      ],
    }),
  )
})

const condition = (pod: string, type: string, part: string) =>
  cluster.field(`pod/${pod}`, `.status.conditions[?(@.type=="${type}")].${part}`)
/** A signal that comes before its trap is lost. */
const listens = async (pod: string, container = 'app') => {
  const logs = async () => (await cluster.tryKubectl('logs', pod, '-c', container)).stdout
  await expect.poll(logs, { timeout: 40_000, interval: 100 }).toContain('listens')
}
const isReady = (pod: string) => cluster.until(`pod/${pod}`, '.status.conditions[?(@.type=="Ready")].status', 'True')

test('a readiness gate keeps a Pod from being ready until somebody opens it', async () => {
  await cluster.until('pod/gated', '.status.conditions[?(@.type=="ContainersReady")].status', 'True')
  expect(await condition('gated', 'Ready', 'reason')).toBe('ReadinessGatesNotReady')
  const open = async () => {
    const pod = JSON.parse(await cluster.kubectl('get', 'pod', 'gated', '-o', 'json')) as {
      status: { conditions: Manifest[] }
    }
    pod.status.conditions.push({ type: 'example.com/open', status: 'True' })
    const path = '/api/v1/namespaces/default/pods/gated/status'
    const input = JSON.stringify(pod)
    return (await cluster.machine.kubectl(['replace', '--raw', path, '-f', '-'], { input, mayFail: true })).code
  }
  await expect.poll(open).toBe(0) // the kubelet may just have written
  await isReady('gated')
})

test('hooks that sleep hold up the start and the end', async () => {
  await isReady('slow')
  const [started, ready] = await Promise.all([
    cluster.field('pod/slow', '.status.containerStatuses[0].state.running.startedAt'),
    condition('slow', 'Ready', 'lastTransitionTime'),
  ])
  expect(Date.parse(ready) - Date.parse(started)).toBeGreaterThanOrEqual(1_000)
  await listens('slow')
  const begin = performance.now()
  await cluster.remove('pod/slow')
  expect(performance.now() - begin).toBeGreaterThan(2_000)
})

test('a container is stopped with the signal that it asks for', async () => {
  await listens('signalled')
  await cluster.remove('pod/signalled')
  expect(written('signal')).toBe('it came\n')
})

test('sidecars end after the containers that they serve, the last first', async () => {
  for (const container of ['one', 'two', 'app']) await listens('ordered', container)
  await cluster.remove('pod/ordered')
  expect(written('order')).toBe('app\ntwo\none\n')
})

describe('a container’s own rules', () => {
  test('start it again where the Pod’s policy would not', async () => {
    await cluster.until('pod/ruled', '.status.phase', 'Failed')
    const status = (path: string) => cluster.field('pod/ruled', `.status.containerStatuses[0]${path}`)
    expect(await status('.restartCount')).toBe('1')
    expect(await status('.state.terminated.exitCode')).toBe('3')
    expect(await status('.lastState.terminated.exitCode')).toBe('42')
  })

  test('begin the whole Pod anew', async () => {
    await cluster.until('pod/anew', '.status.containerStatuses[*].restartCount', '1 1')
    await isReady('anew')
    expect(written('init')).toBe('ran\nran\n')
  })
})

test('logs tell of this run and of the one before', async () => {
  await cluster.until('pod/again', '.status.containerStatuses[0].restartCount', '1')
  await isReady('again')
  await expect.poll(() => cluster.kubectl('logs', 'again')).toBe('one\ntwo\n')
  expect(await cluster.kubectl('logs', 'again', '--previous')).toBe('one\n')
})

test('a Pod that is deleted by force is gone at once, and ends all the same', async () => {
  await isReady('stubborn')
  await cluster.kubectl('delete', 'pod', 'stubborn', '--force', '--grace-period=0', '--wait=false')
  expect((await cluster.tryKubectl('get', 'pod', 'stubborn')).stderr).toContain('NotFound')
  const stands = async () => {
    const before = written('beat')
    await new Promise((resolve) => setTimeout(resolve, 500))
    return before === written('beat')
  }
  await expect.poll(stands, { timeout: 20_000 }).toBe(true)
})

describe('kubectl debug', () => {
  test('looks at the node', async () => {
    await cluster.kubectl('debug', 'node/node-1', '--image=busybox', '--', 'sh', '-c', 'ls -d /host/etc')
    const names = await cluster.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}')
    const debugger_ = names.split(' ').find((name) => name.startsWith('node-debugger-node-1-')) ?? ''
    await cluster.until(`pod/${debugger_}`, '.status.phase', 'Succeeded')
    expect(await cluster.field(`pod/${debugger_}`, '.spec.hostPID')).toBe('true')
    expect(await cluster.kubectl('logs', debugger_)).toBe('/host/etc\n')
  })

  test('runs a copy of a Pod with another image and one more container', async () => {
    const args = [
      '--copy-to=copied',
      '--image=busybox',
      '-c',
      'extra',
      '--set-image=app=busybox:latest',
      '--share-processes',
    ]
    await cluster.kubectl('debug', 'again', ...args, '--', 'sleep', '1000')
    await cluster.until('pod/copied', '.status.containerStatuses[?(@.name=="extra")].started', 'true')
    // Its first process is the sandbox's.
    expect(await cluster.inside('copied', 'cat /proc/1/cmdline', 'extra')).not.toContain('sleep')
  })
})

describe('streams', () => {
  const failure = (code: number) => ({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  })

  test('end one side at a time, change size, tell how it ended, and go many at once', async () => {
    await isReady('again')
    const program = join(import.meta.dirname, 'streams.mjs')
    const { stdout } = await cluster.machine.run(process.execPath, [program, 'again'])
    const { halfClosed, terminal, old, whole } = JSON.parse(stdout) as Record<string, { out: string }>
    expect(halfClosed).toMatchObject({ protocol: 'v5.channel.k8s.io', out: 'through\nover\n', status: failure(7) })
    expect(terminal?.out.replaceAll('\r', '')).toBe('begin\n40 100\ngot a line\n')
    expect(old).toMatchObject({ protocol: 'v4.channel.k8s.io', out: '42\n', status: failure(3) })
    expect(whole).toBe(20)
  })

  test('of a terminal that is attached to follow its size', async () => {
    await cluster.create(aPod('terminal', { containers: [{ name: 'app', command: ['sh'], stdin: true, tty: true }] }))
    await isReady('terminal')
    const command = `tty; stty rows 30 cols 90; exec ${kubectlProgram()} attach -it terminal`
    const shown: string[] = []
    const own = cluster.machine.spawn('script', ['-qec', command, '/dev/null'])
    own.stdout?.on('data', (chunk: Buffer) => shown.push(chunk.toString()))
    const text = () => shown.join('')
    /** What is typed before somebody reads is lost. */
    const asks = (size: string) =>
      expect
        .poll(
          () => {
            own.stdin?.write('stty size\n')
            return text()
          },
          { timeout: 20_000, interval: 300 },
        )
        .toContain(size)
    try {
      await asks('30 90')
      const [pts = ''] = /\/dev\/pts\/\d+/.exec(text()) ?? []
      await cluster.machine.run('stty', ['-F', pts, 'rows', '41', 'cols', '101'])
      await asks('41 101')
    } finally {
      own.kill()
    }
  })
})
