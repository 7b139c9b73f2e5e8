/**
 * One Pod's worker. It sleeps until something happens, takes a step, and aborts a running step when the Pod must stop.
 */

import { setMaxListeners } from 'node:events'

import { createBackoff } from '../../base/backoff.ts'
import { PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { rejectedStatus, startedAtOf } from '../status/pod-status.ts'
import type { MadeVolume } from '../volumes/pod-volumes.ts'
import type { ObservedPod } from './observed.ts'
import { PodAdmission } from './pod-admission.ts'
import type { PodDeps } from './pod-deps.ts'
import { spareContainers } from './prune.ts'
import { PodSync } from './pod-sync.ts'
import { differs } from './pod-change.ts'
import { gracePeriodOf, namesOf, type PodView, podText, specOf } from './pod-view.ts'
import type { PodFailure, PodWork, StatusOptions, StepResult } from './work.ts'

const RETRY = { baseMs: 500, maxMs: 30_000 }
/** A Pod that was taken out of the API without grace still gets a moment. */
const MIN_FORCED_GRACE_SECONDS = 1
const DEADLINE_EXCEEDED = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
}

export interface PodWorkerOptions {
  readonly pod: PodView
  readonly deps: PodDeps
  /** Runs beside the workers, until the kubelet ends. */
  readonly start: (task: (signal: AbortSignal) => Promise<void>) => void
}

export class PodWorker {
  readonly uid: string
  readonly #deps: PodDeps
  readonly #start: PodWorkerOptions['start']
  readonly #sync: PodSync
  readonly #admission: PodAdmission
  readonly #backoff = createBackoff(RETRY)
  #work: PodWork
  #isRejected = false
  #isDiscarded = false
  #gone = false
  #isEndTold = false
  #due = true
  #refresh = false
  #wakeUp: (() => void) | undefined
  #step: AbortController | undefined
  #reporting: 'no' | 'yes' | 'again' = 'no'

  constructor({ pod, deps, start }: PodWorkerOptions) {
    this.uid = namesOf(pod).uid
    this.#deps = deps
    this.#start = start
    this.#admission = new PodAdmission(deps)
    const over = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    this.#work = over ? { phase: 'terminating', pod, graceSeconds: 0 } : { phase: 'syncing', pod }
    if (over && pod.status?.containerStatuses === undefined) this.#wasRejected(pod)
    const refused = over ? undefined : this.#admission.begin(pod)
    if (refused !== undefined) this.#refuse(pod, refused)
    this.#sync = new PodSync({ uid: this.uid, deps, start, wake: () => this.wake() })
    this.#beginToStop()
  }

  #refuse(pod: PodView, { reason, message }: PodFailure): void {
    this.#deps.tell({ pod, type: 'Warning', reason, message })
    this.#deps.metrics.rejected(reason)
    const failure = { reason, message: `Pod was rejected: ${message}` }
    this.#isRejected = true
    this.#work = { phase: 'terminating', pod, graceSeconds: 0, failure }
  }

  /** An earlier kubelet refused the Pod: that is all there is to tell of it. */
  #wasRejected(pod: PodView): void {
    const { reason, message } = pod.status ?? {}
    if (reason === undefined || message === undefined) return
    this.#isRejected = true
    this.#work = { phase: 'terminating', pod, graceSeconds: 0, failure: { reason, message } }
  }

  /** The Pod was refused, and takes up nothing. */
  get isRejected(): boolean {
    return this.#isRejected
  }

  get pod(): PodView {
    return this.#work.pod
  }

  /** The Pod with what its containers were given, where a resize waits. */
  get allocated(): PodView {
    return this.#sync.allocated(this.pod)
  }

  get phase(): PodWork['phase'] {
    return this.#work.phase
  }

  /** Nothing runs any more, and the status writer has its last status. */
  get isEndTold(): boolean {
    return this.#isEndTold
  }

  /** Whether the API has the Pod no more: what it was given is another's to have, though it may take a while to end. */
  get isGone(): boolean {
    return this.#gone
  }

  /** Whether a step is under way, which looks again at its end. */
  get isBusy(): boolean {
    return this.#step !== undefined
  }

  /** What the runtime was last seen to have of the Pod. */
  get observed(): ObservedPod {
    return this.#sync.observed
  }

  /** Its volumes that stand, by name. */
  get madeVolumes(): ReadonlyMap<string, MadeVolume> {
    return this.#sync.madeVolumes
  }

  /** Why that container does not run; `undefined` when nothing holds it. */
  waitingReason(container: string): string | undefined {
    return this.#sync.waitingReason(container)
  }

  /** Whether a sandbox or container of this id is the Pod's. */
  owns(id: string): boolean {
    const { sandboxes, containers } = this.#sync.observed
    return containers.some((container) => container.id === id) || sandboxes.some((sandbox) => sandbox.id === id)
  }

  /** What the Pod was last seen to have, as `id` to state. */
  get states(): ReadonlyMap<string, string> {
    const { sandboxes, containers } = this.#sync.observed
    return new Map([...sandboxes, ...containers].map(({ id, state }) => [id, state]))
  }

  /** The API has a newer Pod. */
  update(pod: PodView): void {
    const old = this.#work.pod
    this.#work = { ...this.#work, pod }
    if (!differs(old, pod)) return
    this.#refresh = true
    this.#beginToStop()
    this.wake()
  }

  /** The API has the Pod no more. */
  remove(): void {
    this.#gone = true
    this.#deps.status.drop(this.pod)
    this.#beginToStop()
    this.#deps.resizes.retry()
    this.wake()
  }

  /** The node can keep the Pod no longer: it ends, and failed. Unless told otherwise at once, and with an event. */
  end(
    { reason, message, disruption = message, annotations }: PodFailure,
    { graceSeconds = MIN_FORCED_GRACE_SECONDS, event = true } = {},
  ): void {
    const { pod, phase } = this.#work
    if (phase !== 'syncing') return
    if (event) this.#deps.tell({ pod, type: 'Warning', reason, message, annotations })
    this.#terminate({ graceSeconds, failure: { reason, message, disruption } })
  }

  /** The whole node ends: as `end`, without an event, and a Pod that is ending already has no more than that grace. */
  endWithNode({ reason, message }: PodFailure, graceSeconds: number): void {
    const work = this.#work
    if (work.phase === 'terminated' || this.#isRejected) return
    const { failure = { reason, message, disruption: message }, graceSeconds: left = graceSeconds } =
      work.phase === 'terminating' ? work : {}
    this.#terminate({ graceSeconds: Math.min(left, graceSeconds), failure })
  }

  #terminate(end: { readonly graceSeconds: number; readonly failure: PodFailure }): void {
    this.#work = { phase: 'terminating', pod: this.#work.pod, ...end }
    this.#step?.abort()
    this.wake()
  }

  /** Gives back what the Pod has left in the runtime: all when it is over, otherwise what has been replaced. */
  async discard(signal: AbortSignal): Promise<void> {
    if (this.#work.phase === 'syncing') return spareContainers(this.observed, this.#deps, signal)
    if (this.#work.phase !== 'terminated' || this.#isDiscarded) return
    await this.#sync.remove(this.pod, signal)
    this.#isDiscarded = true
  }

  /** Something that its volumes are made of has changed. */
  refresh(): void {
    this.#refresh = true
    this.wake()
  }

  /** Look again. */
  wake(): void {
    this.#due = true
    this.#wakeUp?.()
    if (this.#work.phase === 'terminating' && this.#step !== undefined) this.#report()
  }

  /** What its steps failed for is over: look again, as if it were for the first time. */
  retry(): void {
    this.#backoff.reset()
    this.wake()
  }

  /** Works until the Pod is gone from this node. */
  async run(signal: AbortSignal): Promise<void> {
    let ms: number | undefined
    for (;;) {
      await this.#sleep(ms, signal)
      this.#checkDeadline()
      this.#step = new AbortController()
      try {
        const either = AbortSignal.any([signal, this.#step.signal])
        setMaxListeners(0, either) // one for every call of the step that is under way
        const result = await this.#timed(() => this.#takeStep(either))
        if (result === 'forget') return
        ms = result
        this.#backoff.reset()
      } catch (error) {
        signal.throwIfAborted()
        if (this.#step.signal.aborted) ms = 0
        else ms = this.#failed(error)
      } finally {
        this.#step = undefined
      }
    }
  }

  async #timed<T>(step: () => Promise<T>): Promise<T> {
    const { clock, metrics } = this.#deps
    const started = this.observed.sandboxes.length > 0
    const kind = this.phase === 'terminating' ? 'kill' : started ? 'sync' : 'create'
    const from = clock.monotonic()
    try {
      return await step()
    } finally {
      metrics.podSync.observe((clock.monotonic() - from) / 1000, { operation_type: kind })
    }
  }

  #failed(error: unknown): number {
    const wait = this.#backoff.next()
    this.#deps.log.warn('a step of a Pod failed', { pod: podText(this.pod), phase: this.phase, retryMs: wait, error })
    return wait
  }

  /** Settles when woken or `ms` from now. Being woken while a step ran counts. */
  async #sleep(ms: number | undefined, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const deadline = this.#deadlineIn()
    const wait = Math.min(ms ?? Infinity, deadline ?? Infinity)
    if (!this.#due && wait > 0) {
      await new Promise<void>((resolve, reject) => {
        const cancel = wait === Infinity ? () => {} : this.#deps.clock.after(wait, () => settle(resolve))
        const onAbort = () => settle(() => reject(signal.reason))
        const settle = (done: () => void) => {
          cancel()
          signal.removeEventListener('abort', onAbort)
          this.#wakeUp = undefined
          done()
        }
        this.#wakeUp = () => settle(resolve)
        signal.addEventListener('abort', onAbort, { once: true })
      })
    }
    this.#due = false
  }

  async #takeStep(signal: AbortSignal): Promise<number | undefined | 'forget'> {
    const work = this.#work
    switch (work.phase) {
      case 'syncing': {
        const verdict = await this.#admission.settle(work.pod, signal)
        if (typeof verdict === 'number') return verdict
        if (verdict !== undefined) {
          this.#refuse(this.#work.pod, verdict)
          return 0
        }
        if (this.#refresh) {
          this.#refresh = false
          await this.#sync.refreshVolumes(work.pod, signal)
        }
        return this.#afterSync(await this.#sync.sync(work.pod, signal))
      }
      case 'terminating':
        // That its deletion has been seen (`observedGeneration`) is told before anything has stopped.
        this.#report()
        await this.#sync.terminate(work.pod, work.graceSeconds, signal)
        this.#work = { phase: 'terminated', pod: this.#work.pod, failure: work.failure }
        this.#deps.resizes.retry()
        return 0
      case 'terminated':
        return this.#finish(work, signal)
    }
  }

  #afterSync(result: StepResult): number | undefined {
    if (result.do === 'wait') return result.ms
    this.#work = { phase: 'terminating', pod: this.#work.pod, graceSeconds: gracePeriodOf(this.#work.pod) }
    return 0
  }

  /** Nothing runs any more: tells the last status, gives back what is left, and lets a deleted Pod go. */
  async #finish(work: Extract<PodWork, { phase: 'terminated' }>, signal: AbortSignal): Promise<undefined | 'forget'> {
    const { status, client } = this.#deps
    // What its end looked like does not change by looking again.
    if (!this.#isEndTold) await this.#tell(work, { isTerminal: true, failure: work.failure }, signal)
    this.#isEndTold = true
    await this.#sync.release(signal)
    const deleted = work.pod.metadata.deletionTimestamp !== undefined
    if (!deleted && !this.#gone) return undefined
    if (!this.#gone) {
      await status.flush(this.uid)
      const { namespace, name } = namesOf(work.pod)
      const options = { gracePeriodSeconds: 0, preconditions: { uid: this.uid } }
      try {
        await client.delete(PODS, { namespace, name }, options, signal)
      } catch (error) {
        if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
      }
    }
    // Its finalizers keep it in the API: what it wrote can be read until it is gone.
    if (!this.#gone && (work.pod.metadata.finalizers ?? []).length > 0) return undefined
    await this.#sync.remove(work.pod, signal)
    status.forget(this.uid)
    return 'forget'
  }

  async #tell(
    { pod, failure }: PodWork & { readonly failure?: PodFailure | undefined },
    facts: StatusOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const { status, clock } = this.#deps
    if (this.#isRejected && failure !== undefined) status.set(pod, rejectedStatus(pod, failure, clock.now()))
    else await this.#sync.report(pod, facts, signal)
  }

  /** Moves on to terminating when the Pod is deleted, or hurries when its grace was cut. */
  #beginToStop(): void {
    const work = this.#work
    const deleted = work.pod.metadata.deletionTimestamp !== undefined
    if (!deleted && !this.#gone) return
    const own = gracePeriodOf(work.pod)
    const graceSeconds = this.#gone ? Math.max(MIN_FORCED_GRACE_SECONDS, deleted ? Math.min(own, 1) : own) : own
    if (work.phase === 'terminated' || (work.phase === 'terminating' && work.graceSeconds <= graceSeconds)) return
    const failure = work.phase === 'terminating' ? work.failure : undefined
    this.#work = { phase: 'terminating', pod: work.pod, graceSeconds, failure }
    this.#step?.abort()
  }

  #deadlineIn(): number | undefined {
    const { pod, phase } = this.#work
    const { activeDeadlineSeconds } = specOf(pod)
    const began = startedAtOf(this.#deps.status.last(this.uid) ?? pod.status)
    if (activeDeadlineSeconds === undefined || began === undefined || phase !== 'syncing') return undefined
    return Math.max(0, began + activeDeadlineSeconds * 1000 - this.#deps.clock.now())
  }

  #checkDeadline(): void {
    if (this.#deadlineIn() !== 0) return
    const { pod } = this.#work
    this.#deps.tell({ pod, type: 'Normal', ...DEADLINE_EXCEEDED })
    this.#work = { phase: 'terminating', pod, graceSeconds: gracePeriodOf(pod), failure: DEADLINE_EXCEEDED }
  }

  /** While containers stop one after the other, their statuses are told. One report at a time. */
  #report(): void {
    const isReporting = this.#reporting !== 'no'
    this.#reporting = isReporting ? 'again' : 'yes'
    if (isReporting) return
    this.#start(async (signal) => {
      try {
        do {
          this.#reporting = 'yes'
          const work = this.#work
          if (work.phase !== 'terminating') return
          await this.#tell(work, { failure: work.failure }, signal)
        } while ((this.#reporting as string) === 'again')
      } catch (error) {
        signal.throwIfAborted()
        this.#deps.log.warn('could not look at a Pod', { pod: podText(this.pod), error })
      } finally {
        this.#reporting = 'no'
      }
    })
  }
}
