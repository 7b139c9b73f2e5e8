/** Who proves who they are and what they may, and how long that takes (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Counter, exponential, Histogram } from '../../../base/metrics/instruments.ts'
import type { Family, Labels } from '../../../base/metrics/text.ts'
import { ImpersonationMetrics } from './impersonation-metrics.ts'

const PROVED: Labels = { result: 'success' }
const UNPROVED: Labels = { result: 'error' }
const AUTHENTICATION: Labels = { filter: 'authentication' }
const AUTHORIZATION: Labels = { filter: 'authorization' }
const ANYBODY: Labels = { username: 'other' }
const ALLOWED: Labels = { result: 'allowed' }
const NO_OPINION: Labels = { result: 'no-opinion' }

const HOUR = 3_600
const DAY = 24 * HOUR
const LIFETIMES = [
  0,
  HOUR / 2,
  HOUR,
  2 * HOUR,
  6 * HOUR,
  12 * HOUR,
  ...[1, 2, 4, 7, 30, 90, 180, 360].map((n) => n * DAY),
]

export class AccessMetrics {
  readonly #authenticated = new Counter('authentication_attempts', 'Counter of authenticated attempts.')
  readonly #authentications = new Histogram(
    'authentication_duration_seconds',
    'Authentication duration in seconds broken out by result.',
    exponential(0.001, 2, 15),
  )
  readonly #users = new Counter(
    'authenticated_user_requests',
    'Counter of authenticated requests broken out by username.',
  )
  readonly #authorized = new Counter(
    'authorization_attempts_total',
    "Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.",
  )
  readonly #authorizations = new Histogram(
    'authorization_duration_seconds',
    'Authorization duration in seconds broken out by result.',
    exponential(0.001, 2, 15),
  )
  readonly #certificates = new Histogram(
    'apiserver_client_certificate_expiration_seconds',
    'Distribution of the remaining lifetime on the certificate used to authenticate a request.',
    LIFETIMES,
  )
  readonly #filters = new Histogram(
    'apiserver_request_filter_duration_seconds',
    'Request filter latency distribution in seconds, for each filter type',
    [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30],
  )
  readonly impersonation = new ImpersonationMetrics()
  #handshakeErrors = 0

  /** Somebody has said who they are, and proved it or not. */
  identified(isProved: boolean, seconds: number): void {
    const result = isProved ? PROVED : UNPROVED
    this.#authenticated.add(result)
    this.#authentications.observe(seconds, result)
    this.#filters.observe(seconds, AUTHENTICATION)
    // Names are without end.
    if (isProved) this.#users.add(ANYBODY)
  }

  authorized(isAllowed: boolean, seconds: number): void {
    const result = isAllowed ? ALLOWED : NO_OPINION
    this.#authorized.add(result)
    this.#authorizations.observe(seconds, result)
    this.#filters.observe(seconds, AUTHORIZATION)
  }

  /** A connection came with a certificate that is good for so long yet. */
  certified(seconds: number): void {
    this.#certificates.observe(seconds)
  }

  handshakeFailed(): void {
    this.#handshakeErrors++
  }

  get families(): readonly Family[] {
    return [
      this.#authenticated.family,
      this.#authentications.family,
      this.#users.family,
      this.#authorized.family,
      this.#authorizations.family,
      this.#certificates.family,
      this.#filters.family,
      ...this.impersonation.families,
      {
        name: 'apiserver_tls_handshake_errors_total',
        help: "Number of requests dropped with 'TLS handshake error from' error",
        type: 'counter',
        samples: [{ value: this.#handshakeErrors }],
      },
    ]
  }
}
