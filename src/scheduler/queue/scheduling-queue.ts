/**
 * Where unscheduled Pods wait: active (next to be tried), backing off, unschedulable (until an event that a plugin
 * which refused them names), and gated
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#queueing).
 */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { SchedulerPlugin } from '../framework/plugin.ts'
import type { ClusterEvent } from './cluster-event.ts'
import { Heap } from './heap.ts'

/** A Pod in the queue, with its history. */
export interface QueuedPod {
  readonly uid: string
  pod: DeepReadonly<Pod>
  attempts: number
  /** When it last entered the queue; the order among equals. */
  since: number
  /** The plugins that refused it last time. */
  refusedBy: ReadonlySet<string>
  gated: boolean
  backoffUntil: number
}

export interface QueueOptions {
  readonly clock: Clock
  /** Every plugin of every profile: for `preEnqueue` and `wakeOn`. */
  readonly plugins: readonly SchedulerPlugin[]
  readonly initialBackoffMs?: number
  readonly maxBackoffMs?: number
}

/** A Pod that no event woke is tried again after this long all the same. */
const LEFTOVER_MS = 5 * 60_000
const LEFTOVER_CHECK_MS = 30_000

/** Higher priority first, then who waits longest. */
function isBefore(a: QueuedPod, b: QueuedPod): boolean {
  const difference = (b.pod.spec?.priority ?? 0) - (a.pod.spec?.priority ?? 0)
  return difference === 0 ? a.since < b.since : difference < 0
}

export class SchedulingQueue {
  readonly #clock: Clock
  readonly #plugins: readonly SchedulerPlugin[]
  readonly #initialBackoffMs: number
  readonly #maxBackoffMs: number
  readonly #active = new Heap<QueuedPod>((queued) => queued.uid, isBefore)
  readonly #backoff = new Heap<QueuedPod>(
    (queued) => queued.uid,
    (a, b) => a.backoffUntil < b.backoffUntil,
  )
  readonly #unschedulable = new Map<string, QueuedPod>()
  /** Pods being tried, with the events that happened meanwhile. */
  readonly #inFlight = new Map<string, Set<ClusterEvent>>()
  readonly #wakers = new Map<ClusterEvent, Set<string>>()
  #wake: (() => void) | undefined
  #cancelTimer: (() => void) | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(options: QueueOptions) {
    this.#clock = options.clock
    this.#plugins = options.plugins
    this.#initialBackoffMs = options.initialBackoffMs ?? 1_000
    this.#maxBackoffMs = options.maxBackoffMs ?? 10_000
    for (const plugin of options.plugins) {
      for (const event of plugin.wakeOn ?? []) {
        const names = this.#wakers.get(event) ?? new Set()
        this.#wakers.set(event, names.add(plugin.name))
      }
    }
  }

  /** How many Pods wait where, for metrics. */
  get counts(): Readonly<Record<'active' | 'backoff' | 'unschedulable' | 'gated', number>> {
    const gated = [...this.#unschedulable.values()].filter((queued) => queued.gated).length
    return {
      active: this.#active.size,
      backoff: this.#backoff.size,
      unschedulable: this.#unschedulable.size - gated,
      gated,
    }
  }

  /** A new Pod, or a change of one that waits. */
  put(pod: DeepReadonly<Pod>, changes: readonly ClusterEvent[] = []): void {
    const uid = pod.metadata.uid ?? ''
    const known = this.#active.get(uid) ?? this.#backoff.get(uid) ?? this.#unschedulable.get(uid)
    if (known === undefined) {
      const inFlight = this.#inFlight.get(uid)
      if (inFlight !== undefined) return changes.forEach((event) => inFlight.add(event))
      const now = this.#clock.now()
      return this.#enqueue({ uid, pod, attempts: 0, since: now, refusedBy: new Set(), gated: false, backoffUntil: 0 })
    }
    known.pod = pod
    if (this.#active.has(uid)) return this.#active.put(known)
    if (this.#unschedulable.has(uid) && (known.gated || changes.some((event) => this.#concerns(event, known)))) {
      this.#unschedulable.delete(uid)
      this.#enqueue(known)
    }
  }

  /** The Pod is deleted or has a node. */
  delete(uid: string): void {
    this.#active.delete(uid)
    this.#backoff.delete(uid)
    this.#unschedulable.delete(uid)
  }

  /** Takes the next Pod without waiting. The caller must end with `done` or `refused`. */
  pop(): QueuedPod | undefined {
    const queued = this.#active.pop()
    if (queued === undefined) return undefined
    queued.attempts++
    this.#inFlight.set(queued.uid, new Set())
    return queued
  }

  /** Resolves when a Pod is ready to be popped, or `signal` aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#active.size > 0 || signal.aborted) return
    await new Promise<void>((resolve) => {
      const finish = () => {
        signal.removeEventListener('abort', finish)
        this.#wake = undefined
        resolve()
      }
      this.#wake = finish
      signal.addEventListener('abort', finish, { once: true })
    })
  }

  /** The Pod got its node, or is gone. */
  done(uid: string): void {
    this.#inFlight.delete(uid)
  }

  /** The Pod was refused by these plugins, or failed for another reason (none): it waits. `pod` is its newest version. */
  refused(queued: QueuedPod, pod: DeepReadonly<Pod>, refusedBy: ReadonlySet<string>): void {
    const missed = this.#inFlight.get(queued.uid) ?? new Set<ClusterEvent>()
    this.#inFlight.delete(queued.uid)
    queued.pod = pod
    queued.refusedBy = refusedBy
    queued.since = this.#clock.now()
    queued.backoffUntil = queued.since + this.#backoffMs(queued.attempts)
    const wakeAtOnce = refusedBy.size === 0 || [...missed].some((event) => this.#concerns(event, queued))
    if (wakeAtOnce) return this.#enqueue(queued)
    this.#unschedulable.set(queued.uid, queued)
    this.#schedule(queued.since + LEFTOVER_MS)
  }

  /** Something happened: Pods that it may help leave the unschedulable. */
  happened(event: ClusterEvent): void {
    for (const events of this.#inFlight.values()) events.add(event)
    if (this.#unschedulable.size === 0 || !this.#wakers.has(event)) return
    for (const queued of this.#unschedulable.values()) {
      if (queued.gated || !this.#concerns(event, queued)) continue
      this.#unschedulable.delete(queued.uid)
      this.#enqueue(queued)
    }
  }

  /** Tries these Pods at once, without back-off: a preemption made room for them. */
  activate(uids: Iterable<string>): void {
    for (const uid of uids) {
      const queued = this.#backoff.delete(uid) ?? this.#unschedulable.get(uid)
      if (queued === undefined) continue
      this.#unschedulable.delete(uid)
      queued.backoffUntil = 0
      this.#enqueue(queued)
    }
  }

  /** Releases the timer. */
  close(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #concerns(event: ClusterEvent, queued: QueuedPod): boolean {
    const names = this.#wakers.get(event)
    if (names === undefined) return false
    for (const name of queued.refusedBy) if (names.has(name)) return true
    return false
  }

  #enqueue(queued: QueuedPod): void {
    const gate = this.#plugins.find((plugin) => plugin.preEnqueue?.(queued.pod).kind === 'rejected')
    queued.gated = gate !== undefined
    if (gate !== undefined) {
      queued.refusedBy = new Set([gate.name])
      this.#unschedulable.set(queued.uid, queued)
    } else if (queued.backoffUntil > this.#clock.now()) {
      this.#backoff.put(queued)
      this.#schedule(queued.backoffUntil)
    } else {
      this.#active.put(queued)
      this.#wake?.()
    }
  }

  #backoffMs(attempts: number): number {
    return Math.min(this.#maxBackoffMs, this.#initialBackoffMs * 2 ** Math.min(attempts - 1, 30))
  }

  #schedule(at: number): void {
    if (at >= this.#timerAt && this.#cancelTimer !== undefined) return
    this.#cancelTimer?.()
    this.#timerAt = at
    this.#cancelTimer = this.#clock.after(at - this.#clock.now(), () => {
      this.#cancelTimer = undefined
      this.#timerAt = Number.POSITIVE_INFINITY
      this.#release()
    })
  }

  /** Back-offs that are over, and Pods that have waited too long for any event. */
  #release(): void {
    const now = this.#clock.now()
    for (
      let first = this.#backoff.peek();
      first !== undefined && first.backoffUntil <= now;
      first = this.#backoff.peek()
    ) {
      this.#backoff.pop()
      this.#active.put(first)
    }
    let nextLeftover = Number.POSITIVE_INFINITY
    for (const queued of this.#unschedulable.values()) {
      if (queued.gated) continue
      if (queued.since + LEFTOVER_MS > now) {
        nextLeftover = Math.min(nextLeftover, queued.since + LEFTOVER_MS)
        continue
      }
      this.#unschedulable.delete(queued.uid)
      this.#active.put(queued)
    }
    if (this.#active.size > 0) this.#wake?.()
    const next = Math.min(
      this.#backoff.peek()?.backoffUntil ?? Number.POSITIVE_INFINITY,
      Math.max(nextLeftover, now + LEFTOVER_CHECK_MS),
    )
    if (Number.isFinite(next) && (this.#backoff.size > 0 || Number.isFinite(nextLeftover))) this.#schedule(next)
  }
}
