/** What an object may be called, kind by kind, and how names are made. */

import { configMap, deployment, of, pod, service } from './objects.ts'
import { at, get, patch, post, put, script } from './script.ts'

const BAD = ['Bad', 'a_b', '-a', 'a.b', 'a'.repeat(64), 'a'.repeat(254), 'a/b', '.', '..', 'a%b', '1a', '']
const dry = (path: string) => `${path}?dryRun=All`

const kinds: Readonly<Record<string, (name: string) => [string, object]>> = {
  configmaps: (name) => [at('configmaps'), configMap(name)],
  services: (name) => [at('services'), service(name)],
  pods: (name) => [at('pods'), pod(name)],
  deployments: (name) => [at('deployments'), deployment(name)],
  statefulsets: (name) => [
    at('statefulsets'),
    of('apps/v1', 'StatefulSet', name, {
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    }),
  ],
  cronjobs: (name) => [
    at('cronjobs'),
    of('batch/v1', 'CronJob', name, {
      spec: {
        schedule: '* * * * *',
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
        },
      },
    }),
  ],
  jobs: (name) => [
    at('jobs'),
    of('batch/v1', 'Job', name, {
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
    }),
  ],
  roles: (name) => [at('roles'), of('rbac.authorization.k8s.io/v1', 'Role', name)],
  clusterroles: (name) => [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    of('rbac.authorization.k8s.io/v1', 'ClusterRole', name),
  ],
  namespaces: (name) => ['/api/v1/namespaces', of('v1', 'Namespace', name)],
  nodes: (name) => ['/api/v1/nodes', of('v1', 'Node', name)],
  secrets: (name) => [at('secrets'), of('v1', 'Secret', name)],
  serviceaccounts: (name) => [at('serviceaccounts'), of('v1', 'ServiceAccount', name)],
  leases: (name) => [at('leases'), of('coordination.k8s.io/v1', 'Lease', name)],
  priorityclasses: (name) => [
    '/apis/scheduling.k8s.io/v1/priorityclasses',
    of('scheduling.k8s.io/v1', 'PriorityClass', name, { value: 1 }),
  ],
  limitranges: (name) => [at('limitranges'), of('v1', 'LimitRange', name, { spec: { limits: [] } })],
}

export const nameScripts = [
  ...Object.entries(kinds).map(([kind, make]) =>
    script(
      `names/${kind}`,
      ...BAD.map((name) => {
        const [path, body] = make(name)
        return post(dry(path), body)
      }),
    ),
  ),
  script(
    'names/generated',
    post(dry(at('configmaps')), configMap('', {}, { generateName: 'Bad_' })),
    post(dry(at('services')), service('', {}, { generateName: '1-' })),
    post(dry(at('configmaps')), configMap('', {}, { generateName: '' })),
    post(dry(at('configmaps')), configMap('x', {}, { generateName: 'y-' })),
    post(dry(at('configmaps')), configMap('x', {}, { generateName: 'Bad_' })),
    post(dry(at('deployments')), deployment('', {}, { generateName: '-bad' })),
    put(at('configmaps', 'nope'), configMap('', {}, { generateName: 'nope-' })),
  ),
  script(
    'names/metadata',
    ...[
      { labels: { 'a b': 'c' } },
      { labels: { a: 'c d' } },
      { labels: { a: 'x'.repeat(64) } },
      { labels: { 'a/b/c': '' } },
      { annotations: { 'a b': 'c' } },
      { annotations: { A: 'c' } },
      { annotations: { a: 'x'.repeat(262_145) } },
      { ownerReferences: [{}] },
      {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y', controller: true },
          { apiVersion: 'v1', kind: 'Pod', name: 'z', uid: 'q', controller: true },
        ],
      },
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'x', uid: 'y' }] },
      { ownerReferences: [{ apiVersion: 'a/b/c', kind: 'X', name: 'x', uid: 'y' }] },
      {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y' },
          { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y' },
        ],
      },
      { namespace: 'other' },
      { namespace: '' },
      { generation: -1 },
      { generation: 5 },
      { uid: 'given' },
      { creationTimestamp: 'x' },
      { selfLink: '/x' },
      { resourceVersion: '0' },
      { resourceVersion: 'abc' },
      { deletionGracePeriodSeconds: 5 },
      { finalizers: [''] },
    ].map((metadata) => post(dry(at('configmaps')), configMap('a', {}, metadata))),
    post('/api/v1/namespaces', of('v1', 'Namespace', '$NS-x', {}, { namespace: 'other' })),
    post('/api/v1/nodes?dryRun=All', of('v1', 'Node', 'n', {}, { namespace: 'default' })),
    post('/api/v1/configmaps', configMap('a')),
    post('/api/v1/namespaces//configmaps', configMap('a')),
    post(at('configmaps', 'a'), configMap('a')),
    put(at('configmaps'), configMap('a')),
    patch(at('configmaps', 'a%2Fb'), {}),
    get(at('configmaps', 'Bad_Name')),
    put(at('configmaps', 'Bad_Name'), configMap('Bad_Name')),
    put(at('configmaps', 'made'), configMap('made')),
    put(at('leases', 'made'), of('coordination.k8s.io/v1', 'Lease', 'made')),
    put(at('leases', 'uid'), of('coordination.k8s.io/v1', 'Lease', 'uid', {}, { uid: 'x' })),
    put(at('leases', 'rv'), of('coordination.k8s.io/v1', 'Lease', 'rv', {}, { resourceVersion: '5' })),
    put(at('services', 'made'), service('made')),
    put(at('roles', 'made'), of('rbac.authorization.k8s.io/v1', 'Role', 'made')),
  ),
]
