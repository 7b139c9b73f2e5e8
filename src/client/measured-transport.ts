/** Counts what a client asks for, for metrics, under the names of client-go (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Clock } from '../base/clock.ts'
import { Counter, Histogram, KeptLabels } from '../base/metrics/instruments.ts'
import type { Family } from '../base/metrics/text.ts'
import { isApiError } from '../meta/errors.ts'
import type { ApiCall, Transport } from './transport.ts'

const BOUNDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]

/** The HTTP methods of verbs. */
const METHODS: Readonly<Record<ApiCall['verb'], string>> = {
  get: 'GET',
  list: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
}

/** What came of a request that got no answer. */
const NO_ANSWER = '<error>'

/** What the clients of one program have asked for. */
export class ClientMetrics {
  readonly #requests = new Counter(
    'rest_client_requests_total',
    'Number of HTTP requests, partitioned by status code, method, and host.',
  )
  readonly #durations = new Histogram(
    'rest_client_request_duration_seconds',
    'Request latency in seconds. Broken down by verb, and host.',
    BOUNDS,
  )
  readonly #host: string
  readonly #counted = new KeptLabels()
  readonly #timed = new KeptLabels()

  /** `host`: where the API server is, e.g. `10.64.0.1:6443`. */
  constructor(host: string) {
    this.#host = host
  }

  answered(method: string, code: string, seconds: number): void {
    this.#count(method, code)
    const labels = this.#timed.of(method, () => ({ host: this.#host, verb: method }))
    this.#durations.observe(seconds, labels)
  }

  /** A watch that begins is one more request; nobody waits for its end. */
  watched(): void {
    this.#count('GET', '200')
  }

  get families(): readonly Family[] {
    return [this.#requests.family, this.#durations.family]
  }

  #count(method: string, code: string): void {
    this.#requests.add(this.#counted.of(`${method} ${code}`, () => ({ code, host: this.#host, method })))
  }
}

/** The same transport, counted. */
export function measuredTransport(transport: Transport, metrics: ClientMetrics, clock: Clock): Transport {
  return {
    async call(call, signal) {
      const began = clock.monotonic()
      const answered = (code: string) => metrics.answered(METHODS[call.verb], code, (clock.monotonic() - began) / 1_000)
      try {
        const answer = await transport.call(call, signal)
        answered(call.verb === 'create' ? '201' : '200')
        return answer
      } catch (error) {
        answered(isApiError(error) ? String(error.status.code ?? NO_ANSWER) : NO_ANSWER)
        throw error
      }
    },
    watch(target, options, signal) {
      metrics.watched()
      return transport.watch(target, options, signal)
    },
  }
}
