/** What the kubelet asks of the API server, counted and timed (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Clock } from '../../base/clock.ts'
import type { ApiCall, Transport } from '../../client/transport.ts'
import { isApiError } from '../../meta/errors.ts'
import { Counter, Histogram } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'

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

export class ClientMetrics {
  readonly #host: string
  readonly #requests = new Counter(
    'rest_client_requests_total',
    'Number of HTTP requests, partitioned by status code, method, and host.',
  )
  readonly #durations = new Histogram(
    'rest_client_request_duration_seconds',
    'Request latency in seconds. Broken down by verb, and host.',
    BOUNDS,
  )

  /** `host`: where the API server is, e.g. `10.64.0.1:6443`. */
  constructor(host: string) {
    this.#host = host
  }

  answered(method: string, code: string, seconds: number): void {
    this.#requests.add({ code, host: this.#host, method })
    this.#durations.observe(seconds, { host: this.#host, verb: method })
  }

  /** A watch that begins is one more request; nobody waits for its end. */
  watched(): void {
    this.#requests.add({ code: '200', host: this.#host, method: 'GET' })
  }

  get families(): readonly Family[] {
    return [this.#requests.family, this.#durations.family]
  }
}

/** The same transport, with every request told to `metrics`. */
export function measuredTransport(transport: Transport, metrics: ClientMetrics, clock: Clock): Transport {
  return {
    async call(call, signal) {
      const from = clock.monotonic()
      const told = (code: string) => metrics.answered(METHODS[call.verb], code, (clock.monotonic() - from) / 1000)
      try {
        const answer = await transport.call(call, signal)
        told(call.verb === 'create' ? '201' : '200')
        return answer
      } catch (error) {
        told(isApiError(error) ? String(error.status.code ?? NO_ANSWER) : NO_ANSWER)
        throw error
      }
    },
    watch(target, options, signal) {
      metrics.watched()
      return transport.watch(target, options, signal)
    },
  }
}
