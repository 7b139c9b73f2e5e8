import { describe, expect, test } from 'vitest'
import type { ReadAutoscaler } from './measure.ts'
import { type Counts, statusAfter } from './report.ts'

const METRICS = [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 20 } } }]

const autoscaler: ReadAutoscaler = {
  metadata: { name: 'web', namespace: 'default', generation: 3 },
  spec: { maxReplicas: 9, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
  status: { currentReplicas: 2, desiredReplicas: 4, lastScaleTime: 'then', currentMetrics: METRICS, conditions: [] },
}

describe('statusAfter()', () => {
  const cases: readonly { when: string; counts: Counts; metrics?: typeof METRICS; want: object }[] = [
    {
      when: 'the scale could not be read, and keeps the rest',
      counts: {},
      want: { currentReplicas: 2, desiredReplicas: 4, lastScaleTime: 'then', currentMetrics: METRICS },
    },
    {
      when: 'nothing could be proposed, and keeps what was wanted',
      counts: { current: 5 },
      metrics: [],
      want: { currentReplicas: 5, desiredReplicas: 4, lastScaleTime: 'then', currentMetrics: [] },
    },
    {
      when: 'it was scaled',
      counts: { current: 5, desired: 6, scaledAt: 'now' },
      metrics: METRICS,
      want: { currentReplicas: 5, desiredReplicas: 6, lastScaleTime: 'now', currentMetrics: METRICS },
    },
    {
      when: 'nothing is there',
      counts: { current: 0, desired: 0 },
      metrics: [],
      want: { desiredReplicas: 0, lastScaleTime: 'then', currentMetrics: [] },
    },
  ]
  for (const { when, counts, metrics, want } of cases) {
    test(`tells what is known when ${when}`, () => {
      const status = statusAfter(autoscaler, { conditions: [], metrics }, counts)
      expect(status).toEqual({ observedGeneration: 3, conditions: [], ...want })
    })
  }
})
