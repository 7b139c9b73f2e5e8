/**
 * Finds and removes whatever a node's containers left on the machine, without help from a container runtime, which
 * may be dead: processes, mounts, sockets, address leases.
 */

import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Clock } from '../../base/clock.ts'
import { removeGroupEverywhere } from '../../linux/hierarchies.ts'
import { detachLoopDevicesUnder } from '../../linux/loop-devices.ts'
import { unmountUnder } from '../../linux/mounts.ts'
import { type ProcessIdentity, findProcesses, identify, stopProcesses } from '../../linux/processes.ts'
import { nodeNamespace } from './network.ts'
import type { ClusterPaths, NodePaths } from '../paths.ts'
import { ShimSockets } from '../containerd/shim-sockets.ts'

/** Where libcni keeps what every network answered; it cannot be told otherwise. */
const CNI_CACHE = '/var/lib/cni/results'
/** Where shims keep their sockets, in a folder of it. */
const SHIMS = '/run/containerd'

/** What belongs to one node. */
export interface NodeRemains {
  readonly paths: NodePaths
  /** The name of its CNI network. */
  readonly network: string
  /** The group that holds all its Pods'. */
  readonly cgroup: string
}

/** What there may be of a node. */
export const remainsOf = (paths: ClusterPaths, node: string): NodeRemains => ({
  paths: paths.node(node),
  network: nodeNamespace(paths.id, node),
  cgroup: nodeCgroup(paths, node),
})

/** Above the `kubepods` of a node: many nodes share this machine. */
export const nodeCgroup = ({ id }: Pick<ClusterPaths, 'id'>, node: string): string => `/gorae/${id}/${node}`

/** Ends the node's containers and everything that serves them, giving containers `graceMs` to end by themselves. */
export async function stopContainers({ paths }: NodeRemains, clock: Clock, graceMs: number): Promise<void> {
  await stopProcesses(containerProcesses(paths), { clock, graceMs })
  for (let round = 0; round < 5; round++) {
    const serving = findProcesses((argument, all) => serves(all, argument, paths))
    const left = [...serving, ...containerProcesses(paths)]
    if (left.length === 0) return
    await stopProcesses(left, { clock, graceMs: 0 })
  }
}

/** Takes down the node's mounts and what the runtime keeps outside of the node's folders. */
export async function removeRemains({ paths, network, cgroup }: NodeRemains): Promise<void> {
  const sandboxes = sandboxIds(paths)
  // While it is still known whose they are.
  new ShimSockets(paths).removeAll()
  // While the files behind them still have names.
  await detachLoopDevicesUnder(paths.dir)
  await unmountUnder(paths.run)
  await unmountUnder(paths.dir)
  removeIfEmpty(join(SHIMS, 's'))
  removeIfEmpty(SHIMS)
  removeNetworkResults(network, sandboxes)
  removeGroupEverywhere(cgroup)
  rmSync(paths.run, { recursive: true, force: true })
}

/** Whether a container or a shim of this node runs, though its containerd may not. */
export const hasContainers = ({ paths }: NodeRemains): boolean => containerProcesses(paths).length > 0

/** Processes in mount namespaces that show the node's folders: only its containers have those. */
function containerProcesses(paths: NodePaths): ProcessIdentity[] {
  if (!existsSync('/proc/self/ns')) return []
  const own = namespaceOf('self')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && namespaceOf(name) !== own)
    .flatMap((name) => {
      const mounts = read(`/proc/${name}/mountinfo`)
      if (!mounts.includes(`${paths.run}/`) && !mounts.includes(`${paths.dir}/`)) return []
      const root = mounts.split('\n').find((line) => line.split(' ')[4] === '/') ?? ''
      if (!root.includes(`${paths.run}/`) && !root.includes(`${paths.dir}/`)) return []
      const identity = identify(Number(name))
      return identity === undefined ? [] : [identity]
    })
}

/**
 * A runtime's program that was told of this node's files. Others that look at them, an editor or `tail`, are the user's.
 * A shim starts as a script.
 */
export const serves = (all: readonly string[], argument: string, { run, config }: Pick<NodePaths, 'run' | 'config'>) =>
  all.slice(0, 2).some((word) => RUNTIMES.test(word)) && (isOf(argument, run) || isOf(argument, config))

const RUNTIMES = /(^|\/)(containerd|containerd-shim[^/]*|runc|crun)$/

const isOf = (argument: string, path: string): boolean => argument === path || argument.startsWith(`${path}/`)

/** Every sandbox the runtime knows of, running or not. */
function sandboxIds({ run, containerdRoot }: NodePaths): ReadonlySet<string> {
  const folders = [
    join(run, 'containerd', 'io.containerd.runtime.v2.task', 'k8s.io'),
    join(containerdRoot, 'io.containerd.grpc.v1.cri', 'sandboxes'),
  ]
  return new Set(folders.flatMap((dir) => (existsSync(dir) ? readdirSync(dir) : [])))
}

/** What libcni keeps of our networks, and of the loopback that every sandbox has. */
function removeNetworkResults(network: string, sandboxes: ReadonlySet<string>): void {
  if (!existsSync(CNI_CACHE)) return
  for (const name of readdirSync(CNI_CACHE)) {
    const loopback = /^cni-loopback-([0-9a-f]+)-lo$/.exec(name)?.[1]
    if (name.startsWith(`${network}-`) || (loopback !== undefined && sandboxes.has(loopback)))
      rmSync(join(CNI_CACHE, name), { force: true })
  }
}

function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir)
  } catch {
    // in use by another container runtime, or not there
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function namespaceOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return ''
  }
}
