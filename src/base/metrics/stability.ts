/**
 * How certain it is that a metric stays as it is: Kubernetes says so at the beginning of its help
 * (https://kubernetes.io/docs/concepts/cluster-administration/system-metrics/#metric-lifecycle).
 */

import type { Family } from './text.ts'

const STABLE: ReadonlySet<string> = new Set([
  'apiserver_admission_controller_admission_duration_seconds',
  'apiserver_admission_step_admission_duration_seconds',
  'apiserver_current_inflight_requests',
  'apiserver_longrunning_requests',
  'apiserver_request_duration_seconds',
  'apiserver_request_total',
  'apiserver_requested_deprecated_apis',
  'apiserver_response_sizes',
  'apiserver_storage_objects',
  'apiserver_storage_size_bytes',
])

const BETA: ReadonlySet<string> = new Set([
  'apiserver_flowcontrol_current_executing_requests',
  'apiserver_flowcontrol_current_executing_seats',
  'apiserver_flowcontrol_current_inqueue_requests',
  'apiserver_flowcontrol_dispatched_requests_total',
  'apiserver_flowcontrol_nominal_limit_seats',
  'apiserver_flowcontrol_request_wait_duration_seconds',
  'apiserver_storage_events_received_total',
  'apiserver_validating_admission_policy_check_duration_seconds',
  'apiserver_validating_admission_policy_check_total',
  'apiserver_watch_list_duration_seconds',
  'kubernetes_build_info',
  'kubernetes_feature_enabled',
  'registered_metrics_total',
])

/** Three whose kind Kubernetes has no levels for. */
const EXPERIMENTAL: ReadonlySet<string> = new Set([
  'apiserver_flowcontrol_demand_seats',
  'apiserver_flowcontrol_priority_level_request_utilization',
  'apiserver_flowcontrol_priority_level_seat_utilization',
])

const DEPRECATED: ReadonlyMap<string, { readonly since: string; readonly words: string }> = new Map([
  [
    'apiserver_storage_objects',
    { since: '1.34.0', words: '[DEPRECATED, consider using apiserver_resource_objects instead] ' },
  ],
])

/** The same families, each with its level in its help. Kubernetes does not speak for the process's own. */
export function withStability(families: readonly Family[]): readonly Family[] {
  return families.map((family) => {
    const { name, help } = family
    const level = levelOf(name)
    if (level === undefined) return family
    const deprecated = DEPRECATED.get(name)
    const since = deprecated === undefined ? '' : `(Deprecated since ${deprecated.since}) ${deprecated.words}`
    return { ...family, help: `${EXPERIMENTAL.has(name) ? 'EXPERIMENTAL: ' : ''}[${level}] ${since}${help}` }
  })
}

/** The same families and one that says how many there are of each level, itself among them. */
export function withRegistered(families: readonly Family[]): readonly Family[] {
  const name = 'registered_metrics_total'
  const counts = new Map<string, number>()
  for (const each of [name, ...families.map((family) => family.name)]) {
    const level = levelOf(each)
    if (level === undefined) continue
    const key = `${level} ${DEPRECATED.get(each)?.since ?? ''}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const samples = [...counts].map(([key, value]) => {
    const [level = '', since = ''] = key.split(' ')
    return { labels: { deprecated_version: since, stability_level: level }, value }
  })
  const help = 'The count of registered metrics broken by stability level and deprecation version.'
  return [...families, { name, help, type: 'counter', samples }]
}

function levelOf(name: string): 'ALPHA' | 'BETA' | 'STABLE' | undefined {
  if (name.startsWith('process_')) return undefined
  return STABLE.has(name) ? 'STABLE' : BETA.has(name) ? 'BETA' : 'ALPHA'
}
