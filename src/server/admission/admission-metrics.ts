/** How long admission took, and how often it refused (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Clock } from '../../base/clock.ts'
import { Histogram } from '../../base/metrics/instruments.ts'
import type { Family, Labels } from '../../base/metrics/text.ts'
import type { AdmissionOperation, AdmissionStep, AdmissionWatch } from './admission.ts'
import { PolicyMetrics } from './policy-metrics.ts'

const BOUNDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

/** The labels of a step and of a plug-in's turns in it: made once, for there are many turns to a request. */
class StepLabels {
  readonly passed: Labels
  readonly rejected: Labels
  readonly #turns = new Map<string, { readonly passed: Labels; readonly rejected: Labels }>()

  constructor(operation: AdmissionOperation, type: AdmissionStep) {
    this.passed = { operation, rejected: 'false', type }
    this.rejected = { operation, rejected: 'true', type }
  }

  turn(name: string, isRejected: boolean): Labels {
    let labels = this.#turns.get(name)
    if (labels === undefined) {
      labels = { passed: { name, ...this.passed }, rejected: { name, ...this.rejected } }
      this.#turns.set(name, labels)
    }
    return isRejected ? labels.rejected : labels.passed
  }
}

export class AdmissionMetrics {
  readonly #steps = new Histogram(
    'apiserver_admission_step_admission_duration_seconds',
    'Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).',
    BOUNDS,
  )
  readonly #plugins = new Histogram(
    'apiserver_admission_controller_admission_duration_seconds',
    'Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
    BOUNDS,
  )
  /** What policies decided. */
  readonly policies = new PolicyMetrics()
  readonly #labels = new Map<string, StepLabels>()

  /** Times each step, and the turns of its plug-ins, each from where the one before ended. */
  watch(clock: Pick<Clock, 'monotonic'>): AdmissionWatch {
    return {
      begin: (operation, step) => {
        const labels = this.#labelsOf(operation, step)
        const began = clock.monotonic()
        let since = began
        return {
          had: (name, isRejected) => {
            const now = clock.monotonic()
            this.#plugins.observe((now - since) / 1_000, labels.turn(name, isRejected))
            since = now
          },
          ended: (isRejected) =>
            this.#steps.observe((clock.monotonic() - began) / 1_000, isRejected ? labels.rejected : labels.passed),
        }
      },
    }
  }

  get families(): readonly Family[] {
    return [this.#steps.family, this.#plugins.family, ...this.policies.families]
  }

  #labelsOf(operation: AdmissionOperation, step: AdmissionStep): StepLabels {
    const key = `${operation}${step}`
    let labels = this.#labels.get(key)
    if (labels === undefined) this.#labels.set(key, (labels = new StepLabels(operation, step)))
    return labels
  }
}
