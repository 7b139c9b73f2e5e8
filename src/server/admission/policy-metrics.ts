/** What policies decided about requests (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Counter, Histogram, KeptLabels } from '../../base/metrics/instruments.ts'
import type { Family, Labels } from '../../base/metrics/text.ts'
import { versionInfo } from '../version.ts'
import type { LevelVersion } from './pod-security/policy.ts'

/** What Pod security was asked about. */
export interface SecurityRequest {
  readonly operation: string
  readonly subresource: string
  readonly resource: { readonly resource: string }
}

/** One time that an expression of an admission policy was asked, and what came of it. */
export interface PolicyCheck {
  readonly policy: string | undefined
  readonly binding: string | undefined
  /** Why it could not say yes; absent: it did. */
  readonly message?: string
  readonly ms: number
}

export type Enforcement = 'allow' | 'deny' | 'audit' | 'warn'

const BOUNDS = [0.0000005, 0.001, 0.01, 0.1, 1]

/** An admission policy's checks, counted and timed. */
class Checks {
  readonly #count: Counter
  readonly #durations: Histogram

  constructor(kind: 'validating' | 'mutating', [count, duration]: readonly [string, string]) {
    this.#count = new Counter(`apiserver_${kind}_admission_policy_check_total`, count)
    this.#durations = new Histogram(`apiserver_${kind}_admission_policy_check_duration_seconds`, duration, BOUNDS)
  }

  add(labels: Labels, ms: number): void {
    this.#count.add(labels)
    this.#durations.observe(ms / 1_000, labels)
  }

  get families(): readonly Family[] {
    return [this.#count.family, this.#durations.family]
  }
}

/** What policies of all kinds decided. */
export class PolicyMetrics {
  readonly #evaluations = new Counter(
    'pod_security_evaluations_total',
    'Number of policy evaluations that occurred, not counting ignored or exempt requests.',
  )
  readonly #errors = new Counter(
    'pod_security_errors_total',
    'Number of errors preventing normal evaluation. Non-fatal errors may result in the latest restricted profile being used for evaluation.',
  )
  readonly #validating = new Checks('validating', [
    'Validation admission policy check total, labeled by policy and further identified by binding and enforcement action taken.',
    'Validation admission latency for individual validation expressions in seconds, labeled by policy and further including binding and enforcement action taken.',
  ])
  readonly #mutating = new Checks('mutating', [
    'Mutation admission policy check total, labeled by policy and further identified by binding.',
    'Mutation admission latency for individual mutation expressions in seconds, labeled by policy and binding.',
  ])
  readonly #labels = new KeptLabels()

  /** Pods, or a workload's, were held against a level. */
  secured(
    request: SecurityRequest,
    mode: 'enforce' | 'audit' | 'warn',
    policy: LevelVersion,
    isAllowed: boolean,
  ): void {
    const version = versionOf(policy)
    const decision = isAllowed ? 'allow' : 'deny'
    const key = `${keyOf(request)} ${mode} ${policy.level} ${version} ${decision}`
    const make = () => {
      const about = { decision, mode, policy_level: policy.level, policy_version: version }
      return { ...about, ...requestLabels(request) }
    }
    this.#evaluations.add(this.#labels.of(key, make))
  }

  /** A namespace's labels could not be read. */
  unreadable(request: SecurityRequest): void {
    this.#errors.add({ fatal: 'false', ...requestLabels(request) })
  }

  validated(action: Enforcement, check: PolicyCheck): void {
    this.#validating.add({ enforcement_action: action, ...checkLabels(check) }, check.ms)
  }

  mutated(check: PolicyCheck): void {
    this.#mutating.add(checkLabels(check), check.ms)
  }

  get families(): readonly Family[] {
    return [this.#evaluations.family, this.#errors.family, ...this.#validating.families, ...this.#mutating.families]
  }
}

/** The privileged level is the same in all versions. */
function versionOf({ level, version }: LevelVersion): string {
  if (level === 'privileged' || version === 'latest') return 'latest'
  return version > Number(versionInfo.minor) ? 'future' : `v1.${version}`
}

const keyOf = ({ operation, subresource, resource }: SecurityRequest) =>
  `${operation} ${resource.resource} ${subresource}`

const requestLabels = ({ operation, subresource, resource }: SecurityRequest): Labels => ({
  request_operation: operation.toLowerCase(),
  resource: resource.resource === 'pods' ? 'pod' : 'controller',
  subresource,
})

const checkLabels = ({ policy = '', binding = '', message }: PolicyCheck): Labels => ({
  error_type: errorType(message),
  policy,
  policy_binding: binding,
})

/** Kubernetes tells them apart by what they say. */
function errorType(message: string | undefined): string {
  if (message === undefined) return 'no_error'
  if (message.startsWith('compilation')) return 'compile_error'
  return message.startsWith('validation failed due to running out of cost budget') ? 'out_of_budget' : 'invalid_error'
}
