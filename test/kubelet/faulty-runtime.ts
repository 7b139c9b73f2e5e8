/** A runtime that hangs, fails or answers late, as told: it stands between the kubelet and a simulated one. */

import type { Clock } from '../../src/base/clock.ts'
import type { Random } from '../../src/base/random.ts'
import { RuntimeError, type RuntimeService } from '../../src/kubelet/cri/runtime.ts'

type Method = Exclude<keyof RuntimeService, 'events'>
/** What a call that names `what` meets; the answer is what to do in its stead. */
type Fault = (call: { readonly text: string; readonly signal: AbortSignal }) => Promise<'go on'> | undefined

/** How long the kubelet's gRPC client waits. */
const LIMIT_MS = (method: Method) => (method.includes('PodSandbox') ? 240_000 : 120_000)

export class FaultyRuntime {
  /** Calls that have been given up by their caller, or ran into their limit. */
  readonly given = new Map<Method, number>()
  readonly calls = new Map<Method, number>()
  /** Calls that hang now. */
  hanging = 0
  clock: Clock | undefined
  readonly #faults = new Map<Method, Fault>()
  #down: AbortController | undefined
  #lateness: (() => number) | undefined

  /** Calls of `method` whose arguments name `what` get no answer. */
  hang(method: Method, what = ''): void {
    this.#set(method, what, async ({ signal }) => {
      this.hanging += 1
      try {
        await this.#sleep(LIMIT_MS(method), signal)
      } finally {
        this.hanging -= 1
      }
      throw new RuntimeError('DeadlineExceeded', 'context deadline exceeded')
    })
  }

  /** They are answered `ms` later. */
  delay(method: Method, ms: number, what = ''): void {
    this.#set(method, what, async ({ signal }) => {
      await this.#sleep(ms, signal)
      return 'go on'
    })
  }

  /** They fail. */
  fail(method: Method, message: string, what = ''): void {
    this.#set(method, what, () => Promise.reject(new RuntimeError('Unknown', message)))
  }

  /** From now on every call takes a while to arrive, its answer and all events as well: up to `ms` each. */
  wander(random: Random, ms: number): void {
    this.#lateness = () => random.next() * ms
  }

  heal(method: Method): void {
    this.#faults.delete(method)
  }

  /** Nothing of it answers any more, and its events end. */
  stop(): void {
    this.#down = new AbortController()
    this.#down.abort()
  }

  start(): void {
    this.#down = undefined
  }

  /** To be given to the node. */
  readonly between = (real: RuntimeService): RuntimeService =>
    new Proxy(real, {
      get: (target, key) => {
        const method = Reflect.get(target, key) as (...args: readonly unknown[]) => unknown
        if (key === 'events') return (signal: AbortSignal) => this.#events(target, signal)
        return (...args: readonly unknown[]) => this.#call(key as Method, args, () => method.apply(target, [...args]))
      },
    })

  async #call(method: Method, args: readonly unknown[], real: () => unknown): Promise<unknown> {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1)
    if (this.#down !== undefined) throw new RuntimeError('Unavailable', 'connection refused')
    const fault = this.#faults.get(method)
    const signal = args.at(-1) as AbortSignal
    try {
      await this.#dawdle(signal)
      await fault?.({ text: JSON.stringify(args.slice(0, -1)), signal })
    } catch (error) {
      this.given.set(method, (this.given.get(method) ?? 0) + 1)
      throw error
    }
    const answer = await real()
    await this.#dawdle(signal)
    return answer
  }

  async *#events(real: RuntimeService, signal: AbortSignal) {
    if (this.#down !== undefined) throw new RuntimeError('Unavailable', 'connection refused')
    for await (const event of real.events(signal)) {
      if (this.#down !== undefined) throw new RuntimeError('Unavailable', 'connection reset')
      await this.#dawdle(signal)
      yield event
    }
  }

  #set(method: Method, what: string, fault: (call: Parameters<Fault>[0]) => Promise<'go on'>): void {
    this.#faults.set(method, (call) => (call.text.includes(what) ? fault(call) : undefined))
  }

  async #dawdle(signal: AbortSignal): Promise<void> {
    if (this.#lateness !== undefined) await this.#sleep(this.#lateness(), signal)
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (this.clock === undefined) throw new Error('give the faulty runtime the clock of its cluster')
    await this.clock.sleep(ms, signal)
  }
}
