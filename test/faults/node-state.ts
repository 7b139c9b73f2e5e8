/** What of a node's containers is really on the machine, asked of the kernel and of containerd, not of gorae. */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Machine } from '../e2e/machine.ts'

export interface NodeState {
  readonly cluster: string
  readonly node: string
  readonly socket: string
}

/** Where a machine's cluster keeps its node. */
export function nodeOf(machine: Machine, node = 'node-1'): NodeState {
  const cluster = join(machine.home, 'default')
  const config = read(join(cluster, 'nodes', node, 'containerd.toml'))
  const state = /^state = "(.*)"$/m.exec(config)?.[1] ?? ''
  return { cluster, node: join(cluster, 'nodes', node), socket: join(state, '../containerd.sock') }
}

/** The process that a daemon wrote down as itself; undefined when it is dead. */
export function daemonPid({ cluster, node }: NodeState, which: 'server' | 'node' | 'containerd'): number | undefined {
  const file = which === 'server' ? join(cluster, 'server.json') : join(node, `${which}.json`)
  const { pid, startTicks } = JSON.parse(read(file) || '{}') as { pid?: number; startTicks?: string }
  if (pid === undefined) return undefined
  return statOf(pid)?.[19] === startTicks ? pid : undefined
}

/** The shims that serve this node's Pods. */
export function shimPids({ socket }: NodeState): number[] {
  return pids().filter((pid) => {
    const args = read(`/proc/${pid}/cmdline`).split('\0')
    return (args[0] ?? '').includes('containerd-shim') && args.includes(socket)
  })
}

/** First processes of containers: children of shims that have a root of their own. */
export function containerPids(node: NodeState): number[] {
  const shims = new Set(shimPids(node))
  return pids().filter((pid) => shims.has(Number(statOf(pid)?.[1])) && !read(`/proc/${pid}/cmdline`).startsWith('runc'))
}

const QUIET: { stdio: ['ignore', 'pipe', 'pipe'] } = { stdio: ['ignore', 'pipe', 'pipe'] }

export interface Task {
  readonly id: string
  readonly status: string
}

/** containerd's tasks. */
export function tasks({ socket }: NodeState): Task[] {
  const lines = execFileSync('ctr', ['--address', socket, '--namespace', 'k8s.io', 'tasks', 'ls'], QUIET)
    .toString()
    .split('\n')
  return lines.slice(1).flatMap((line) => {
    const [id = '', , status = ''] = line.trim().split(/\s+/)
    return id === '' ? [] : [{ id, status }]
  })
}

/** containerd's containers, running or not, sandboxes included. */
export function containers({ socket }: NodeState): string[] {
  const text = execFileSync(
    'ctr',
    ['--address', socket, '--namespace', 'k8s.io', 'containers', 'ls', '-q'],
    QUIET,
  ).toString()
  return text.split('\n').filter((line) => line !== '')
}

/** What is left of Pods: containers, shims, folders, mounts, addresses. Empty when all Pods are gone. */
export function podRemains(node: NodeState): string[] {
  const list = (dir: string) => (existsSync(dir) ? readdirSync(dir) : [])
  const mounts = read('/proc/self/mountinfo').split('\n')
  const leases = list(join(node.socket, '../cni')).flatMap((network) => list(join(node.socket, '../cni', network)))
  return [
    ...containers(node).map((id) => `container ${id}`),
    ...shimPids(node).map((pid) => `shim ${pid}`),
    ...list(join(node.node, 'kubelet/pods')).map((name) => `volumes of ${name}`),
    ...list(join(node.node, 'log/pods')).map((name) => `logs of ${name}`),
    ...mounts.filter((line) => line.includes(`${node.node}/kubelet/pods`)).map((line) => `mount ${line}`),
    ...leases.filter((name) => /^\d+\.\d+\.\d+\.\d+$/.test(name)).map((name) => `address ${name}`),
  ]
}

/**
 * Which of the Pods have two programs running side by side though theirs run one after the other: each Pod's first
 * processes, by the host name in their environment, whoever their parent is by now.
 */
export function sideBySide(): string[] {
  const seen = new Map<string, number>()
  for (const pid of pids()) {
    if (!/^NSpid:.*\s1$/m.test(read(`/proc/${pid}/status`)) || !read(`/proc/${pid}/cmdline`).startsWith('sh\0-c'))
      continue
    const host = /(?:^|\0)HOSTNAME=(r\d+-[^\0]+)/.exec(read(`/proc/${pid}/environ`))?.[1]
    if (host !== undefined) seen.set(host, (seen.get(host) ?? 0) + 1)
  }
  return [...seen].flatMap(([host, count]) => (count > 1 ? [`${count} containers of ${host} at once`] : []))
}

const pids = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** The fields of /proc/PID/stat after the name. */
function statOf(pid: number): string[] | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === '') return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : fields
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
