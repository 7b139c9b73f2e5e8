/**
 * The loop every controller runs: look, decide, act, report
 * (https://kubernetes.io/docs/concepts/architecture/controller/). A reconciler gets a key, reads the present state
 * and says when it wants to look again; a failure is tried again with growing delays.
 */

import type { Clock } from '../../base/clock.ts'
import { withGroup } from '../../base/async/group.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import type { Outcome, WorkQueue } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Events } from './events.ts'
import type { InformerFactory } from '../../client/informer.ts'
import { hasReason, isApiError } from '../../meta/errors.ts'

/** What every controller may touch. */
export interface ControllerDeps {
  /** The API as the controller's own service account sees it. */
  readonly client: Client
  readonly informers: InformerFactory
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** A recorder whose events carry `component` as their source. */
  readonly events: (component: string) => Events
}

/** One controller: built without I/O, run until its signal aborts. */
export interface Controller {
  readonly name: string
  /** What it works, for metrics. */
  readonly queues?: readonly NamedQueue[]
  run(signal: AbortSignal): Promise<void>
}

export interface NamedQueue {
  readonly name: string
  readonly queue: WorkQueue
}

/** Brings one object towards its spec. Throwing means "again, with back-off". */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Outcome>

export interface Loop {
  readonly name: string
  readonly queue: WorkQueue
  readonly reconcile: Reconcile
  readonly log: Log
  /** Caches that must be filled before the first key is worked. */
  readonly waitFor: readonly { whenSynced(signal?: AbortSignal): Promise<void> }[]
  /** How many keys are worked at once; 5 unless said otherwise. */
  readonly workers?: number
}

/** A controller that works the keys of one queue. */
export function loopController(loop: Loop): Controller {
  return { name: loop.name, queues: [loop], run: (signal) => runLoop(loop, signal) }
}

/** One controller of several. */
export function controllersTogether(name: string, parts: readonly Controller[]): Controller {
  return {
    name,
    queues: parts.flatMap(({ queues = [] }) => queues),
    run: (signal) =>
      withGroup(async (group) => {
        await Promise.all(parts.map((part) => part.run(group.signal)))
      }, signal),
  }
}

async function runLoop(loop: Loop, signal: AbortSignal): Promise<void> {
  await Promise.all(loop.waitFor.map((cache) => cache.whenSynced(signal)))
  await withGroup(async (group) => {
    const workers = Array.from({ length: loop.workers ?? 5 }, () => work(loop, group.signal))
    await Promise.all(workers)
  }, signal)
}

/** Works keys until `signal` aborts. The queue never hands out a key that is still being worked. */
async function work({ queue, reconcile, log, name }: Loop, signal: AbortSignal): Promise<void> {
  for await (const key of queue.take(signal)) {
    try {
      queue.finish(key, await reconcile(key, signal))
    } catch (error) {
      signal.throwIfAborted() // we are stopping; that is no failure
      if (!isEverydayFailure(error)) log.warn('reconcile failed', { controller: name, key, error })
      queue.retry(key)
    }
  }
}

/** Somebody wrote the object first, or its namespace is going: nothing to tell anybody about. */
function isEverydayFailure(error: unknown): boolean {
  return hasReason(error, 'Conflict') || isNamespaceTerminating(error)
}

/** Whether a create was refused because the namespace is being deleted, or is gone. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (hasReason(error, 'NotFound')) return error.status.details?.kind === 'namespaces'
  if (!isApiError(error) || error.status.reason !== 'Forbidden') return false
  return error.status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false
}

/** The failure of `body`, or undefined when it succeeded. */
export async function attempt(body: () => Promise<void>): Promise<Error | undefined> {
  try {
    await body()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
