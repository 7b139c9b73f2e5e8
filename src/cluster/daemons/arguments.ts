/** What the command line of a background process says, and how the process is told to end. */

import { parseArgs } from 'node:util'

import { UserError } from '../../base/user-error.ts'
import { type ClusterPaths, clusterPaths, goraeHome } from '../paths.ts'
import { type ClusterRecord, checkClusterName, readCluster } from '../record.ts'

/** The cluster that a background process belongs to, and what else it was told. */
export interface DaemonArguments {
  readonly paths: ClusterPaths
  readonly record: ClusterRecord
  readonly rest: readonly string[]
}

/** Reads `[NODE] --name NAME [--cluster=FOLDER]`; the last only marks the process for those who look for it. */
export function readArguments(args: readonly string[]): DaemonArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { name: { type: 'string' }, cluster: { type: 'string' } },
  })
  const { name = 'default' } = values
  checkClusterName(name)
  const paths = clusterPaths(goraeHome(), name)
  const record = readCluster(paths)
  if (record === undefined) throw new UserError(`there is no cluster "${name}"`, 'make it with: gorae up')
  return { paths, record, rest: positionals }
}

/** Aborts when the process is asked to end; asked twice, it ends at once. */
export function untilAsked(): AbortSignal {
  const stop = new AbortController()
  const onStop = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort(new UserError(`stopped by ${name}`))
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onStop)
  return stop.signal
}
