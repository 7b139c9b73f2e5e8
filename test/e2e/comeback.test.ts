import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ShimSockets } from '../../src/cluster/containerd/shim-sockets.ts'
import { type NodeState, containerPids, daemonPid, nodeOf, shimPids } from '../faults/node-state.ts'
import { type Answer, type Machine, openMachine } from './machine.ts'
import { PROJECT } from './setup.ts'

const PODS = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: c, image: busybox, command: [sleep, '1000'], volumeMounts: [{ name: kept, mountPath: /kept }] }]
      volumes: [{ name: kept, configMap: { name: kept } }]
---
{ apiVersion: v1, kind: ConfigMap, metadata: { name: kept }, data: { a: b } }
`

let machine: Machine
beforeAll(async () => {
  machine = await openMachine()
  await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
  await machine.gorae(['up'])
  await machine.kubectl(['apply', '-f', '-'], { input: PODS })
  await ready()
})
afterAll(() => machine.close())

const ready = () => machine.kubectl(['wait', '--for=condition=Available', 'deployment/web', '--timeout=60s'])
const uids = async () =>
  (await machine.kubectl(['get', 'pods', '-o', 'jsonpath={.items[*].metadata.uid}'])).stdout.split(' ').toSorted()

const restarts = async () => {
  const path = 'jsonpath={.items[*].status.containerStatuses[0].restartCount}'
  return (await machine.kubectl(['get', 'pods', '-o', path])).stdout.split(' ').map(Number)
}

/** Everything that runs for the cluster, killed at once; returns when it is gone. */
async function killAll(node: NodeState): Promise<void> {
  const daemons = (['server', 'node', 'containerd'] as const).flatMap((which) => daemonPid(node, which) ?? [])
  const all = [...daemons, ...shimPids(node), ...containerPids(node)]
  expect(all.length).toBeGreaterThan(6)
  for (const pid of all) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL')
  await expect.poll(() => all.filter(isRunning)).toEqual([])
}

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** What clusters of this machine have among things that all share, by name. */
const mark = () => createHash('sha256').update(machine.home).digest('hex').slice(0, 6)
const namespaces = () => readdirSync('/run/netns').filter((name) => name.includes(mark()))

test('up works when everything was killed while a process of somebody else holds the network of the node', async () => {
  const [inside = ''] = namespaces().filter((name) => name.endsWith('node-1'))
  const holder = machine.spawn('nsenter', [`--net=/run/netns/${inside}`, 'sh', '-c', 'echo on; exec sleep 1000'])
  const ended = new Promise((resolve) => holder.once('exit', resolve))
  await new Promise((resolve) => holder.stdout?.once('data', resolve))
  try {
    await killAll(nodeOf(machine))
    await machine.gorae(['up'])
    await ready()
    const pod = await machine.kubectl(['exec', 'deployment/web', '--', 'cat', '/kept/a'])
    expect(pod.stdout).toBe('b')
  } finally {
    holder.kill('SIGKILL')
    await ended
  }
})

test('after a reboot of the machine, up brings every object and every Pod back', async () => {
  const [before, counts] = [await uids(), await restarts()]
  await killAll(nodeOf(machine))
  forget()
  const boot = join(machine.folder, 'boot-id')
  writeFileSync(boot, 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee\n')

  expect((await afterBoot(boot, 'status')).stdout).toContain('default: stopped')
  await afterBoot(boot, 'up')
  await ready()
  expect(await uids()).toEqual(before)
  await expect.poll(restarts, { timeout: 30_000 }).toEqual(counts.map((count) => count + 1))
  await ready()
  expect((await machine.kubectl(['get', 'nodes', '--no-headers'])).stdout).toMatch(/^node-1 +Ready /)
  const pod = await machine.kubectl(['exec', 'deployment/web', '--', 'cat', '/kept/a'])
  expect(pod.stdout).toBe('b')
  expect((await afterBoot(boot, 'up')).stdout).toContain('is running already')
  await afterBoot(boot, 'down')
  expect(await machine.leftovers()).toEqual([])
})

/** What no reboot leaves: mounts, namespaces, links, routes, control groups, and all under /run. */
function forget(): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${machine.home}/`) || path.startsWith(`/run/gorae/default-${mark()}`))
  for (const path of mounts.toReversed()) execFileSync('umount', ['--lazy', path])
  for (const name of namespaces()) execFileSync('ip', ['netns', 'delete', name])
  const ip = (...args: string[]) => execFileSync('ip', ['-n', machine.namespace, ...args], { stdio: 'ignore' })
  try {
    ip('link', 'delete', 'gorae-0')
  } catch {
    // it went with the namespace at its other end
  }
  ip('route', 'flush', 'table', 'main')
  const { socket } = nodeOf(machine)
  new ShimSockets({ run: dirname(socket), socket }).removeAll()
  rmSync(`/run/gorae/default-${mark()}`, { recursive: true, force: true })
}

/** `gorae …` on a machine whose kernel names its boot as the file does. */
function afterBoot(file: string, ...args: readonly string[]): Promise<Answer> {
  const enter = `mount --make-private /proc && mount --bind '${file}' /proc/sys/kernel/random/boot_id && exec "$0" "$@"`
  const gorae = [process.execPath, join(PROJECT, 'dist/gorae.js'), ...args]
  return machine.run('unshare', ['--mount', '--propagation', 'unchanged', 'sh', '-c', enter, ...gorae])
}
