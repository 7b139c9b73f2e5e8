/** Whether the kubelet does its work, as /healthz tells it (https://kubernetes.io/docs/reference/using-api/health-checks/). */

import type { HealthMetrics } from '../metrics/health-metrics.ts'
import { KubeletRefusal } from './kubelet-api.ts'

/** So long may its main loop be silent, in milliseconds. */
const LOOP_MS = 5 * 60_000

interface HealthCheck {
  readonly name: string
  /** What is wrong. */
  readonly fault: () => string | undefined
}

export interface HealthDeps {
  /** How long ago the kubelet last compared what runs with what shall run. */
  readonly sinceLoopMs: () => number
  readonly metrics: HealthMetrics
}

const checksOf = ({ sinceLoopMs }: HealthDeps): readonly HealthCheck[] => [
  { name: 'ping', fault: () => undefined },
  { name: 'log', fault: () => undefined },
  { name: 'syncloop', fault: () => (sinceLoopMs() > LOOP_MS ? 'sync Loop took longer than expected' : undefined) },
]

/** All checks but those that `query` excludes. Throws `KubeletRefusal` where one fails. */
export function healthText(deps: HealthDeps, query: URLSearchParams): string {
  const excluded = new Set(query.getAll('exclude').flatMap((names) => names.split(',')))
  const checks = checksOf(deps)
  const faults = new Set<string>()
  const lines = checks.map(({ name, fault }) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok`
    const isWell = fault() === undefined
    deps.metrics.checked(name, isWell)
    if (!isWell) faults.add(name)
    return isWell ? `[+]${name} ok` : `[-]${name} failed: reason withheld`
  })
  const unknown = [...excluded].filter((name) => name !== '' && !checks.some((check) => check.name === name))
  if (unknown.length > 0) {
    const names = unknown.toSorted().map((name) => JSON.stringify(name))
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(',')}`)
  }
  if (faults.size > 0) throw new KubeletRefusal(500, [...lines, 'healthz check failed'].join('\n'))
  return query.has('verbose') ? `${[...lines, 'healthz check passed'].join('\n')}\n` : 'ok'
}

/** One check by its name; `undefined`: there is no such check. Throws `KubeletRefusal` where it fails. */
export function oneHealthText(deps: HealthDeps, name: string): string | undefined {
  const check = checksOf(deps).find((each) => each.name === name)
  const fault = check?.fault()
  if (fault !== undefined) throw new KubeletRefusal(500, `internal server error: ${fault}`)
  return check === undefined ? undefined : 'ok'
}
