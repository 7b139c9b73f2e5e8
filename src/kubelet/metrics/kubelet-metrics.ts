/** What a kubelet counts of its own work (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Family, Labels, Sample } from './text.ts'

/** A number for each set of labels, which only grows. */
class Counter {
  readonly #name: string
  readonly #help: string
  readonly #values = new Map<string, { readonly labels: Labels; value: number }>()

  constructor(name: string, help: string) {
    this.#name = name
    this.#help = help
  }

  add(labels: Labels = {}): void {
    const key = JSON.stringify(labels)
    const known = this.#values.get(key)
    if (known === undefined) this.#values.set(key, { labels, value: 1 })
    else known.value += 1
  }

  /** Those that speak of what is gone. */
  forget(isGone: (labels: Labels) => boolean): void {
    for (const [key, { labels }] of this.#values) if (isGone(labels)) this.#values.delete(key)
  }

  get family(): Family {
    return { name: this.#name, help: this.#help, type: 'counter', samples: [...this.#values.values()] }
  }
}

/** How many durations were at most so long. */
class Histogram {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0
  #count = 0

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
    this.#counts = bounds.map(() => 0)
  }

  observe(seconds: number): void {
    this.#bounds.forEach((bound, at) => {
      if (seconds <= bound) this.#counts[at] = (this.#counts[at] ?? 0) + 1
    })
    this.#sum += seconds
    this.#count += 1
  }

  get family(): Family {
    const buckets = this.#bounds.map((bound, at): Sample => bucket(String(bound), this.#counts[at] ?? 0))
    const samples = [
      ...buckets,
      bucket('+Inf', this.#count),
      { suffix: '_sum', value: this.#sum },
      { suffix: '_count', value: this.#count },
    ]
    return { name: this.#name, help: this.#help, type: 'histogram', samples }
  }
}

const bucket = (le: string, value: number): Sample => ({ suffix: '_bucket', labels: { le }, value })

const START_BOUNDS = [0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200]

/** The container that a probe was run for. */
export interface ProbedContainer {
  readonly container: string
  readonly namespace: string
  readonly pod: string
  readonly uid: string
}

/** One for each kubelet. */
export class KubeletMetrics {
  readonly startedPods = new Counter('kubelet_started_pods_total', 'Cumulative number of pods started')
  readonly #startedContainers = new Counter(
    'kubelet_started_containers_total',
    'Cumulative number of containers started',
  )
  readonly evictions = new Counter('kubelet_evictions', 'Cumulative number of pod evictions by eviction signal')
  readonly preemptions = new Counter(
    'kubelet_preemptions',
    'Cumulative number of pod preemptions by preemption resource',
  )
  readonly collectedImages = new Counter(
    'kubelet_image_garbage_collected_total',
    'Total number of images garbage collected by the kubelet, whether through disk usage or image age.',
  )
  readonly podStart = new Histogram(
    'kubelet_pod_start_duration_seconds',
    'Duration in seconds from kubelet seeing a pod for the first time to the pod starting to run',
    START_BOUNDS,
  )
  readonly #probes = new Counter(
    'prober_probe_total',
    'Cumulative number of a liveness, readiness or startup probe for a container by result.',
  )

  containerStarted(kind: 'init' | 'sidecar' | 'app' | 'ephemeral'): void {
    this.#startedContainers.add({ container_type: TYPES[kind] })
  }

  probed(of: ProbedContainer, kind: string, outcome: string): void {
    const { container, namespace, pod, uid } = of
    this.#probes.add({
      container,
      namespace,
      pod,
      pod_uid: uid,
      probe_type: `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`,
      result: RESULTS[outcome] ?? 'unknown',
    })
  }

  /** The Pod is gone from this node. */
  forgetPod(uid: string): void {
    this.#probes.forget((labels) => labels['pod_uid'] === uid)
  }

  /** What /metrics tells. */
  get own(): readonly Family[] {
    return [
      this.startedPods.family,
      this.#startedContainers.family,
      this.evictions.family,
      this.preemptions.family,
      this.collectedImages.family,
      this.podStart.family,
    ]
  }

  /** What /metrics/probes tells. */
  get probes(): readonly Family[] {
    return [this.#probes.family]
  }
}

/** Containers by kind, as metrics name them. */
const TYPES = {
  init: 'init_container',
  sidecar: 'init_container',
  app: 'container',
  ephemeral: 'ephemeral_container',
} as const

const RESULTS: Readonly<Record<string, string>> = { success: 'successful', failure: 'failed' }
