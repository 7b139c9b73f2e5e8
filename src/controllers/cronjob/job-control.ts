/** Makes and removes the Jobs of a CronJob, and tells of it. */

import type { Client } from '../../client/client.ts'
import { JOBS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import type { Events } from '../kit/events.ts'
import { isNamespaceTerminating } from '../kit/loop.ts'
import { controllerOf, isDeleting, keyOf, nameOf, placeOf, uidOf } from '../kit/ownership.ts'
import type { OwnWrites } from '../kit/own-writes.ts'
import { messageOf } from '../kit/pod-control.ts'
import type { ReadCronJob, ReadJob } from './due.ts'
import { type Appointment, newJob } from './make-job.ts'

export interface JobControlDeps {
  readonly client: Client
  readonly events: Events
  readonly ownWrites: OwnWrites
}

/** The Job of that time, also where it was there already; undefined where none can be. */
export async function createJob(
  { client, events, ownWrites }: JobControlDeps,
  cronJob: ReadCronJob,
  at: Appointment,
  signal: AbortSignal,
): Promise<ReadJob | undefined> {
  const job = newJob(cronJob, at)
  ownWrites.expectCreate(keyOf(cronJob), keyOf(job))
  try {
    const made = await client.create(JOBS, job, undefined, signal)
    events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${nameOf(job)}`)
    return made
  } catch (error) {
    ownWrites.withdrawCreate(keyOf(job))
    if (isNamespaceTerminating(error)) return undefined
    if (hasReason(error, 'AlreadyExists')) {
      const existing = await client.get(JOBS, placeOf(job), signal)
      return controllerOf(existing)?.uid === uidOf(cronJob) ? existing : undefined
    }
    signal.throwIfAborted()
    events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`)
    throw error
  }
}

/** Deletes the Job, and its Pods after it. */
export async function removeJob(
  { client, events }: JobControlDeps,
  cronJob: ReadCronJob,
  job: ReadJob,
  signal: AbortSignal,
): Promise<void> {
  if (isDeleting(job)) return
  const options = { propagationPolicy: 'Background' as const, preconditions: { uid: uidOf(job) } }
  try {
    await client.delete(JOBS, placeOf(job), options, signal)
    events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${nameOf(job)}`)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}
