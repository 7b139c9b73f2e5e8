/** One simulated container: a state that moves with the clock. */

import type { Clock } from '../../../base/clock.ts'
import type { Container, ContainerConfig, ContainerState, ContainerStatus } from '../runtime.ts'
import type { Behaviour } from './scenario.ts'

export interface SimulatedContainerOptions {
  readonly id: string
  readonly sandboxId: string
  readonly config: ContainerConfig
  readonly imageRef: string
  readonly logPath: string
  readonly behaviour: Behaviour
  readonly clock: Clock
  /** Called once, when it has ended. */
  readonly ended: () => void
}

const KILLED = 137
const TERMINATED = 143

export class SimulatedContainer {
  readonly options: SimulatedContainerOptions
  readonly #createdAt: number
  #state: ContainerState = 'CONTAINER_CREATED'
  #startedAt = 0
  #finishedAt = 0
  #exitCode = 0
  #reason = ''
  #message = ''
  #cancel = () => {}
  readonly #waiters = new Set<() => void>()

  constructor(options: SimulatedContainerOptions) {
    this.options = options
    this.#createdAt = options.clock.now()
  }

  get state(): ContainerState {
    return this.#state
  }

  /** Whether probes and commands succeed by now. */
  get isReady(): boolean {
    const { clock, behaviour } = this.options
    return this.#state === 'CONTAINER_RUNNING' && clock.now() >= this.#startedAt + (behaviour.readyMs ?? 0)
  }

  start(): void {
    const { clock, behaviour } = this.options
    this.#startedAt = clock.now()
    this.#state = 'CONTAINER_RUNNING'
    const { runMs, exitCode = 0 } = behaviour
    if (runMs !== undefined) this.#cancel = clock.after(runMs, () => this.#end(exitCode))
  }

  /** It could not be started. */
  fail(message: string): void {
    this.#end(128, 'StartError', message)
  }

  /** Settles when it has ended. */
  stop(graceSeconds: number, signal: AbortSignal): Promise<void> {
    if (this.#state !== 'CONTAINER_RUNNING') return Promise.resolve()
    const { clock, behaviour } = this.options
    const { stopMs = 0 } = behaviour
    this.#cancel()
    const graceMs = graceSeconds * 1000
    const [wait, code] = stopMs <= graceMs && graceSeconds > 0 ? [stopMs, TERMINATED] : [graceMs, KILLED]
    if (wait === 0) this.#end(code)
    else this.#cancel = clock.after(wait, () => this.#end(code))
    return this.#whenEnded(signal)
  }

  kill(): void {
    if (this.#state === 'CONTAINER_RUNNING') this.#end(KILLED)
  }

  /** Lets go of its timer. */
  dispose(): void {
    this.#cancel()
  }

  listed(): Container {
    const { id, sandboxId, config, imageRef } = this.options
    return {
      id,
      podSandboxId: sandboxId,
      metadata: config.metadata,
      image: { image: config.image.userSpecifiedImage ?? config.image.image },
      imageRef,
      state: this.#state,
      createdAt: this.#createdAt,
      labels: config.labels,
      annotations: config.annotations,
    }
  }

  status(): ContainerStatus {
    const { config, logPath } = this.options
    return {
      ...this.listed(),
      startedAt: this.#startedAt,
      finishedAt: this.#finishedAt,
      exitCode: this.#exitCode,
      reason: this.#reason,
      message: this.#message,
      mounts: config.mounts,
      logPath,
      resources: config.linux.resources,
    }
  }

  #end(exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error', message = ''): void {
    if (this.#state === 'CONTAINER_EXITED') return
    this.#cancel()
    this.#state = 'CONTAINER_EXITED'
    this.#finishedAt = this.options.clock.now()
    this.#exitCode = exitCode
    this.#reason = reason
    this.#message = message
    for (const wake of this.#waiters) wake()
    this.options.ended()
  }

  #whenEnded(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'CONTAINER_EXITED') return resolve()
      if (signal.aborted) return reject(signal.reason)
      const settle = (done: () => void) => {
        this.#waiters.delete(wake)
        signal.removeEventListener('abort', onAbort)
        done()
      }
      const wake = () => settle(resolve)
      const onAbort = () => settle(() => reject(signal.reason))
      this.#waiters.add(wake)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}
