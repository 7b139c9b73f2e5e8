/** What tables show of objects in every state. */

import { deployment, of, service } from './objects.ts'
import { at, post, script } from './script.ts'
import { inTable, type Json, OLD, states } from './table-states.ts'

const template = {
  metadata: { labels: { app: 'a' } },
  spec: {
    containers: [
      { name: 'c', image: 'busybox' },
      { name: 'd', image: 'nginx' },
    ],
  },
}
const jobTemplate = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } }
const job = (name: string) => of('batch/v1', 'Job', name, { spec: { template: jobTemplate } })
const selector = { matchLabels: { app: 'a' } }

const services: readonly Json[] = [
  { spec: { selector: { app: 'a', b: 'c' } } },
  { spec: { clusterIP: 'None' } },
  {
    spec: {
      type: 'NodePort',
      ports: [
        { port: 80, nodePort: 30123 },
        { port: 53, protocol: 'UDP', name: 'dns' },
      ],
      externalIPs: ['192.0.2.1'],
    },
  },
  { spec: { type: 'LoadBalancer', externalIPs: ['192.0.2.9'] } },
  { spec: { type: 'LoadBalancer' }, loadBalancer: { ingress: [{ ip: '192.0.2.7' }, { hostname: 'lb.example.com' }] } },
  { spec: { type: 'LoadBalancer', externalIPs: ['192.0.2.8'] }, loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
  { spec: { type: 'ExternalName', externalName: 'example.com', ports: undefined } },
  { spec: { clusterIP: 'None', ports: [] } },
]

const backend = { service: { name: 's', port: { number: 80 } } }
const rule = (host?: string) => ({
  ...(host === undefined ? {} : { host }),
  http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
})
const ingress = (name: string) => of('networking.k8s.io/v1', 'Ingress', name, { spec: { defaultBackend: backend } })

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
const hpa = (name: string) =>
  of('autoscaling/v2', 'HorizontalPodAutoscaler', name, { spec: { scaleTargetRef: target, maxReplicas: 3 } })
const cpu = (wanted: Json) => ({ type: 'Resource', resource: { name: 'cpu', target: wanted } })
const metricsOf = [
  cpu({ type: 'Utilization', averageUtilization: 50 }),
  { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
  { type: 'Pods', pods: { metric: { name: 'p' }, target: { type: 'AverageValue', averageValue: '10' } } },
  { type: 'Object', object: { metric: { name: 'o' }, describedObject: target, target: { type: 'Value', value: '5' } } },
  { type: 'External', external: { metric: { name: 'e' }, target: { type: 'AverageValue', averageValue: '7' } } },
  {
    type: 'ContainerResource',
    containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 20 } },
  },
]
const claim = (name: string) =>
  of('v1', 'PersistentVolumeClaim', name, {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  })
const slice = (name: string) => of('discovery.k8s.io/v1', 'EndpointSlice', name, { addressType: 'IPv4', endpoints: [] })
const endpoints = (addresses: number) => [
  {
    addresses: Array.from({ length: addresses }, (_, at) => ({ ip: `10.0.0.${at + 1}` })),
    ports: [
      { port: 80, name: 'a' },
      { port: 81, name: 'b' },
    ],
  },
]

const later = { startTime: OLD, completionTime: '2020-01-02T04:14:05Z' }
const success = { type: 'SuccessCriteriaMet', status: 'True', lastTransitionTime: OLD }
const complete = { type: 'Complete', status: 'True', lastTransitionTime: OLD }

export const tableScripts = [
  script('table/services', ...states('services', (name) => service(name), services)),
  script(
    'table/workloads',
    ...states('deployments', (name) => deployment(name, { template }), [
      {},
      {
        spec: { replicas: 3 },
        observedGeneration: 1,
        replicas: 3,
        updatedReplicas: 2,
        readyReplicas: 1,
        availableReplicas: 1,
      },
    ]),
    ...states('replicasets', (name) => of('apps/v1', 'ReplicaSet', name, { spec: { selector, template } }), [
      {},
      { spec: { replicas: 0 } },
      { spec: { replicas: 2 }, replicas: 2, readyReplicas: 1 },
    ]),
    ...states('statefulsets', (name) => of('apps/v1', 'StatefulSet', name, { spec: { selector, template } }), [
      {},
      { spec: { replicas: 2 }, replicas: 2, readyReplicas: 1 },
    ]),
    ...states('daemonsets', (name) => of('apps/v1', 'DaemonSet', name, { spec: { selector, template } }), [
      {},
      {
        currentNumberScheduled: 2,
        numberMisscheduled: 0,
        desiredNumberScheduled: 3,
        numberReady: 1,
        updatedNumberScheduled: 1,
        numberAvailable: 1,
      },
    ]),
    ...states('jobs', job, [
      {},
      { spec: { suspend: true } },
      { spec: { completions: 3, parallelism: 2 } },
      { spec: { parallelism: 2, completions: undefined } },
      { startTime: OLD, active: 1 },
      { ...later, succeeded: 1, conditions: [success, complete] },
      {
        startTime: OLD,
        failed: 1,
        conditions: [
          { ...complete, type: 'FailureTarget' },
          { ...complete, type: 'Failed' },
        ],
      },
      { startTime: OLD, succeeded: 1, conditions: [success] },
      { startTime: OLD, failed: 1, conditions: [{ ...complete, type: 'FailureTarget' }] },
    ]),
    ...states(
      'cronjobs',
      (name) =>
        of('batch/v1', 'CronJob', name, {
          spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: jobTemplate } } },
        }),
      [
        {},
        {
          spec: { suspend: true, timeZone: 'Etc/UTC' },
          lastScheduleTime: OLD,
          active: [{ name: 'x', namespace: 'y' }],
        },
      ],
    ),
    ...states(
      'replicationcontrollers',
      (name) => of('v1', 'ReplicationController', name, { spec: { selector: { app: 'a' }, template } }),
      [{}, { replicas: 1, readyReplicas: 1 }],
    ),
  ),
  script(
    'table/networking',
    ...states('ingresses', ingress, [
      {},
      { spec: { rules: [rule('a.io'), rule('b.io')] } },
      {
        spec: {
          rules: [rule('a.io'), rule('b.io'), rule('c.io'), rule('d.io')],
          ingressClassName: 'nginx',
          tls: [{ hosts: ['a.io'] }],
        },
      },
      { spec: { rules: [rule()] }, loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'x.io' }] } },
      { metadata: { annotations: { 'kubernetes.io/ingress.class': 'old' } } },
    ]),
    ...states(
      'networkpolicies',
      (name) => of('networking.k8s.io/v1', 'NetworkPolicy', name, { spec: { podSelector: {} } }),
      [
        {},
        {
          spec: {
            podSelector: {
              matchLabels: { a: 'b' },
              matchExpressions: [
                { key: 'c', operator: 'In', values: ['d', 'e'] },
                { key: 'f', operator: 'Exists' },
              ],
            },
          },
        },
      ],
    ),
    post(at('endpoints'), of('v1', 'Endpoints', 'none')),
    post(at('endpoints'), of('v1', 'Endpoints', 'one', { subsets: endpoints(1) })),
    post(at('endpoints'), of('v1', 'Endpoints', 'many', { subsets: endpoints(5) })),
    inTable(at('endpoints')),
    post(at('endpointslices'), slice('none')),
    post(at('endpointslices'), {
      ...slice('some'),
      ports: [{ port: 80, name: 'a' }, { port: 81, name: 'b' }, { name: 'c' }],
      endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }],
    }),
    post(at('endpointslices'), {
      ...slice('many'),
      ports: [{ port: 1 }, { port: 2, name: 'b' }, { port: 3, name: 'c' }, { port: 4, name: 'd' }],
      endpoints: [1, 2, 3, 4, 5].map((end) => ({ addresses: [`10.0.1.${end}`] })),
    }),
    inTable(at('endpointslices')),
  ),
  script(
    'table/policies',
    ...states('horizontalpodautoscalers', hpa, [
      {},
      { spec: { metrics: metricsOf, minReplicas: 2 } },
      {
        spec: { metrics: metricsOf.slice(0, 1) },
        currentReplicas: 2,
        desiredReplicas: 3,
        currentMetrics: [
          { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 30, averageValue: '30m' } } },
        ],
      },
      {
        spec: { metrics: metricsOf.slice(1, 4) },
        currentReplicas: 2,
        desiredReplicas: 3,
        currentMetrics: [
          { type: 'Resource', resource: { name: 'memory', current: { averageValue: '2Gi' } } },
          { type: 'Pods', pods: { metric: { name: 'p' }, current: { averageValue: '3' } } },
          { type: 'Object', object: { metric: { name: 'o' }, describedObject: target, current: { value: '9' } } },
        ],
      },
    ]),
    inTable('/apis/autoscaling/v1/namespaces/$NS/horizontalpodautoscalers'),
    ...states('poddisruptionbudgets', (name) => of('policy/v1', 'PodDisruptionBudget', name, { spec: {} }), [
      {},
      { spec: { minAvailable: '50%' }, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
      { spec: { maxUnavailable: 1 } },
    ]),
    ...states('resourcequotas', (name) => of('v1', 'ResourceQuota', name, { spec: {} }), [
      {},
      { spec: { hard: { pods: '4', 'limits.cpu': '2', memory: '1Gi' } } },
    ]),
    ...states('persistentvolumeclaims', claim, [
      {},
      {
        phase: 'Bound',
        accessModes: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'],
        capacity: { storage: '2Gi' },
      },
      { phase: 'Lost' },
      { spec: { volumeName: 'v', storageClassName: 'fast', volumeMode: 'Block' } },
    ]),
    post(at('leases'), of('coordination.k8s.io/v1', 'Lease', 'l', { spec: { holderIdentity: 'me' } })),
    inTable(at('leases')),
    post(
      at('rolebindings'),
      of('rbac.authorization.k8s.io/v1', 'RoleBinding', 'b', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [
          { kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' },
          { kind: 'Group', name: 'g', apiGroup: 'rbac.authorization.k8s.io' },
          { kind: 'ServiceAccount', name: 's', namespace: 'n' },
        ],
      }),
    ),
    inTable(at('rolebindings')),
    post(at('serviceaccounts'), of('v1', 'ServiceAccount', 'a', { secrets: [{ name: 'x' }] })),
    inTable(at('serviceaccounts', 'a')),
    post(at('secrets'), of('v1', 'Secret', 's', { stringData: { a: 'b', c: 'd' } })),
    inTable(at('secrets')),
    post(
      at('events'),
      of('v1', 'Event', 'e1', {
        involvedObject: { kind: 'Pod', name: 'p', namespace: '$NS', fieldPath: 'spec.containers{c}' },
        type: 'Normal',
        reason: 'R',
        message: 'm',
        source: { component: 'c', host: 'h' },
        count: 3,
        firstTimestamp: OLD,
        lastTimestamp: OLD,
      }),
    ),
    post(
      at('events'),
      of('v1', 'Event', 'e2', {
        involvedObject: { kind: 'Pod', name: 'p', namespace: '$NS' },
        type: 'Warning',
        reason: 'R',
        message: 'm\n',
        eventTime: '2020-01-02T03:04:05.000000Z',
        reportingComponent: 'a.io/c',
        reportingInstance: 'i',
        action: 'A',
        series: { count: 4, lastObservedTime: '2020-01-02T03:04:05.000000Z' },
      }),
    ),
    inTable(at('events')),
    inTable('/apis/events.k8s.io/v1/namespaces/$NS/events'),
  ),
]
