/** How long admission took, and how often it refused (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Clock } from '../../base/clock.ts'
import { Histogram, KeptLabels } from '../../base/metrics/instruments.ts'
import type { Family, Labels } from '../../base/metrics/text.ts'
import type { AdmissionChain, AdmissionOperation, AdmissionRequest, AdmissionWatch } from './admission.ts'
import { PolicyMetrics } from './policy-metrics.ts'

const BOUNDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5]
type Step = 'admit' | 'validate'

/** The labels of a plug-in's turns: made once, for there are many turns to a request. */
type TurnLabels = Readonly<Record<Step, { readonly passed: Labels; readonly rejected: Labels }>>

function turnLabels(name: string, operation: AdmissionOperation): TurnLabels {
  const ofStep = (type: Step) => ({
    passed: { name, operation, rejected: 'false', type },
    rejected: { name, operation, rejected: 'true', type },
  })
  return { admit: ofStep('admit'), validate: ofStep('validate') }
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
  readonly #labels = new KeptLabels()
  readonly #turns = new Map<AdmissionOperation, Map<string, TurnLabels>>()

  /** Times the turns of plug-ins, each from where the one before ended. */
  watch(clock: Pick<Clock, 'monotonic'>): AdmissionWatch {
    return {
      begin: (operation) => {
        const turns = this.#turnsOf(operation)
        let since = clock.monotonic()
        return {
          had: (name, type, isRejected) => {
            const now = clock.monotonic()
            let labels = turns.get(name)
            if (labels === undefined) turns.set(name, (labels = turnLabels(name, operation)))
            this.#plugins.observe((now - since) / 1_000, labels[type][isRejected ? 'rejected' : 'passed'])
            since = now
          },
        }
      },
    }
  }

  stepped(operation: AdmissionOperation, type: Step, isRejected: boolean, ms: number): void {
    const key = `${operation}${type}${isRejected}`
    const labels = this.#labels.of(key, () => ({ operation, rejected: String(isRejected), type }))
    this.#steps.observe(ms / 1_000, labels)
  }

  get families(): readonly Family[] {
    return [this.#steps.family, this.#plugins.family, ...this.policies.families]
  }

  #turnsOf(operation: AdmissionOperation): Map<string, TurnLabels> {
    let turns = this.#turns.get(operation)
    if (turns === undefined) this.#turns.set(operation, (turns = new Map()))
    return turns
  }
}

/** The same chain, measured. */
export function measuredAdmission(chain: AdmissionChain, metrics: AdmissionMetrics, clock: Clock): AdmissionChain {
  const measured = async (type: Step, request: AdmissionRequest) => {
    const began = clock.monotonic()
    let isRejected = true
    try {
      await (type === 'admit' ? chain.mutate(request) : chain.validate(request))
      isRejected = false
    } finally {
      metrics.stepped(request.operation, type, isRejected, clock.monotonic() - began)
    }
  }
  return {
    mutate: (request) => measured('admit', request),
    validate: (request) => measured('validate', request),
    claim: (request) => chain.claim(request),
  }
}
