/** All Pods of the node: starts a worker for each, and wakes the right one when something happens. */

import type { TaskGroup } from '../../base/async/group.ts'
import { type Backoff, createBackoff } from '../../base/backoff.ts'
import type { RuntimeEvent } from '../cri/runtime.ts'
import { namesOf, type PodView } from './pod-view.ts'
import type { PodDeps } from './pod-deps.ts'
import { POD_NAME, POD_NAMESPACE, POD_UID } from './container/identity.ts'
import { PodWorker } from './worker.ts'

/** Events tell what happens; this list, now and then, tells what events might have missed. */
const RELIST_MS = 10_000
const RECONNECT = { baseMs: 50, maxMs: 5_000 }

interface RelistHooks {
  readonly listed: () => void
  /** Whether everybody who may ask for Pods has told which. */
  readonly areAllKnown: () => boolean
}

export class PodWorkers {
  readonly #deps: PodDeps
  readonly #group: TaskGroup
  readonly #workers = new Map<string, PodWorker>()
  readonly #reaping = new Set<string>()

  readonly #ended: (pod: PodView) => void

  /** `ended` is told of each Pod that is gone from this node. */
  constructor(deps: PodDeps, group: TaskGroup, ended: (pod: PodView) => void = () => {}) {
    this.#deps = deps
    this.#group = group
    this.#ended = ended
  }

  /** The Pods that this node works on, those that are stopping included. */
  get pods(): readonly PodView[] {
    return [...this.#workers.values()].map((worker) => worker.pod)
  }

  get all(): readonly PodWorker[] {
    return [...this.#workers.values()]
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid)
  }

  /** The API has this Pod, bound to this node. */
  update(pod: PodView): void {
    const { clock, metrics } = this.#deps
    const { uid } = namesOf(pod)
    const worker = this.#workers.get(uid)
    if (worker !== undefined) return worker.update(pod)
    const seenAt = clock.monotonic()
    const start = (task: (signal: AbortSignal) => Promise<void>) => this.#group.start(task)
    const fresh = new PodWorker({ pod, deps: this.#deps, start })
    this.#workers.set(uid, fresh)
    this.#group.start(async (signal) => {
      metrics.lifecycle.workerStarted(pod, (clock.monotonic() - seenAt) / 1000)
      await fresh.run(signal)
      this.#workers.delete(uid)
      this.#ended(pod)
    })
  }

  remove(uid: string): void {
    this.#workers.get(uid)?.remove()
  }

  /** What the Pod's volumes are made of has changed. */
  refresh(uid: string): void {
    this.#workers.get(uid)?.refresh()
  }

  /** Follows the runtime until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const { runtime, log, metrics } = this.#deps
    const backoff = createBackoff(RECONNECT)
    for (let isBack = false; ; isBack = true) {
      try {
        // After the subscription, so that what the retries bring about is heard.
        if (isBack) queueMicrotask(() => this.#retryAll())
        const events = runtime.events(signal)
        metrics.runtimeWatch.connected()
        for await (const event of events) {
          backoff.reset()
          this.#wakeOwner(event)
        }
      } catch (error) {
        signal.throwIfAborted()
        log.warn('lost the runtime', { error })
        metrics.runtimeWatch.lost()
      }
      await this.#untilBack(backoff, signal)
    }
  }

  #retryAll(): void {
    for (const worker of this.#workers.values()) worker.retry()
  }

  /** A step that fails for want of a runtime would only wait longer: nobody is woken before it answers. */
  async #untilBack(backoff: Backoff, signal: AbortSignal): Promise<void> {
    const { runtime, clock } = this.#deps
    for (;;) {
      await clock.sleep(backoff.next(), signal)
      try {
        await runtime.version(signal)
        return
      } catch {
        signal.throwIfAborted()
      }
    }
  }

  /**
   * Compares now and then what the runtime has with what the workers know; ends what belongs to no Pod, once all Pods
   * are known. `listed` is called each time that the runtime has told all it has.
   */
  async relist({ listed, areAllKnown }: RelistHooks, signal: AbortSignal): Promise<void> {
    const { clock, log, metrics } = this.#deps
    for (let last: number | undefined; ;) {
      const from = clock.monotonic()
      if (last !== undefined) metrics.relistInterval.observe((from - last) / 1000)
      last = from
      try {
        await this.#compare(areAllKnown(), signal)
        metrics.relist.observe((clock.monotonic() - from) / 1000)
        listed()
      } catch (error) {
        signal.throwIfAborted()
        log.warn('could not list what the runtime has', { error })
      }
      await clock.sleep(RELIST_MS, signal)
    }
  }

  #wakeOwner({ type, containerId: id, podUid }: RuntimeEvent): void {
    const isStart = type === 'created' || type === 'started'
    // Whose it is may not be known yet: a step may just have made it.
    const mayOwn = (worker: PodWorker) => podUid === undefined && worker.isBusy
    for (const worker of podUid === undefined ? this.#workers.values() : [this.#workers.get(podUid)]) {
      if (worker === undefined) continue
      // What a step starts, it looks at in the end; an end may come after that look.
      if (isStart && (worker.isBusy || ALIVE.has(worker.states.get(id) ?? ''))) continue
      if (podUid !== undefined || worker.owns(id) || mayOwn(worker)) worker.wake()
    }
  }

  async #compare(areAllKnown: boolean, signal: AbortSignal): Promise<void> {
    const { runtime, host } = this.#deps
    const [sandboxes, containers, onDisk] = await Promise.all([
      runtime.listPodSandboxes({}, signal),
      runtime.listContainers({}, signal),
      host.pods.list(),
    ])
    const present = new Map<string, Map<string, string>>()
    const names = new Map<string, { readonly namespace: string; readonly name: string }>()
    for (const { id, state, labels } of [...sandboxes, ...containers]) {
      const uid = labels[POD_UID]
      if (uid === undefined) continue
      present.set(uid, (present.get(uid) ?? new Map<string, string>()).set(id, state))
      names.set(uid, { namespace: labels[POD_NAMESPACE] ?? '', name: labels[POD_NAME] ?? '' })
    }
    for (const [uid, worker] of this.#workers) {
      if (!worker.isBusy && !sameStates(worker.states, present.get(uid) ?? new Map())) worker.wake()
    }
    if (!areAllKnown) return
    for (const uid of new Set([...present.keys(), ...onDisk])) {
      if (!this.#workers.has(uid) && !this.#reaping.has(uid))
        this.#reap({ uid, ...(names.get(uid) ?? { namespace: '', name: '' }) })
    }
  }

  /** Ends what is left of a Pod that nobody wants: it was deleted while no kubelet ran. */
  #reap(pod: { readonly uid: string; readonly namespace: string; readonly name: string }): void {
    const { log, metrics } = this.#deps
    metrics.runtimeWatch.orphanFound()
    this.#reaping.add(pod.uid)
    this.#group.start(async (signal) => {
      try {
        log.info('ending what is left of a Pod that is gone', { ...pod })
        const worker = new PodWorker({
          pod: { metadata: pod, spec: { containers: [], terminationGracePeriodSeconds: MAX_ORPHAN_GRACE_SECONDS } },
          deps: { ...this.#deps, tell: () => {}, admission: () => ({ waitsFor: [] }) },
          start: (task) => this.#group.start(task),
        })
        worker.remove()
        await worker.run(signal)
      } finally {
        this.#reaping.delete(pod.uid)
      }
    })
  }
}

/** The states of what an event of a start tells nothing new of. */
const ALIVE: ReadonlySet<string> = new Set(['CONTAINER_RUNNING', 'SANDBOX_READY'])

/** Nobody is left to ask how long an orphan may take. */
const MAX_ORPHAN_GRACE_SECONDS = 30

function sameStates(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([id, state]) => b.get(id) === state)
}
