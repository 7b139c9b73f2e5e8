import { describe, expect, test } from 'vitest'
import { autoscalersView } from './view-autoscalers.ts'

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
const metric = { name: 'm' }
const metrics = [
  { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '10' } } },
  { type: 'Object', object: { describedObject: scaleTargetRef, metric, target: { type: 'Value', value: '3' } } },
  { type: 'External', external: { metric, target: { type: 'AverageValue', averageValue: '5' } } },
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
]
const rules = { selectPolicy: 'Max', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] }
const stored = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'a' },
  spec: { scaleTargetRef, maxReplicas: 5, metrics, behavior: { scaleUp: rules } },
  status: {
    desiredReplicas: 1,
    currentReplicas: 1,
    conditions: [{ type: 'AbleToScale', status: 'True' }],
    currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageValue: '1' } } }],
  },
}
const annotationsOf = (object: object) =>
  (autoscalersView.fromStored(object as typeof stored).metadata.annotations ?? {}) as Record<string, string>
const K = 'autoscaling.alpha.kubernetes.io/'

describe('an autoscaler seen in autoscaling/v1', () => {
  test('keeps in annotations, in the older forms, what v1 has no field for', () => {
    const annotations = annotationsOf(stored)
    expect(JSON.parse(annotations[`${K}metrics`] ?? '')).toEqual([
      { type: 'Pods', pods: { metricName: 'm', targetAverageValue: '10' } },
      { type: 'Object', object: { target: { ...scaleTargetRef }, metricName: 'm', targetValue: '3' } },
      { type: 'External', external: { metricName: 'm', targetAverageValue: '5' } },
    ])
    expect(JSON.parse(annotations[`${K}current-metrics`] ?? '')).toEqual([
      { type: 'Resource', resource: { name: 'cpu', currentAverageValue: '1' } },
    ])
    expect(JSON.parse(annotations[`${K}behavior`] ?? '')).toMatchObject({
      ScaleUp: { StabilizationWindowSeconds: null, Policies: [{ Type: 'Pods', Value: 1, PeriodSeconds: 60 }] },
      ScaleDown: null,
    })
  })

  test('is stored again as it was', () => {
    expect(autoscalersView.toStored(autoscalersView.fromStored(stored))).toEqual(stored)
  })

  test('is stored with the metrics that v1 means by none', () => {
    const { spec } = autoscalersView.toStored({ metadata: {}, spec: { maxReplicas: 1 } } as never) as typeof stored
    expect(spec.metrics).toMatchObject([{ resource: { name: 'cpu', target: { averageUtilization: 80 } } }])
  })

  test.each([
    ['nothing', {}, 80],
    ['a target', { spec: { targetCPUUtilizationPercentage: 30 } }, 30],
    ['other metrics', { metadata: { annotations: { [`${K}metrics`]: '[{"type":"Pods","pods":{}}]' } } }, undefined],
    ['metrics that do not read', { metadata: { annotations: { [`${K}metrics`]: '[{' } } }, 80],
  ])('goes by the CPU unless it says otherwise: %s', (_, said, expected) => {
    const object = { metadata: {}, ...said, spec: { maxReplicas: 1, ...('spec' in said ? said.spec : {}) } }
    autoscalersView.setDefaults?.(object)
    expect(object.spec).toMatchObject({ minReplicas: 1 })
    expect((object.spec as { targetCPUUtilizationPercentage?: number }).targetCPUUtilizationPercentage).toBe(expected)
  })
})
