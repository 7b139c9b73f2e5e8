/** Which tokens of service accounts are used (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Counter } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'

export class TokenMetrics {
  readonly #valid = new Counter(
    'serviceaccount_valid_tokens_total',
    'Cumulative valid projected service account tokens used',
  )
  readonly #legacy = new Counter('serviceaccount_legacy_tokens_total', 'Cumulative legacy service account tokens used')

  constructor() {
    for (const counter of [this.#valid, this.#legacy]) counter.add({}, 0)
  }

  /** One that was asked for, and is bound to something. */
  usedBound(): void {
    this.#valid.add(NONE)
  }

  /** One that is kept in a Secret. */
  usedLegacy(): void {
    this.#legacy.add(NONE)
  }

  get families(): readonly Family[] {
    return [this.#valid.family, this.#legacy.family]
  }
}

const NONE = {}
