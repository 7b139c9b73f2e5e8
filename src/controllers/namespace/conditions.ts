/**
 * What a namespace that is being deleted says about how far it is
 * (https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace). Pure.
 */

import type { NamespaceCondition } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

/** What a pass over all resources found. Keys are `pods.` or `deployments.apps`. */
export interface Findings {
  /** Error texts of resources that could not be emptied. */
  readonly failures: readonly string[]
  readonly remaining: ReadonlyMap<string, number>
  readonly finalizers: ReadonlyMap<string, number>
}

type News = Pick<NamespaceCondition, 'type' | 'status'> & { reason: string; message: string }

/** The conditions after a pass; those that stay as they are keep their transition times. */
export function namespaceConditions(
  before: readonly DeepReadonly<NamespaceCondition>[],
  findings: Findings,
  now: number,
): readonly DeepReadonly<NamespaceCondition>[] {
  return newsOf(findings).reduce((conditions, news) => withNews(conditions, news, now), before)
}

function withNews(
  conditions: readonly DeepReadonly<NamespaceCondition>[],
  news: News,
  now: number,
): readonly DeepReadonly<NamespaceCondition>[] {
  const at = conditions.findIndex((condition) => condition.type === news.type)
  const before = conditions[at]
  const isSame = before?.status === news.status && before.reason === news.reason && before.message === news.message
  if (isSame) return conditions
  const since = before?.status === news.status ? before.lastTransitionTime : undefined
  const lastTransitionTime = since ?? toTime(now)
  const changed = { ...news, lastTransitionTime }
  return at < 0 ? [...conditions, changed] : conditions.with(at, changed)
}

function newsOf({ failures, remaining, finalizers }: Findings): readonly News[] {
  const text = (counts: ReadonlyMap<string, number>, words: (key: string, count: number) => string) =>
    [...counts]
      .map(([key, count]) => words(key, count))
      .toSorted()
      .join(', ')
  return [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    failures.length > 0
      ? {
          type: 'NamespaceDeletionContentFailure',
          status: 'True',
          reason: 'ContentDeletionFailed',
          message: `Failed to delete all resource types, ${failures.length} remaining: ${failures.toSorted().join(', ')}`,
        }
      : {
          type: 'NamespaceDeletionContentFailure',
          status: 'False',
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
        },
    remaining.size > 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${text(remaining, (key, n) => `${key} has ${n} resource instances`)}`,
        }
      : {
          type: 'NamespaceContentRemaining',
          status: 'False',
          reason: 'ContentRemoved',
          message: 'All content successfully removed',
        },
    finalizers.size > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${text(finalizers, (key, n) => `${key} in ${n} resource instances`)}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ]
}
