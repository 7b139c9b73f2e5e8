/**
 * Whether the container runtime can be worked with: it answers, says that it is ready, and its lists come back
 * (https://kubernetes.io/docs/reference/node/node-status/#condition).
 */

import { Wakeup } from '../../base/async/wakeup.ts'
import type { Clock } from '../../base/clock.ts'
import { formatMilliseconds } from '../../wire/decode/duration.ts'
import type { RuntimeService, RuntimeStatus } from './runtime.ts'

/** It is asked this often; while it is not ready, nearly without a pause. */
const ASK_MS = 5_000
const ASK_UNREADY_MS = 100
/** A runtime that restarts is away for a moment; one that is silent for so long is down. */
const SILENCE_MS = 30_000
/** Lists that take longer tell that it is stuck, whatever else it answers. */
const LIST_MS = 180_000

export interface RuntimeHealthDeps {
  readonly runtime: Pick<RuntimeService, 'status'>
  readonly clock: Clock
}

export class RuntimeHealth {
  readonly #deps: RuntimeHealthDeps
  #status: RuntimeStatus | undefined
  #answeredAt = -Infinity
  #listedAt: number
  #told: string | undefined
  #asked = false
  readonly #turned: Wakeup

  constructor(deps: RuntimeHealthDeps) {
    this.#deps = deps
    this.#turned = new Wakeup(deps.clock)
    this.#listedAt = deps.clock.monotonic()
  }

  /** What it said last. */
  get status(): RuntimeStatus | undefined {
    return this.#status
  }

  /** Why Pods cannot run here; `undefined` when they can. */
  get fault(): string | undefined {
    const now = this.#deps.clock.monotonic()
    const silence = now - this.#listedAt
    const faults = [
      ...statusFaults(now - this.#answeredAt < SILENCE_MS ? this.#status : undefined),
      ...(silence >= LIST_MS
        ? [
            `PLEG is not healthy: pleg was last seen active ${formatMilliseconds(Math.floor(silence))} ago; threshold is ${formatMilliseconds(LIST_MS)}`,
          ]
        : []),
    ]
    return faults.length > 1 ? `[${faults.join(', ')}]` : faults[0]
  }

  /** All sandboxes and containers were listed just now. */
  listed(): void {
    this.#listedAt = this.#deps.clock.monotonic()
  }

  /** How long ago that was. */
  get sinceListedMs(): number {
    return this.#deps.clock.monotonic() - this.#listedAt
  }

  /** Settles when it was asked for the first time. */
  async whenAsked(signal: AbortSignal): Promise<void> {
    while (!this.#asked) await this.changed(SILENCE_MS, signal)
  }

  /** Settles when `fault` has turned, at the latest `ms` from now. */
  changed(ms: number, signal: AbortSignal): Promise<void> {
    return this.#turned.wait(ms, signal)
  }

  /** Asks until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps
    for (;;) {
      await this.#ask(signal)
      const { fault } = this
      if (fault !== this.#told || !this.#asked) this.#turn(fault)
      await clock.sleep(fault === undefined ? ASK_MS : ASK_UNREADY_MS, signal)
    }
  }

  /** No answer by the time it counts as down is an answer, too. */
  async #ask(signal: AbortSignal): Promise<void> {
    const { runtime, clock } = this.#deps
    const limit = new AbortController()
    const left = this.#answeredAt + SILENCE_MS - clock.monotonic()
    const cancel = clock.after(left > 0 ? left : SILENCE_MS, () => limit.abort())
    try {
      this.#status = await runtime.status(AbortSignal.any([signal, limit.signal]))
      this.#answeredAt = clock.monotonic()
    } catch {
      signal.throwIfAborted()
    } finally {
      cancel()
    }
  }

  #turn(fault: string | undefined): void {
    this.#told = fault
    this.#asked = true
    this.#turned.wake()
  }
}

function statusFaults(status: RuntimeStatus | undefined): readonly string[] {
  if (status === undefined) return ['container runtime is down']
  return ['RuntimeReady', 'NetworkReady'].flatMap((type) => {
    const condition = status.conditions.find((each) => each.type === type)
    if (condition?.status === true) return []
    const subject = type === 'NetworkReady' ? 'container runtime network not ready' : 'container runtime not ready'
    return [`${subject}: ${type}=false reason:${condition?.reason ?? ''} message:${condition?.message ?? ''}`]
  })
}
