/** What each controller, the scheduler and a kubelet ask for, each as itself: what it may, and what it may not. */

import { deployment, of, pod, service } from './objects.ts'
import { at, get, patch, post, put, remove, script, type Step, strategic } from './script.ts'

type Json = Readonly<Record<string, unknown>>
export const controller = (name: string) => ({
  headers: {
    'impersonate-user': `system:serviceaccount:kube-system:${name}`,
    'user-agent': 'kube-controller-manager/v1.36.3 (linux/amd64)',
  },
})
const labels = { app: 'a' }
const selector = { matchLabels: labels }
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'busybox' }] } }
const owned = (kind: string, name: string, apiVersion = 'apps/v1'): Json => ({
  ownerReferences: [{ apiVersion, kind, name, uid: '$UID', controller: true, blockOwnerDeletion: true }],
})
const save = { UID: 'metadata.uid', V: 'metadata.resourceVersion' }
const event = (name: string, kind: string): Json =>
  of('v1', 'Event', name, {
    involvedObject: { kind, namespace: '$NS', name: 'd', uid: '$UID' },
    reason: 'R',
    message: 'm',
    type: 'Normal',
    count: 1,
  })

/** What a controller does with a set of Pods: adopt, release, create, delete. */
function keeps(kind: string, as: object): Step[] {
  const p = at('pods', 'p')
  const ref = { apiVersion: 'apps/v1', kind, name: 'd', uid: '$UID', controller: true, blockOwnerDeletion: true }
  return [
    post(at('pods'), pod('p', {}, { labels }), { save: { POD: 'metadata.uid' } }),
    strategic(p, { metadata: { ownerReferences: [ref], uid: '$POD' } }, as),
    strategic(p, { metadata: { ownerReferences: [ref], uid: 'other' } }, as),
    strategic(p, { metadata: { ownerReferences: [ref, { ...ref, uid: 'second' }], uid: '$POD' } }, as),
    strategic(p, { metadata: { uid: '$POD', ownerReferences: [{ $patch: 'delete', uid: '$UID' }] } }, as),
    post(at('pods'), pod('', {}, { generateName: 'd-', labels, ...owned(kind, 'd') }), { ...as, unread: true }),
    post(at('pods'), pod('q', {}, { labels, ...owned(kind, 'd') }), as),
    post(at('pods'), pod('q', {}, { labels, ...owned(kind, 'd') }), as),
    get(`${at('pods')}?labelSelector=app%3Da&resourceVersion=0`, { ...as, unread: true }),
    remove(at('pods', 'q'), { ...as, body: { preconditions: { uid: 'other' } } }),
    remove(at('pods', 'q'), as),
    remove(at('pods', 'q'), as),
    patch(`${p}/status`, { status: { phase: 'Failed' } }, as),
    put(`${p}/finalizers`, {}, as),
    post(at('events'), event('e', kind), as),
    post('/api/v1/namespaces/default/events', { ...event('$NS-e', kind) }, as),
    get(at('secrets'), as),
    get(at('configmaps', 'x'), as),
  ]
}

const d = at('deployments', 'd')
const ofDeployments = (as = controller('deployment-controller')): Step[] => [
  post(at('deployments'), deployment('d'), { save }),
  get('/apis/apps/v1/deployments?limit=500&resourceVersion=0', { ...as, unread: true }),
  post(
    at('replicasets'),
    of(
      'apps/v1',
      'ReplicaSet',
      'd-1',
      { spec: { replicas: 1, selector, template } },
      { labels, annotations: { 'deployment.kubernetes.io/revision': '1' }, ...owned('Deployment', 'd') },
    ),
    as,
  ),
  post(at('replicasets'), of('apps/v1', 'ReplicaSet', 'd-1', { spec: { replicas: 1, selector, template } }), as),
  put(
    `${d}/status`,
    {
      ...deployment('d'),
      metadata: { name: 'd', namespace: '$NS', uid: '$UID', resourceVersion: '$V' },
      status: {
        observedGeneration: 1,
        replicas: 1,
        updatedReplicas: 1,
        unavailableReplicas: 1,
        conditions: [
          {
            type: 'Progressing',
            status: 'True',
            reason: 'NewReplicaSetCreated',
            message: 'm',
            lastUpdateTime: '2026-01-01T00:00:00Z',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    },
    as,
  ),
  put(
    `${d}/status`,
    { ...deployment('d'), metadata: { name: 'd', uid: '$UID', resourceVersion: '$V' }, status: { replicas: 2 } },
    { ...as, unread: true },
  ),
  put(d, deployment('d', {}, { annotations: { 'deployment.kubernetes.io/revision': '1' } }), as),
  put(
    at('replicasets', 'd-1'),
    of('apps/v1', 'ReplicaSet', 'd-1', { spec: { replicas: 2, selector, template } }, { labels }),
    as,
  ),
  remove(at('replicasets', 'd-1'), { ...as, body: { propagationPolicy: 'Background' } }),
  post(at('pods'), pod('q'), as),
  remove(d, as),
  patch(`${d}/scale`, { spec: { replicas: 1 } }, as),
]

const sts = of('apps/v1', 'StatefulSet', 'd', { spec: { selector, serviceName: 's', template } })
const claim = of(
  'v1',
  'PersistentVolumeClaim',
  'data-d-0',
  { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  { labels },
)
const job = of('batch/v1', 'Job', 'd', {
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
})
const cron = of('batch/v1', 'CronJob', 'd', { spec: { schedule: '* * * * *', jobTemplate: { spec: job['spec'] } } })
const others: readonly (readonly [name: string, steps: (as: ReturnType<typeof controller>) => readonly Step[]])[] = [
  [
    'statefulset-controller',
    (as) => [
      post(at('statefulsets'), sts, { save }),
      post(at('persistentvolumeclaims'), claim, as),
      put(
        at('persistentvolumeclaims', 'data-d-0'),
        { ...claim, metadata: { name: 'data-d-0', labels, ...owned('StatefulSet', 'd') } },
        as,
      ),
      remove(at('persistentvolumeclaims', 'data-d-0'), as),
      post(
        at('controllerrevisions'),
        of(
          'apps/v1',
          'ControllerRevision',
          'd-1',
          { data: { spec: {} }, revision: 1 },
          { labels, ...owned('StatefulSet', 'd') },
        ),
        as,
      ),
      patch(at('controllerrevisions', 'd-1'), { revision: 2 }, as),
      put(
        `${at('statefulsets', 'd')}/status`,
        { ...sts, status: { replicas: 1, observedGeneration: 1, currentRevision: 'd-1' } },
        as,
      ),
      put(at('statefulsets', 'd'), sts, as),
      ...keeps('StatefulSet', as),
    ],
  ],
  [
    'daemon-set-controller',
    (as) => [
      post(at('daemonsets'), of('apps/v1', 'DaemonSet', 'd', { spec: { selector, template } }), { save }),
      put(
        `${at('daemonsets', 'd')}/status`,
        of('apps/v1', 'DaemonSet', 'd', {
          spec: { selector, template },
          status: {
            currentNumberScheduled: 1,
            numberMisscheduled: 0,
            desiredNumberScheduled: 1,
            numberReady: 0,
            observedGeneration: 1,
          },
        }),
        as,
      ),
      get('/api/v1/nodes?resourceVersion=0', { ...as, unread: true }),
      ...keeps('DaemonSet', as),
    ],
  ],
  [
    'replicaset-controller',
    (as) => [
      post(at('replicasets'), of('apps/v1', 'ReplicaSet', 'd', { spec: { selector, template } }), { save }),
      put(
        `${at('replicasets', 'd')}/status`,
        of('apps/v1', 'ReplicaSet', 'd', {
          spec: { selector, template },
          status: { replicas: 1, observedGeneration: 1 },
        }),
        as,
      ),
      put(at('replicasets', 'd'), of('apps/v1', 'ReplicaSet', 'd', { spec: { selector, template, replicas: 3 } }), as),
      ...keeps('ReplicaSet', as),
    ],
  ],
  [
    'replication-controller',
    (as) => [
      post(
        at('replicationcontrollers'),
        of('v1', 'ReplicationController', 'd', { spec: { selector: labels, template } }),
        { save },
      ),
      put(
        `${at('replicationcontrollers', 'd')}/status`,
        of('v1', 'ReplicationController', 'd', { spec: { selector: labels, template }, status: { replicas: 1 } }),
        as,
      ),
      ...keeps('ReplicationController', as),
    ],
  ],
  [
    'job-controller',
    (as) => [
      post(at('jobs'), job, { save }),
      put(
        `${at('jobs', 'd')}/status`,
        { ...job, status: { active: 1, startTime: '2026-01-01T00:00:00Z', uncountedTerminatedPods: {} } },
        as,
      ),
      patch(at('jobs', 'd'), { metadata: { annotations: { a: 'b' } } }, as),
      ...keeps('Job', as),
    ],
  ],
  [
    'cronjob-controller',
    (as) => [
      post(at('cronjobs'), cron, { save }),
      post(
        at('jobs'),
        { ...job, metadata: { name: 'd-1', ...owned('CronJob', 'd', 'batch/v1') } },
        { ...as, unread: true },
      ),
      put(
        `${at('cronjobs', 'd')}/status`,
        { ...cron, status: { lastScheduleTime: '2026-01-01T00:00:00Z', active: [{ kind: 'Job', name: 'd-1' }] } },
        as,
      ),
      remove(at('jobs', 'd-1'), { ...as, body: { propagationPolicy: 'Background' } }),
      patch(at('cronjobs', 'd'), {}, as),
      post(at('pods'), pod('q'), as),
    ],
  ],
  [
    'ttl-after-finished-controller',
    (as) => [
      post(at('jobs'), job, { save }),
      get(at('jobs', 'd'), { ...as, unread: true }),
      remove(at('jobs', 'd'), {
        ...as,
        body: { propagationPolicy: 'Foreground', preconditions: { uid: '$UID' } },
        unread: true,
      }),
      patch(at('jobs', 'd'), {}, as),
    ],
  ],
  [
    'endpointslice-controller',
    (as) => [
      post(at('services'), service('d', { selector: labels }), { save }),
      post(
        at('endpointslices'),
        of(
          'discovery.k8s.io/v1',
          'EndpointSlice',
          'd-1',
          {
            addressType: 'IPv4',
            endpoints: [
              {
                addresses: ['10.0.0.1'],
                conditions: { ready: true, serving: true, terminating: false },
                targetRef: { kind: 'Pod', namespace: '$NS', name: 'p', uid: 'u' },
                nodeName: 'n',
              },
            ],
            ports: [{ name: '', port: 80, protocol: 'TCP' }],
          },
          {
            labels: {
              'kubernetes.io/service-name': 'd',
              'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
            },
            ...owned('Service', 'd', 'v1'),
          },
        ),
        as,
      ),
      put(
        at('endpointslices', 'd-1'),
        of(
          'discovery.k8s.io/v1',
          'EndpointSlice',
          'd-1',
          { addressType: 'IPv4', endpoints: null, ports: null },
          { labels: { 'kubernetes.io/service-name': 'd' } },
        ),
        as,
      ),
      remove(at('endpointslices', 'd-1'), as),
      post(at('endpoints'), of('v1', 'Endpoints', 'd', { subsets: [] }), as),
      patch(at('services', 'd'), {}, as),
      post(at('events'), event('e', 'Service'), as),
    ],
  ],
  [
    'endpoint-controller',
    (as) => [
      post(
        at('endpoints'),
        of(
          'v1',
          'Endpoints',
          'd',
          {
            subsets: [
              {
                addresses: [
                  { ip: '10.0.0.1', nodeName: 'n', targetRef: { kind: 'Pod', name: 'p', namespace: '$NS', uid: 'u' } },
                ],
                ports: [{ port: 80 }],
              },
            ],
          },
          { labels },
        ),
        as,
      ),
      put(at('endpoints', 'd'), of('v1', 'Endpoints', 'd', { subsets: null }), as),
      remove(at('endpoints', 'd'), as),
      post(
        at('endpoints'),
        of('v1', 'Endpoints', 'd', { subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 80 }] }] }),
        as,
      ),
    ],
  ],
]

export const controllerScripts = [
  script('controllers/deployment-controller', ...ofDeployments()),
  ...others.map(([name, steps]) => script(`controllers/${name}`, ...steps(controller(name)))),
]
