/**
 * What becomes of Pods and their containers, counted
 * (https://kubernetes.io/docs/reference/instrumentation/metrics/).
 */

import { Counter, Histogram } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'
import { containersOf, type PodView } from '../pods/pod-view.ts'
import { CONTAINER_TYPES } from './start-metrics.ts'

const COUNTS = [1, 2, 4, 8, 16]

export class LifecycleMetrics {
  readonly #containers = new Histogram('kubelet_containers_per_pod_count', 'The number of containers per pod.', COUNTS)
  readonly #workers = new Histogram(
    'kubelet_pod_worker_start_duration_seconds',
    'Duration in seconds from kubelet seeing a pod to starting a worker.',
  )
  readonly #podErrors = new Counter(
    'kubelet_started_pods_errors_total',
    'Cumulative number of errors when starting pods',
  )
  readonly #userNamespaces = new Counter(
    'kubelet_started_user_namespaced_pods_total',
    'Cumulative number of pods with user namespaces started. This metric will only be collected on Linux.',
  )
  readonly #userNamespaceErrors = new Counter(
    'kubelet_started_user_namespaced_pods_errors_total',
    'Cumulative number of errors when starting pods with user namespaces. This metric will only be collected on Linux.',
  )
  readonly #ended = new Counter('kubelet_terminated_containers_total', 'Cumulative number of container terminations.')
  readonly #images = new Counter(
    'kubelet_image_manager_ensure_image_requests_total',
    'Number of ensure-image requests processed by the kubelet.',
  )
  readonly #mustPull = new Counter(
    'kubelet_imagemanager_image_mustpull_checks_total',
    'Counter for how many times kubelet checked whether credentials need to be re-verified to access an image',
  )
  readonly #imageVolumes = new Counter('kubelet_image_volume_requested_total', 'Number of requested image volumes.')
  readonly #mountedImages = new Counter(
    'kubelet_image_volume_mounted_succeed_total',
    'Number of successful image volume mounts.',
  )
  readonly #failedImages = new Counter(
    'kubelet_image_volume_mounted_errors_total',
    'Number of failed image volume mounts.',
  )
  #shutdown: { readonly beganAt: number; readonly endedAt: number } = { beganAt: 0, endedAt: 0 }

  /** The first step of a Pod's worker begins, so many seconds after the kubelet has seen the Pod. */
  workerStarted(pod: PodView, seconds: number): void {
    this.#workers.observe(seconds)
    this.#containers.observe(pod.spec?.containers?.length ?? 0)
  }

  /** The Pod's sandbox runs, or could not be made. */
  podStarted(pod: PodView, hasFailed: boolean): void {
    if (hasFailed) this.#podErrors.add()
    if (pod.spec?.hostUsers !== false) return
    this.#userNamespaces.add()
    if (hasFailed) this.#userNamespaceErrors.add()
  }

  /** The first container that could not be started in a Pod whose sandbox runs: a user namespace often shows its faults there. */
  startFailed(pod: PodView): void {
    if (pod.spec?.hostUsers === false) this.#userNamespaceErrors.add()
  }

  containerEnded(pod: PodView | undefined, ended: EndedContainer): void {
    const container = pod && containersOf(pod).find(({ spec }) => spec.name === ended.name)
    if (container === undefined) return
    this.#ended.add({
      container_type: CONTAINER_TYPES[container.kind],
      exit_code: String(ended.exitCode),
      reason: ended.reason,
    })
  }

  /** An image was asked for. `isPresent`: undefined where nobody looked. */
  imageAsked(policy: string, isPresent: boolean | undefined): void {
    const isNever = policy === 'Never'
    // Whoever may run a Pod here may have what the node has.
    if (isPresent === true && policy !== 'Always') this.#mustPull.add({ result: 'credentialPolicyAllowed' })
    this.#images.add({
      present_locally: policy === 'Always' || isPresent === undefined ? 'unknown' : String(isPresent),
      pull_policy: policy.toLowerCase(),
      pull_required: isNever && isPresent !== true ? 'unknown' : String(policy === 'Always' || isPresent !== true),
    })
  }

  imageVolumeAsked(): void {
    this.#imageVolumes.add()
  }

  imageVolumeMounted(hasFailed: boolean): void {
    ;(hasFailed ? this.#failedImages : this.#mountedImages).add()
  }

  /** The node goes down, or has; milliseconds since the epoch. */
  shutdownBegan(now: number): void {
    this.#shutdown = { beganAt: now, endedAt: 0 }
  }

  shutdownEnded(now: number): void {
    this.#shutdown = { ...this.#shutdown, endedAt: now }
  }

  get families(): readonly Family[] {
    const { beganAt, endedAt } = this.#shutdown
    return [
      this.#containers.family,
      this.#workers.family,
      this.#podErrors.family,
      this.#userNamespaces.family,
      this.#userNamespaceErrors.family,
      this.#ended.family,
      this.#images.family,
      this.#mustPull.family,
      this.#imageVolumes.family,
      this.#mountedImages.family,
      this.#failedImages.family,
      time('kubelet_graceful_shutdown_start_time_seconds', 'Last graceful shutdown start time', beganAt),
      time('kubelet_graceful_shutdown_end_time_seconds', 'Last graceful shutdown end time', endedAt),
    ]
  }
}

/** How a container ended. */
export interface EndedContainer {
  readonly name: string
  readonly exitCode: number
  readonly reason: string
}

const time = (name: string, what: string, ms: number): Family => ({
  name,
  help: `${what} since unix epoch in seconds`,
  type: 'gauge',
  samples: [{ value: ms / 1000 }],
})
