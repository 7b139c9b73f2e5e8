/**
 * Pods that permit plugins hold before they are bound
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#permit).
 */

import type { Clock } from '../../base/clock.ts'

/** One Pod that is held. */
export interface WaitingPod {
  /** The plugins that have not allowed it yet. */
  readonly pending: ReadonlySet<string>
  /** The plugin has no more objection; with the last one, the Pod is bound. */
  allow(plugin: string): void
  /** The Pod is not bound, and tried again later. */
  reject(plugin: string, reason: string): void
}

/** A permit plugin does not let the Pod be bound: it fits nowhere for now, for this reason. */
export class PermitRefusal extends Error {
  override readonly name = 'PermitRefusal'
  readonly plugin: string
  constructor(plugin: string, reason: string) {
    super(reason)
    this.plugin = plugin
  }
}

/** How long each plugin that holds a Pod wants to, in milliseconds. */
export type Holds = ReadonlyMap<string, number>

export class WaitingPods {
  readonly #waiting = new Map<string, WaitingPod>()

  /** The Pod of that uid, if it is held. */
  get(uid: string): WaitingPod | undefined {
    return this.#waiting.get(uid)
  }

  /** Settles when every plugin has allowed the Pod. Throws a `PermitRefusal` when one rejects it, or has not allowed it in its time. */
  async hold(uid: string, holds: Holds, clock: Clock, signal: AbortSignal): Promise<void> {
    const cancels: (() => void)[] = []
    try {
      await new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const onAbort = () => reject(signal.reason)
        signal.addEventListener('abort', onAbort, { once: true })
        cancels.push(() => signal.removeEventListener('abort', onAbort))
        const pending = new Set(holds.keys())
        const refuse = (plugin: string, reason: string) => reject(new PermitRefusal(plugin, reason))
        for (const [plugin, ms] of holds) {
          const late = () =>
            pending.has(plugin) &&
            refuse(plugin, `rejected due to timeout after waiting ${ms / 1000}s at plugin ${plugin}`)
          cancels.push(clock.after(ms, late))
        }
        const allow = (plugin: string) => {
          pending.delete(plugin)
          if (pending.size === 0) resolve()
        }
        this.#waiting.set(uid, { pending, allow, reject: refuse })
      })
    } finally {
      this.#waiting.delete(uid)
      for (const cancel of cancels) cancel()
    }
  }
}
