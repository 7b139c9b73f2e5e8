/**
 * Where unscheduled Pods wait: active (next to be tried), backing off, unschedulable (until an event that a plugin
 * which refused them names), and gated
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#queueing).
 */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Change, SchedulerPlugin } from '../framework/plugin.ts'
import { CLUSTER_EVENTS, type ClusterEvent } from './cluster-event.ts'
import { Heap } from './heap.ts'

/** A Pod in the queue, with its history. */
export interface QueuedPod {
  readonly uid: string
  pod: DeepReadonly<Pod>
  /** When it came. */
  readonly arrived: number
  attempts: number
  /** How often plugins have refused it. */
  refusals: number
  /** How often in a row it failed for another reason. */
  failures: number
  /** When it last entered the queue; the order among equals. */
  since: number
  /** The plugins that refused it last time. */
  refusedBy: ReadonlySet<string>
  gated: boolean
  backoffUntil: number
}

/** What the queue asks of the plugins that a Pod is scheduled by. */
export interface QueueProfile {
  /** Those with `preEnqueue`, in order. */
  readonly gates: readonly SchedulerPlugin[]
  /** All of them, for `wakeOn` and `mayHelp`. */
  readonly byName: ReadonlyMap<string, SchedulerPlugin>
}

export interface QueueOptions {
  readonly clock: Clock
  readonly profileOf: (pod: DeepReadonly<Pod>) => QueueProfile | undefined
  /** Which of two Pods is tried first; higher priorities, then who waits longest, unless told otherwise. */
  readonly isBefore?: NonNullable<SchedulerPlugin['isBefore']>
  readonly initialBackoffMs?: number
  readonly maxBackoffMs?: number
}

/** Stands for the extenders among those that refused a Pod: they name no events, so any may help. */
export const EXTENDER = 'Extender'

/** Stands for the cluster among those that refused a Pod: there is no node at all. */
export const NO_NODES = 'no nodes'

/** A Pod that no event woke is tried again after this long all the same. */
const LEFTOVER_MS = 5 * 60_000
const LEFTOVER_CHECK_MS = 30_000
/** More events than these during one attempt are not told apart: any of them may have helped. */
const MAX_MISSED = 1_000

/** Stands for a Pod in flight, of which the queue knows no more than the uid. */
const NO_POD: DeepReadonly<Pod> = { metadata: {}, spec: { containers: [], priority: Number.NEGATIVE_INFINITY } }

interface Happening {
  readonly event: ClusterEvent
  readonly change: Change
}

const isGate = (plugin: SchedulerPlugin) => plugin.preEnqueue !== undefined

/** The part of a profile that the queue needs. */
export function queueProfile(plugins: readonly SchedulerPlugin[]): QueueProfile {
  return { gates: plugins.filter(isGate), byName: new Map(plugins.map((plugin) => [plugin.name, plugin])) }
}

export class SchedulingQueue {
  readonly #clock: Clock
  readonly #profileOf: QueueOptions['profileOf']
  readonly #initialBackoffMs: number
  readonly #maxBackoffMs: number
  readonly #active: Heap<QueuedPod>
  /** Refused and woken. They are tried before their time when nothing else is to do. */
  readonly #backoff: Heap<QueuedPod>
  /** Failed for another reason: they wait their time. */
  readonly #failed: Heap<QueuedPod>
  readonly #unschedulable = new Map<string, QueuedPod>()
  /** Pods being tried, with what happened meanwhile. */
  readonly #inFlight = new Map<string, Happening[]>()
  #wake: (() => void) | undefined
  #cancelTimer: (() => void) | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(options: QueueOptions) {
    this.#clock = options.clock
    this.#profileOf = options.profileOf
    this.#initialBackoffMs = options.initialBackoffMs ?? 1_000
    this.#maxBackoffMs = options.maxBackoffMs ?? 10_000
    const isBefore = options.isBefore ?? byPriority
    const uidOf = (queued: QueuedPod) => queued.uid
    this.#active = new Heap<QueuedPod>(uidOf, isBefore)
    this.#backoff = new Heap<QueuedPod>(uidOf, (a, b) =>
      a.backoffUntil === b.backoffUntil ? isBefore(a, b) : a.backoffUntil < b.backoffUntil,
    )
    this.#failed = new Heap<QueuedPod>(uidOf, (a, b) => a.backoffUntil < b.backoffUntil)
  }

  /** How many Pods wait where, for metrics. */
  get counts(): Readonly<Record<'active' | 'backoff' | 'unschedulable' | 'gated', number>> {
    const gated = [...this.#unschedulable.values()].filter((queued) => queued.gated).length
    return {
      active: this.#active.size,
      backoff: this.#backoff.size + this.#failed.size,
      unschedulable: this.#unschedulable.size - gated,
      gated,
    }
  }

  /** A new Pod, or a change of one that waits: `old` is what it was before. */
  put(pod: DeepReadonly<Pod>, changes: readonly ClusterEvent[] = [], old?: DeepReadonly<Pod>): void {
    const uid = pod.metadata.uid ?? ''
    const known = this.#waiting(uid)
    const change = { old, now: pod }
    if (known === undefined) {
      const missed = this.#inFlight.get(uid)
      if (missed !== undefined) return changes.forEach((event) => note(missed, { event, change }))
      const since = this.#clock.now()
      const fresh = { attempts: 0, refusals: 0, failures: 0, gated: false, backoffUntil: 0 }
      return this.#enqueue({ uid, pod, arrived: since, since, refusedBy: new Set(), ...fresh })
    }
    known.pod = pod
    if (this.#active.has(uid)) return this.#active.put(known)
    if (!this.#unschedulable.has(uid)) return
    if (known.gated || changes.some((event) => this.#concerns({ event, change }, known))) {
      this.#unschedulable.delete(uid)
      this.#enqueue(known)
    }
  }

  #waiting(uid: string): QueuedPod | undefined {
    return this.#active.get(uid) ?? this.#backoff.get(uid) ?? this.#failed.get(uid) ?? this.#unschedulable.get(uid)
  }

  /** The Pod is deleted or has a node. */
  delete(uid: string): void {
    this.#active.delete(uid)
    this.#backoff.delete(uid)
    this.#failed.delete(uid)
    this.#unschedulable.delete(uid)
  }

  /** Takes the next Pod without waiting. The caller must end with `done` or `refused`. */
  pop(): QueuedPod | undefined {
    const queued = this.#active.pop() ?? this.#backoff.pop()
    if (queued === undefined) return undefined
    queued.attempts++
    this.#inFlight.set(queued.uid, [])
    return queued
  }

  /** Resolves when a Pod is ready to be popped, or `signal` aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#active.size + this.#backoff.size > 0 || signal.aborted) return
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
    const missed = this.#inFlight.get(queued.uid) ?? []
    this.#inFlight.delete(queued.uid)
    queued.pod = pod
    queued.refusedBy = refusedBy
    queued.since = this.#clock.now()
    if (refusedBy.size === 0) {
      queued.failures++
      queued.backoffUntil = queued.since + this.#backoffMs(queued.failures)
      return this.#enqueue(queued)
    }
    queued.refusals++
    queued.failures = 0
    queued.backoffUntil = queued.since + this.#backoffMs(queued.refusals)
    if (missed.length >= MAX_MISSED || missed.some((happening) => this.#concerns(happening, queued)))
      return this.#enqueue(queued)
    this.#unschedulable.set(queued.uid, queued)
    this.#schedule(queued.since + LEFTOVER_MS)
  }

  /** Something happened: Pods that it may help leave the unschedulable. It concerns those only that `whom` picks. */
  happened(event: ClusterEvent, change: Change = {}, whom?: (uid: string, pod: DeepReadonly<Pod>) => boolean): void {
    const happening = { event, change }
    for (const [uid, missed] of this.#inFlight) if (whom?.(uid, NO_POD) !== false) note(missed, happening)
    // A gate may hold a Pod back again at once: who is woken is settled before anybody is.
    const woken: QueuedPod[] = []
    for (const queued of this.#unschedulable.values())
      if (whom?.(queued.uid, queued.pod) !== false && this.#concerns(happening, queued)) woken.push(queued)
    for (const queued of woken) {
      this.#unschedulable.delete(queued.uid)
      this.#enqueue(queued)
    }
  }

  /** Tries these Pods at once, without back-off: a preemption made room for them. */
  activate(uids: Iterable<string>): void {
    for (const uid of uids) {
      const queued = this.#backoff.delete(uid) ?? this.#failed.delete(uid) ?? this.#unschedulable.get(uid)
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

  #concerns({ event, change }: Happening, queued: QueuedPod): boolean {
    const profile = this.#profileOf(queued.pod)
    for (const name of queued.refusedBy) {
      if (name === EXTENDER || (name === NO_NODES && event === 'Node/add')) return true
      if (name === NO_NODES) continue
      const plugin = profile?.byName.get(name)
      const wakeOn: readonly ClusterEvent[] = plugin?.wakeOn ?? CLUSTER_EVENTS
      if (wakeOn.includes(event) && plugin?.mayHelp?.(event, queued.pod, change) !== false) return true
    }
    return false
  }

  #enqueue(queued: QueuedPod): void {
    const gates = this.#profileOf(queued.pod)?.gates ?? []
    const gate = gates.find((plugin) => plugin.preEnqueue?.(queued.pod).kind === 'rejected')
    queued.gated = gate !== undefined
    if (gate !== undefined) {
      queued.refusedBy = new Set([gate.name])
      this.#unschedulable.set(queued.uid, queued)
    } else if (queued.backoffUntil <= this.#clock.now()) {
      this.#active.put(queued)
      this.#wake?.()
    } else if (queued.refusedBy.size === 0) {
      this.#failed.put(queued)
      this.#schedule(queued.backoffUntil)
    } else {
      this.#backoff.put(queued)
      this.#wake?.()
      this.#schedule(queued.backoffUntil)
    }
  }

  #backoffMs(times: number): number {
    return Math.min(this.#maxBackoffMs, this.#initialBackoffMs * 2 ** Math.min(times - 1, 30))
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
    this.#releaseFrom(this.#backoff, now)
    this.#releaseFrom(this.#failed, now)
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
      this.#failed.peek()?.backoffUntil ?? Number.POSITIVE_INFINITY,
      Math.max(nextLeftover, now + LEFTOVER_CHECK_MS),
    )
    const isAwaited = this.#backoff.size + this.#failed.size > 0 || Number.isFinite(nextLeftover)
    if (isAwaited && Number.isFinite(next)) this.#schedule(next)
  }

  #releaseFrom(heap: Heap<QueuedPod>, now: number): void {
    for (let first = heap.peek(); first !== undefined && first.backoffUntil <= now; first = heap.peek()) {
      heap.pop()
      this.#active.put(first)
    }
  }
}

/** Higher priority first, then who waits longest. */
function byPriority(
  a: { pod: DeepReadonly<Pod>; since: number },
  b: { pod: DeepReadonly<Pod>; since: number },
): boolean {
  const difference = (b.pod.spec?.priority ?? 0) - (a.pod.spec?.priority ?? 0)
  return difference === 0 ? a.since < b.since : difference < 0
}

function note(missed: Happening[], happening: Happening): void {
  if (missed.length < MAX_MISSED) missed.push(happening)
}
