/** Why containers of one Pod do not run, and when those that keep ending may be started again. */

import { formatMilliseconds } from '../../wire/decode/duration.ts'
import type { WaitingReason } from '../status/container-status.ts'
import { CrashBackOff } from './container/crash-back-off.ts'
import { containerHash } from './container/identity.ts'
import type { ObservedContainer } from './observed.ts'
import type { PodAction } from './plan.ts'
import type { PodDeps, PodNode } from './pod-deps.ts'
import { type KindedContainer, podText, type PodView } from './pod-view.ts'

const keyOf = ({ spec }: KindedContainer) => `${spec.name} ${containerHash(spec)}`

export interface RestartDeps extends Pick<PodDeps, 'clock' | 'tell'> {
  readonly node: Pick<PodNode, 'maxBackOffMs'>
}

export class Restarts {
  /** By container name. */
  readonly waiting = new Map<string, WaitingReason>()
  readonly #deps: RestartDeps
  readonly #crashes: CrashBackOff
  readonly #told = new Set<string>()
  /** When containers ended, by id, on the clock that nobody sets. */
  readonly #ends = new Map<string, number>()
  readonly #holds = new Map<string, number>()

  constructor(deps: RestartDeps) {
    this.#deps = deps
    this.#crashes = new CrashBackOff(deps.node.maxBackOffMs)
  }

  /**
   * Milliseconds until `container`, whose last incarnation was `last`, may be started. `exit`: the end that counts, which
   * is the one before where the kubelet itself has just ended it to start it again; absent: there was none.
   */
  remaining(container: KindedContainer, last: ObservedContainer, exit: ObservedContainer | undefined): number {
    if (exit === undefined) return 0
    if (exit !== last && !this.#told.has(last.id) && this.#remaining(container, exit) === 0) return 0
    return this.#remaining(container, last)
  }

  #remaining(container: KindedContainer, last: ObservedContainer): number {
    return this.#crashes.remaining(keyOf(container), this.#endOf(last), this.#deps.clock.monotonic())
  }

  /** Milliseconds until a start that failed may be tried again. */
  heldBack({ spec }: KindedContainer): number {
    return Math.max(0, (this.#holds.get(spec.name) ?? 0) - this.#deps.clock.monotonic())
  }

  /** A start failed. */
  failed({ spec }: KindedContainer, why: WaitingReason, retryMs: number): void {
    this.waiting.set(spec.name, why)
    this.#holds.set(spec.name, this.#deps.clock.monotonic() + retryMs)
  }

  /** It may not be tried again before `ms` from now. */
  hold({ spec }: KindedContainer, ms: number): void {
    this.#holds.set(spec.name, this.#deps.clock.monotonic() + ms)
  }

  /** A start succeeded. */
  succeeded({ spec }: KindedContainer): void {
    this.waiting.delete(spec.name)
    this.#holds.delete(spec.name)
  }

  /** Something that starts depend on has changed: they may be tried at once. */
  release(): void {
    this.#holds.clear()
  }

  /** The container is being started again after `last`; `exit`: as above. */
  begun(container: KindedContainer, last: ObservedContainer, exit: ObservedContainer | undefined): void {
    this.#told.delete(last.id)
    if (exit !== undefined) this.#crashes.restarted(keyOf(container), this.#endOf(exit), this.#deps.clock.monotonic())
    this.#ends.delete(last.id)
  }

  #endOf({ id, finishedAt }: ObservedContainer): number {
    const { clock } = this.#deps
    const known = this.#ends.get(id) ?? clock.monotonic() - Math.max(0, clock.now() - finishedAt)
    this.#ends.set(id, known)
    return known
  }

  /** Notes and tells which containers wait by this plan. */
  note(pod: PodView, plan: readonly PodAction[]): void {
    for (const action of plan) {
      if (action.do !== 'back-off') continue
      const { container, last } = action
      const { name } = container.spec
      this.waiting.set(name, {
        reason: 'CrashLoopBackOff',
        message: `back-off ${formatMilliseconds(this.#crashes.current(keyOf(container)))} restarting failed container=${name} pod=${podText(pod)}`,
      })
      if (this.#told.has(last.id)) continue
      this.#told.add(last.id)
      const message = `Back-off restarting failed container ${name} in pod ${podText(pod)}`
      this.#deps.tell({ pod, container, type: 'Warning', reason: 'BackOff', message })
    }
  }
}
