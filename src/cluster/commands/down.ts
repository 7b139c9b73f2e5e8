/** Takes a cluster down: in the reverse order of its start, within a deadline, whatever state it is in. */

import { existsSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

import type { Clock } from '../../base/clock.ts'
import { type ProcessIdentity, findProcesses, stopProcesses } from '../../linux/processes.ts'
import { withLockFile } from '../../linux/lock-file.ts'
import { ownNamespace } from '../../linux/network.ts'
import { forgetContext } from './forget-context.ts'
import { remainsOf, removeRemains, stopContainers } from '../machine/leftovers.ts'
import { removeNetwork } from '../machine/network.ts'
import { type Part, clusterMark, findPart, recordOf, runningPart } from '../parts.ts'
import { type ClusterPaths, clusterPaths } from '../paths.ts'
import { type ClusterRecord, checkClusterName, isClusterName, readCluster, writeJson } from '../record.ts'

/** How long our own processes may take to end by themselves. */
const DAEMON_GRACE_MS = 3_000
/** How long containers may take. Stopping keeps their data, so they get more time to write it. */
const CONTAINER_GRACE_MS = { stop: 3_000, remove: 1_000 }

export interface DownOptions {
  readonly home: string
  readonly name: string
  /** Keeps all objects and images; `up` brings the cluster back. */
  readonly keep: boolean
}

export interface DownDeps {
  readonly clock: Clock
  /** Told of the process that works on the cluster just now, and that is waited for. */
  readonly onWait: (pid: number) => void
  /** Ends the waiting. What has begun to go down goes down. */
  readonly signal: AbortSignal
}

/** Whether there is anything of that cluster. */
export function hasRemains(home: string, name: string): boolean {
  checkClusterName(name)
  const paths = clusterPaths(home, name)
  return existsSync(paths.root) || existsSync(paths.run)
}

/** The clusters of a home that have something in /run, whatever became of their folders. */
export const clustersThatRan = (home: string): string[] =>
  foldersIn(dirname(clusterPaths(home, 'default').run)).flatMap((id) => {
    const name = id.replace(/-[0-9a-f]{6}$/, '')
    return [id, name].filter((each) => isClusterName(each) && clusterPaths(home, each).id === id)
  })

/** Takes the cluster down. False when there was nothing of it. */
export async function down(options: DownOptions, deps: DownDeps): Promise<boolean> {
  if (!hasRemains(options.home, options.name)) return false
  const paths = clusterPaths(options.home, options.name)
  rmSync(paths.wanted, { force: true }) // before the lock: who is about to bring something back stops at that
  await withLockFile(paths.lock, deps, () => takeDown(paths, options.keep, deps.clock))
  return true
}

/** The same, for whoever holds the cluster's lock already. */
export async function takeDown(paths: ClusterPaths, keep: boolean, clock: Clock): Promise<void> {
  rmSync(paths.wanted, { force: true })
  const record = readableRecord(paths)
  const names = [
    ...new Set([...(record?.nodes ?? []), ...foldersIn(join(paths.root, 'nodes')), ...foldersIn(paths.run)]),
  ]
  const id = paths.id
  const nodes = names.map((name) => remainsOf(paths, name))

  if (keep && existsSync(paths.kubeletConfig)) {
    const { endPodsInOrder } = await import('./end-pods.ts')
    await endPodsInOrder(paths, daemons(paths, 'node'), clock)
  }
  await stopProcesses(daemons(paths, 'node'), { clock, graceMs: DAEMON_GRACE_MS })
  const graceMs = keep ? CONTAINER_GRACE_MS.stop : CONTAINER_GRACE_MS.remove
  await Promise.all([
    ...nodes.map((node) => stopContainers(node, clock, graceMs)),
    stopProcesses(daemons(paths, 'server'), { clock, graceMs: DAEMON_GRACE_MS }),
  ])
  for (const node of nodes) await removeRemains(node)
  if (record?.runtime !== 'simulated' && process.getuid?.() === 0)
    await removeNetwork({
      id,
      index: record?.index ?? -1,
      names,
      hostNamespace: record?.hostNamespace ?? ownNamespace(),
    })
  rmSync(paths.run, { recursive: true, force: true })
  removeIfEmpty(dirname(paths.run))
  for (const file of [paths.serverRecord, ...nodes.flatMap((node) => [node.paths.record, node.paths.containerdRecord])])
    rmSync(file, { force: true })
  if (keep) return
  await forgetContext(paths, record, clock)
  // Windows keeps files for a moment that processes had open.
  rmSync(paths.root, { recursive: true, force: true, maxRetries: 5 })
}

/** Stops these nodes of a cluster whose other parts go on, and removes what runs of them. */
export async function stopNodes(paths: ClusterPaths, names: readonly string[], clock: Clock): Promise<void> {
  const mark = clusterMark(paths)
  const isOne = (argument: string, all: readonly string[]) =>
    argument === mark && all.includes('node') && names.some((name) => all.includes(name))
  await stopProcesses(findProcesses(isOne), { clock, graceMs: DAEMON_GRACE_MS })
  const nodes = names.map((name) => remainsOf(paths, name))
  await Promise.all(nodes.map((node) => stopContainers(node, clock, CONTAINER_GRACE_MS.stop)))
  for (const node of nodes) {
    await removeRemains(node)
    for (const file of [node.paths.record, node.paths.containerdRecord]) rmSync(file, { force: true })
  }
}

/** Ends the server of a cluster whose nodes go on. */
export const stopServer = (paths: ClusterPaths, clock: Clock): Promise<void> =>
  stopProcesses(daemons(paths, 'server'), { clock, graceMs: DAEMON_GRACE_MS })

/** Whether any process of the cluster runs, whatever is written down. */
export const hasDaemons = (paths: ClusterPaths): boolean =>
  daemons(paths, 'server').length > 0 || daemons(paths, 'node').length > 0

/** Writes down those of its processes that a starter has not, because it was killed as it did so. */
export function recordDaemons(paths: ClusterPaths, nodes: readonly string[]): void {
  const parts: Part[] = [{ kind: 'server' }, ...nodes.map((name) => ({ kind: 'node', name }) as const)]
  for (const part of parts) {
    const found = runningPart(paths, part) === undefined ? findPart(paths, part) : undefined
    if (found !== undefined) writeJson(recordOf(paths, part), found)
  }
}

/** The processes that carry the cluster's mark. What is written down of them may be wrong, and name somebody else. */
function daemons(paths: ClusterPaths, part: 'server' | 'node'): ProcessIdentity[] {
  const mark = clusterMark(paths)
  return findProcesses((argument, all) => argument === mark && all.includes(part))
}

/** A damaged record must not keep a cluster from being taken down. */
function readableRecord(paths: ClusterPaths): ClusterRecord | undefined {
  for (const file of [paths.record, paths.spareRecord]) {
    try {
      const record = readCluster({ ...paths, record: file })
      if (record !== undefined) return record
    } catch {
      // the other may be whole
    }
  }
  return undefined
}

function foldersIn(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
}

function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir)
  } catch {
    // other clusters run
  }
}
