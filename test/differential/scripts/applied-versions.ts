/** Applies of autoscalers in both of their versions, by one manager and by several. */

import { apply, get, put, remove, script } from './script.ts'

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
const target = { type: 'AverageValue', averageValue: '10' }
const pods = { type: 'Pods', pods: { metric: { name: 'm' }, target } }
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }
const behavior = { scaleUp: { stabilizationWindowSeconds: 5 } }
const text = JSON.stringify({ ScaleUp: { StabilizationWindowSeconds: 5, SelectPolicy: null, Policies: null } })

type Version = 'v1' | 'v2'
const at = (version: Version) => `/apis/autoscaling/${version}/namespaces/$NS/horizontalpodautoscalers/h`
const autoscaler = (version: Version, spec: object, metadata: object = {}) => ({
  apiVersion: `autoscaling/${version}`,
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'h', ...metadata },
  spec: { scaleTargetRef, ...spec },
})
/** Applied by a manager, `m!` by force, and then looked at in both versions. */
function applied(manager: string, version: Version, spec: object, metadata: object = {}) {
  const query = `fieldManager=${manager.replace('!', '')}${manager.endsWith('!') ? '&force=true' : ''}`
  return [apply(`${at(version)}?${query}`, autoscaler(version, spec, metadata)), get(at('v1')), get(at('v2'))]
}

export const appliedVersionScripts = [
  script(
    'applied versions/one manager',
    ...applied('m', 'v1', { maxReplicas: 3, targetCPUUtilizationPercentage: 50 }),
    ...applied('m', 'v2', { maxReplicas: 3, metrics: [cpu] }),
    ...applied('m', 'v2', { maxReplicas: 3, metrics: [cpu, pods], behavior }),
    ...applied('m', 'v1', { maxReplicas: 4 }),
    remove(at('v1')),
    ...applied('m', 'v1', { maxReplicas: 3 }, { annotations: { 'autoscaling.alpha.kubernetes.io/behavior': text } }),
    ...applied('m', 'v2', { maxReplicas: 5 }),
    remove(at('v1')),
    ...applied('m', 'v2', { maxReplicas: 3, minReplicas: 2, metrics: [pods] }),
    ...applied('m', 'v1', { maxReplicas: 4 }),
  ),
  script(
    'applied versions/several managers',
    ...applied('m', 'v2', { maxReplicas: 3, metrics: [cpu, pods], behavior }, { labels: { a: 'b' } }),
    ...applied('m', 'v1', { maxReplicas: 4 }),
    ...applied('n', 'v1', { maxReplicas: 5 }),
    ...applied('n!', 'v1', { maxReplicas: 5 }),
    ...applied('n!', 'v2', { maxReplicas: 5, behavior }),
    ...applied('n', 'v1', { maxReplicas: 5 }),
    ...applied('m', 'v2', { maxReplicas: 5 }),
    put(`${at('v2')}?fieldManager=u`, autoscaler('v2', { maxReplicas: 7, behavior })),
    ...applied('m', 'v1', { maxReplicas: 4 }),
    ...applied('m!', 'v1', { maxReplicas: 4, targetCPUUtilizationPercentage: 33 }),
    ...applied('u', 'v1', { maxReplicas: 4 }),
  ),
]
