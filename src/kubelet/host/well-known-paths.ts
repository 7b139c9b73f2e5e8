/**
 * Folders that everybody expects at the same place of every node, e.g. /var/lib/kubelet: programs in Pods mount them
 * with `hostPath` volumes, and name them in what they tell the kubelet. Several nodes may be one machine here, so each
 * has them somewhere else (docs/decisions/kubelet-folder.md).
 */

import path from 'node:path'

/** Where a kubelet has its things, as everybody knows it. */
export const KUBELET_FOLDER = '/var/lib/kubelet'

/** Between the paths that everybody knows and those of this node. */
export interface WellKnownPaths {
  /** Where this node has what is known by that path. Paths elsewhere stay as they are. */
  onNode(wellKnown: string): string
  /** What programs in Pods call a path of this node. */
  wellKnown(onNode: string): string
}

/** `folders`: where this node has each well-known folder. None lies in another. */
export function wellKnownPaths(folders: Readonly<Record<string, string>>): WellKnownPaths {
  const pairs = Object.entries(folders)
  return {
    onNode: (target) => moved(target, pairs),
    wellKnown: (target) =>
      moved(
        target,
        pairs.map(([known, own]) => [own, known]),
      ),
  }
}

/** A path that leaves a folder by `..` is not in it. */
function moved(target: string, pairs: readonly (readonly [from: string, to: string])[]): string {
  const plain = path.posix.normalize(target)
  const pair = pairs.find(([from]) => plain === from || plain.startsWith(`${from}/`))
  return pair === undefined ? target : pair[1] + plain.slice(pair[0].length)
}
