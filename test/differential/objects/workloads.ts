/** Valid workloads that the differential corpus is bred from. */

import type { Base } from '../corpus.ts'

const template = (extra: object = {}) => ({
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ name: 'main', image: 'busybox' }], ...extra },
})
const of = (
  apiVersion: string,
  kind: string,
  plural: string,
  name: string,
  spec: object,
  more: Partial<Base> = {},
): Base => ({
  name,
  key: `${apiVersion}/${plural}`,
  object: { apiVersion, kind, metadata: { name, namespace: 'default' }, spec },
  ...more,
})
const selector = { matchLabels: { a: 'b' } }

export const workloadBases: readonly Base[] = [
  of('apps/v1', 'Deployment', 'deployments', 'dep-min', { selector, template: template() }),
  of('apps/v1', 'Deployment', 'deployments', 'dep', {
    replicas: 2,
    selector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
    template: template(),
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '10%' } },
    minReadySeconds: 1,
    revisionHistoryLimit: 2,
    paused: true,
    progressDeadlineSeconds: 30,
  }),
  of(
    'apps/v1',
    'Deployment',
    'deployments',
    'dep-recreate',
    { selector, template: template(), strategy: { type: 'Recreate' } },
    { focus: ['spec.strategy'] },
  ),
  of('apps/v1', 'ReplicaSet', 'replicasets', 'rs', { replicas: 2, selector, template: template(), minReadySeconds: 1 }),
  of('apps/v1', 'StatefulSet', 'statefulsets', 'sts', {
    replicas: 2,
    serviceName: 'svc',
    selector,
    template: template({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'x' } }] }),
    podManagementPolicy: 'Parallel',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
    revisionHistoryLimit: 3,
    minReadySeconds: 1,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    ordinals: { start: 1 },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
  }),
  of('apps/v1', 'StatefulSet', 'statefulsets', 'sts-min', { selector, template: template() }),
  of('apps/v1', 'DaemonSet', 'daemonsets', 'ds', {
    selector,
    template: template(),
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    minReadySeconds: 1,
    revisionHistoryLimit: 3,
  }),
  of(
    'apps/v1',
    'DaemonSet',
    'daemonsets',
    'ds-min',
    { selector, template: template() },
    { focus: ['spec.updateStrategy'] },
  ),
  {
    name: 'crev',
    key: 'apps/v1/controllerrevisions',
    object: {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name: 'crev', namespace: 'default' },
      data: { a: 1 },
      revision: 1,
    },
  },
  of('batch/v1', 'Job', 'jobs', 'job-min', { template: template({ restartPolicy: 'Never' }) }, { dry: true }),
  of(
    'batch/v1',
    'Job',
    'jobs',
    'job',
    {
      parallelism: 2,
      completions: 4,
      activeDeadlineSeconds: 10,
      backoffLimitPerIndex: 1,
      maxFailedIndexes: 2,
      ttlSecondsAfterFinished: 5,
      completionMode: 'Indexed',
      suspend: true,
      podReplacementPolicy: 'Failed',
      managedBy: 'example.com/c',
      successPolicy: { rules: [{ succeededIndexes: '0,2-3', succeededCount: 1 }] },
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [1, 42] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailIndex', onExitCodes: { operator: 'NotIn', values: [0, 7] } },
        ],
      },
      template: template({ restartPolicy: 'Never' }),
    },
    { dry: true },
  ),
  of('batch/v1', 'Job', 'jobs', 'job-manual', {
    manualSelector: true,
    selector,
    backoffLimit: 3,
    template: template({ restartPolicy: 'OnFailure' }),
  }),
  of('batch/v1', 'CronJob', 'cronjobs', 'cron', {
    schedule: '*/5 * * * *',
    timeZone: 'Europe/Berlin',
    startingDeadlineSeconds: 10,
    concurrencyPolicy: 'Forbid',
    suspend: true,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 2,
    jobTemplate: { metadata: { labels: { x: 'y' } }, spec: { template: template({ restartPolicy: 'Never' }) } },
  }),
  of(
    'batch/v1',
    'CronJob',
    'cronjobs',
    'cron-min',
    { schedule: '@hourly', jobTemplate: { spec: { template: template({ restartPolicy: 'Never' }) } } },
    { absentDepth: 3 },
  ),
  of('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'hpa', {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
    minReplicas: 1,
    maxReplicas: 5,
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      { type: 'Pods', pods: { metric: { name: 'm', selector }, target: { type: 'AverageValue', averageValue: '1' } } },
      {
        type: 'Object',
        object: {
          describedObject: { apiVersion: 'v1', kind: 'Service', name: 's' },
          metric: { name: 'm' },
          target: { type: 'Value', value: '1k' },
        },
      },
      { type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '1' } } },
      {
        type: 'ContainerResource',
        containerResource: { name: 'memory', container: 'main', target: { type: 'AverageValue', averageValue: '1Gi' } },
      },
    ],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 1,
        selectPolicy: 'Max',
        policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
      },
      scaleDown: {
        stabilizationWindowSeconds: 10,
        selectPolicy: 'Disabled',
        policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }],
      },
    },
  }),
  of('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'hpa-min', {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
    maxReplicas: 5,
  }),
  of('autoscaling/v1', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'hpa1', {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
    minReplicas: 1,
    maxReplicas: 5,
    targetCPUUtilizationPercentage: 60,
  }),
  of('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'pdb', {
    minAvailable: 1,
    selector,
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  }),
  of('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'pdb2', { maxUnavailable: '20%', selector }),
]
