/** Takes the context of a cluster that is no more out of the user's kubeconfig. */

import { existsSync, readFileSync } from 'node:fs'

import type { Clock } from '../../base/clock.ts'
import {
  authorityIn,
  contextName,
  editUserKubeconfig,
  removeContext,
  usualKubeconfig,
  userKubeconfig,
} from '../user-kubeconfig.ts'
import type { ClusterPaths } from '../paths.ts'
import { CA } from '../pki.ts'
import { type ClusterRecord, mergedInto } from '../record.ts'

/**
 * Without a record that can be read, the context is looked for where it may have been merged, and known by the cluster's
 * certificate authority. A context of the same name that is another cluster's by now stays.
 */
export async function forgetContext(
  paths: ClusterPaths,
  record: ClusterRecord | undefined,
  clock: Clock,
): Promise<void> {
  const name = contextName(paths.name)
  const authorities = authoritiesOf(paths)
  const forget = (file: string, known?: readonly string[]) =>
    editUserKubeconfig(file, clock, (text) => removeContext(text, name, known))
  if (record !== undefined) {
    const { mergedKubeconfig: merged } = record
    const known = authorities.length === 0 ? undefined : authorities
    if (merged !== undefined && existsSync(merged)) await forget(merged, known)
    return
  }
  for (const file of new Set([mergedInto(paths) ?? userKubeconfig(), userKubeconfig(), usualKubeconfig()])) {
    try {
      if (existsSync(file)) await forget(file, authorities)
    } catch {
      // No kubeconfig, or not ours to change: nothing says that the context is there.
    }
  }
}

/** As the cluster's own files have it: one of them may be damaged as well. */
function authoritiesOf({ pki, kubeconfig, name }: ClusterPaths): readonly string[] {
  const read = [
    () => readFileSync(pki.certificate(CA), 'utf8'),
    () => authorityIn(readFileSync(kubeconfig, 'utf8'), contextName(name)),
  ]
  return read.flatMap((each) => {
    try {
      return each() ?? []
    } catch {
      return []
    }
  })
}
