/**
 * Figures of what this kubelet does not do at all: it pins nothing to processors or memory, restarts no Pod under the uid
 * of another, drops no event, keeps no records of who pulled an image, hides no figure. Whoever watches for them finds them, and finds nothing.
 */

import type { Family } from '../../base/metrics/text.ts'

const COUNTERS: Readonly<Record<string, string>> = {
  force_cleaned_failed_volume_operation_errors_total:
    'The number of volumes that failed force cleanup after their reconstruction failed during kubelet startup.',
  force_cleaned_failed_volume_operations_total:
    'The number of volumes that were force cleaned after their reconstruction failed during kubelet startup. This includes both successful and failed cleanups.',
  kubelet_cpu_manager_pinning_errors_total: 'The number of cpu core allocations which required pinning failed.',
  kubelet_cpu_manager_pinning_requests_total: 'The number of cpu core allocations which required pinning.',
  disabled_metrics_total: 'The count of disabled metrics.',
  hidden_metrics_total: 'The count of hidden metrics.',
  kubelet_lifecycle_handler_http_fallbacks_total:
    'The number of times lifecycle handlers successfully fell back to http from https.',
  kubelet_memory_manager_pinning_errors_total:
    'The number of memory pages allocations which required pinning that failed.',
  kubelet_memory_manager_pinning_requests_total: 'The number of memory pages allocations which required pinning.',
  kubelet_pleg_discard_events: 'The number of discard events in PLEG.',
  kubelet_pod_watch_events_dropped_total: 'Cumulative number of pod watch events dropped.',
  kubelet_topology_manager_admission_errors_total:
    'The number of admission request failures where resources could not be aligned.',
  kubelet_topology_manager_admission_requests_total:
    'The number of admission requests where resources have to be aligned.',
  reconstruct_volume_operations_errors_total:
    'The number of volumes that failed reconstruction from the operating system during kubelet startup.',
  reconstruct_volume_operations_total:
    'The number of volumes that were attempted to be reconstructed from the operating system during kubelet startup. This includes both successful and failed reconstruction.',
}

const GAUGES: Readonly<Record<string, string>> = {
  kubelet_imagemanager_inmemory_pulledrecords_usage_percent: 'The ImagePulledRecords in-memory cache usage in percent.',
  kubelet_imagemanager_inmemory_pullintents_usage_percent: 'The ImagePullIntents in-memory cache usage in percent.',
  kubelet_imagemanager_ondisk_pulledrecords: 'Number of ImagePulledRecords stored on disk.',
  kubelet_imagemanager_ondisk_pullintents: 'Number of ImagePullIntents stored on disk.',
  kubelet_cpu_manager_exclusive_cpu_allocation_count:
    'The total number of CPUs exclusively allocated to containers running on this node',
  kubelet_cpu_manager_shared_pool_size_millicores:
    'The size of the shared CPU pool for non-guaranteed QoS pods, in millicores.',
}

const RESTARTED =
  'Number of pods that have been restarted because they were deleted and recreated with the same UID while the kubelet was watching them (common for static pods, extremely uncommon for API pods)'

const nothing =
  (type: 'counter' | 'gauge') =>
  ([name, help]: [string, string]): Family => ({
    name,
    help,
    type,
    samples: [{ value: 0 }],
  })

export const ABSENT: readonly Family[] = [
  ...Object.entries(COUNTERS).map(nothing('counter')),
  ...Object.entries(GAUGES).map(nothing('gauge')),
  {
    name: 'kubelet_restarted_pods_total',
    help: RESTARTED,
    type: 'counter',
    samples: ['', 'true'].map((isStatic) => ({ labels: { static: isStatic }, value: 0 })),
  },
]
