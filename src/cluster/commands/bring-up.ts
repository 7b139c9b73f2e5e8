/**
 * Starts what is missing of a cluster that is written down: the network first, then the server and all nodes at once.
 * Safe to repeat: it leaves what runs alone.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Clock } from '../../base/clock.ts'
import { UserError } from '../../base/user-error.ts'
import type { Ui } from '../../cli/operations.ts'
import { ensurePauseImage } from '../../images/machine.ts'
import { ImageStore } from '../../images/store.ts'
import { namespaceExists } from '../../linux/network.ts'
import { bootId, isAlive } from '../../linux/processes.ts'
import { type StartedDaemon, lastLines } from '../daemons/daemon.ts'
import { contextName, kubeconfigText } from '../kubeconfig.ts'
import { hasContainers, remainsOf, removeRemains, stopContainers } from '../machine/leftovers.ts'
import { ensureNetwork, nodeNamespace, routeToNewNodes } from '../machine/network.ts'
import { type ClusterPaths, imageStoreDir } from '../paths.ts'
import { ADMIN, CA, ensurePki, readPair } from '../pki.ts'
import { rangesOf } from '../machine/ranges.ts'
import { type ClusterRecord, readIdentity, serverUrl, writeFileAtomic, writeJson } from '../record.ts'
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
      patienceMs,
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
interface Patience {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly patienceMs: number
}

/** On most machines, a cluster that is not up after this long will not be; its logs say why. */
const PATIENCE_MS = 60_000

async function inTime<T>(work: Promise<T>, words: () => string, { clock, signal, patienceMs }: Patience): Promise<T> {
  const limit = new AbortController()
  const cancel = clock.after(patienceMs, () =>
    limit.abort(
      new UserError(
        `the nodes are not Ready after ${patienceMs / 1000} s`,
        `on a slow machine give them longer (--wait 10m); the log of the first one ends with:\n${words()}`,
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
/** How the administrator reaches the cluster. */
export const kubeconfigOf = (paths: ClusterPaths, record: ClusterRecord) => ({
  name: contextName(record.name),
  server: serverUrl(record.port),
  ca: readPair(paths.pki, CA).certificate,
  client: readPair(paths.pki, ADMIN),
})
