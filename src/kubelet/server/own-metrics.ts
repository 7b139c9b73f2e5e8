/** What /metrics tells of the kubelet itself (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { buildInfo, processFamilies } from '../../base/metrics/process.ts'
import type { Family, Labels, Sample } from '../../base/metrics/text.ts'
import { featureFamily } from '../metrics/feature-metrics.ts'
import { configOf } from '../node/node-status.ts'
import type { NodeOptions } from '../options.ts'
import type { KubeletApi } from './kubelet-api.ts'
import { podFamilies } from './pod-metrics.ts'
import { volumeFamilies } from './volume-metrics.ts'

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  help,
  type: 'gauge',
  samples,
})

const one = (name: string, help: string, value: number, labels?: Labels): Family =>
  gauge(name, help, [{ value, ...(labels !== undefined && { labels }) }])

const PROVIDER_HELP = "Metrics provider used by kubelet to collect container stats. Values can be 'cadvisor' and 'cri'"

export interface OwnFacts {
  readonly node: NodeOptions
  readonly now: number
}

export async function ownFamilies(api: KubeletApi, { node, now }: OwnFacts): Promise<readonly Family[]> {
  const states = [...api.containerStates].map(([state, value]) => ({ labels: { container_state: state }, value }))
  const [claimed, ofProcess] = await Promise.all([api.claimedVolumes(), processFamilies(now)])
  const pods = api.counted
  const lastSeen = Math.floor((now - api.sinceListedMs) / 1000)
  return [
    one('kubelet_node_name', "The node's name. The count is always 1.", 1, { node: node.name }),
    one('kubelet_cgroup_version', 'cgroup version on the hosts.', api.cgroupVersion),
    one('kubelet_pleg_last_seen_seconds', 'Timestamp in seconds when PLEG was last seen active.', lastSeen),
    one('kubelet_running_pods', 'Number of pods that have a running pod sandbox', api.runningPods),
    gauge('kubelet_running_containers', 'Number of containers currently running', states),
    one('kubelet_metrics_provider', PROVIDER_HELP, 1, { provider: 'cri' }),
    featureFamily(configOf(node).featureGates),
    ...podFamilies(pods),
    ...api.metrics.own,
    ...volumeFamilies(pods, claimed),
    buildInfo({ git_version: node.version, platform: `linux/${api.machine.architecture}` }),
    ...ofProcess,
  ]
}
