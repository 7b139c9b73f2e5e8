import { describe, expect, test } from 'vitest'

import { HttpMetrics } from './http-metrics.ts'
import { metricsText } from '../../base/metrics/text.ts'

const linesOf = (metrics: HttpMetrics) => metricsText(metrics.families).split('\n')

describe('requests are counted by what is asked for', () => {
  const cases = [
    { path: '/containerLogs/default/web/app', as: 'containerLogs', isLong: false },
    { path: '/exec/default/web/app', as: 'exec', isLong: true },
    { path: '/metrics', as: 'metrics', isLong: false },
    { path: '/metrics/cadvisor', as: 'metrics/cadvisor', isLong: false },
    { path: '/stats/summary', as: 'stats', isLong: false },
    { path: '/runningpods/', as: 'runningpods', isLong: false },
    { path: '/made/up/by/a/client', as: 'other', isLong: false },
  ]
  for (const { path, as, isLong } of cases) {
    test(`${path} as ${as}`, () => {
      const metrics = new HttpMetrics()
      metrics.begun({ method: 'GET', path, isWebSocket: false })
      const labels = `long_running="${isLong}",method="GET",path="${as}",server_type="readwrite"`
      expect(linesOf(metrics)).toContain(`kubelet_http_requests_total{${labels}} 1`)
    })
  }
})

test('a request is open until it has ended, and is timed then', () => {
  const metrics = new HttpMetrics()
  const ended = metrics.begun({ method: 'POST', path: '/exec/a/b/c', isWebSocket: true })
  const labels = 'long_running="true",method="POST",path="exec",server_type="readwrite"'
  expect(linesOf(metrics)).toContain(`kubelet_http_inflight_requests{${labels}} 1`)
  expect(linesOf(metrics)).toContain('kubelet_websocket_streaming_requests_total{subresource="exec"} 1')
  ended(0.2)
  expect(linesOf(metrics)).toContain(`kubelet_http_inflight_requests{${labels}} 0`)
  expect(linesOf(metrics)).toContain(`kubelet_http_requests_duration_seconds_bucket{${labels},le="0.25"} 1`)
})
