import { expect, test } from 'vitest'

import { aContainer, aPod } from '../pods/fixtures.ts'
import { askedBy } from '../resources/resize.ts'
import { ResizeMetrics } from './resize-metrics.ts'
import { metricsText } from '../../base/metrics/text.ts'

const asking = (requests: Record<string, string>, limits: Record<string, string> = {}) =>
  askedBy(aPod({ containers: [aContainer('app', { resources: { requests, limits } })] }))

test('what containers ask for anew is counted by resource, by side, and by which way it goes', () => {
  const metrics = new ResizeMetrics()
  metrics.requested(
    asking({ cpu: '100m', memory: '1Gi' }, { memory: '2Gi' }),
    asking({ cpu: '0.2', memory: '1024Mi' }, { cpu: '1' }),
  )
  expect(
    metricsText(metrics.families)
      .split('\n')
      .filter((line) => line.startsWith('kubelet_container_requested')),
  ).toEqual([
    'kubelet_container_requested_resizes_total{operation="increase",requirement="requests",resource="cpu"} 1',
    'kubelet_container_requested_resizes_total{operation="add",requirement="limits",resource="cpu"} 1',
    'kubelet_container_requested_resizes_total{operation="remove",requirement="limits",resource="memory"} 1',
  ])
})

test('a resize is under way until it has succeeded, or its Pod is gone', () => {
  const metrics = new ResizeMetrics()
  const lines = () => metricsText(metrics.families).split('\n')
  metrics.began('a', 1_000)
  metrics.began('b', 1_000)
  metrics.ended('a', 1_004, false)
  expect(lines()).toContain('kubelet_pod_in_progress_resizes 2')
  metrics.ended('a', 1_300, true)
  metrics.forget('b')
  expect(lines()).toContain('kubelet_pod_in_progress_resizes 0')
  expect(lines()).toContain('kubelet_pod_resize_duration_milliseconds_sum{success="true"} 300')
  expect(lines()).toContain('kubelet_pod_resize_duration_milliseconds_sum{success="false"} 4')
})
