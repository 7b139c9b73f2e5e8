import { type ChildProcess, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { seededRandom } from '../../src/base/random.ts'
import { type Machine, openMachine } from './machine.ts'

/** How often `up` is interrupted, at moments by chance. */
const ROUNDS = Number(process.env['GORAE_INTERRUPTS'] ?? 4)

let machine: Machine
beforeEach(async () => {
  machine = await openMachine()
})
afterEach(() => machine.close())

const pidOf = (file: string) =>
  (JSON.parse(readFileSync(join(machine.home, 'default', file), 'utf8')) as { pid: number }).pid

test('up brings a cluster up, a second up says it runs, down leaves nothing', async () => {
  await machine.gorae(['up'])
  expect(statSync(join(machine.home, 'default/kubeconfig')).mode & 0o777).toBe(0o600)
  const nodes = await machine.kubectl(['get', 'nodes', '--no-headers'])
  expect(nodes.stdout).toMatch(/^node-1 +Ready /)
  const again = await machine.gorae(['up'])
  expect(again.stdout).toContain('The cluster "default" is running already.')
  const status = await machine.gorae(['status', '-o', 'json'])
  expect(JSON.parse(status.stdout).clusters[0]).toMatchObject({
    name: 'default',
    state: 'running',
    nodes: [{ name: 'node-1', ready: true, process: 'running' }],
  })
  await machine.gorae(['down'])
  expect(await machine.leftovers()).toEqual([])
  expect(existsSync(join(machine.home, 'default'))).toBe(false)
  expect(readFileSync(join(machine.folder, '.kube/config'), 'utf8')).not.toContain('gorae-default')
})

test('clusters stand side by side, with several nodes, and go one by one', async () => {
  await machine.gorae(['up', '--nodes', '2'])
  await machine.gorae(['up', '--name', 'second'])
  const first = await machine.kubectl(['--context', 'gorae-default', 'get', 'nodes', '-o', 'name'])
  expect(first.stdout).toBe('node/node-1\nnode/node-2\n')
  const second = await machine.kubectl(['--context', 'gorae-second', 'get', 'nodes', '-o', 'name'])
  expect(second.stdout).toBe('node/node-1\n')
  await machine.gorae(['down', '--name', 'second'])
  await machine.kubectl(['--context', 'gorae-default', 'get', 'nodes'])
  await machine.gorae(['down', '--all'])
  expect(await machine.leftovers()).toEqual([])
})

test('a cluster whose processes were all killed comes back with up and keeps its objects', async () => {
  await machine.gorae(['up'])
  await machine.kubectl(['create', 'configmap', 'kept', '--from-literal=a=b'])
  for (const file of ['server.json', 'nodes/node-1/node.json', 'nodes/node-1/containerd.json'])
    process.kill(pidOf(file), 'SIGKILL')
  const status = await machine.gorae(['status'])
  expect(status.stdout).toContain('default: stopped')
  await machine.gorae(['up'])
  const kept = await machine.kubectl(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'])
  expect(kept.stdout).toBe('b')
})

test('up finds processes of the cluster that nobody wrote down', async () => {
  await machine.gorae(['up'])
  const files = ['server.json', 'nodes/node-1/node.json']
  const before = files.map(pidOf)
  for (const file of files) rmSync(join(machine.home, 'default', file))
  const { stdout } = await machine.gorae(['up'])
  expect(stdout).toContain('The cluster "default" is running already.')
  expect(files.map(pidOf)).toEqual(before)
})

test('stop keeps the objects, and down works on a stopped cluster', async () => {
  await machine.gorae(['up'])
  await machine.kubectl(['create', 'configmap', 'kept', '--from-literal=a=b'])
  await machine.gorae(['stop'])
  expect(await machine.leftovers()).toEqual([])
  await machine.gorae(['up'])
  expect((await machine.kubectl(['get', 'configmap', 'kept', '-o', 'name'])).stdout).toBe('configmap/kept\n')
  await machine.gorae(['stop'])
  await machine.gorae(['down'])
  expect(existsSync(join(machine.home, 'default'))).toBe(false)
})

test('down works after everything was killed, also without the record', async () => {
  await machine.gorae(['up'])
  process.kill(pidOf('server.json'), 'SIGKILL')
  process.kill(pidOf('nodes/node-1/containerd.json'), 'SIGKILL')
  writeFileSync(join(machine.home, 'default/cluster.json'), 'rubbish')
  const damaged = await machine.gorae(['up'], { mayFail: true })
  expect(damaged.code).toBe(1)
  expect(damaged.stderr).toContain('gorae down')
  await machine.gorae(['down'])
  expect(await machine.leftovers()).toEqual([])
})

describe('interrupted while it comes up', () => {
  const random = seededRandom(Number(process.env['GORAE_INTERRUPT_SEED'] ?? 1))
  const PROGRAM = join(import.meta.dirname, '../../dist/gorae.js')

  /** Starts `up`; the answer is what it ended with. */
  async function up(
    interrupt: (child: ChildProcess) => void,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ) {
    const child = machine.spawn(process.execPath, [PROGRAM, 'up', ...args], { env })
    const closed = new Promise<number | null>((resolve) => child.once('exit', resolve))
    interrupt(child)
    return closed
  }

  /** What is left of a cluster on the machine and in the user's files. */
  async function left(): Promise<string[]> {
    const files = [join(machine.home, 'default'), join(machine.folder, '.kube/config')].filter((file) =>
      existsSync(file),
    )
    const ours = files.filter(
      (file) => !file.endsWith('config') || readFileSync(file, 'utf8').includes('gorae-default'),
    )
    return [...(await machine.leftovers()), ...ours]
  }

  const after = (ms: number, signal: NodeJS.Signals) => (child: ChildProcess) =>
    void setTimeout(() => child.kill(signal), ms)

  test('Ctrl-C takes back what was made', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const afterMs = 100 + random.next() * 1_200
      const code = await up(after(afterMs, 'SIGINT'))
      if (code === 0) await machine.gorae(['down']) // it was quicker than we
      expect({ afterMs, left: await left() }).toEqual({ afterMs, left: [] })
    }
  })

  test('Ctrl-C while a node is added takes that node back, and what ran goes on', async () => {
    await machine.gorae(['up'])
    const server = pidOf('server.json')
    const started = join(machine.home, 'default/nodes/node-2/node.json')
    const interrupt = async (child: ChildProcess) => {
      await expect.poll(() => existsSync(started), { timeout: 20_000, interval: 5 }).toBe(true)
      child.kill('SIGINT')
    }
    expect(await up((child) => void interrupt(child), ['--nodes', '2'])).toBe(130)
    const status = await machine.gorae(['status', '-o', 'json'])
    const [cluster] = JSON.parse(status.stdout).clusters
    expect(cluster).toMatchObject({ state: 'running', serverPid: server, nodes: [{ name: 'node-1', ready: true }] })
    expect((await machine.kubectl(['get', 'nodes', '-o', 'name'])).stdout).toBe('node/node-1\n')

    await machine.gorae(['up', '--nodes', '2'])
    process.kill(pidOf('nodes/node-2/node.json'), 'SIGKILL')
    const dead = pidOf('nodes/node-2/node.json')
    await expect.poll(() => pidOf('nodes/node-2/node.json'), { timeout: 20_000 }).not.toBe(dead)
    await machine.gorae(['down'])
    expect(await left()).toEqual([])
  })

  test('killed at any moment, down leaves nothing', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const afterMs = 100 + random.next() * 2_500
      await up(after(afterMs, 'SIGKILL'))
      await machine.gorae(['down'])
      expect({ afterMs, left: await left() }).toEqual({ afterMs, left: [] })
    }
  })

  /**
   * Every step of the network is one call of ip, given `lines` lines at most, and done when its caller is killed. Tells
   * what `down` left, with the number of the step.
   */
  async function killedAtSteps(lines: number, then: () => Promise<unknown>): Promise<string[]> {
    const bin = join(machine.folder, 'bin')
    const steps = join(machine.folder, 'steps')
    mkdirSync(bin)
    const ip = execFileSync('sh', ['-c', 'command -v ip']).toString().trim()
    const script = [
      '#!/bin/sh',
      `printf . >> ${steps}; step=$(wc -c < ${steps})`,
      `[ "$step" -eq "$KILL_AFTER" ] || exec ${ip} "$@"`,
      `head -n ${lines} | ${ip} "$@"`,
      'kill -9 $PPID',
    ]
    writeFileSync(join(bin, 'ip'), script.join('\n'), { mode: 0o755 })
    const found: string[] = []
    let [step, code]: [number, number | null] = [0, null]
    while (code === null && step < 8) {
      step++
      rmSync(steps, { force: true })
      const env = { PATH: `${bin}:${process.env['PATH']}`, KILL_AFTER: String(step) }
      code = await up(() => {}, [], env)
      await then()
      await machine.gorae(['down'])
      found.push(...(await left()).map((each) => `${step}: ${each}`))
    }
    expect(step).toBeGreaterThan(5)
    return found
  }

  test('killed as soon as it has done any step of its network, down leaves nothing', async () => {
    expect(await killedAtSteps(1_000, async () => {})).toEqual([])
  })

  test('killed in the middle of any step of its network, up brings it up', async () => {
    expect(await killedAtSteps(1, () => machine.gorae(['up']))).toEqual([])
  })

  test('killed while its processes start, the next up returns when the node is Ready, and kubectl has the context', async () => {
    const started = join(machine.home, 'default/nodes/node-1/node.json')
    const kill = async (child: ChildProcess) => {
      await expect.poll(() => existsSync(started), { timeout: 20_000, interval: 5 }).toBe(true)
      child.kill('SIGKILL')
    }
    await up((child) => void kill(child))
    const { stdout } = await machine.gorae(['up'])
    expect(stdout).toContain('The cluster "default" is up')
    const nodes = await machine.kubectl(['--context', 'gorae-default', 'get', 'nodes', '--no-headers'])
    expect(nodes.stdout).toMatch(/^node-1 +Ready /)
  })
})

describe('bad circumstances are said in a sentence, with exit code 1 and no stack', () => {
  /** What a failing command says. */
  const complaint = async (...args: string[]) => {
    const { code, stderr } = await machine.gorae(args, { mayFail: true, env: { GORAE_DEBUG: '' } })
    if (code !== 1) throw new Error(`it ended with ${code}: ${stderr}`)
    if (/^ +at /m.test(stderr)) throw new Error(`it printed a stack: ${stderr}`)
    return stderr
  }

  test('a taken port', async () => {
    const server = machine.spawn(process.execPath, [
      '-e',
      "require('net').createServer().listen(7443, '127.0.0.1', () => console.log('on'))",
    ])
    await new Promise((resolve) => server.stdout?.once('data', resolve))
    try {
      expect(await complaint('up', '--port', '7443')).toMatch(/port 7443 is taken by node \(process \d+\)[^]*--port/)
      expect((await machine.leftovers()).filter((line) => !line.startsWith('process'))).toEqual([])
    } finally {
      server.kill()
    }
  })

  test('a name that is none', async () =>
    expect(await complaint('up', '--name', '../x')).toMatch(/cannot name a cluster/))
  test('no such cluster', async () =>
    expect(await complaint('kubeconfig', '--name', 'nope')).toMatch(/there is no cluster "nope"/))
  test('an unknown command', async () =>
    expect(await complaint('upp')).toMatch(/unknown command 'upp'[^]*Did you mean up/))
  test('no archive', async () => {
    writeFileSync(join(machine.folder, 'x.tar'), 'hello hello')
    expect(await complaint('image', 'load', join(machine.folder, 'x.tar'))).toMatch(/cannot be loaded/)
    expect(await complaint('image', 'load', join(machine.folder, 'y.tar'))).toMatch(/there is no file/)
  })

  test('a corrupt data folder', async () => {
    await machine.gorae(['up'])
    await machine.gorae(['stop'])
    const data = join(machine.home, 'default/data')
    execFileSync('sh', ['-c', `for f in ${data}/*.mdb; do head -c 65536 /dev/urandom > $f; done`])
    expect(await complaint('up')).toMatch(/data.*(damaged|cannot be opened|corrupt)/i)
  })

  test('a full disk', async () => {
    mkdirSync(machine.home)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', machine.home])
    try {
      expect(await complaint('up')).toMatch(/the disk is full/)
    } finally {
      execFileSync('umount', ['--lazy', machine.home])
    }
  })
})
