/** What /healthz, /livez and /readyz of every component answer (https://kubernetes.io/docs/reference/using-api/health-checks/). */

import { Counter } from './metrics/instruments.ts'
import { processStart } from './metrics/process.ts'
import type { Family, Sample } from './metrics/text.ts'

export interface HealthCheck {
  readonly name: string
  /** What is wrong; `undefined`: nothing. */
  readonly check: () => string | undefined
  /** The only path of the three that it counts for; absent: all. */
  readonly only?: 'readyz'
}

export interface HealthAnswer {
  readonly status: number
  readonly body: string
}

/** How the checks went, for /metrics/slis (https://kubernetes.io/docs/reference/instrumentation/slis/). */
export class HealthMetrics {
  readonly #results = new Map<string, Sample>()
  readonly #checks = new Counter(
    'kubernetes_healthchecks_total',
    '[STABLE] This metric records the results of all healthcheck.',
  )

  checked(type: string, name: string, isWell: boolean): void {
    const labels = { name, type }
    this.#results.set(`${type} ${name}`, { labels, value: isWell ? 1 : 0 })
    this.#checks.add({ name, status: isWell ? 'success' : 'error', type })
  }

  /** Never nothing: since when they count is told before anybody has asked. */
  families(now: number): readonly Family[] {
    const help = '[STABLE] This metric records the result of a single healthcheck.'
    const samples = [...this.#results.values()]
    const start = processStart(now)
    return [
      { name: 'kubernetes_healthcheck', help, type: 'gauge', samples },
      this.#checks.family,
      { ...start, help: `[ALPHA] ${start.help}` },
    ]
  }
}

const ROOTS: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz'])

/** Whether a path tells of the server's health as a whole. */
export const isHealthPath = (path: string): boolean => ROOTS.has(path.slice(1))

/** Every health path there is. */
export function healthPaths(checks: readonly HealthCheck[]): string[] {
  return [...ROOTS].flatMap((root) => [`/${root}`, ...checksOf(root, checks).map(({ name }) => `/${root}/${name}`)])
}

function checksOf(root: string, checks: readonly HealthCheck[]): readonly HealthCheck[] {
  return checks.filter(({ only }) => only === undefined || only === root)
}

/** The answer of a health path of a component with these checks; `undefined` for other paths. `told` hears how each check went. */
export function health(
  path: string,
  query: URLSearchParams,
  all: readonly HealthCheck[],
  told?: HealthMetrics,
): HealthAnswer | undefined {
  const [, root = '', ...names] = path.split('/')
  if (!ROOTS.has(root) || path === `/${root}/`) return undefined
  const checks = checksOf(root, all)
  // Names of checks have slashes of their own.
  const name = names.join('/')
  if (name !== '') {
    const one = checks.find((check) => check.name === name)
    if (one === undefined) return undefined
    const fault = one.check()
    told?.checked(root, name, fault === undefined)
    return fault === undefined
      ? { status: 200, body: 'ok' }
      : { status: 500, body: `internal server error: ${fault}\n` }
  }
  const excluded = new Set(query.getAll('exclude'))
  const unknown = [...excluded].filter((given) => checks.every((check) => check.name !== given))
  let isWell = true
  const lines = checks.map(({ name: at, check }) => {
    if (excluded.has(at)) return `[+]${at} excluded: ok`
    const isPassed = check() === undefined
    told?.checked(root, at, isPassed)
    isWell &&= isPassed
    // Why is for those who may read the log.
    return isPassed ? `[+]${at} ok` : `[-]${at} failed: reason withheld`
  })
  if (isWell && query.get('verbose') === null) return { status: 200, body: 'ok' }
  if (unknown.length > 0) {
    const names = unknown.toSorted().map((given) => JSON.stringify(given))
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(',')}`)
  }
  const verdict = isWell ? `${root} check passed` : `${root} check failed`
  return { status: isWell ? 200 : 500, body: `${lines.join('\n')}\n${verdict}\n` }
}
