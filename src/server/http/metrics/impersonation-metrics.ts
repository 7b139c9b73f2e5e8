/** Who asks to act as somebody else, and whether they may (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Counter, exponential, Histogram, KeptLabels } from '../../../base/metrics/instruments.ts'
import type { Family } from '../../../base/metrics/text.ts'

const BOUNDS = exponential(0.001, 2, 15)

export class ImpersonationMetrics {
  readonly #attempts = new Counter(
    'apiserver_impersonation_attempts_total',
    'Total number of impersonation attempts split by mode and decision.',
  )
  readonly #attemptTimes = new Histogram(
    'apiserver_impersonation_attempts_duration_seconds',
    'Latency of impersonation attempts in seconds split by mode and decision.',
    BOUNDS,
  )
  readonly #checks = new Counter(
    'apiserver_impersonation_authorization_attempts_total',
    'Total number of authorization checks made by the impersonation handler split by mode and decision.',
  )
  readonly #checkTimes = new Histogram(
    'apiserver_impersonation_authorization_attempts_duration_seconds',
    'Latency of authorization checks made by the impersonation handler in seconds split by mode and decision.',
    BOUNDS,
  )
  readonly #labels = new KeptLabels()

  /** Somebody acts as somebody else now by a right of `mode`. Without one they may not. */
  attempted(mode: string | undefined, seconds: number): void {
    const labels = this.#labelsOf(mode ?? '', mode !== undefined)
    this.#attempts.add(labels)
    this.#attemptTimes.observe(seconds, labels)
  }

  /** It was asked whether they have one of the rights that `mode` needs. */
  checked(mode: string, isAllowed: boolean, seconds: number): void {
    const labels = this.#labelsOf(mode, isAllowed)
    this.#checks.add(labels)
    this.#checkTimes.observe(seconds, labels)
  }

  get families(): readonly Family[] {
    return [this.#attempts, this.#attemptTimes, this.#checks, this.#checkTimes].map(({ family }) => family)
  }

  #labelsOf(mode: string, isAllowed: boolean) {
    const decision = isAllowed ? 'allowed' : 'denied'
    return this.#labels.of(`${mode} ${decision}`, () => ({ decision, mode }))
  }
}
