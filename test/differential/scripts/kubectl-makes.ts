/** What kubectl creates, as it writes it, and what it asks to find its way about. */

import { of } from './objects.ts'
import { at, get, post, remove, script, TABLE } from './script.ts'

type Json = Readonly<Record<string, unknown>>
const PRINTED = `${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
const create = 'fieldManager=kubectl-create&fieldValidation=Strict'
const rbac = 'rbac.authorization.k8s.io/v1'

/** What `kubectl create` makes, as it writes it. */
const made: readonly (readonly [path: string, object: Json])[] = [
  [
    at('configmaps'),
    { ...of('v1', 'ConfigMap', 'm', { data: { k: 'v' }, binaryData: { b: 'AAE=' } }, { creationTimestamp: null }) },
  ],
  [at('secrets'), of('v1', 'Secret', 'generic', { type: 'Opaque', data: { k: 'dg==' } }, { creationTimestamp: null })],
  [
    at('secrets'),
    of('v1', 'Secret', 'registry', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e30=' } }),
  ],
  [
    at('secrets'),
    of('v1', 'Secret', 'registry2', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eA==' } }),
  ],
  [at('secrets'), of('v1', 'Secret', 'tls', { type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } })],
  [at('secrets'), of('v1', 'Secret', 'tls2', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'AA==' } })],
  [at('serviceaccounts'), of('v1', 'ServiceAccount', 'robot', {}, { creationTimestamp: null })],
  [
    at('secrets'),
    of(
      'v1',
      'Secret',
      'robot-token',
      { type: 'kubernetes.io/service-account-token' },
      { annotations: { 'kubernetes.io/service-account.name': 'robot' } },
    ),
  ],
  [at('secrets'), of('v1', 'Secret', 'nobody-token', { type: 'kubernetes.io/service-account-token' })],
  [
    at('resourcequotas'),
    of('v1', 'ResourceQuota', 'q', {
      spec: { hard: { cpu: '1', pods: '2', 'count/deployments.apps': '3' }, scopes: ['BestEffort'] },
      status: {},
    }),
  ],
  [
    at('resourcequotas'),
    of('v1', 'ResourceQuota', 'q', { spec: { hard: { pods: '200' }, scopes: ['BestEffort'] }, status: {} }),
  ],
  [
    at('poddisruptionbudgets'),
    of('policy/v1', 'PodDisruptionBudget', 'p', {
      spec: { minAvailable: 1, maxUnavailable: 1, selector: { matchLabels: { a: 'b' } } },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    }),
  ],
  [
    at('poddisruptionbudgets'),
    of('policy/v1', 'PodDisruptionBudget', 'p', {
      spec: { minAvailable: '50%', selector: { matchLabels: { a: 'b' } } },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    }),
  ],
  [
    at('jobs'),
    of('batch/v1', 'Job', 'j', {
      spec: {
        template: {
          metadata: { creationTimestamp: null },
          spec: {
            containers: [{ name: 'j', image: 'busybox', command: ['true'], resources: {} }],
            restartPolicy: 'Never',
          },
        },
      },
      status: {},
    }),
  ],
  [
    at('cronjobs'),
    of('batch/v1', 'CronJob', 'cj', {
      spec: {
        schedule: '*/1 * * * *',
        jobTemplate: {
          metadata: { name: 'cj', creationTimestamp: null },
          spec: {
            template: {
              metadata: { creationTimestamp: null },
              spec: { containers: [{ name: 'cj', image: 'busybox', resources: {} }], restartPolicy: 'OnFailure' },
            },
          },
        },
      },
      status: {},
    }),
  ],
  [
    at('jobs'),
    of(
      'batch/v1',
      'Job',
      'from',
      {
        spec: {
          template: {
            metadata: { creationTimestamp: null },
            spec: { containers: [{ name: 'cj', image: 'busybox', resources: {} }], restartPolicy: 'OnFailure' },
          },
        },
        status: {},
      },
      {
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'cj', uid: 'u', controller: true }],
      },
    ),
  ],
  [
    at('ingresses'),
    of('networking.k8s.io/v1', 'Ingress', 'i', {
      spec: {
        rules: [
          {
            host: 'foo.com',
            http: {
              paths: [{ path: '/', pathType: 'Exact', backend: { service: { name: 'svc', port: { number: 8080 } } } }],
            },
          },
        ],
        tls: [{ hosts: ['foo.com'], secretName: 'tls' }],
      },
      status: { loadBalancer: {} },
    }),
  ],
  [
    at('services'),
    of('v1', 'Service', 'ext', {
      spec: {
        type: 'ExternalName',
        externalName: 'a.example',
        ports: [{ name: '80', port: 80, protocol: 'TCP', targetPort: 80 }],
        selector: { app: 'ext' },
      },
      status: { loadBalancer: {} },
    }),
  ],
  [
    at('services'),
    of('v1', 'Service', 'cip', {
      spec: {
        type: 'ClusterIP',
        ports: [{ name: '5678-8080', port: 5678, protocol: 'TCP', targetPort: 8080 }],
        selector: { app: 'cip' },
      },
      status: { loadBalancer: {} },
    }),
  ],
  [
    at('services'),
    of('v1', 'Service', 'hl', {
      spec: { type: 'ClusterIP', clusterIP: 'None', selector: { app: 'hl' } },
      status: { loadBalancer: {} },
    }),
  ],
  [
    '/apis/scheduling.k8s.io/v1/priorityclasses',
    of('scheduling.k8s.io/v1', 'PriorityClass', '$NS-p', {
      value: 1000,
      globalDefault: false,
      description: 'd',
      preemptionPolicy: 'Never',
    }),
  ],
  [
    '/apis/scheduling.k8s.io/v1/priorityclasses',
    of('scheduling.k8s.io/v1', 'PriorityClass', 'system-$NS', { value: 2000000000 }),
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    of(rbac, 'ClusterRole', '$NS-r', {
      rules: null,
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: '$NS' } }] },
    }),
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    of(rbac, 'ClusterRoleBinding', '$NS-b', {
      subjects: [{ kind: 'Group', name: 'g', apiGroup: 'rbac.authorization.k8s.io' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: '$NS-r' },
    }),
  ],
  ['/api/v1/namespaces', of('v1', 'Namespace', '$NS-x', { spec: {}, status: {} }, { creationTimestamp: null })],
]
const clean = [
  '/apis/scheduling.k8s.io/v1/priorityclasses/$NS-p',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles/$NS-r',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/$NS-b',
  '/api/v1/namespaces/$NS-x',
]

/** `kubectl get all -A` of what the script has made, and of nothing. */
const SEEN = [
  'pods',
  'replicationcontrollers',
  'services',
  'daemonsets',
  'deployments',
  'replicasets',
  'statefulsets',
  'horizontalpodautoscalers',
  'cronjobs',
  'jobs',
  'secrets',
  'serviceaccounts',
  'resourcequotas',
  'poddisruptionbudgets',
  'ingresses',
  'leases',
  'roles',
  'rolebindings',
  'networkpolicies',
  'endpointslices',
]

export const kubectlMakeScripts = [
  script(
    'kubectl/create',
    ...made.flatMap(([path, object]) => [
      post(`${path}?${create}&dryRun=All`, object),
      post(`${path}?${create}`, object),
      post(`${path}?fieldManager=kubectl-create`, object),
    ]),
    ...SEEN.flatMap((resource) => [
      get(`${at(resource)}?limit=500`, { accept: PRINTED }),
      get(`${at(resource)}?limit=500&includeObject=Object`, { accept: TABLE, unread: true }),
    ]),
    ...clean.map((path) => remove(path, { body: { propagationPolicy: 'Background' } })),
  ),
  script(
    'kubectl/looks around',
    ...['/api', '/apis'].map((path) => get(path, { accept: AGGREGATED, unread: true })),
    ...[
      '/version',
      '/livez',
      '/readyz/ping',
      '/healthz',
      '/livez?verbose&exclude=etcd',
      '/readyz/none',
      '/openapi/v3',
    ].map((path) => get(path, { unread: true })),
    get('/api/v1/namespaces/kube-system/services?labelSelector=kubernetes.io%2Fcluster-service%3Dtrue'),
    get('/api/v1/namespaces/kube-public/configmaps/cluster-info'),
    get('/apis/metrics.k8s.io/v1beta1/nodes', { unread: true }),
    get('/apis/autoscaling', {}),
    get('/apis/batch/v1'),
    get('/apis/batch/v1beta1'),
    get('/apis/extensions/v1beta1/namespaces/$NS/ingresses'),
    get('/apis/policy/v1beta1/namespaces/$NS/poddisruptionbudgets'),
    get('/api/v1/namespaces/$NS/deployments'),
    get('/apis/apps/v1/namespaces/$NS/pods'),
    get('/apis/apps/v1/deployment'),
  ),
]
