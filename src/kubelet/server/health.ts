/** Whether the kubelet does its work, as /healthz tells it (https://kubernetes.io/docs/reference/using-api/health-checks/). */

import type { HealthCheck } from '../../base/health.ts'

/** So long may its main loop be silent, in milliseconds. */
const LOOP_MS = 5 * 60_000

/** `sinceLoopMs`: how long ago the kubelet last compared what runs with what shall run. */
export const kubeletChecks = (sinceLoopMs: () => number): readonly HealthCheck[] => [
  { name: 'ping', check: () => undefined },
  { name: 'log', check: () => undefined },
  { name: 'syncloop', check: () => (sinceLoopMs() > LOOP_MS ? 'sync Loop took longer than expected' : undefined) },
]
