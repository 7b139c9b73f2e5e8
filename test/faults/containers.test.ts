/**
 * Containers that misbehave, a disk that is full, and clients that come in crowds or go without a word: real containers,
 * on a small disk of the test's own.
 */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Machine, openMachine } from '../e2e/machine.ts'
import { FORWARD_MANY, GRPC_SERVER, ECHO_SERVER } from './programs.ts'
import { daemonPid, nodeOf } from './node-state.ts'

const KUBELET = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  podPidsLimit: 64,
  containerLogMaxSize: '2Mi',
  containerLogMaxFiles: 3,
  containerLogMonitorInterval: '3s',
  // A full disk is this test's own business: nothing is evicted for it.
  evictionHard: { 'memory.available': '50Mi' },
}
/** As many files as the small disk can hold. */
const INODES = 20_000

let machine: Machine
beforeAll(async () => {
  machine = await openMachine()
  mkdirSync(machine.home)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=512m,nr_inodes=${INODES}`, 'tmpfs', machine.home])
  const config = join(machine.folder, 'kubelet.json')
  writeFileSync(config, JSON.stringify(KUBELET))
  await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
  await machine.gorae(['image', 'make', 'node', '--from-binary', process.execPath])
  await machine.gorae(['up', '--kubelet-config', config])
  await apply(pod('echo', ['node', '-e', ECHO_SERVER], { image: 'node' }))
  await apply(pod('quiet', ['sleep', '100000']))
  await ready('echo', 'quiet')
})
afterAll(async () => {
  await machine.gorae(['down', '--all'], { mayFail: true })
  execFileSync('umount', [machine.home])
  await machine.close()
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const pod = (name: string, command: readonly string[], container: object = {}, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'app', image: 'busybox', imagePullPolicy: 'IfNotPresent', command, ...container }],
    ...spec,
  },
})
const kubectl = async (...args: readonly string[]) => (await machine.kubectl(args)).stdout
const apply = async (object: object) => {
  await machine.kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) })
}
const ready = (...names: readonly string[]) =>
  kubectl('wait', '--for=condition=Ready', '--timeout=60s', ...names.map((name) => `pod/${name}`))
const get = async (...args: readonly string[]) => JSON.parse(await kubectl('get', ...args, '-o', 'json'))
const statusOf = async (name: string) => (await get('pod', name)).status.containerStatuses?.[0]
const eventsOf = async (name: string): Promise<readonly string[]> =>
  (await get('events', '--field-selector', `involvedObject.name=${name}`)).items.map(
    ({ reason, message }: { reason: string; message: string }) => `${reason}: ${message}`,
  )

async function until<T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
  for (const deadline = performance.now() + timeoutMs; ; await pause(200)) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`still not so: ${what}`)
  }
}

const nodePid = () => daemonPid(nodeOf(machine), 'node') ?? 0
const memoryMiB = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${nodePid()}/status`, 'latin1'))?.[1]) / 1024
const descriptors = () => readdirSync(`/proc/${nodePid()}/fd`).length
/** How many processes of the whole machine run exactly this. */
const running = (...command: readonly string[]) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `${command.join('\0')}\0`
    } catch {
      return false
    }
  }).length

describe('a container', () => {
  test('whose image does not exist waits, and says why', async () => {
    await apply(pod('no-image', ['true'], { image: 'nowhere.example/none:1' }))
    const failed = await until('ErrImagePull', async () => {
      const waiting = (await statusOf('no-image'))?.state?.waiting
      return ['ErrImagePull', 'ImagePullBackOff'].includes(waiting?.reason) && waiting
    })
    expect(failed.message).toContain('failed to pull and unpack image "nowhere.example/none:1"')
    const backOff = await until('ImagePullBackOff', async () => {
      const waiting = (await statusOf('no-image'))?.state?.waiting
      return waiting?.reason === 'ImagePullBackOff' && waiting
    })
    expect(backOff.message).toMatch(/^Back-off pulling image "nowhere\.example\/none:1": ErrImagePull: /)
    const events = await eventsOf('no-image')
    expect(events).toContain('Failed: Error: ErrImagePull')
    expect(events).toContain('BackOff: Back-off pulling image "nowhere.example/none:1"')
    await kubectl('delete', 'pod', 'no-image')
  })

  test('whose command does not exist has ended with 128, and is tried again ever more slowly', async () => {
    await apply(pod('no-command', ['/no/such']))
    const status = await until('CrashLoopBackOff', async () => {
      const found = await statusOf('no-command')
      return found?.state?.waiting?.reason === 'CrashLoopBackOff' && found
    })
    expect(status.lastState.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' })
    expect(status.lastState.terminated.message).toContain('exec: "/no/such": stat /no/such: no such file or directory')
    await kubectl('delete', 'pod', 'no-command')
  })

  test('whose probe hangs has its commands ended in time, and no more than one of them at once', async () => {
    const livenessProbe = { exec: { command: ['sleep', '98765'] }, periodSeconds: 1, failureThreshold: 1_000 }
    await apply(pod('hanging', ['sleep', '100000'], { livenessProbe }))
    await ready('hanging')
    let most = 0
    for (let looks = 0; looks < 40; looks++) {
      most = Math.max(most, running('sleep', '98765'))
      await pause(150)
    }
    expect(most).toBe(1)
    expect(await eventsOf('hanging')).toContain(
      'Unhealthy: Liveness probe failed: command timed out: "sleep 98765" timed out after 1s',
    )
    await kubectl('delete', 'pod', 'hanging')
    await until('no probe is left', async () => running('sleep', '98765') === 0)
  })

  test('that multiplies without end stays within its limit, and its Pod ends', async () => {
    // The shell forks twice and never again: once all else multiplies it may find no room to, and would end.
    const bomb = 'b() { b | b & }; sleep 2 & waits=$!; b & wait $waits; echo survived'
    await apply(pod('bomb', ['sh', '-c', bomb], {}, { restartPolicy: 'Never' }))
    const isOver = async () => ['Succeeded', 'Failed'].includes((await get('pod', 'bomb')).status.phase)
    await until('the Pod is over', isOver, 120_000)
    // In any order: what still multiplies when the shell is done writes beside it.
    const said = await kubectl('logs', 'bomb')
    expect(said).toContain("can't fork: Resource temporarily unavailable\n")
    expect(said).toMatch(/^survived$/m)
    expect((await get('nodes')).items[0].status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    )
    await kubectl('delete', 'pod', 'bomb')
  })

  test('that writes 10,000 lines a second loses none of them to a follower, and takes little disk', async () => {
    const script = 'i=0; while [ $i -lt 12 ]; do seq $((i*10000+1)) $((i*10000+10000)); i=$((i+1)); sleep 1; done'
    await apply(
      pod('loud', ['sh', '-c', `${script} | sed 's/$/ ${'.'.repeat(60)}/'; sleep 4`], {}, { restartPolicy: 'Never' }),
    )
    await until('it has begun', async () => (await get('pod', 'loud')).status.phase !== 'Pending')
    const before = memoryMiB()
    const text = await kubectl('logs', '-f', 'loud')
    expect(memoryMiB() - before).toBeLessThan(80)
    const numbers = text
      .split('\n')
      .slice(0, -1)
      .map((line) => Number.parseInt(line, 10))
    expect(numbers).toHaveLength(120_000)
    expect(numbers.every((number, index) => number === index + 1)).toBe(true)
    const [folder = ''] = readdirSync(join(nodeOf(machine).node, 'log/pods')).filter((name) => name.includes('_loud_'))
    const files = readdirSync(join(nodeOf(machine).node, 'log/pods', folder, 'app'))
    expect(files.length).toBeGreaterThan(1)
    expect(files.length).toBeLessThanOrEqual(3)
    await kubectl('delete', 'pod', 'loud')
  })

  test('that serves gRPC is probed over it', async () => {
    const readinessProbe = { grpc: { port: 5000, service: 'web' }, periodSeconds: 1 }
    const livenessProbe = { grpc: { port: 5000, service: 'unknown' }, periodSeconds: 1, failureThreshold: 1_000 }
    const probes = { image: 'node', readinessProbe, livenessProbe }
    await apply(pod('grpc', ['node', '-e', GRPC_SERVER], probes))
    await ready('grpc')
    const events = await until('the other service fails', async () => {
      const told = await eventsOf('grpc')
      return told.some((text) => text.startsWith('Unhealthy: Liveness')) && told
    })
    expect(events).toContain('Unhealthy: Liveness probe failed: service unhealthy (responded with "NOT_SERVING")')
    await kubectl('delete', 'pod', 'grpc')
  })
})

describe('a crowd', () => {
  test('of forty commands at once is served, each with its own output and exit code', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        machine.kubectl(['exec', 'quiet', '--', 'sh', '-c', `sleep 1; echo out ${index}; exit ${index}`], {
          mayFail: true,
        }),
      ),
    )
    expect(answers.map(({ code, stdout }) => `${code} ${stdout}`)).toEqual(
      answers.map((_, index) => `${index} out ${index}\n`),
    )
  })

  test('of fifty connections through one port-forward is served, byte by byte', async () => {
    const { stdout } = await machine.run(process.execPath, ['-e', FORWARD_MANY], {
      env: { KUBECTL: execFileSync('sh', ['-c', 'command -v kubectl']).toString().trim() },
    })
    expect(JSON.parse(stdout)).toEqual({ right: 50, wrong: 0 })
  })

  test('of clients that read nothing and then vanish takes no memory, and leaves no descriptor', async () => {
    const [before, open] = [memoryMiB(), descriptors()]
    const clients = Array.from({ length: 5 }, () => {
      const client = machine.spawn('kubectl', ['exec', 'quiet', '--', 'sh', '-c', 'cat /dev/zero'])
      client.stdout?.pause()
      return client
    })
    await until('all are joined', async () => descriptors() >= open + 5)
    await pause(3_000)
    expect(memoryMiB() - before).toBeLessThan(60)
    for (const client of clients) client.kill('SIGKILL')
    await until('all are gone', async () => descriptors() <= open + 1)
    await kubectl('exec', 'quiet', '--', 'killall', 'cat')
  })

  test('of bytes comes and goes as it is', async () => {
    const bytes = randomBytes(40 * 1024 * 1024)
    const sum = createHash('sha1').update(bytes).digest('hex')
    const [there, back] = ['there', 'back'].map((name) => join(machine.folder, name)) as [string, string]
    writeFileSync(there, bytes)
    await kubectl('cp', there, 'quiet:/tmp/big')
    expect(await kubectl('exec', 'quiet', '--', 'sha1sum', '/tmp/big')).toContain(sum)
    await kubectl('cp', 'quiet:/tmp/big', back)
    expect(createHash('sha1').update(readFileSync(back)).digest('hex')).toBe(sum)
    await kubectl('exec', 'quiet', '--', 'rm', '/tmp/big')
  })
})

test('while the disk is full new Pods wait and say why, others go on, and all start when there is room', async () => {
  const fill = join(machine.home, 'fill')
  mkdirSync(fill)
  try {
    expect(() => {
      for (let count = 0; count < INODES; count++) writeFileSync(join(fill, String(count)), '')
    }).toThrow('no space left on device')
    await apply(pod('late', ['sleep', '100000']))
    await until('it says why', async () =>
      (await eventsOf('late')).some((text) => text.includes('no space left on device')),
    )
    expect(await kubectl('exec', 'quiet', '--', 'echo', 'I live')).toBe('I live\n')
    expect((await get('nodes')).items[0].status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    )
  } finally {
    rmSync(fill, { recursive: true })
  }
  await ready('late')
  expect((await statusOf('late')).restartCount).toBe(0)
  expect((await statusOf('quiet')).restartCount).toBe(0)
})
