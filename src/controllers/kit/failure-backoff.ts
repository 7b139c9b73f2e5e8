/**
 * Pods that end as soon as they begin are not replaced in a hot loop: each replacement waits longer than the one
 * before (what kubelets do for containers: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy).
 */

import { type BackoffOptions, backoffMs } from '../../base/backoff.ts'
import { type Clock, fromTime } from '../../base/clock.ts'
import { uidOf } from './ownership.ts'
import type { ReadPod } from './pods.ts'

const BACKOFF: BackoffOptions = { baseMs: 1_000, maxMs: 900_000 }
/** A place where nothing failed for so long has no failures any more. */
const FORGIVEN_AFTER_MS = 2 * BACKOFF.maxMs

/** Places that one Pod after the other takes: a node of a DaemonSet, an ordinal of a StatefulSet. */
export class PlaceBackoff {
  readonly #clock: Clock
  readonly #failures = new Map<string, { readonly count: number; readonly at: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How long what ended there must stay; 0: it may be replaced, and the next one waits longer. */
  wait(owner: string, place: string): number {
    const key = `${owner}/${place}`
    const now = this.#clock.monotonic()
    const known = this.#failures.get(key)
    const left = known === undefined ? 0 : known.at + backoffMs(known.count, BACKOFF) - now
    if (left > 0) return left
    const isForgiven = known === undefined || now - known.at > FORGIVEN_AFTER_MS
    this.#failures.set(key, { count: isForgiven ? 1 : known.count + 1, at: now })
    return 0
  }

  /** Of what ended, what must stay for now, and how long at least. */
  spare<T extends ReadPod>(owner: string, ended: readonly T[], placeOf: (pod: T) => string): Spared<T> {
    const waits = ended.map((pod) => ({ pod, wait: this.wait(owner, placeOf(pod)) })).filter(({ wait }) => wait > 0)
    if (waits.length === 0) return { pods: new Set(), waitMs: undefined }
    return { pods: new Set(waits.map(({ pod }) => pod)), waitMs: Math.min(...waits.map(({ wait }) => wait)) }
  }

  forget(owner: string): void {
    for (const key of this.#failures.keys()) if (key.startsWith(`${owner}/`)) this.#failures.delete(key)
  }
}

export interface Spared<T> {
  readonly pods: ReadonlySet<T>
  readonly waitMs: number | undefined
}

/** A Pod that lives no longer than this has failed at once. */
const AT_ONCE_MS = 60_000

interface Streak {
  readonly count: number
  /** When it last counted up. */
  readonly at: number
  /** Until then so many are held back. */
  readonly until: number
  readonly held: number
  readonly seen: ReadonlySet<string>
}

/** Owners whose Pods have no places: what failed at once is counted by the owner. */
export class OwnerBackoff {
  readonly #clock: Clock
  readonly #streaks = new Map<string, Streak>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many of the Pods that the owner lacks must wait, and how long. The first failure is replaced at once. */
  hold(owner: string, owned: readonly ReadPod[]): { readonly count: number; readonly waitMs: number | undefined } {
    const failed = owned.filter((pod) => pod.status?.phase === 'Failed')
    const known = this.#streaks.get(owner)
    if (known === undefined && failed.length === 0) return { count: 0, waitMs: undefined }
    const fresh = failed.filter((pod) => known?.seen.has(uidOf(pod)) !== true && this.#isYoung(pod)).length
    const now = this.#clock.monotonic()
    const streak = { ...grown(known, fresh, now), seen: new Set(failed.map(uidOf)) }
    this.#streaks.set(owner, streak)
    return streak.until <= now ? { count: 0, waitMs: undefined } : { count: streak.held, waitMs: streak.until - now }
  }

  forget(owner: string): void {
    this.#streaks.delete(owner)
  }

  #isYoung({ metadata }: ReadPod): boolean {
    return this.#clock.now() - (fromTime(metadata.creationTimestamp) ?? 0) <= AT_ONCE_MS
  }
}

/** The streak after `fresh` more failures; those that come while others wait, wait with them. */
function grown(known: Streak | undefined, fresh: number, now: number): Omit<Streak, 'seen'> {
  if (known !== undefined && now < known.until) return { ...known, held: known.held + fresh }
  if (fresh === 0) return known ?? { count: 0, at: now, until: now, held: 0 }
  const isForgiven = known === undefined || now - known.at > FORGIVEN_AFTER_MS
  const count = isForgiven ? 0 : known.count + 1
  return { count, at: now, until: count === 0 ? now : now + backoffMs(count, BACKOFF), held: fresh }
}
