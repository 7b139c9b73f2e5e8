/**
 * The running parts of a cluster, as they are written down. What is written down may be wrong: a record that was copied,
 * or made by hand, names a process of somebody else. So a part counts only when its own arguments say that it is one.
 */

import { type ProcessIdentity, argumentsOf, findProcesses, isAlive } from '../linux/processes.ts'
import type { ClusterPaths, NodePaths } from './paths.ts'
import { readIdentity } from './record.ts'

/** The argument that marks the processes of a cluster: one word, for not every system tells where words end. */
export const clusterMark = ({ root }: Pick<ClusterPaths, 'root'>): string => `--cluster=${root.replaceAll(' ', '%20')}`

/** The server, or a node by its name. */
export type Part = { readonly kind: 'server' } | { readonly kind: 'node'; readonly name: string }

/** The process that is written down as this part, if it is one and runs. */
export function runningPart(paths: ClusterPaths, part: Part): ProcessIdentity | undefined {
  const identity = readIdentity(recordOf(paths, part))
  return isAlive(identity) && isPart(argumentsOf(identity), paths, part) ? identity : undefined
}

export const runningServer = (paths: ClusterPaths): ProcessIdentity | undefined =>
  runningPart(paths, { kind: 'server' })

export const runningNode = (paths: ClusterPaths, name: string): ProcessIdentity | undefined =>
  runningPart(paths, { kind: 'node', name })

/** The containerd that is written down as this node's, if it is that and runs. */
export function runningContainerd(paths: Pick<NodePaths, 'containerdRecord' | 'config'>): ProcessIdentity | undefined {
  const identity = readIdentity(paths.containerdRecord)
  return isAlive(identity) && argumentsOf(identity).includes(paths.config) ? identity : undefined
}

/** A process that is this part, whatever is written down. */
export function findPart(paths: ClusterPaths, part: Part): ProcessIdentity | undefined {
  const mark = clusterMark(paths)
  const [found] = findProcesses((argument, all) => argument === mark && isPart(all, paths, part))
  return found
}

/** Where a part is written down. */
export const recordOf = (paths: ClusterPaths, part: Part): string =>
  part.kind === 'server' ? paths.serverRecord : paths.node(part.name).record

function isPart(words: readonly string[], paths: ClusterPaths, part: Part): boolean {
  if (!words.includes(clusterMark(paths)) || !words.includes(part.kind)) return false
  return part.kind === 'server' || words.includes(part.name)
}
