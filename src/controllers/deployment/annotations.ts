/**
 * The annotations a Deployment and its ReplicaSets carry: revision, history, and the sizes that proportional
 * scaling reads (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#checking-rollout-history-of-a-deployment).
 */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Deployment, ReplicaSet } from '../../api/generated/apps-v1.ts'

export type ReadDeployment = DeepReadonly<Deployment>
export type ReadReplicaSet = DeepReadonly<ReplicaSet>
export type Annotations = Readonly<Record<string, string>>

export const REVISION = 'deployment.kubernetes.io/revision'
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'

/** What a ReplicaSet does not inherit from its Deployment. */
const OWN = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
])

/** The longest revision history that is kept, in characters; the oldest go first. */
const LONGEST_HISTORY = 2000

/** The largest revision there can be; texts beyond it are no revisions. */
const MAX_REVISION = 2n ** 63n - 1n

/** The number in the annotation, which may be larger than a number here can be exactly; 0 when absent or no number. */
export function revisionOf(object: { readonly metadata: { readonly annotations?: Annotations } }): bigint {
  return revisionIn(object.metadata.annotations?.[REVISION]) ?? 0n
}

function revisionIn(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[0-9]{1,19}$/.test(text)) return undefined
  const revision = BigInt(text)
  return revision > MAX_REVISION ? undefined : revision
}

/** The whole, non-negative number a text holds. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined
}

/** The annotations of a ReplicaSet that is the Deployment's current one, at this revision. */
export function currentAnnotations(
  deployment: ReadDeployment,
  revision: bigint,
  existing: Annotations | undefined,
): Annotations {
  const inherited = Object.fromEntries(
    Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !OWN.has(key)),
  )
  const merged: Record<string, string> = { ...existing, ...inherited }
  const before = revisionIn(existing?.[REVISION])
  if (before !== undefined && before >= revision) return merged
  merged[REVISION] = String(revision)
  if (before !== undefined) merged[REVISION_HISTORY] = historyWith(existing?.[REVISION_HISTORY], before)
  return merged
}

function historyWith(history: string | undefined, revision: bigint): string {
  const revisions = history === undefined || history === '' ? [] : history.split(',')
  revisions.push(String(revision))
  while (revisions.length > 1 && revisions.join(',').length > LONGEST_HISTORY) revisions.shift()
  return revisions.join(',')
}

/** The sizes a ReplicaSet was last given its share of. */
export function sizeAnnotations(desired: number, max: number): Annotations {
  return { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(max) }
}
