/**
 * Keeps a node from running dry: looks at what is left, first gives back what nobody needs, then ends Pods
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/).
 */

import { EVICTED } from '../../api/core/v1/pod/facts.ts'
import { Wakeup } from '../../base/async/wakeup.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { KubeletConfig } from '../config/kubelet-config.ts'
import type { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import { type PodView, podText, specOf } from '../pods/pod-view.ts'
import type { PodFailure } from '../pods/work.ts'
import type { PodWorker } from '../pods/worker.ts'
import { measurePods, type MeasureDeps } from '../usage/measure.ts'
import { pressureRejection } from './admission.ts'
import { isCritical } from './critical.ts'
import { evictionWords } from './message.ts'
import { observe, type ObserveDeps, type Observed } from './observe.ts'
import { NO_PRESSURE, nextPressure } from './pressure.ts'
import { rank } from './rank.ts'
import { meaningOf, type PressureCondition } from './signals.ts'
import { crossed, parseThresholds, type Threshold } from './thresholds.ts'

const EVERY_MS = 10_000
/** How long one Pod may take to go before the next look. */
const GONE_WITHIN_MS = 30_000
const GONE_EVERY_MS = 1_000
/** What a Pod gets after a hard threshold was crossed. */
const HARD_GRACE_SECONDS = 1

export interface NodePressureDeps extends ObserveDeps, MeasureDeps {
  readonly host: ObserveDeps['host'] & MeasureDeps['host']
  readonly clock: Clock
  readonly log: Log
  readonly config: KubeletConfig
  readonly workers: { readonly all: readonly PodWorker[] }
  /** Gives back what nobody needs. */
  readonly reclaim: {
    readonly containers: (signal: AbortSignal) => Promise<void>
    readonly images: (signal: AbortSignal) => Promise<void>
  }
  readonly metrics: KubeletMetrics
  /** Writes an event about the node. */
  readonly tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void
}

export class NodePressure {
  readonly #deps: NodePressureDeps
  readonly #thresholds: readonly Threshold[]
  readonly #turned: Wakeup
  #pressure = NO_PRESSURE

  constructor(deps: NodePressureDeps) {
    this.#deps = deps
    this.#thresholds = parseThresholds(deps.config)
    this.#turned = new Wakeup(deps.clock)
  }

  /** What the node is short of. */
  get conditions(): readonly PressureCondition[] {
    return this.#pressure.conditions
  }

  /** Settles when `conditions` have changed, at the latest `ms` from now. */
  changed(ms: number, signal: AbortSignal): Promise<void> {
    return this.#turned.wait(ms, signal)
  }

  /** Why this node does not let the Pod in; `undefined`: it does. */
  rejection(pod: PodView): PodFailure | undefined {
    return pressureRejection(pod, this.conditions)
  }

  /** Looks every ten seconds until `signal` aborts, and right again while Pods have to go. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps
    for (;;) {
      let evicted: PodWorker | undefined
      try {
        evicted = await this.#look(signal)
      } catch (error) {
        signal.throwIfAborted()
        log.warn('could not look at what is left of the node', { error })
      }
      if (evicted === undefined) await clock.sleep(EVERY_MS, signal)
      else await this.#untilGone(evicted, signal)
    }
  }

  /** One look, and what follows from it: at most one Pod goes. */
  async #look(signal: AbortSignal): Promise<PodWorker | undefined> {
    const { clock, config, tell } = this.#deps
    const seen = await observe(this.#deps, signal)
    const before = this.conditions
    this.#pressure = nextPressure(this.#pressure, {
      thresholds: this.#thresholds,
      observations: seen.observations,
      now: clock.monotonic(),
      transitionMs: config.evictionPressureTransitionPeriod,
    })
    if (this.conditions.join() !== before.join()) this.#turned.wake()
    const [threshold] = this.#pressure.due
    if (threshold === undefined) return undefined
    tell('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${meaningOf(threshold.signal).resource}`)
    if (await this.#reclaims(threshold, seen, signal)) return undefined
    return this.#evictOne(threshold, seen, signal)
  }

  /** Gives back what nobody needs. Whether that was enough. */
  async #reclaims(threshold: Threshold, { hasImageDisk }: Observed, signal: AbortSignal): Promise<boolean> {
    const { reclaim, log } = this.#deps
    const { signal: name } = threshold
    const helps = name.startsWith('imagefs') || (name.startsWith('nodefs') && !hasImageDisk)
    if (!helps) return false
    for (const give of [reclaim.containers, reclaim.images]) {
      try {
        await give(signal)
      } catch (error) {
        signal.throwIfAborted()
        log.warn('could not give back what nobody needs', { signal: name, error })
      }
    }
    const { observations } = await observe(this.#deps, signal)
    return crossed(this.#thresholds, observations, true).length === 0
  }

  async #evictOne(threshold: Threshold, seen: Observed, signal: AbortSignal): Promise<PodWorker | undefined> {
    const { log, workers, metrics } = this.#deps
    const active = workers.all.filter(({ phase }) => phase === 'syncing')
    const uses = await measurePods(active, this.#deps, signal)
    const candidates = active.map((worker) => ({ worker, pod: worker.pod, use: uses.get(worker.uid) }))
    const { hasImageDisk, observations } = seen
    const ranked = rank(candidates, { signal: threshold.signal, hasImageDisk })
    const chosen = ranked.find(({ pod, worker }) => !isCritical(pod) && worker.phase === 'syncing')
    if (chosen === undefined) {
      log.warn('no Pod can be evicted from the node', { signal: threshold.signal })
      return undefined
    }
    const { worker, pod } = chosen
    const words = evictionWords(chosen, { threshold, due: this.#pressure.due, observations })
    log.info('evicting a Pod', { pod: podText(pod), signal: threshold.signal })
    metrics.evictions.add({ eviction_signal: threshold.signal })
    worker.end({ reason: EVICTED, ...words }, { graceSeconds: this.#graceFor(threshold, pod) })
    return worker
  }

  #graceFor({ isHard }: Threshold, pod: PodView): number {
    if (isHard) return HARD_GRACE_SECONDS
    const { evictionMaxPodGracePeriod: most } = this.#deps.config
    return Math.min(most, specOf(pod).terminationGracePeriodSeconds ?? most)
  }

  async #untilGone(worker: PodWorker, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps
    const began = clock.monotonic()
    while (!(await hasGivenBack(worker, signal)) && clock.monotonic() - began < GONE_WITHIN_MS)
      await clock.sleep(GONE_EVERY_MS, signal)
  }
}

/** Whether the Pod has ended and its containers take no room any more: before that the next look would end another. */
async function hasGivenBack(worker: PodWorker, signal: AbortSignal): Promise<boolean> {
  if (worker.phase !== 'terminated') return false
  try {
    await worker.discard(signal)
    return true
  } catch {
    signal.throwIfAborted()
    return false
  }
}
