/** What a kubelet counts of its own work (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { ClientMetrics } from '../../client/measured-transport.ts'
import { HealthMetrics } from '../../base/health.ts'
import { HttpMetrics } from './http-metrics.ts'
import { Counter, exponential, Histogram } from '../../base/metrics/instruments.ts'
import { ClaimMetrics } from './claim-metrics.ts'
import { DeviceMetrics } from './device-metrics.ts'
import { ABSENT } from './absent-metrics.ts'
import { LifecycleMetrics } from './lifecycle-metrics.ts'
import { RuntimeWatchMetrics } from './runtime-watch-metrics.ts'
import type { PodNames } from '../host/host.ts'
import { NodeStartMetrics } from './node-start-metrics.ts'
import { ResizeMetrics } from './resize-metrics.ts'
import { StartMetrics } from './start-metrics.ts'
import { StorageMetrics } from './storage-metrics.ts'
import type { Family } from '../../base/metrics/text.ts'

/** The container that a probe was run for. */
export interface ProbedContainer {
  readonly container: string
  readonly namespace: string
  readonly pod: string
  readonly uid: string
}

export interface ProbeResult {
  readonly kind: string
  readonly outcome: string
  readonly seconds: number
}

/** One for each kubelet. */
export class KubeletMetrics {
  readonly starts = new StartMetrics()
  readonly lifecycle = new LifecycleMetrics()
  readonly runtimeWatch = new RuntimeWatchMetrics()
  readonly client: ClientMetrics
  readonly storage = new StorageMetrics()
  readonly resizes = new ResizeMetrics()
  readonly devices = new DeviceMetrics()
  readonly claims = new ClaimMetrics()
  readonly nodeStart = new NodeStartMetrics()
  readonly http = new HttpMetrics()
  readonly health = new HealthMetrics()
  readonly evictions = new Counter('kubelet_evictions', 'Cumulative number of pod evictions by eviction signal')
  readonly preemptions = new Counter(
    'kubelet_preemptions',
    'Cumulative number of pod preemptions by preemption resource',
  )
  readonly collectedImages = new Counter(
    'kubelet_image_garbage_collected_total',
    'Total number of images garbage collected by the kubelet, whether through disk usage or image age.',
  )
  readonly statusSync = new Histogram(
    'kubelet_pod_status_sync_duration_seconds',
    'Duration in seconds to sync a pod status update. Measures time from detection of a change to pod status until the API is successfully updated for that pod, even if multiple intevening changes to pod status occur.',
    [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 45, 60],
  )
  readonly podSync = new Histogram(
    'kubelet_pod_worker_duration_seconds',
    'Duration in seconds to sync a single pod. Broken down by operation type: create, update, or sync',
  )
  readonly relist = new Histogram(
    'kubelet_pleg_relist_duration_seconds',
    'Duration in seconds for relisting pods in PLEG.',
  )
  readonly relistInterval = new Histogram(
    'kubelet_pleg_relist_interval_seconds',
    'Interval in seconds between relisting in PLEG.',
  )
  readonly cgroups = new Histogram(
    'kubelet_cgroup_manager_duration_seconds',
    'Duration in seconds for cgroup manager operations. Broken down by method.',
  )
  readonly #rejections = new Counter(
    'kubelet_admission_rejections_total',
    'Cumulative number pod admission rejections by the Kubelet.',
  )
  readonly #operations = new Counter(
    'kubelet_runtime_operations_total',
    'Cumulative number of runtime operations by operation type.',
  )
  readonly #operationTimes = new Histogram(
    'kubelet_runtime_operations_duration_seconds',
    'Duration in seconds of runtime operations. Broken down by operation type.',
    exponential(0.005, 2.5, 14),
  )
  readonly #operationErrors = new Counter(
    'kubelet_runtime_operations_errors_total',
    'Cumulative number of runtime operation errors by operation type.',
  )
  readonly #probes = new Counter(
    'prober_probe_total',
    'Cumulative number of a liveness, readiness or startup probe for a container by result.',
  )

  readonly #probeTimes = new Histogram('prober_probe_duration_seconds', 'Duration in seconds for a probe response.')

  /** `apiHost`: where the API server is, e.g. `10.64.0.1:6443`. */
  constructor(apiHost = '') {
    this.client = new ClientMetrics(apiHost)
  }

  probed(of: ProbedContainer, { kind, outcome, seconds }: ProbeResult): void {
    const { container, namespace, pod, uid } = of
    const probe_type = `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`
    const result = RESULTS[outcome] ?? 'unknown'
    this.#probes.add({ container, namespace, pod, pod_uid: uid, probe_type, result })
    this.#probeTimes.observe(seconds, { container, namespace, pod, probe_type })
  }

  /** A Pod was refused. Reasons that name what somebody else made up are counted as one. */
  rejected(reason: string): void {
    const isExtended = reason.startsWith('OutOf') && reason.includes('/')
    this.#rejections.add({ reason: isExtended ? 'OutOfExtendedResources' : reason })
  }

  /** A call of the runtime has ended. */
  called(operation: string, seconds: number, hasFailed: boolean): void {
    const labels = { operation_type: operation }
    this.#operations.add(labels)
    this.#operationTimes.observe(seconds, labels)
    if (hasFailed) this.#operationErrors.add(labels)
  }

  /** The Pod is gone from this node. */
  forgetPod({ uid, namespace, name }: PodNames): void {
    this.#probes.forget((labels) => labels['pod_uid'] === uid)
    this.#probeTimes.forget((labels) => labels['pod'] === name && labels['namespace'] === namespace)
    this.resizes.forget(uid)
  }

  /** What /metrics tells. */
  get own(): readonly Family[] {
    return [
      ...this.starts.families,
      ...this.lifecycle.families,
      ...this.runtimeWatch.families,
      ...this.storage.families,
      ...this.resizes.families,
      ...this.devices.families,
      ...this.claims.families,
      ...this.client.families,
      ...this.http.families,
      ...this.nodeStart.families,
      this.evictions.family,
      this.preemptions.family,
      this.collectedImages.family,
      this.#rejections.family,
      this.statusSync.family,
      this.podSync.family,
      this.relist.family,
      this.relistInterval.family,
      this.cgroups.family,
      this.#operations.family,
      this.#operationTimes.family,
      this.#operationErrors.family,
      ...ABSENT,
    ]
  }

  /** What /metrics/probes tells. */
  get probes(): readonly Family[] {
    return [this.#probes.family, this.#probeTimes.family]
  }
}

const RESULTS: Readonly<Record<string, string>> = { success: 'successful', failure: 'failed' }
