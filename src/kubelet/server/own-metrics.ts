/** What /metrics tells of the kubelet itself (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Family, Sample } from '../metrics/text.ts'
import type { KubeletApi } from './kubelet-api.ts'

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  help,
  type: 'gauge',
  samples,
})

export function ownFamilies(
  api: KubeletApi,
  { node, now }: { readonly node: string; readonly now: number },
): readonly Family[] {
  const { user, system } = process.cpuUsage()
  const states = [...api.containerStates].map(([state, value]) => ({ labels: { container_state: state }, value }))
  return [
    gauge('kubelet_node_name', "The node's name. The count is always 1.", [{ labels: { node }, value: 1 }]),
    gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox', [{ value: api.runningPods }]),
    gauge('kubelet_running_containers', 'Number of containers currently running', states),
    gauge('kubelet_working_pods', 'Number of pods the kubelet is actually running.', [{ value: api.pods.length }]),
    ...api.metrics.own,
    {
      name: 'process_cpu_seconds_total',
      help: 'Total user and system CPU time spent in seconds.',
      type: 'counter',
      samples: [{ value: (user + system) / 1e6 }],
    },
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [{ value: process.memoryUsage.rss() }]),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', [
      { value: Math.round(now / 1000 - process.uptime()) },
    ]),
  ]
}
