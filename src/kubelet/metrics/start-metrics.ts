/**
 * How long Pods take to start, and what holds them up: images, sandboxes, failures
 * (https://kubernetes.io/docs/reference/instrumentation/metrics/).
 */

import { Counter, Histogram } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'

const START_BOUNDS = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600,
]
const PULL_BOUNDS = [1, 5, 10, 20, 30, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600]

const MIB = 1024 ** 2
const GIB = 1024 ** 3
/** Sizes of images, from so many bytes on. */
const SIZES: readonly (readonly [from: number, name: string])[] = [
  [0, '0-10MB'],
  [10 * MIB, '10MB-100MB'],
  [100 * MIB, '100MB-500MB'],
  [500 * MIB, '500MB-1GB'],
  [GIB, '1GB-5GB'],
  [5 * GIB, '5GB-10GB'],
  [10 * GIB, '10GB-20GB'],
  [20 * GIB, '20GB-30GB'],
  [30 * GIB, '30GB-40GB'],
  [40 * GIB, '40GB-60GB'],
  [60 * GIB, '60GB-100GB'],
  [100 * GIB, 'GT100GB'],
]

/** A Pod that runs for the first time; all in milliseconds. */
export interface PodStart {
  /** Since the kubelet first saw it. */
  readonly seenMs: number
  /** Since it was created. */
  readonly createdMs: number
  /** Of which its images took. */
  readonly pullMs: number
  /** Of which its init containers took. */
  readonly initMs: number
  /** It has storage that outlives it, which may be late for reasons of its own. */
  readonly isStateful: boolean
  /** It has a network of its own, which the node may have to be given first. */
  readonly hasNetwork: boolean
}

const FIRST_HELP =
  'Duration in seconds to start the first network pod, excluding time to pull images and run init containers, measured from pod creation timestamp to when all its containers are reported as started and observed via watch'

export class StartMetrics {
  #firstSeconds: number | undefined
  readonly #pods = new Counter('kubelet_started_pods_total', 'Cumulative number of pods started')
  readonly #seen = new Histogram(
    'kubelet_pod_start_duration_seconds',
    'Duration in seconds from kubelet seeing a pod for the first time to the pod starting to run',
    START_BOUNDS,
  )
  readonly #total = new Histogram(
    'kubelet_pod_start_total_duration_seconds',
    'Duration in seconds to start a pod since creation, including time to pull images and run init containers, measured from pod creation timestamp to when all its containers are reported as started and observed via watch',
    START_BOUNDS,
  )
  readonly #sli = new Histogram(
    'kubelet_pod_start_sli_duration_seconds',
    'Duration in seconds to start a pod, excluding time to pull images and run init containers, measured from pod creation timestamp to when all its containers are reported as started and observed via watch',
    START_BOUNDS,
  )
  readonly #pulls = new Histogram(
    'kubelet_image_pull_duration_seconds',
    'Duration in seconds to pull an image.',
    PULL_BOUNDS,
  )
  readonly #sandboxes = new Histogram(
    'kubelet_run_podsandbox_duration_seconds',
    'Duration in seconds of the run_podsandbox operations. Broken down by RuntimeClass.Handler.',
  )
  readonly #sandboxErrors = new Counter(
    'kubelet_run_podsandbox_errors_total',
    'Cumulative number of the run_podsandbox operation errors by RuntimeClass.Handler.',
  )
  readonly #containers = new Counter('kubelet_started_containers_total', 'Cumulative number of containers started')
  readonly #containerErrors = new Counter(
    'kubelet_started_containers_errors_total',
    'Cumulative number of errors when starting containers',
  )

  started({ seenMs, createdMs, pullMs, initMs, isStateful, hasNetwork }: PodStart): void {
    const ownSeconds = Math.max(0, createdMs - pullMs - initMs) / 1000
    if (hasNetwork) this.#firstSeconds ??= ownSeconds
    this.#pods.add()
    this.#seen.observe(seenMs / 1000)
    this.#total.observe(createdMs / 1000)
    if (!isStateful) this.#sli.observe(ownSeconds)
  }

  /** An image of so many bytes was pulled. */
  pulled(ms: number, bytes: number): void {
    const [, size] = SIZES.findLast(([from]) => bytes >= from) ?? ['', '0-10MB']
    this.#pulls.observe(ms / 1000, { image_size_in_bytes: size })
  }

  sandboxRun(handler: string, seconds: number, hasFailed: boolean): void {
    const labels = { runtime_handler: handler }
    this.#sandboxes.observe(seconds, labels)
    if (hasFailed) this.#sandboxErrors.add(labels)
  }

  containerStarted(kind: ContainerKind): void {
    this.#containers.add({ container_type: CONTAINER_TYPES[kind] })
  }

  /** `code`: what the container waits for now, e.g. `ErrImagePull`. */
  containerFailed(kind: ContainerKind, code: string): void {
    this.#containerErrors.add({ code, container_type: CONTAINER_TYPES[kind] })
  }

  get families(): readonly Family[] {
    return [
      this.#pods.family,
      this.#containers.family,
      this.#containerErrors.family,
      this.#seen.family,
      this.#total.family,
      this.#sli.family,
      this.#pulls.family,
      this.#sandboxes.family,
      this.#sandboxErrors.family,
      {
        name: 'kubelet_first_network_pod_start_sli_duration_seconds',
        help: FIRST_HELP,
        type: 'gauge',
        samples: [{ value: this.#firstSeconds ?? 0 }],
      },
    ]
  }
}

type ContainerKind = keyof typeof CONTAINER_TYPES

/** Containers by kind, as metrics name them. */
export const CONTAINER_TYPES = {
  init: 'init_container',
  sidecar: 'init_container',
  app: 'container',
  ephemeral: 'ephemeral_container',
} as const
