/** When an Indexed Job has succeeded well enough (https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy). Pure. */

import { completionsOf, isIndexed, type ReadJob } from './facts.ts'
import { parseIndexes } from './index-set.ts'

/** Why the Job counts as succeeded; undefined while no rule is met. */
export function successPolicyMet(job: ReadJob, completed: ReadonlySet<number>): string | undefined {
  const rules = job.spec?.successPolicy?.rules ?? []
  if (!isIndexed(job)) return undefined
  for (const [at, { succeededIndexes, succeededCount }] of rules.entries()) {
    const meant = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, completionsOf(job) ?? 0)
    const met = meant === undefined ? completed : new Set([...meant].filter((index) => completed.has(index)))
    const needed = succeededCount ?? meant?.size
    if (needed !== undefined && met.size >= needed) return `Matched rules at index ${at}`
  }
  return undefined
}
