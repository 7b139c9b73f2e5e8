/** What Helm, client-go's informers and leader election ask for, in their order. */

import { configMap, deployment, of, pod, service } from './objects.ts'
import { apply, at, get, METADATA, patch, post, put, remove, script, type Step, strategic, watch } from './script.ts'

const helm = { headers: { 'user-agent': 'Helm/3.19.0' } }
const PROTOBUF = 'application/vnd.kubernetes.protobuf,application/json'
const secrets = at('secrets')
const name = (revision: number) => `sh.helm.release.v1.web.v${revision}`
const release = (revision: number, status: string) =>
  of(
    'v1',
    'Secret',
    name(revision),
    { type: 'helm.sh/release.v1', data: { release: Buffer.from(`H4sI${revision}${status}`).toString('base64') } },
    {
      labels: { name: 'web', owner: 'helm', status, version: String(revision), modifiedAt: '1700000000' },
    },
  )
const owned = (object: Readonly<Record<string, unknown>>) => {
  const metadata = object['metadata'] as object & { labels?: object; annotations?: object }
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': '$NS' },
    },
  }
}
const selected = (status: string) => `${secrets}?labelSelector=name%3Dweb%2Cowner%3Dhelm%2Cstatus%3D${status}`
const hook = of(
  'batch/v1',
  'Job',
  'web-hook',
  { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } },
  { annotations: { 'helm.sh/hook': 'pre-install', 'helm.sh/hook-delete-policy': 'before-hook-creation' } },
)
const d = at('deployments', 'd')
const helmLife: readonly Step[] = [
  get('/version', { ...helm, unread: true }),
  get(`${secrets}?labelSelector=name%3Dweb%2Cowner%3Dhelm`, helm),
  // install
  post(`${secrets}?fieldManager=helm`, release(1, 'pending-install'), helm),
  get(at('jobs', 'web-hook'), helm),
  remove(at('jobs', 'web-hook'), { ...helm, body: { propagationPolicy: 'Background' } }),
  post(`${at('jobs')}?fieldManager=helm`, hook, { ...helm, unread: true }),
  ...[
    owned(configMap('c', { data: { a: '1' } })),
    owned(service('s', { selector: { app: 'a' } })),
    owned(deployment('d')),
  ].flatMap((object) => {
    const { kind, metadata } = object as unknown as { kind: string; metadata: { name: string } }
    const plural = `${kind.toLowerCase()}s`
    return [get(at(plural, metadata.name), helm), post(`${at(plural)}?fieldManager=helm`, object, helm)]
  }),
  put(at('secrets', name(1)), release(1, 'deployed'), helm),
  get(selected('deployed'), helm),
  // upgrade: a three-way patch against what is there
  get(at('secrets', name(1)), helm),
  post(`${secrets}?fieldManager=helm`, release(2, 'pending-upgrade'), helm),
  post(`${secrets}?fieldManager=helm`, release(2, 'pending-upgrade'), helm),
  get(d, helm),
  strategic(`${d}?fieldManager=helm`, { spec: { replicas: 3, template: { spec: { $setElementOrder_: [] } } } }, helm),
  strategic(
    `${d}?fieldManager=helm`,
    {
      spec: {
        replicas: 3,
        template: {
          spec: { '$setElementOrder/containers': [{ name: 'c' }], containers: [{ name: 'c', image: 'busybox:2' }] },
        },
      },
    },
    helm,
  ),
  strategic(`${at('configmaps', 'c')}?fieldManager=helm`, { data: { a: '2', b: null } }, helm),
  strategic(
    `${at('services', 's')}?fieldManager=helm`,
    {
      spec: {
        '$setElementOrder/ports': [{ port: 80 }, { port: 81 }],
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 81 },
        ],
      },
    },
    helm,
  ),
  put(at('secrets', name(1)), release(1, 'superseded'), helm),
  put(at('secrets', name(2)), release(2, 'deployed'), helm),
  // Helm 4: by the server's apply, over what was patched before.
  apply(`${d}?fieldManager=helm&force=false`, owned(deployment('d', { replicas: 4 })), helm),
  apply(`${d}?fieldManager=helm&force=true`, owned(deployment('d', { replicas: 4 })), helm),
  apply(
    `${at('configmaps', 'c')}?fieldManager=helm&force=true&dryRun=All`,
    owned(configMap('c', { data: { a: '3' } })),
    helm,
  ),
  get(`${secrets}?labelSelector=owner%3Dhelm%2Cstatus+in+%28deployed%2Csuperseded%29&limit=1`, helm),
  get(`${secrets}?labelSelector=owner%3Dhelm&fieldSelector=type%3Dhelm.sh%2Frelease.v1`, { ...helm, accept: METADATA }),
  // rollback to the first, wait, and uninstall
  strategic(`${d}?fieldManager=helm`, { spec: { replicas: 1 } }, helm),
  patch(`${d}/status`, {
    status: { observedGeneration: 5, replicas: 1, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1 },
  }),
  get(`${at('replicasets')}?labelSelector=app%3Da`, helm),
  post(`${secrets}?fieldManager=helm`, release(3, 'deployed'), helm),
  ...['deployments/d', 'services/s', 'configmaps/c'].map((path) => {
    const [plural = '', of = ''] = path.split('/')
    return remove(at(plural, of), { ...helm, body: { propagationPolicy: 'Background' } })
  }),
  ...[1, 2, 3].map((revision) => remove(at('secrets', name(revision)), helm)),
  get(`${secrets}?labelSelector=owner%3Dhelm`, helm),
]

const lease = (holder: string, more: object = {}) =>
  of('coordination.k8s.io/v1', 'Lease', 'lock', {
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
      ...more,
    },
  })
const lock = at('leases', 'lock')
const at_ = (version: string, object: Readonly<Record<string, unknown>>) => ({
  ...object,
  metadata: { ...(object['metadata'] as object), resourceVersion: version },
})
const save = { V: 'metadata.resourceVersion' }
const elections: readonly Step[] = [
  get(lock),
  post(at('leases'), lease('one'), { save: { FIRST: 'metadata.resourceVersion' } }),
  post(at('leases'), lease('two')),
  get(lock, { save }),
  put(lock, at_('$V', lease('one', { renewTime: '2026-01-01T00:00:02.000000Z' }))),
  put(lock, at_('$V', lease('two', { leaseTransitions: 1 })), { unread: true }),
  get(lock, { save }),
  put(lock, at_('$V', lease('two', { leaseTransitions: 1 }))),
  put(lock, lease('three')),
  put(lock, at_('0', lease('three'))),
  put(lock, at_('$FIRST', lease('one')), { unread: true }),
  get(lock, { save }),
  put(lock, at_('$V', lease('', { leaseDurationSeconds: 1, leaseTransitions: 1 }))),
  patch(lock, { spec: { holderIdentity: 'x', leaseTransitions: -1 } }),
  patch(lock, { spec: { leaseDurationSeconds: 0 } }),
  patch(lock, { spec: { strategy: 'OldestEmulationVersion', preferredHolder: 'y' } }),
  patch(lock, { spec: { renewTime: '2026-01-01T00:00:00Z' } }),
  post(
    at('events'),
    of('v1', 'Event', 'lock.1', {
      involvedObject: { kind: 'Lease', namespace: '$NS', name: 'lock', apiVersion: 'coordination.k8s.io/v1' },
      reason: 'LeaderElection',
      message: 'one became leader',
      type: 'Normal',
      source: { component: 'c' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 1,
    }),
  ),
  patch(
    at('events', 'lock.1'),
    { count: 2, lastTimestamp: '2026-01-01T00:00:09Z' },
    { type: 'application/strategic-merge-patch+json' },
  ),
  watch(`${at('leases')}?fieldSelector=metadata.name%3Dlock&resourceVersion=$FIRST`),
  remove(lock, { body: { preconditions: { resourceVersion: '$FIRST' } }, unread: true }),
  remove(lock),
]

const FROM_NOW = 'allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
const informed = ['pods', 'services', 'secrets', 'deployments', 'jobs', 'leases', 'endpointslices', 'roles', 'events']
const informer = (resource: string): Step[] => [
  get(`${at(resource)}?limit=500&resourceVersion=0`, { accept: PROTOBUF }),
  get(`${at(resource)}?limit=500`, { save: { FROM: 'metadata.resourceVersion' } }),
  post(at(resource), objectOf(resource), { save: { V: 'metadata.resourceVersion' } }),
  watch(`${at(resource)}?allowWatchBookmarks=true&resourceVersion=$FROM`),
  watch(`${at(resource)}?resourceVersion=$FROM`, { accept: 'application/vnd.kubernetes.protobuf' }),
  watch(`${at(resource)}?resourceVersion=$FROM`, { accept: `${METADATA}` }),
  watch(`${at(resource)}?${FROM_NOW}&resourceVersion=$V`, { unread: true }),
  get(`${at(resource)}?resourceVersion=$V&resourceVersionMatch=NotOlderThan`),
  get(`${at(resource)}?resourceVersion=$FROM&resourceVersionMatch=Exact`),
  get(`${at(resource)}?resourceVersion=$V&resourceVersionMatch=Exact&limit=1`),
  patch(at(resource, 'x'), { metadata: { labels: { seen: 'yes' } } }),
  watch(`${at(resource)}?labelSelector=seen%3Dyes&resourceVersion=$FROM`),
  watch(`${at(resource)}?labelSelector=seen%21%3Dyes&resourceVersion=$FROM`),
  remove(`${at(resource, 'x')}?gracePeriodSeconds=0`),
  watch(`${at(resource)}?labelSelector=seen%3Dyes&resourceVersion=$V`),
]
function objectOf(resource: string): Readonly<Record<string, unknown>> {
  switch (resource) {
    case 'pods':
      return pod('x')
    case 'services':
      return service('x')
    case 'deployments':
      return deployment('x')
    case 'secrets':
      return of('v1', 'Secret', 'x')
    case 'jobs':
      return of('batch/v1', 'Job', 'x', {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
      })
    case 'leases':
      return of('coordination.k8s.io/v1', 'Lease', 'x')
    case 'endpointslices':
      return of('discovery.k8s.io/v1', 'EndpointSlice', 'x', { addressType: 'IPv4', endpoints: [] })
    case 'roles':
      return of('rbac.authorization.k8s.io/v1', 'Role', 'x')
    default:
      return of('v1', 'Event', 'x', { involvedObject: { namespace: '$NS' } })
  }
}

/** What is left when namespaces go: what may still be written, and what the answers say meanwhile. */
const namespace = '/api/v1/namespaces/$NS-t'
const terminating: readonly Step[] = [
  post('/api/v1/namespaces', of('v1', 'Namespace', '$NS-t', {}, { finalizers: ['a.io/f'], labels: { a: 'b' } })),
  post(`${namespace}/configmaps`, configMap('c', {}, { finalizers: ['a.io/f'] })),
  remove(namespace, { body: { propagationPolicy: 'Foreground' } }),
  remove(namespace),
  get(namespace),
  post(`${namespace}/configmaps`, configMap('d')),
  post(`${namespace}/configmaps?dryRun=All`, configMap('d')),
  apply(`${namespace}/configmaps/e?fieldManager=m`, configMap('e')),
  put(`/apis/coordination.k8s.io/v1/namespaces/$NS-t/leases/l`, of('coordination.k8s.io/v1', 'Lease', 'l')),
  patch(`${namespace}/configmaps/c`, { data: { a: 'b' } }),
  post(
    `/apis/authorization.k8s.io/v1/namespaces/$NS-t/localsubjectaccessreviews`,
    of(
      'authorization.k8s.io/v1',
      'LocalSubjectAccessReview',
      '',
      { spec: { user: 'x', resourceAttributes: { namespace: '$NS-t', verb: 'get', resource: 'pods' } } },
      { namespace: '$NS-t' },
    ),
  ),
  patch(namespace, { metadata: { labels: { c: 'd' } } }),
  patch(namespace, { metadata: { finalizers: ['a.io/f', 'b.io/g'] } }),
  patch(namespace, { metadata: { finalizers: null } }),
  patch(namespace, { spec: { finalizers: null } }),
  patch(`${namespace}/status`, { status: { phase: 'Active' } }),
  put(`${namespace}/finalize`, of('v1', 'Namespace', '$NS-t', { spec: { finalizers: ['a.io/x', 'bad finalizer'] } })),
  put(`${namespace}/finalize`, of('v1', 'Namespace', '$NS-t', { spec: { finalizers: ['a.io/x'] } })),
  put(`${namespace}/finalize`, of('v1', 'Namespace', 'other', { spec: {} })),
  patch(`${namespace}/configmaps/c`, { metadata: { finalizers: null } }),
  remove(`${namespace}/configmaps/c`),
  put(`${namespace}/finalize`, of('v1', 'Namespace', '$NS-t', { spec: {} })),
  get(namespace),
  post(`${namespace}/configmaps`, configMap('d')),
]

export const clientScripts = [
  script('clients/helm', ...helmLife),
  script('clients/leaders', ...elections),
  ...informed.map((resource) => script(`clients/informer of ${resource}`, ...informer(resource))),
  script('clients/namespaces that go', ...terminating),
]
