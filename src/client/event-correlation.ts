/**
 * Keeps events from flooding the cluster, by Kubernetes's own rules: the same event again counts up the one before,
 * many that differ in their message only become one "combined" event, and one object's events are limited in rate
 * (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/).
 */

import type { Event } from '../api/generated/core-v1.ts'

/** After this long without a similar one an event starts a new group. */
const GROUP_INTERVAL_MS = 600_000
/** From this many different messages on, a group's events are told as one. */
const GROUP_MAX_MESSAGES = 10
/** Of one object and type: so many at once, and then one each so long. */
const BURST = 25
const REFILL_MS = 300_000
/** How many objects, groups and events are remembered. */
export const REMEMBERED = 4_096

/** What to do with an event. */
export type Verdict =
  | { readonly kind: 'create'; readonly event: Event; readonly key: string }
  /** The one known by `name` happened again. */
  | { readonly kind: 'count'; readonly event: Event; readonly key: string; readonly known: KnownEvent }
  | { readonly kind: 'drop' }

/** An event that was told before, and how often, also where it was not written. */
export interface KnownEvent {
  readonly name: string
  readonly namespace: string
  readonly count: number
  readonly firstTimestamp: string
}

interface Group {
  readonly messages: Set<string>
  lastMs: number
}

interface Bucket {
  tokens: number
  filledMs: number
}

/** Decides about the events of one component. */
export class EventCorrelator {
  readonly #groups = new Remembering<Group>(REMEMBERED)
  readonly #known = new Remembering<KnownEvent>(REMEMBERED)
  readonly #buckets = new Remembering<Bucket>(REMEMBERED)

  judge(event: Event, nowMs: number): Verdict {
    const grouped = this.#group(event, nowMs)
    const before = this.#known.get(grouped.key)
    const known = before === undefined ? firstOf(grouped.event) : { ...before, count: before.count + 1 }
    this.#known.set(grouped.key, known)
    if (!this.#hasToken(event, nowMs)) return { kind: 'drop' }
    if (before === undefined) return { kind: 'create', ...grouped }
    return { kind: 'count', ...grouped, known }
  }

  /** The event of `key` stands in the cluster as this. */
  stored(key: string, known: KnownEvent): void {
    this.#known.set(key, known)
  }

  #group(event: Event, nowMs: number): { readonly event: Event; readonly key: string } {
    const { reason, reportingComponent, reportingInstance, involvedObject } = event
    const groupKey = JSON.stringify([...aboutOf(event), reason, reportingComponent, reportingInstance])
    let group = this.#groups.get(groupKey)
    if (group === undefined || nowMs - group.lastMs > GROUP_INTERVAL_MS) {
      group = { messages: new Set(), lastMs: nowMs }
      this.#groups.set(groupKey, group)
    }
    group.lastMs = nowMs
    const message = event.message ?? ''
    group.messages.add(message)
    if (group.messages.size < GROUP_MAX_MESSAGES) {
      return { event, key: JSON.stringify([groupKey, involvedObject.fieldPath, message]) }
    }
    // One that stands for many does not wait to be many again: any of its messages will do.
    group.messages.delete(message)
    const { reportingComponent: _component, reportingInstance: _instance, ...rest } = event
    return { event: { ...rest, message: `(combined from similar events): ${message}` }, key: groupKey }
  }

  #hasToken(event: Event, nowMs: number): boolean {
    const key = JSON.stringify(aboutOf(event))
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      bucket = { tokens: BURST, filledMs: nowMs }
      this.#buckets.set(key, bucket)
    }
    const gained = Math.floor(Math.max(0, nowMs - bucket.filledMs) / REFILL_MS)
    if (gained > 0) {
      bucket.tokens = Math.min(BURST, bucket.tokens + gained)
      bucket.filledMs += gained * REFILL_MS
    }
    if (bucket.tokens === 0) return false
    bucket.tokens -= 1
    return true
  }
}

const firstOf = ({ metadata, firstTimestamp }: Event): KnownEvent => ({
  name: metadata.name ?? '',
  namespace: metadata.namespace ?? '',
  count: 1,
  firstTimestamp: firstTimestamp ?? '',
})

/** What tells one source and object from another; which part of the object it is about makes no difference. */
function aboutOf({ source, involvedObject: object, type }: Event): readonly (string | undefined)[] {
  const { kind, namespace, name, uid, apiVersion } = object
  return [source?.component, source?.host, kind, namespace, name, uid, apiVersion, type]
}

/** A map that forgets what was used longest ago. */
export class Remembering<V> {
  readonly #entries = new Map<string, V>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: string, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#limit) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** All of them as they are now. */
  entries(): readonly (readonly [string, V])[] {
    return [...this.#entries]
  }
}
