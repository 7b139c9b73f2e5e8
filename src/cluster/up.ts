/**
 * Brings a cluster up: the network first, then the server and all nodes at once. Safe to repeat: it starts what is
 * missing and leaves what runs alone. What is interrupted is taken back.
 */

import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Clock } from '../base/clock.ts'
import { UserError } from '../base/user-error.ts'
import type { Ui, UpOptions, UpResult } from '../cli/operations.ts'
import { ensurePauseImage } from '../images/machine.ts'
import { ImageStore } from '../images/store.ts'
import { withLockFile } from '../linux/lock-file.ts'
import { enterNamespace, listRoutes, namespaceExists, ownNamespace } from '../linux/network.ts'
import { setNice } from '../linux/priority.ts'
import { bootId, isAlive } from '../linux/processes.ts'
import { type StartedDaemon, daemonProgram, lastLines, startDaemon } from './daemon.ts'
import { clusterMark, takeDown } from './down.ts'
import { contextName, editUserKubeconfig, kubeconfigText, mergeContext, userKubeconfig } from './kubeconfig.ts'
import { hasContainers, remainsOf, removeRemains, stopContainers } from './leftovers.ts'
import { checkMachine, checkPort } from './machine.ts'
import { claimIndex, ensureNetwork, nodeNamespace, routeToNewNodes } from './network.ts'
import { type ClusterPaths, clusterPaths, imageStoreDir } from './paths.ts'
import { ADMIN, CA, ensurePki, readPair } from './pki.ts'
import { MAX_NODES, isFree, rangesOf } from './ranges.ts'
import {
  type ClusterRecord,
  checkClusterName,
  readCluster,
  readClusters,
  readIdentity,
  serverUrl,
  writeFileAtomic,
  writeJson,
} from './record.ts'
import { NODE_FLAGS, SERVER_FLAGS } from './runtime-flags.ts'

import { checkedSchedulerConfig, hasSchedulerConfig, keepSchedulerConfig } from './scheduler-config.ts'

const DEFAULT_PORT = 6443

export interface UpDeps {
  readonly clock: Clock
  readonly ui: Ui
}

/** Brings the cluster up; returns when its API serves and all its nodes are Ready. */
export async function up(options: UpOptions, deps: UpDeps, signal: AbortSignal): Promise<UpResult> {
  checkClusterName(options.name)
  // Judged before anything is waited for or made.
  const scheduling = options.schedulerConfig === undefined ? undefined : checkedSchedulerConfig(options.schedulerConfig)
  const paths = clusterPaths(options.home, options.name)
  const onWait = (pid: number) =>
    deps.ui.note(`Waiting for process ${pid}, which works on the cluster "${options.name}".`)
  return withLockFile(paths.lock, { clock: deps.clock, onWait, signal }, () =>
    upLocked({ ...options, scheduling }, paths, deps, signal),
  )
}

interface CheckedOptions extends UpOptions {
  /** The text of the scheduler configuration that was asked for. */
  readonly scheduling: string | undefined
}

async function upLocked(
  options: CheckedOptions,
  paths: ClusterPaths,
  deps: UpDeps,
  signal: AbortSignal,
): Promise<UpResult> {
  const known = readCluster(paths)
  if (known !== undefined) checkSame(known, options)
  if (options.scheduling !== undefined) checkIdle(options, paths, options.scheduling)
  const kubeletConfig = await kubeletConfigFor(options, paths, known)
  const nodeCount = Math.max(options.nodes ?? 1, known?.nodes.length ?? 0)
  if (known !== undefined && nodeCount === known.nodes.length && isRunning(paths, known)) {
    writeFileSync(paths.wanted, '')
    return result(paths, known, true)
  }
  const runtime = known?.runtime ?? options.runtime ?? 'containerd'
  if (runtime === 'containerd') checkMachine()
  if (!isAlive(readIdentity(paths.serverRecord)))
    checkPort(
      known?.port ?? portFor(options),
      readClusters(options.home).filter(({ name }) => name !== options.name),
    )

  const record = await settle(options, paths, known, nodeCount)
  if (options.scheduling !== undefined) keepSchedulerConfig(paths, options.scheduling)
  if (kubeletConfig !== undefined) writeFileAtomic(paths.kubeletConfig, kubeletConfig, 0o600)
  try {
    await bringUp(paths, record, deps, signal)
  } catch (error) {
    // A cluster that never ran is taken back whole; one that has objects keeps them.
    await deps.ui.step(known === undefined ? 'Taking back what was made' : 'Stopping what was started', () =>
      takeDown(paths, known !== undefined, deps.clock),
    )
    signal.throwIfAborted()
    throw error
  }
  writeFileSync(paths.wanted, '')
  const merged = options.mergeKubeconfig ? await mergeIntoUsers(paths, record, deps.clock) : record
  return result(paths, merged, false)
}

/** A scheduler that runs keeps to what it was started with. */
function checkIdle({ name }: UpOptions, paths: ClusterPaths, scheduling: string): void {
  if (!isAlive(readIdentity(paths.serverRecord)) || hasSchedulerConfig(paths, scheduling)) return
  const named = name === 'default' ? '' : ` --name ${name}`
  throw new UserError(
    `the cluster "${name}" runs with another scheduler configuration`,
    `stop it first, its objects stay: gorae stop${named}`,
  )
}

/** A cluster's port and runtime are settled when it is made. */
function checkSame(known: ClusterRecord, { name, nodes, port, runtime }: UpOptions): void {
  const change = (what: string, is: string | number) =>
    new UserError(
      `the cluster "${name}" has ${what} ${is} already`,
      `leave the option away, or make the cluster anew: gorae down --name ${name}`,
    )
  if (port !== undefined && port !== known.port) throw change('port', known.port)
  if (runtime !== undefined && runtime !== known.runtime) throw change('the runtime', known.runtime)
  if (nodes !== undefined && nodes < known.nodes.length) throw change('its number of nodes,', known.nodes.length)
}

/** The text that the nodes will read. Kubelets read it as they start: nodes that run must know it already. */
async function kubeletConfigFor(
  { kubeletConfig: file }: UpOptions,
  paths: ClusterPaths,
  known: ClusterRecord | undefined,
): Promise<string | undefined> {
  if (file === undefined) return undefined
  const { checkedKubeletConfig, storedKubeletConfig } = await import('./kubelet-config.ts')
  const text = checkedKubeletConfig(file)
  if (known === undefined || text === storedKubeletConfig(paths)) return text
  if (!known.nodes.some((node) => isAlive(readIdentity(paths.node(node).record)))) return text
  throw new UserError(
    `the nodes of the cluster "${known.name}" run with another kubelet configuration`,
    `stop the cluster first: gorae stop --name ${known.name}`,
  )
}

/** The port asked for; without one, the first of ours that no other cluster of this home has. */
function portFor({ home, name, port }: UpOptions): number {
  if (port !== undefined) return port
  const taken = new Set(readClusters(home).flatMap((other) => (other.name === name ? [] : [other.port])))
  let free = DEFAULT_PORT
  while (taken.has(free)) free++
  return free
}

/** Writes down what the cluster is, before anything of it exists: so that `down` always finds it. */
async function settle(
  options: UpOptions,
  paths: ClusterPaths,
  known: ClusterRecord | undefined,
  nodeCount: number,
): Promise<ClusterRecord> {
  if (nodeCount < 1 || nodeCount > MAX_NODES)
    throw new UserError(`a cluster cannot have ${nodeCount} nodes`, `use a number from 1 to ${MAX_NODES}`)
  const nodes = Array.from({ length: nodeCount }, (_, at) => `node-${at + 1}`)
  const runtime = known?.runtime ?? options.runtime ?? 'containerd'
  const others = readClusters(options.home).filter(({ name }) => name !== options.name)
  const record: ClusterRecord = {
    version: 1,
    name: options.name,
    index: known?.index ?? (await newIndex(runtime, others)),
    port: known?.port ?? portFor(options),
    runtime,
    nodes,
    hostNamespace: ownNamespace(),
    ...(known?.mergedKubeconfig === undefined ? {} : { mergedKubeconfig: known.mergedKubeconfig }),
  }
  if (known !== undefined && runtime === 'containerd') await checkRanges(paths, known)
  mkdirSync(paths.root, { recursive: true, mode: 0o700 })
  writeJson(paths.record, record)
  return record
}

async function newIndex(runtime: ClusterRecord['runtime'], others: readonly ClusterRecord[]): Promise<number> {
  const known = others.map(({ index }) => index)
  if (runtime === 'containerd') return claimIndex(known)
  let index = 0
  while (known.includes(index)) index++
  return index
}

/** After a reboot the cluster's ranges are free again; somebody else may have taken them. */
async function checkRanges(paths: ClusterPaths, { index, name }: ClusterRecord): Promise<void> {
  const ranges = rangesOf(index)
  const own = new Set([ranges.pods, ranges.services, ranges.nodes])
  const foreign = (await listRoutes()).filter(
    ({ dst, dev, type }) => dev !== ranges.link && !(type === 'unreachable' && own.has(dst)),
  )
  if (!isFree(index, foreign) && !namespaceExists(nodeNamespace(paths.id, 'node-1')))
    throw new UserError(
      `this machine routes ${ranges.pods}, ${ranges.services} or ${ranges.nodes} elsewhere now`,
      `the cluster "${name}" needs them: remove that route (ip route), or make the cluster anew: gorae down --name ${name}`,
    )
}

/** Starts what is missing of a cluster that is written down. */
export async function bringUp(
  paths: ClusterPaths,
  record: ClusterRecord,
  { clock, ui }: UpDeps,
  signal: AbortSignal,
): Promise<void> {
  const ranges = rangesOf(record.index)
  const store = new ImageStore(imageStoreDir(paths.home), clock)
  const server = { alive: isAlive(readIdentity(paths.serverRecord)) }
  const idle = record.nodes.filter((node) => !isAlive(readIdentity(paths.node(node).record)))
  forgetLastBoot(paths)
  if (record.runtime === 'containerd') writeJson(paths.spareRecord, record)

  await ui.step('Preparing certificates and the network', async () => {
    const network = record.runtime === 'containerd' ? prepareNetwork(paths, record, idle, clock) : undefined
    ensurePki(paths, record, ranges, clock)
    const pause = record.runtime === 'containerd' ? ensurePauseImage(store) : undefined
    await Promise.all([network, pause])
    writeFileAtomic(paths.kubeconfig, kubeconfigText(kubeconfigOf(paths, record)), 0o600)
  })
  signal.throwIfAborted()

  const started: StartedDaemon[] = []
  const serverDaemon = server.alive ? undefined : startServer(paths)
  const nodeDaemons = idle.map((node) => startNode(paths, record, node))
  if (serverDaemon !== undefined) {
    started.push(serverDaemon)
    await ui.step('Starting the API server', () => orAbort(serverDaemon.ready, signal))
  }
  const many = record.nodes.length === 1 ? 'the node' : `${record.nodes.length} nodes`
  await ui.step(`Waiting for ${many} to be Ready`, () =>
    inTime(Promise.all(nodeDaemons.map(({ ready }) => ready)), () => lastLines(paths.node(idle[0] ?? 'node-1').log), {
      clock,
      signal,
    }),
  )
}

/** What lies under /run is of no use after a reboot, on machines where it survives one. */
function forgetLastBoot(paths: ClusterPaths): void {
  const file = join(paths.run, 'boot-id')
  let last: string | undefined
  try {
    last = readFileSync(file, 'utf8')
  } catch {
    last = undefined
  }
  if (last !== bootId()) rmSync(paths.run, { recursive: true, force: true })
  try {
    mkdirSync(paths.run, { recursive: true, mode: 0o711 })
    writeFileSync(file, bootId())
  } catch (error) {
    if (process.getuid?.() === 0) throw error // others only simulate, and need nothing there
  }
}

/** Nodes whose containers still run keep their network; the others get a new one, and their remains are cleared. */
async function prepareNetwork(
  paths: ClusterPaths,
  record: ClusterRecord,
  idle: readonly string[],
  clock: Clock,
): Promise<void> {
  const alive = new Set(
    record.nodes.filter(
      (node) =>
        namespaceExists(nodeNamespace(paths.id, node)) &&
        (!idle.includes(node) ||
          isAlive(readIdentity(paths.node(node).containerdRecord)) ||
          hasContainers(remainsOf(paths, node))),
    ),
  )
  for (const node of record.nodes.filter((name) => !alive.has(name))) {
    await stopContainers(remainsOf(paths, node), clock, 0)
    await removeRemains(remainsOf(paths, node))
  }
  const plan = { id: paths.id, index: record.index, names: record.nodes }
  await ensureNetwork(plan, alive)
  if (alive.size < record.nodes.length) await routeToNewNodes(plan, alive)
}

const daemonArgs = (flags: readonly string[], paths: ClusterPaths, ...args: readonly string[]) => [
  ...flags,
  daemonProgram(),
  ...args,
  clusterMark(paths),
]

/**
 * The C library gives large blocks back at once, instead of learning from the files that are read at the start to keep
 * them: 10 MiB less for each process. https://man7.org/linux/man-pages/man3/mallopt.3.html
 */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' }

const daemonEnv = (paths: ClusterPaths) => ({ GORAE_HOME: paths.home, NODE_ENV: 'production', ...MALLOC })

/** While it starts, everybody waits for the server; the nodes beside it would take it half of the machine. */
const STARTING_NICE = -10

function startServer(paths: ClusterPaths): StartedDaemon {
  const daemon = startDaemon({
    program: process.execPath,
    args: daemonArgs(SERVER_FLAGS, paths, 'server', '--name', paths.name),
    log: paths.serverLog,
    record: paths.serverRecord,
    env: daemonEnv(paths),
  })
  if (daemon.identity !== undefined) setNice(daemon.identity.pid, STARTING_NICE)
  return daemon
}

function startNode(paths: ClusterPaths, record: ClusterRecord, node: string): StartedDaemon {
  const args = daemonArgs(NODE_FLAGS, paths, 'node', node, '--name', paths.name)
  const files = { log: paths.node(node).log, record: paths.node(node).record, env: daemonEnv(paths) }
  if (record.runtime === 'simulated') return startDaemon({ program: process.execPath, args, ...files })
  const [program, entering] = enterNamespace(nodeNamespace(paths.id, node), process.execPath, args)
  // The way back to this network, for bringing back a server that died.
  const hostNetwork = openSync('/proc/self/ns/net', 'r')
  try {
    return startDaemon({ program, args: entering, ...files, inherit: hostNetwork })
  } finally {
    closeSync(hostNetwork)
  }
}

interface Patience {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A cluster that is not up after this long will not be; its logs say why. */
const NODES_MS = 60_000

async function inTime<T>(work: Promise<T>, words: () => string, { clock, signal }: Patience): Promise<T> {
  const limit = new AbortController()
  const cancel = clock.after(NODES_MS, () =>
    limit.abort(
      new UserError(
        `the nodes are not Ready after ${NODES_MS / 1000} s`,
        `the log of the first one ends with:\n${words()}`,
      ),
    ),
  )
  try {
    return await orAbort(work, AbortSignal.any([signal, limit.signal]))
  } finally {
    cancel()
  }
}

async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Whether every process of the cluster runs. */
export function isRunning(paths: ClusterPaths, record: ClusterRecord): boolean {
  const files = [paths.serverRecord, ...record.nodes.map((node) => paths.node(node).record)]
  return files.every((file) => isAlive(readIdentity(file)))
}

const kubeconfigOf = (paths: ClusterPaths, record: ClusterRecord) => ({
  name: contextName(record.name),
  server: serverUrl(record.port),
  ca: readPair(paths.pki, CA).certificate,
  client: readPair(paths.pki, ADMIN),
})

async function mergeIntoUsers(paths: ClusterPaths, record: ClusterRecord, clock: Clock): Promise<ClusterRecord> {
  const file = userKubeconfig()
  await editUserKubeconfig(file, clock, (text) => mergeContext(text, kubeconfigOf(paths, record)))
  const merged = { ...record, mergedKubeconfig: file }
  writeJson(paths.record, merged)
  return merged
}

function result(paths: ClusterPaths, record: ClusterRecord, wasRunning: boolean): UpResult {
  return {
    wasRunning,
    context: contextName(record.name),
    kubeconfig: paths.kubeconfig,
    server: serverUrl(record.port),
    nodes: record.nodes,
    ...(record.mergedKubeconfig === undefined ? {} : { mergedInto: record.mergedKubeconfig }),
  }
}
