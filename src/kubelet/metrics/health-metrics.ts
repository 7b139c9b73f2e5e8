/** Results of health checks, as /metrics/slis tells them (https://kubernetes.io/docs/reference/instrumentation/slis/). */

import { Counter } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'

export class HealthMetrics {
  readonly #latest = new Map<string, boolean>()
  readonly #total = new Counter('kubernetes_healthchecks_total', 'This metric records the results of all healthcheck.')

  checked(name: string, isWell: boolean): void {
    this.#latest.set(name, isWell)
    this.#total.add({ name, status: isWell ? 'success' : 'error', type: 'healthz' })
  }

  get families(): readonly Family[] {
    const samples = [...this.#latest].map(([name, isWell]) => ({
      labels: { name, type: 'healthz' },
      value: isWell ? 1 : 0,
    }))
    const help = 'This metric records the result of a single healthcheck.'
    return [{ name: 'kubernetes_healthcheck', help, type: 'gauge', samples }, this.#total.family]
  }
}
