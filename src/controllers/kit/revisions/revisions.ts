/**
 * ControllerRevisions: the templates a StatefulSet or DaemonSet had, so that it can tell old Pods from new ones and be
 * rolled back (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies). Pure.
 */

import type { ControllerRevision } from '../../../api/generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import { fromTime } from '../../../base/clock.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { OwnerReference } from '../../../meta/types.ts'
import { sameJson } from '../equal.ts'
import { nameOf } from '../ownership.ts'
import { templateHash } from './template-hash.ts'

export type ReadRevision = DeepReadonly<ControllerRevision>

/** The label that tells which revision a Pod is of. */
export const REVISION_LABEL = 'controller-revision-hash'
/** The label by which a StatefulSet's revision tells its hash; a DaemonSet's has the Pods' own label. */
const HASH_LABEL = 'controller.kubernetes.io/hash'

/**
 * What a revision records: a patch that puts the template back. Its keys are in the order of Go's maps, for clients
 * compare it with a patch of their own, byte by byte.
 */
function revisionData(template: DeepReadonly<PodTemplateSpec>): unknown {
  return inKeyOrder({ spec: { template: { ...template, $patch: 'replace' } } })
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder)
  if (typeof value !== 'object' || value === null) return value
  const byKey = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(byKey.map(([key, inner]) => [key, inKeyOrder(inner)]))
}

/** The oldest first; of two of one number the older one. */
export function compareRevisions(a: ReadRevision, b: ReadRevision): number {
  const created = (revision: ReadRevision) => fromTime(revision.metadata.creationTimestamp) ?? 0
  return a.revision - b.revision || created(a) - created(b) || (nameOf(a) < nameOf(b) ? -1 : 1)
}

export const hasTemplate = (revision: ReadRevision, template: DeepReadonly<PodTemplateSpec>): boolean =>
  sameJson(revision.data, revisionData(template))

export interface NewRevision {
  readonly owner: OwnerReference
  readonly namespace: string
  readonly template: DeepReadonly<PodTemplateSpec>
  readonly annotations: Readonly<Record<string, string>> | undefined
  readonly revision: number
  readonly collisionCount: number | undefined
}

/** The revision of a template, as it is created. Its name is `<owner>-<hash>`. */
export function newRevision(made: NewRevision): ControllerRevision {
  const hash = templateHash(made.template, made.collisionCount)
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${made.owner.name.slice(0, 223)}-${hash}`,
      namespace: made.namespace,
      labels: {
        ...made.template.metadata?.labels,
        [made.owner.kind === 'DaemonSet' ? REVISION_LABEL : HASH_LABEL]: hash,
      },
      ...(made.annotations === undefined ? {} : { annotations: { ...made.annotations } }),
      ownerReferences: [made.owner],
    },
    data: revisionData(made.template),
    revision: made.revision,
  }
}

export const hashOf = (revision: ReadRevision): string =>
  revision.metadata.labels?.[HASH_LABEL] ?? revision.metadata.labels?.[REVISION_LABEL] ?? ''

/** The template a revision records. */
export function templateOf(revision: ReadRevision): DeepReadonly<PodTemplateSpec> | undefined {
  const { spec } = (revision.data ?? {}) as {
    readonly spec?: { readonly template?: DeepReadonly<PodTemplateSpec> & { readonly $patch?: string } }
  }
  if (spec?.template === undefined) return undefined
  const { $patch: _patch, ...template } = spec.template
  return template
}

/** The revisions beyond the limit that nobody is of, the oldest first. */
export function surplusRevisions(
  revisions: readonly ReadRevision[],
  live: ReadonlySet<string>,
  limit: number,
): readonly ReadRevision[] {
  const idle = revisions.filter((revision) => !live.has(nameOf(revision))).toSorted(compareRevisions)
  return idle.slice(0, Math.max(0, idle.length - limit))
}
