/** What is there of a cluster, and how it does. */

import { existsSync } from 'node:fs'

import type { Clock } from '../../base/clock.ts'
import type { ClusterStatus, NodeStatus } from '../../cli/operations.ts'
import { connectAdmin } from '../admin-client.ts'
import { runningContainerd, runningNode, runningServer } from '../parts.ts'
import type { ClusterPaths } from '../paths.ts'
import { pullsOfNode } from '../containerd/pull-progress.ts'
import { nodeEndpoint, simulatedEndpoint } from '../machine/ranges.ts'
import { type ClusterRecord, readCluster, serverUrl } from '../record.ts'

/** How long a server that does not answer is waited for. */
const PATIENCE_MS = 3_000

/** The cluster's state; undefined when there is none. Never throws for a cluster that is unwell. */
export async function clusterStatus(paths: ClusterPaths, clock: Clock): Promise<ClusterStatus | undefined> {
  const { name, kubeconfig } = paths
  let record: ClusterRecord | undefined
  try {
    record = readCluster(paths)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { name, state: 'damaged', kubeconfig, nodes: [], detail }
  }
  if (record === undefined)
    return existsSync(paths.root)
      ? { name, state: 'damaged', kubeconfig, nodes: [], detail: 'it was never made whole; gorae down removes it' }
      : undefined
  const server = runningServer(paths)
  const readiness = server !== undefined ? await readNodes(paths, record) : new Map<string, boolean>()
  const nodes = await Promise.all(
    record.nodes.map(async (node, at): Promise<NodeStatus> => {
      const pulls = await pullsOfNode(paths.node(node), clock)
      return { ...nodeStatus(paths, record, node, at, readiness), pulls }
    }),
  )
  const running = [server !== undefined, ...nodes.map(({ process }) => process === 'running')]
  const state = running.every(Boolean) ? 'running' : running.some(Boolean) ? 'partly running' : 'stopped'
  return {
    name,
    state,
    server: serverUrl(record.port),
    ...(server === undefined ? {} : { serverPid: server.pid }),
    runtime: record.runtime,
    kubeconfig,
    nodes,
  }
}

function nodeStatus(
  paths: ClusterPaths,
  { index, runtime }: ClusterRecord,
  name: string,
  at: number,
  readiness: ReadonlyMap<string, boolean>,
): Omit<NodeStatus, 'pulls'> {
  const identity = runningNode(paths, name)
  const containerd = runningContainerd(paths.node(name)) === undefined ? 'stopped' : 'running'
  return {
    name,
    address: (runtime === 'simulated' ? simulatedEndpoint : nodeEndpoint)(index, at + 1).address,
    process: identity === undefined ? 'stopped' : 'running',
    runtime: runtime === 'simulated' ? 'simulated' : containerd,
    ready: readiness.get(name) ?? 'unknown',
    ...(identity === undefined ? {} : { pid: identity.pid }),
  }
}

/** Which nodes are Ready, by the server's word; empty when it does not answer. */
async function readNodes(paths: ClusterPaths, record: ClusterRecord): Promise<ReadonlyMap<string, boolean>> {
  const admin = connectAdmin(paths, record.port)
  try {
    return await admin.readyNodes(AbortSignal.timeout(PATIENCE_MS))
  } catch {
    return new Map()
  } finally {
    await admin.close()
  }
}
