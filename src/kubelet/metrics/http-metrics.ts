/** What the kubelet is asked over HTTP, counted and timed (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Counter, Histogram } from '../../base/metrics/instruments.ts'
import type { Family, Labels } from '../../base/metrics/text.ts'

const METHODS = new Set(['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'])
const STREAMS = new Set(['exec', 'attach', 'portForward'])
const METRICS = new Set(['cadvisor', 'probes', 'resource'])
const PATHS = new Set([
  ...STREAMS,
  'configz',
  'containerLogs',
  'healthz',
  'logs',
  'metrics',
  'pods',
  'run',
  'runningpods',
  'stats',
  'statusz',
])

export interface Asked {
  readonly method: string
  /** Of the URL, e.g. `/containerLogs/default/web/app`. */
  readonly path: string
  readonly isWebSocket: boolean
}

export class HttpMetrics {
  readonly #open = new Map<string, { readonly labels: Labels; value: number }>()
  readonly #total = new Counter(
    'kubelet_http_requests_total',
    'Number of the http requests received since the server started',
  )
  readonly #durations = new Histogram(
    'kubelet_http_requests_duration_seconds',
    'Duration in seconds to serve http requests',
  )
  readonly #webSockets = new Counter(
    'kubelet_websocket_streaming_requests_total',
    'Total number of WebSocket streaming requests (exec/attach/portforward) received by the kubelet.',
  )

  /** A request has come; the answer is to be told how many seconds it took. */
  begun({ method, path, isWebSocket }: Asked): (seconds: number) => void {
    const asked = pathOf(path)
    const isStream = STREAMS.has(asked)
    const labels = {
      long_running: String(isStream),
      method: METHODS.has(method) ? method : 'other',
      path: asked,
      server_type: 'readwrite',
    }
    this.#total.add(labels)
    if (isStream && isWebSocket) this.#webSockets.add({ subresource: asked.toLowerCase() })
    const key = JSON.stringify(labels)
    const open = this.#open.get(key) ?? { labels, value: 0 }
    this.#open.set(key, open)
    open.value += 1
    return (seconds) => {
      open.value -= 1
      this.#durations.observe(seconds, labels)
    }
  }

  get families(): readonly Family[] {
    const help = 'Number of the inflight http requests'
    const open: Family = {
      name: 'kubelet_http_inflight_requests',
      help,
      type: 'gauge',
      samples: [...this.#open.values()],
    }
    return [this.#total.family, this.#durations.family, open, this.#webSockets.family]
  }
}

/** What is asked for, without for whom: there are as many figures as kinds of requests. */
function pathOf(path: string): string {
  const [first = '', second] = path.slice(1).split('/')
  if (first === 'metrics' && second !== undefined) return METRICS.has(second) ? `metrics/${second}` : 'other'
  return PATHS.has(first) ? first : 'other'
}
