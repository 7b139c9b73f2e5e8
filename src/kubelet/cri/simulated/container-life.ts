/** How simulated containers start and end, and what they leave: a log and files. */

import { type Clock, toMicroTime } from '../../../base/clock.ts'
import { RuntimeError } from '../runtime.ts'
import type { EventHub } from './event-hub.ts'
import { type ContainerRecord, eventOf, logPathOf } from './records.ts'

/** Where containers leave something behind. */
export interface FileSink {
  append(path: string, text: string): void
  write(path: string, text: string): void
}

const KILLED = 137
const CANNOT_START = 128
const STOPS_AT_ONCE = { afterMs: 0, exitCode: 0 }

export class ContainerLife {
  readonly #clock: Clock
  readonly #files: FileSink
  readonly #hub: EventHub

  constructor(clock: Clock, files: FileSink, hub: EventHub) {
    this.#clock = clock
    this.#files = files
    this.#hub = hub
  }

  start(container: ContainerRecord): void {
    const { id, state, sandbox, behaviour } = container
    if (state !== 'CONTAINER_CREATED')
      throw new RuntimeError('Unknown', `failed to start container "${id}": container is in ${state} state`)
    if (sandbox.state !== 'SANDBOX_READY')
      throw new RuntimeError('Unknown', `sandbox container "${sandbox.id}" is not running`)
    if (behaviour.startError !== undefined) {
      this.#end(container, CANNOT_START, 'StartError')
      throw new RuntimeError('Unknown', behaviour.startError)
    }
    container.state = 'CONTAINER_RUNNING'
    container.startedAt = Math.max(this.#clock.now(), container.createdAt)
    container.began = this.#clock.monotonic()
    this.#hub.tell(eventOf('started', id, sandbox))
    if (behaviour.log !== undefined) this.#write(container, behaviour.log)
    if (behaviour.runMs === undefined) return
    const end = () => this.#exit(container, behaviour.exitCode ?? 0, behaviour.reason)
    container.cancels.push(this.#clock.after(behaviour.runMs, end))
  }

  /** Settles when the container has stopped, of itself or killed `graceMs` from now. */
  async stop(container: ContainerRecord, graceMs: number, signal: AbortSignal): Promise<void> {
    if (container.state !== 'CONTAINER_RUNNING') return
    if (graceMs <= 0) return this.kill(container)
    const exited = new Promise<void>((resolve) => container.onExit.push(resolve))
    const { afterMs, exitCode } = container.behaviour.onStop ?? STOPS_AT_ONCE
    if (!container.isStopping && Number.isFinite(afterMs)) {
      container.isStopping = true
      if (afterMs <= 0) return this.#exit(container, exitCode)
      container.cancels.push(this.#clock.after(afterMs, () => this.#exit(container, exitCode)))
    }
    const cancel = this.#clock.after(graceMs, () => this.kill(container))
    container.cancels.push(cancel)
    await untilAborted(exited, signal).finally(cancel)
  }

  kill(container: ContainerRecord): void {
    this.#exit(container, KILLED)
  }

  /** Nothing more happens to it; nobody is told. */
  halt(container: ContainerRecord): void {
    for (const cancel of container.cancels.splice(0)) cancel()
  }

  #exit(container: ContainerRecord, exitCode: number, reason?: string): void {
    if (container.state === 'CONTAINER_RUNNING') this.#end(container, exitCode, reason)
  }

  #end(container: ContainerRecord, exitCode: number, reason?: string): void {
    this.halt(container)
    container.state = 'CONTAINER_EXITED'
    container.finishedAt = Math.max(this.#clock.now(), container.startedAt)
    container.exitCode = exitCode
    container.reason = reason ?? (exitCode === 0 ? 'Completed' : 'Error')
    for (const [path, text] of Object.entries(container.behaviour.files ?? {})) {
      const mount = container.config.mounts.find(({ containerPath }) => containerPath === path)
      if (mount !== undefined) this.#files.write(mount.hostPath, text)
    }
    this.#hub.tell(eventOf('stopped', container.id, container.sandbox))
    for (const told of container.onExit.splice(0)) told()
  }

  /** In the form in which runtimes write logs: time, stream, full line, text. */
  #write(container: ContainerRecord, lines: readonly string[]): void {
    const path = logPathOf(container)
    if (path === '') return
    const time = toMicroTime(this.#clock.now()).replace('Z', '000Z')
    this.#files.append(path, lines.map((line) => `${time} stdout F ${line}\n`).join(''))
  }
}

function untilAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    void done.then(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
  })
}
