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
])

const BETA: ReadonlySet<string> = new Set([
  'apiserver_flowcontrol_current_executing_requests',
  'apiserver_flowcontrol_current_executing_seats',
  'apiserver_flowcontrol_current_inqueue_requests',
  'apiserver_flowcontrol_dispatched_requests_total',
  'apiserver_flowcontrol_nominal_limit_seats',
  'apiserver_flowcontrol_request_wait_duration_seconds',
  'apiserver_storage_events_received_total',
  'apiserver_watch_list_duration_seconds',
  'kubernetes_build_info',
])

/** Those that Kubernetes does not speak for: the process's own, and three whose kind it has no levels for. */
const UNTOLD: ReadonlySet<string> = new Set([
  'apiserver_flowcontrol_demand_seats',
  'apiserver_flowcontrol_priority_level_request_utilization',
  'apiserver_flowcontrol_priority_level_seat_utilization',
])

const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['apiserver_storage_objects', '[DEPRECATED, consider using apiserver_resource_objects instead] '],
])

/** The same families, each with its level in its help. */
export function withStability(families: readonly Family[]): readonly Family[] {
  return families.map((family) => {
    const { name, help } = family
    if (name.startsWith('process_') || UNTOLD.has(name)) return family
    const level = STABLE.has(name) ? 'STABLE' : BETA.has(name) ? 'BETA' : 'ALPHA'
    return { ...family, help: `[${level}] ${DEPRECATED.get(name) ?? ''}${help}` }
  })
}
