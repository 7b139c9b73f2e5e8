/**
 * What a Deployment reports: counts, and the conditions Available, Progressing and ReplicaFailure
 * (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status). Pure.
 */

import type { DeploymentCondition, DeploymentStatus } from '../../api/generated/apps-v1.ts'
import { fromTime, toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { nameOf } from '../kit/ownership.ts'
import type { ReadDeployment, ReadReplicaSet } from './annotations.ts'
import { allSets, type SetView } from './sets.ts'
import { availableOf, maxUnavailable, sum, totalSize, wantedReplicas } from './sizes.ts'

export type ReadStatus = DeepReadonly<DeploymentStatus>
export type ReadCondition = DeepReadonly<DeploymentCondition>

/** A condition without its times. */
export type ConditionNews = Pick<ReadCondition, 'type' | 'status'> & { reason: string; message: string }

export const conditionOf = (status: ReadStatus | undefined, type: string): ReadCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type)

/**
 * The conditions with the news in them. The same status and reason is no news; the same status keeps its transition
 * time; what changed moves to the end.
 */
export function withCondition(
  conditions: readonly ReadCondition[],
  news: ConditionNews,
  now: number,
): readonly ReadCondition[] {
  const before = conditions.find((condition) => condition.type === news.type)
  if (before?.status === news.status && before.reason === news.reason) return conditions
  return renewed(conditions, news, now)
}

/** Like `withCondition`, but the update time moves even when status and reason stay. */
function renewed(conditions: readonly ReadCondition[], news: ConditionNews, now: number): readonly ReadCondition[] {
  const before = conditions.find((condition) => condition.type === news.type)
  const time = toTime(now)
  const lastTransitionTime = before?.status === news.status ? (before.lastTransitionTime ?? time) : time
  return [
    ...without(conditions, news.type),
    {
      type: news.type,
      status: news.status,
      lastUpdateTime: time,
      lastTransitionTime,
      reason: news.reason,
      message: news.message,
    },
  ]
}

const without = (conditions: readonly ReadCondition[], type: string) =>
  conditions.filter((condition) => condition.type !== type)

const MAX_INT32 = 2 ** 31 - 1

/** Whether somebody waits for the rollout to make progress. */
export function hasDeadline(deployment: ReadDeployment): boolean {
  const seconds = deployment.spec?.progressDeadlineSeconds
  return seconds !== undefined && seconds !== MAX_INT32
}

/** Counts and availability; the conditions about progress stay as they were. */
export function countStatus(deployment: ReadDeployment, view: SetView, now: number): ReadStatus {
  const sets = allSets(view)
  const status = (set: ReadReplicaSet | undefined) => set?.status
  const available = sum(sets.map(availableOf))
  const terminating = sum(sets.map((set) => set.status?.terminatingReplicas ?? 0))
  const isEnough = available >= wantedReplicas(deployment) - maxUnavailable(deployment)
  const conditions = withCondition(deployment.status?.conditions ?? [], isEnough ? ENOUGH : TOO_FEW, now)
  const { collisionCount } = deployment.status ?? {}
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...positive({
      replicas: sum(sets.map((set) => status(set)?.replicas ?? 0)),
      updatedReplicas: status(view.current)?.replicas ?? 0,
      readyReplicas: sum(sets.map((set) => status(set)?.readyReplicas ?? 0)),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, totalSize(sets) - available),
    }),
    terminatingReplicas: terminating,
    conditions,
    ...(collisionCount === undefined ? {} : { collisionCount }),
  }
}

const positive = <T extends Record<string, number>>(counts: T): Partial<T> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)) as Partial<T>

const ENOUGH: ConditionNews = {
  type: 'Available',
  status: 'True',
  reason: 'MinimumReplicasAvailable',
  message: 'Deployment has minimum availability.',
}
const TOO_FEW: ConditionNews = {
  type: 'Available',
  status: 'False',
  reason: 'MinimumReplicasUnavailable',
  message: 'Deployment does not have minimum availability.',
}

/** The status after a rollout step: counts, and how the rollout goes. */
export function rolloutStatus(deployment: ReadDeployment, view: SetView, now: number): ReadStatus {
  const counted = countStatus(deployment, view, now)
  const conditions = withReplicaFailure(progress(deployment, view, counted, now), view)
  return { ...counted, conditions }
}

function progress(
  deployment: ReadDeployment,
  view: SetView,
  counted: ReadStatus,
  now: number,
): readonly ReadCondition[] {
  const conditions = counted.conditions ?? []
  if (!hasDeadline(deployment)) return without(conditions, 'Progressing')
  const before = conditionOf(deployment.status, 'Progressing')
  const wasComplete =
    (counted.replicas ?? 0) === (counted.updatedReplicas ?? 0) && before?.reason === 'NewReplicaSetAvailable'
  if (wasComplete) return conditions
  const subject =
    view.current === undefined ? `Deployment "${nameOf(deployment)}"` : `ReplicaSet "${nameOf(view.current)}"`
  const news = (status: 'True' | 'False', reason: string, what: string): ConditionNews => ({
    type: 'Progressing',
    status,
    reason,
    message: `${subject} ${what}`,
  })
  if (isComplete(deployment, counted)) {
    return withCondition(conditions, news('True', 'NewReplicaSetAvailable', 'has successfully progressed.'), now)
  }
  if (hasProgressed(deployment, counted)) {
    return renewed(conditions, news('True', 'ReplicaSetUpdated', 'is progressing.'), now)
  }
  if (hasTimedOut(deployment, before, now)) {
    return withCondition(conditions, news('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'), now)
  }
  return conditions
}

/** A failure of the current ReplicaSet, or of an old one while there is no current one, is the Deployment's failure. */
function withReplicaFailure(conditions: readonly ReadCondition[], view: SetView): readonly ReadCondition[] {
  const sets = view.current === undefined ? view.old : [view.current]
  for (const set of sets) {
    const failure = set.status?.conditions?.find((condition) => condition.type === 'ReplicaFailure')
    if (failure === undefined) continue
    const { lastTransitionTime, status, reason = '', message = '' } = failure
    const before = conditions.find((condition) => condition.type === 'ReplicaFailure')
    if (before?.status === status && before.reason === reason) return conditions
    const since = lastTransitionTime ?? undefined
    const times = since === undefined ? {} : { lastUpdateTime: since, lastTransitionTime: since }
    return [...without(conditions, 'ReplicaFailure'), { type: 'ReplicaFailure', status, ...times, reason, message }]
  }
  return without(conditions, 'ReplicaFailure')
}

/** Whether all Pods are of the present template and available, and none of another one is left. */
export function isComplete(deployment: ReadDeployment, status: ReadStatus): boolean {
  const wanted = wantedReplicas(deployment)
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

function hasProgressed({ status: before }: ReadDeployment, now: ReadStatus): boolean {
  const old = (status: ReadStatus | undefined) => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0)
  return (
    (now.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  )
}

function hasTimedOut(deployment: ReadDeployment, before: ReadCondition | undefined, now: number): boolean {
  if (before === undefined || before.reason === 'NewReplicaSetAvailable') return false
  if (before.reason === 'ProgressDeadlineExceeded') return true
  const wait = untilDeadline(deployment, before, now)
  return wait !== undefined && wait < 0
}

const untilDeadline = (deployment: ReadDeployment, condition: ReadCondition, now: number): number | undefined => {
  const since = fromTime(condition.lastUpdateTime)
  const seconds = deployment.spec?.progressDeadlineSeconds
  return since === undefined || seconds === undefined ? undefined : since + seconds * 1000 - now
}

/** When to look whether the rollout is stuck; undefined when it cannot be. */
export function whenStuck(deployment: ReadDeployment, status: ReadStatus, now: number): number | undefined {
  const condition = conditionOf(status, 'Progressing')
  if (condition === undefined || !hasDeadline(deployment)) return undefined
  if (isComplete(deployment, status) || condition.reason === 'ProgressDeadlineExceeded') return undefined
  const wait = untilDeadline(deployment, condition, now)
  return wait === undefined ? undefined : Math.max(wait, 0) + 1_000
}

/** Pausing and resuming stop the deadline's clock and start it anew. */
export function pausedCondition(deployment: ReadDeployment): ConditionNews | undefined {
  const before = conditionOf(deployment.status, 'Progressing')
  if (!hasDeadline(deployment) || before?.reason === 'ProgressDeadlineExceeded') return undefined
  const isPaused = deployment.spec?.paused === true
  const saysPaused = before?.reason === 'DeploymentPaused'
  if (isPaused === saysPaused) return undefined
  return isPaused
    ? { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' }
}
