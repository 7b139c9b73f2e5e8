/** /healthz, /livez and /readyz (https://kubernetes.io/docs/reference/using-api/health-checks/). */

export interface HealthCheck {
  readonly name: string
  /** What is wrong; `undefined`: nothing. */
  readonly check: () => string | undefined
}

export interface HealthAnswer {
  readonly status: number
  readonly body: string
}

const ROOTS: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz'])

/** Every health path there is. */
export function healthPaths(checks: readonly HealthCheck[]): string[] {
  return [...ROOTS].flatMap((root) => [`/${root}`, ...checks.map(({ name }) => `/${root}/${name}`)])
}

/** The answer of a health path; `undefined` for other paths. */
export function health(path: string, query: URLSearchParams, checks: readonly HealthCheck[]): HealthAnswer | undefined {
  const [, root = '', ...names] = path.split('/')
  if (!ROOTS.has(root)) return undefined
  // Names of checks have slashes of their own.
  const name = names.join('/')
  if (name !== '') {
    const one = checks.find((check) => check.name === name)
    if (one === undefined) return undefined
    const fault = one.check()
    return fault === undefined
      ? { status: 200, body: 'ok' }
      : { status: 500, body: `internal server error: ${fault}\n` }
  }
  const excluded = new Set(query.getAll('exclude'))
  const results = checks
    .filter((check) => !excluded.has(check.name))
    .map((check) => ({ name: check.name, fault: check.check() }))
  const isWell = results.every(({ fault }) => fault === undefined)
  if (isWell && query.get('verbose') === null) return { status: 200, body: 'ok' }
  const lines = results.map(({ name: at, fault }) =>
    fault === undefined ? `[+]${at} ok` : `[-]${at} failed: reason withheld`,
  )
  const verdict = isWell ? `${root} check passed` : `${root} check failed`
  return { status: isWell ? 200 : 500, body: `${lines.join('\n')}\n${verdict}\n` }
}
