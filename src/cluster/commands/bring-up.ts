/**
 * Starts what is missing of a cluster that is written down: the network first, then the server and all nodes at once.
 * Safe to repeat: it leaves what runs alone.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Clock } from '../../base/clock.ts'
import { UserError } from '../../base/user-error.ts'
import type { Ui } from '../../cli/operations.ts'
import { type KubeAccess, kubeconfigText } from '../../client/kubeconfig.ts'
import { ensurePauseImage } from '../../images/machine.ts'
import { ImageStore } from '../../images/store.ts'
import { namespaceExists } from '../../linux/network.ts'
import { bootId } from '../../linux/processes.ts'
import { type StartedDaemon, lastLines } from '../daemons/daemon.ts'
import { connectAdmin } from '../admin-client.ts'
import { contextName } from '../user-kubeconfig.ts'
import { hasContainers, remainsOf, removeRemains, stopContainers } from '../machine/leftovers.ts'
import { ensureNetwork, nodeNamespace } from '../machine/network.ts'
import { runningContainerd, runningNode, runningServer } from '../parts.ts'
import { type ClusterPaths, imageStoreDir } from '../paths.ts'
import { ADMIN, CA, ensurePki, readPair } from '../pki.ts'
import { rangesOf } from '../machine/ranges.ts'
import { type ClusterRecord, serverUrl, writeFileAtomic, writeJson } from '../record.ts'
import { startNode, startServer } from '../daemons/start-daemons.ts'

/** What bringing up needs: time, and somewhere to show what goes on. */
export interface UpDeps {
  readonly clock: Clock
  readonly ui: Ui
  /** How long the nodes may take; as long as most never need unless told. */
  readonly patienceMs?: number | undefined
}

/** Starts what is missing of a cluster that is written down. */
export async function bringUp(
  paths: ClusterPaths,
  record: ClusterRecord,
  { clock, ui, patienceMs = PATIENCE_MS }: UpDeps,
  signal: AbortSignal,
): Promise<void> {
  const patience = { clock, patienceMs, signal }
  const ranges = rangesOf(record.index)
  const store = new ImageStore(imageStoreDir(paths.home), clock)
  const server = { alive: runningServer(paths) !== undefined }
  const idle = record.nodes.filter((node) => runningNode(paths, node) === undefined)
  forgetLastBoot(paths)
  if (record.runtime === 'containerd') writeJson(paths.spareRecord, record)

  await ui.step('Preparing certificates and the network', async () => {
    const network = record.runtime === 'containerd' ? prepareNetwork(paths, record, idle, clock) : undefined
    ensurePki(paths, record, ranges, clock)
    const pause = record.runtime === 'containerd' ? ensurePauseImage(store) : undefined
    await Promise.all([network, pause])
    writeFileAtomic(paths.kubeconfig, kubeconfigText(kubeconfigOf(paths, record)), { mode: 0o600 })
  })
  signal.throwIfAborted()

  const started: StartedDaemon[] = []
  const serverDaemon = server.alive ? undefined : startServer(paths)
  const nodeDaemons = idle.map((node) => startNode(paths, record, node))
  if (serverDaemon !== undefined) {
    started.push(serverDaemon)
    const late = { what: 'the API server does not serve', whose: 'its log', log: paths.serverLog }
    await ui.step('Starting the API server', () => inTime(serverDaemon.ready, late, patience))
  }
  const late = lateNodes(paths, idle[0])
  await ui.step(waitingFor(record), () => inTime(Promise.all(nodeDaemons.map(({ ready }) => ready)), late, patience))
}

/**
 * Whether every process of the cluster runs; returns when the API serves and all nodes are Ready. Then nothing has to be
 * started. False also when one of them ends meanwhile.
 */
export async function isUp(
  paths: ClusterPaths,
  record: ClusterRecord,
  { clock, ui, patienceMs = PATIENCE_MS }: UpDeps,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isRunning(paths, record)) return false
  const admin = connectAdmin(paths, record.port)
  const areReady = async () => {
    const ready = await admin
      .readyNodes(AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]))
      .catch(() => undefined)
    return record.nodes.every((node) => ready?.get(node) === true)
  }
  const stop = new AbortController()
  const untilReady = async () => {
    while (!(await areReady())) {
      if (!isRunning(paths, record)) return false
      await clock.sleep(LOOK_MS, stop.signal)
    }
    return true
  }
  try {
    if (await areReady()) return true
    const patience = { clock, patienceMs, signal }
    return await ui.step(waitingFor(record), () => inTime(untilReady(), lateNodes(paths, undefined), patience))
  } finally {
    stop.abort()
    await admin.close()
  }
}

const waitingFor = ({ nodes }: ClusterRecord): string =>
  `Waiting for ${nodes.length === 1 ? 'the node' : `${nodes.length} nodes`} to be Ready`

const lateNodes = (paths: ClusterPaths, first = 'node-1'): Late => ({
  what: 'the nodes are not Ready',
  whose: 'the log of the first one',
  log: paths.node(first).log,
})

/** How long an API server that serves may take to list its nodes, and how often those that are not Ready are looked at. */
const ANSWER_MS = 5_000
const LOOK_MS = 100

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
          runningContainerd(paths.node(node)) !== undefined ||
          hasContainers(remainsOf(paths, node))),
    ),
  )
  for (const node of record.nodes.filter((name) => !alive.has(name))) {
    await stopContainers(remainsOf(paths, node), clock, 0)
    await removeRemains(remainsOf(paths, node))
  }
  await ensureNetwork({ id: paths.id, index: record.index, names: record.nodes }, alive)
}
interface Patience {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly patienceMs: number
}

/** On most machines, a cluster that is not up after this long will not be; its logs say why. */
const PATIENCE_MS = 60_000

/** What is late, and where the reason may stand. */
interface Late {
  readonly what: string
  readonly whose: string
  readonly log: string
}

async function inTime<T>(work: Promise<T>, late: Late, { clock, signal, patienceMs }: Patience): Promise<T> {
  const limit = new AbortController()
  const cancel = clock.after(patienceMs, () =>
    limit.abort(
      new UserError(
        `${late.what} after ${patienceMs / 1000} s`,
        `on a slow machine allow more time (--wait 10m); ${late.whose} ends with:\n${lastLines(late.log)}`,
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
  return runningServer(paths) !== undefined && record.nodes.every((node) => runningNode(paths, node) !== undefined)
}

/** How the administrator reaches the cluster. */
export const kubeconfigOf = (paths: ClusterPaths, record: ClusterRecord): KubeAccess => ({
  name: contextName(record.name),
  server: serverUrl(record.port),
  ca: readPair(paths.pki, CA).certificate,
  ...readPair(paths.pki, ADMIN),
})
