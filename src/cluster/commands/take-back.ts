/** Takes back what an `up` began that failed or was interrupted. What ran before goes on. */

import { existsSync, rmSync } from 'node:fs'

import type { Clock } from '../../base/clock.ts'
import { NODES } from '../../client/resources.ts'
import { connectAdmin } from '../admin-client.ts'
import { removeNodeNetworks } from '../machine/network.ts'
import { runningNode, runningServer } from '../parts.ts'
import type { ClusterPaths } from '../paths.ts'
import { type ClusterRecord, writeJson } from '../record.ts'
import { stopNodes, stopServer, takeDown } from './down.ts'

/** What ran of a cluster before it was asked for more. */
export interface AliveParts {
  readonly server: boolean
  readonly nodes: readonly string[]
}

/** What runs of it now. */
export const aliveParts = (paths: ClusterPaths, known: ClusterRecord | undefined): AliveParts => ({
  server: runningServer(paths) !== undefined,
  nodes: known?.nodes.filter((node) => runningNode(paths, node) !== undefined) ?? [],
})

export interface Interrupted {
  /** What the cluster was; absent: it was none. */
  readonly known: ClusterRecord | undefined
  /** What it was to be. */
  readonly record: ClusterRecord
  readonly before: AliveParts
}

/** A cluster that never was is taken back whole; one that has objects keeps them, and is again what it was. */
export async function takeBack(paths: ClusterPaths, { known, record, before }: Interrupted, clock: Clock) {
  if (known === undefined) return takeDown(paths, false, clock)
  if (!before.server && before.nodes.length === 0) return takeDown(paths, true, clock)
  const added = record.nodes.slice(known.nodes.length)
  // First: the server starts again what it finds dead of a cluster that is wanted.
  writeJson(paths.record, known)
  if (existsSync(paths.spareRecord)) writeJson(paths.spareRecord, known)
  await stopNodes(
    paths,
    record.nodes.filter((node) => !before.nodes.includes(node)),
    clock,
  )
  if (!before.server) await stopServer(paths, clock)
  await removeNodeNetworks(paths.id, added)
  for (const node of added) rmSync(paths.node(node).dir, { recursive: true, force: true })
  if (before.server) await forgetNodes(paths, record.port, added)
}

/** How long a server may take to delete a Node. */
const PATIENCE_MS = 3_000

/** They may have registered already. A server that does not answer must not keep anybody from ending. */
async function forgetNodes(paths: ClusterPaths, port: number, names: readonly string[]): Promise<void> {
  const admin = connectAdmin(paths, port)
  try {
    const limit = AbortSignal.timeout(PATIENCE_MS)
    await Promise.allSettled(names.map((name) => admin.client.delete(NODES, { name }, {}, limit)))
  } finally {
    await admin.close()
  }
}
