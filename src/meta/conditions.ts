/**
 * Conditions of a status: each type once, and the time of its last change kept while it stays as it is
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions).
 */

/** What every kind's conditions have in common. */
export interface ConditionLike {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string
}

/** The condition of a type. */
export function findCondition<T extends { readonly type: string }>(
  conditions: readonly T[] | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type)
}

/** Whether the condition of a type is there and `True`. */
export function isConditionTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

/**
 * The list with `condition` in it. Its transition time is the old one's when the status is unchanged, else what
 * `condition` brings or `now`. The list itself is given back when nothing changed.
 */
export function setCondition<T extends ConditionLike>(
  conditions: readonly T[] | undefined,
  condition: T,
  now: string,
): readonly T[] {
  const list = conditions ?? []
  const at = list.findIndex(({ type }) => type === condition.type)
  const old = list[at]
  const since = old?.status === condition.status ? (old.lastTransitionTime ?? undefined) : undefined
  const next: T = { ...condition, lastTransitionTime: since ?? condition.lastTransitionTime ?? now }
  if (old === undefined) return [...list, next]
  return isSame(old, next) ? list : list.with(at, next)
}

function isSame(a: object, b: object): boolean {
  const left = a as Readonly<Record<string, unknown>>
  const right = b as Readonly<Record<string, unknown>>
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => left[key] === right[key])
}
