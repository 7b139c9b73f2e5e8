/** HorizontalPodAutoscalers in both versions: what v1 has no field for stands in its annotations. */

import { of } from './objects.ts'
import { apply, at, get, patch, post, put, script } from './script.ts'

const all = (version: string) => `/apis/autoscaling/${version}/namespaces/$NS/horizontalpodautoscalers`
const one = (version: string, name: string) => `${all(version)}/${name}`
const ref = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
const hpa = (version: string, name: string, spec: object, annotations?: object) =>
  of(
    `autoscaling/${version}`,
    'HorizontalPodAutoscaler',
    name,
    { spec: { scaleTargetRef: ref, maxReplicas: 5, ...spec } },
    annotations === undefined ? {} : { annotations },
  )
const K = 'autoscaling.alpha.kubernetes.io/'
const metric = { name: 'm', selector: { matchLabels: { a: 'b' } } }
const metrics = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
  { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
  { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '10' } } },
  { type: 'Object', object: { metric, describedObject: ref, target: { type: 'Value', value: '100m' } } },
  { type: 'Object', object: { metric, describedObject: ref, target: { type: 'AverageValue', averageValue: '1' } } },
  { type: 'External', external: { metric, target: { type: 'Value', value: '5' } } },
  { type: 'External', external: { metric: { name: 'n' }, target: { type: 'AverageValue', averageValue: '5' } } },
  {
    type: 'ContainerResource',
    containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 7 } },
  },
]
const currentMetrics = [
  { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40, averageValue: '400m' } } },
  { type: 'Resource', resource: { name: 'memory', current: { averageValue: '1Gi' } } },
  { type: 'Pods', pods: { metric, current: { averageValue: '9' } } },
  { type: 'Object', object: { metric, describedObject: ref, current: { value: '3' } } },
  { type: 'External', external: { metric, current: { averageValue: '2' } } },
  { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', current: { averageValue: '1' } } },
]
const behavior = {
  scaleUp: { stabilizationWindowSeconds: 3, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
  scaleDown: { selectPolicy: 'Disabled' },
}
const conditions = [
  {
    type: 'AbleToScale',
    status: 'True',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    reason: 'ReadyForNewScale',
    message: 'm',
  },
]
const old = [
  { type: 'Resource', resource: { name: 'memory', targetAverageUtilization: 3 } },
  { type: 'Pods', pods: { metricName: 'p', targetAverageValue: '2' } },
  { type: 'Object', object: { target: ref, metricName: 'o', targetValue: '3' } },
  { type: 'External', external: { metricName: 'e', targetAverageValue: '4' } },
]

export const autoscalerScripts = [
  script(
    'autoscalers/versions',
    post(all('v2'), hpa('v2', 'a', { metrics, behavior })),
    get(one('v1', 'a')),
    patch(`${one('v2', 'a')}/status`, {
      status: { currentReplicas: 1, desiredReplicas: 2, observedGeneration: 3, currentMetrics, conditions },
    }),
    get(one('v1', 'a')),
    get(all('v1')),
    patch(one('v1', 'a'), { spec: { maxReplicas: 7 } }),
    patch(one('v1', 'a'), { spec: { targetCPUUtilizationPercentage: null } }),
    get(one('v2', 'a')),
    patch(one('v1', 'a'), { metadata: { annotations: { [`${K}metrics`]: null } } }),
    get(one('v2', 'a')),
    patch(`${one('v1', 'a')}/status`, { status: { currentCPUUtilizationPercentage: 9, currentReplicas: 4 } }),
    get(one('v2', 'a')),
    post(all('v1'), hpa('v1', 'b', {})),
    get(one('v2', 'b')),
    post(all('v1'), hpa('v1', 'c', { targetCPUUtilizationPercentage: 30 }, { [`${K}metrics`]: JSON.stringify(old) })),
    get(one('v2', 'c')),
    post(all('v1'), hpa('v1', 'd', {}, { [`${K}metrics`]: JSON.stringify(old), x: 'y' })),
    get(one('v2', 'd')),
    post(all('v1'), hpa('v1', 'e', {}, { [`${K}metrics`]: 'not JSON', [`${K}behavior`]: '[]' })),
    get(one('v2', 'e')),
    post(
      all('v1'),
      hpa(
        'v1',
        'f',
        {},
        { [`${K}behavior`]: '{"ScaleUp":{"Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":9}]}}' },
      ),
    ),
    get(one('v2', 'f')),
    post(all('v1'), hpa('v1', 'g', {}, { [`${K}behavior`]: '{"scaleDown":{"selectPolicy":"Max"}}' })),
    get(one('v2', 'g')),
    post(all('v1'), hpa('v1', 'h', {}, { [`${K}conditions`]: JSON.stringify(conditions) })),
    get(one('v2', 'h')),
    put(one('v1', 'b'), hpa('v1', 'b', { minReplicas: 2 })),
    apply(`${one('v1', 'b')}?fieldManager=x&force=true`, hpa('v1', 'b', { minReplicas: 3 })),
    apply(`${one('v2', 'b')}?fieldManager=x`, hpa('v2', 'b', { minReplicas: 4 })),
    apply(`${one('v2', 'b')}?fieldManager=y`, hpa('v2', 'b', { minReplicas: 5 })),
    post(all('v1'), hpa('v1', 'i', { targetCPUUtilizationPercentage: -1, minReplicas: 9 })),
    post(all('v1'), hpa('v1', 'i', {}, { [`${K}metrics`]: '[{"type":"Bogus"}]' })),
    get(`${at('horizontalpodautoscalers')}?fieldSelector=metadata.name%3Da`),
  ),
]
