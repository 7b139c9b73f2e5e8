/** How the processes of a cluster are started: with which flags, in which environment, in which network. */

import { closeSync, openSync } from 'node:fs'

import { enterNamespace } from '../../linux/network.ts'
import { setNice } from '../../linux/priority.ts'
import { type StartedDaemon, daemonProgram, startDaemon } from './daemon.ts'
import { clusterMark } from '../parts.ts'
import { nodeNamespace } from '../machine/network.ts'
import type { ClusterPaths } from '../paths.ts'
import type { ClusterRecord } from '../record.ts'
import { NODE_FLAGS, SERVER_FLAGS } from './runtime-flags.ts'

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

/** Starts the server's process, ahead of everything else on the machine. */
export function startServer(paths: ClusterPaths): StartedDaemon {
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

/** Starts a node's process, in the network namespace of that node. */
export function startNode(paths: ClusterPaths, record: ClusterRecord, node: string): StartedDaemon {
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
