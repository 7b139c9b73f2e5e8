/**
 * What one Pod was given of its node, whether it asks for something else, and what is told of that
 * (see `resources/resize.ts`; https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#pod-resize-status).
 */

import { qosClassOf } from '../../../api/core/v1/pod/facts.ts'
import { fromTime, toTime } from '../../../base/clock.ts'
import {
  type Allocation,
  allocatedBefore,
  askedBy,
  asksForMore,
  resizeRefusal,
  sameAllocation,
  withAllocation,
} from '../../resources/resize.ts'
import { type ResizeSummary, resizeText } from '../../resources/resize-texts.ts'
import type { ResizeCondition, ResizeState } from '../../status/conditions.ts'
import { Actuation } from './actuation.ts'
import type { ObservedPod } from '../observed.ts'
import type { PodDeps } from '../pod-deps.ts'
import { namesOf, type PodView, specOf } from '../pod-view.ts'

/** How often a resize that failed is tried again. */
const RETRY_MS = 5_000
/** How often one that waits is, whatever happens. */
const PATIENCE_MS = 180_000

type Condition = ResizeCondition
type Told = Pick<Condition, 'reason' | 'message'> & { readonly generation: number }

export interface AllocationsOptions {
  readonly uid: string
  readonly deps: Pick<PodDeps, 'runtime' | 'host' | 'node' | 'others' | 'clock' | 'tell' | 'resizes' | 'metrics'>
  /** There is something to do, or to tell. */
  readonly wake: () => void
}

export class Allocations {
  readonly #options: AllocationsOptions
  readonly #actuation: Actuation
  #asked: PodView | undefined
  #given: Allocation | undefined
  /** What was last answered: many ask, of a Pod that seldom changes. */
  #last: { readonly pod: PodView; readonly given: Allocation; readonly allocated: PodView } | undefined
  #pending: Condition | undefined
  #progress: Condition | undefined
  #hasFailed = false

  constructor(options: AllocationsOptions) {
    this.#options = options
    this.#actuation = new Actuation(options.deps)
  }

  /** The Pod as it runs: with what it was given, which is what it asks for unless a resize waits. */
  allocate(pod: PodView): PodView {
    const { uid, deps } = this.#options
    if (this.#asked !== undefined) deps.metrics.resizes.requested(askedBy(this.#asked), askedBy(pod))
    this.#asked = pod
    const given = this.#begin(pod)
    if (sameAllocation(given, askedBy(pod))) {
      this.#given = askedBy(pod)
      this.#pending = undefined
      deps.resizes.remove(uid)
      return pod
    }
    deps.resizes.add(uid, { rank: () => this.#rank(), tryNow: () => this.#tryNow() })
    deps.resizes.retry()
    return withAllocation(pod, this.#given ?? given)
  }

  /** The Pod with what it was given last. */
  asAllocated(pod: PodView): PodView {
    const given = this.#begin(pod)
    if (this.#last?.pod !== pod || this.#last.given !== given)
      this.#last = { pod, given, allocated: withAllocation(pod, given) }
    return this.#last.allocated
  }

  /** The Pod ends: it asks for nothing more. */
  stop(): void {
    this.#options.deps.resizes.remove(this.#options.uid)
  }

  /** Milliseconds until something that waits is tried again. */
  get againMs(): number | undefined {
    if (this.#hasFailed) return RETRY_MS
    return this.#pending === undefined ? undefined : PATIENCE_MS
  }

  get state(): ResizeState {
    return { pending: this.#pending, progress: this.#progress }
  }

  /** Whether a running container has yet to get what it was given. */
  isLacking(id: string): boolean {
    return this.#actuation.isLacking(id)
  }

  /** Remembers what containers were started with, by the Pod that they were started for. */
  seen(pod: PodView, observed: ObservedPod): void {
    this.#actuation.seen(pod, observed)
  }

  /** Gives running containers what they lack. `restart`: the ids of those that get it by being restarted. */
  async actuate(
    pod: PodView,
    observed: ObservedPod,
    signal: AbortSignal,
  ): Promise<{ readonly restart: ReadonlySet<string>; readonly acted: boolean }> {
    const isResizing = this.#progress !== undefined
    const { restart, acted, fault } = await this.#actuation.step(pod, observed, { isResizing }, signal)
    this.#hasFailed = fault !== undefined
    const { generation = 0 } = pod.metadata
    if (fault !== undefined) this.#tellFault(pod, fault)
    else if (this.#actuation.isLackingAny) this.#progress ??= this.#condition(undefined, { generation })
    else if (this.#progress !== undefined) {
      this.#event(pod, 'ResizeCompleted', 'Pod resize completed', { generation: generationOf(this.#progress) })
      this.#ended(true)
      this.#progress = undefined
    }
    return { restart, acted }
  }

  /** What an earlier kubelet gave and told. */
  #begin(pod: PodView): Allocation {
    if (this.#given !== undefined) return this.#given
    const told = (type: string) => pod.status?.conditions?.find((condition) => condition.type === type)
    this.#pending = told('PodResizePending')
    this.#progress = told('PodResizeInProgress')
    this.#given = allocatedBefore(pod)
    return this.#given
  }

  #rank() {
    const pod = this.#asked
    if (pod === undefined || this.#given === undefined) throw new Error('nothing was asked for')
    return {
      asksForMore: asksForMore(pod, this.#given),
      priority: specOf(pod).priority ?? 0,
      qos: qosClassOf(pod),
      since: fromTime(this.#pending?.lastTransitionTime),
    }
  }

  #tryNow(): void {
    const { uid, deps, wake } = this.#options
    const pod = this.#asked
    if (pod === undefined) return
    const { generation = 0 } = pod.metadata
    const refusal = resizeRefusal(pod, deps.others(namesOf(pod).uid), deps.node.allocatable)
    if (refusal === undefined) {
      this.#given = askedBy(pod)
      this.#pending = undefined
      this.#progress = this.#condition(undefined, { generation })
      deps.resizes.remove(uid)
      deps.metrics.resizes.began(uid, deps.clock.monotonic())
      this.#event(pod, 'ResizeStarted', 'Pod resize started', { generation })
      return wake()
    }
    const { reason, message } = refusal
    const before = this.#pending
    if (before !== undefined && before.message === message && generationOf(before) === generation) return
    this.#pending = this.#condition(before, { reason, message, generation })
    if (before?.reason !== reason || generationOf(before) !== generation)
      this.#event(pod, 'ResizeDeferred', `Pod resize ${reason}`, { generation, error: message })
    wake()
  }

  #tellFault(pod: PodView, message: string): void {
    const { generation: now = 0 } = pod.metadata
    const before = this.#progress
    if (before?.reason === 'Error' && lasting(before.message) === lasting(message)) return
    const generation = before === undefined ? now : generationOf(before)
    this.#progress = this.#condition(before, { reason: 'Error', message, generation })
    this.#event(pod, 'ResizeError', 'Pod resize error', { generation, error: message })
    this.#ended(false)
  }

  #ended(success: boolean): void {
    const { uid, deps } = this.#options
    deps.metrics.resizes.ended(uid, deps.clock.monotonic(), success)
  }

  #condition(before: Condition | undefined, { reason, message, generation }: Partial<Told> & { generation: number }) {
    const now = toTime(this.#options.deps.clock.now())
    return {
      status: 'True',
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
      observedGeneration: generation,
      lastProbeTime: now,
      lastTransitionTime: before?.reason === reason ? (before?.lastTransitionTime ?? now) : now,
    } as const
  }

  #event(pod: PodView, reason: string, what: string, summary: ResizeSummary): void {
    const type = reason === 'ResizeStarted' || reason === 'ResizeCompleted' ? 'Normal' : 'Warning'
    this.#options.deps.tell({ pod, type, reason, message: resizeText(what, pod, summary) })
  }
}

const generationOf = (condition: Condition) => condition.observedGeneration ?? 0

/** What a Pod uses is another number each time that is looked; it is told once. */
const lasting = (message = '') => message.replaceAll(/current usage \(\d+\)/g, 'current usage')
