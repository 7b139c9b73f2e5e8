/** What a cluster is: settled when it is made, written down before anything of it exists, and kept from then on. */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import type { Clock } from '../base/clock.ts'
import { UserError } from '../base/user-error.ts'
import type { UpOptions } from '../cli/operations.ts'
import { withLockFile } from '../linux/lock-file.ts'
import { listRoutes, namespaceExists, ownNamespace } from '../linux/network.ts'
import { checkPortNumber } from './machine/machine.ts'
import { claimIndex, nodeNamespace } from './machine/network.ts'
import type { ClusterPaths } from './paths.ts'
import { MAX_NODES, isFree, rangesOf } from './machine/ranges.ts'
import { type ClusterRecord, readClusters, writeJson } from './record.ts'

const DEFAULT_PORT = 6443

/** Throws for numbers that no cluster can have. */
export function checkNumbers({ nodes, port }: Pick<UpOptions, 'nodes' | 'port'>): void {
  if (nodes !== undefined && (nodes < 1 || nodes > MAX_NODES))
    throw new UserError(`a cluster cannot have ${nodes} nodes`, `use a number from 1 to ${MAX_NODES}`)
  if (port !== undefined) checkPortNumber(port)
}

/** Throws when a cluster is asked to be other than it was made: its port and runtime stay, and nodes are only added. */
export function checkSame(known: ClusterRecord, { name, nodes, port, runtime }: UpOptions): void {
  const change = (what: string, is: string | number) =>
    new UserError(
      `the cluster "${name}" has ${what} ${is} already`,
      `leave the option away, or make the cluster anew: gorae down --name ${name}`,
    )
  if (port !== undefined && port !== known.port) throw change('the port', known.port)
  if (runtime !== undefined && runtime !== known.runtime) throw change('the runtime', known.runtime)
  if (nodes !== undefined && nodes < known.nodes.length) throw change('more nodes,', known.nodes.length)
}

/** The port asked for; without one, the first of ours that no other cluster of this home has. */
function portFor({ home, name, port }: UpOptions): number {
  if (port !== undefined) return port
  const taken = new Set(readClusters(home).flatMap((other) => (other.name === name ? [] : [other.port])))
  let free = DEFAULT_PORT
  while (taken.has(free)) free++
  return free
}

/** What settling needs: what there is of the cluster already, what it is to be, and time. */
export interface SettleDeps {
  readonly known: ClusterRecord | undefined
  readonly nodeCount: number
  /** Throws when the port cannot be had. */
  readonly checkPort: (port: number, others: readonly ClusterRecord[]) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Writes down what the cluster is, before anything of it exists: so that `down` always finds it. One cluster of a home
 * settles at a time: each looks at what the others have.
 */
export function settle(options: UpOptions, paths: ClusterPaths, deps: SettleDeps): Promise<ClusterRecord> {
  return withLockFile(join(options.home, SETTLING), deps, () => settleAlone(options, paths, deps))
}

/** No cluster has a lock of that name. */
const SETTLING = '.settling..lock'

async function settleAlone(options: UpOptions, paths: ClusterPaths, deps: SettleDeps): Promise<ClusterRecord> {
  const { known, nodeCount } = deps
  const nodes = Array.from({ length: nodeCount }, (_, at) => `node-${at + 1}`)
  const runtime = known?.runtime ?? options.runtime ?? 'containerd'
  const others = readClusters(options.home).filter(({ name }) => name !== options.name)
  const port = known?.port ?? portFor(options)
  deps.checkPort(port, others)
  const recordWith = (index: number): ClusterRecord => ({
    version: 1,
    name: options.name,
    index,
    port,
    runtime,
    nodes,
    hostNamespace: ownNamespace(),
    ...(known?.mergedKubeconfig === undefined ? {} : { mergedKubeconfig: known.mergedKubeconfig }),
  })
  if (known !== undefined && runtime === 'containerd') await checkRanges(paths, known)
  mkdirSync(paths.root, { recursive: true, mode: 0o700 })
  const writeDown = (index: number) => writeJson(paths.record, recordWith(index))
  const taken = others.map(({ index }) => index)
  try {
    const index = known?.index ?? (await newIndex(runtime, taken, writeDown))
    writeDown(index)
    return recordWith(index)
  } catch (error) {
    if (known === undefined) rmSync(paths.root, { recursive: true, force: true }) // there is no such cluster
    throw error
  }
}

/** Every cluster has a number, which nobody else has: its ranges follow from it. */
async function newIndex(
  runtime: ClusterRecord['runtime'],
  taken: readonly number[],
  writeDown: (index: number) => void,
): Promise<number> {
  if (runtime === 'containerd') return claimIndex(taken, writeDown)
  let index = 0
  while (taken.includes(index)) index++
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
