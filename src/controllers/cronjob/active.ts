/** Which of a CronJob's Jobs are active still, and when the last one succeeded (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/#CronJobStatus). */

import type { CronJobStatus } from '../../api/generated/batch-v1.ts'
import type { ObjectReference } from '../../api/generated/core-v1.ts'
import { fromTime, toTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { JOBS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { Events } from '../kit/events.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'
import { endedAs, type ReadCronJob, type ReadJob } from './due.ts'

export type Status = DeepReadonly<CronJobStatus>
type Reference = DeepReadonly<ObjectReference>

export interface ActiveDeps {
  readonly client: Client
  readonly events: Events
}

/** A CronJob, its Jobs, and those of them that were removed right now. */
export interface Family {
  readonly cronJob: ReadCronJob
  readonly jobs: readonly ReadJob[]
  readonly removed: readonly ReadJob[]
}

/** The status without the Jobs that have ended or vanished. */
export async function followActive(deps: ActiveDeps, family: Family, signal: AbortSignal): Promise<Status> {
  const { cronJob, jobs } = family
  const { active = [], ...status } = cronJob.status ?? {}
  const kept: Reference[] = []
  for (const reference of active) if (await isActive(deps, family, reference, signal)) kept.push(reference)
  for (const job of unexpected(jobs, active)) {
    const message = `Saw a job that the controller did not create or forgot: ${nameOf(job)}`
    deps.events.event(cronJob, 'Warning', 'UnexpectedJob', message)
  }
  const succeeded = lastSuccess(jobs, fromTime(status.lastSuccessfulTime))
  return {
    ...status,
    ...(kept.length === 0 ? {} : { active: kept }),
    ...(succeeded === undefined ? {} : { lastSuccessfulTime: toTime(succeeded) }),
  }
}

/** Tells of Jobs that are active no more. What was removed right now needs no word about its end. */
async function isActive(
  { client, events }: ActiveDeps,
  { cronJob, jobs, removed }: Family,
  reference: Reference,
  signal: AbortSignal,
): Promise<boolean> {
  const job = jobs.find((child) => uidOf(child) === reference.uid)
  if (job !== undefined && removed.includes(job)) return false
  const ended = job === undefined ? undefined : endedAs(job)
  if (ended !== undefined) {
    events.event(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${reference.name}, condition: ${ended}`)
    return false
  }
  if (job !== undefined || (await exists(client, reference, signal))) return true
  events.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${reference.name}`)
  return false
}

/** What the cache does not know is asked of the server. */
async function exists(client: Client, { namespace, name, uid }: Reference, signal: AbortSignal): Promise<boolean> {
  try {
    const job = await client.get(JOBS, { namespace: namespace ?? '', name: name ?? '' }, signal)
    return uidOf(job) === uid
  } catch (error) {
    if (hasReason(error, 'NotFound')) return false
    throw error
  }
}

/** The Jobs that have not ended and that the status does not list. Pure. */
export function unexpected(jobs: readonly ReadJob[], active: readonly Reference[]): readonly ReadJob[] {
  const listed = new Set(active.map(({ uid }) => uid))
  return jobs.filter((job) => !listed.has(uidOf(job)) && endedAs(job) === undefined)
}

/** When the last Job completed, given when the last one did that is known of. Pure. */
export function lastSuccess(jobs: readonly ReadJob[], known: number | undefined): number | undefined {
  let last = known
  for (const job of jobs) {
    const completed = endedAs(job) === 'Complete' ? fromTime(job.status?.completionTime) : undefined
    if (completed !== undefined) last = Math.max(last ?? 0, completed)
  }
  return last
}
