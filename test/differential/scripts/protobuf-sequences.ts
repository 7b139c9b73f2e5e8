/** Whole lives of objects in protobuf: bodies, answers, lists, watches and refusals, for kinds of every sort. */

import { configMap, deployment, event, of, pod, service } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, remove, script, type Step, strategic, watch } from './script.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const as = (form: string) => `${PROTOBUF};as=${form};g=meta.k8s.io;v=v1`
const sent = { isProtobuf: true, accept: PROTOBUF }
const told = { accept: PROTOBUF }
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const running = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
const selector = { matchLabels: { app: 'a' } }

type Kind = readonly [plural: string, object: Readonly<Record<string, unknown>>, group?: string]

const kinds: readonly Kind[] = [
  ['configmaps', configMap('x', { data: { a: 'b' }, binaryData: { c: 'AAECAw==' }, immutable: false })],
  ['secrets', of('v1', 'Secret', 'x', { data: { a: 'Yg==' }, stringData: { c: 'd' }, type: 'a.io/b' })],
  ['pods', pod('x', { activeDeadlineSeconds: 5, tolerations: [{ operator: 'Exists', tolerationSeconds: 0 }] })],
  ['services', service('x', { clusterIP: 'None', ports: [{ port: 80, targetPort: 'http' }] })],
  ['endpoints', of('v1', 'Endpoints', 'x', { subsets: [{ addresses: [{ ip: '1.2.3.4' }], ports: [{ port: 1 }] }] })],
  ['serviceaccounts', of('v1', 'ServiceAccount', 'x', { automountServiceAccountToken: false })],
  ['resourcequotas', of('v1', 'ResourceQuota', 'x', { spec: { hard: { pods: '0.5k', cpu: '1500m' } } })],
  ['limitranges', of('v1', 'LimitRange', 'x', { spec: { limits: [{ type: 'Container', max: { cpu: '1.0' } }] } })],
  [
    'persistentvolumeclaims',
    of('v1', 'PersistentVolumeClaim', 'x', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
    }),
  ],
  ['replicationcontrollers', of('v1', 'ReplicationController', 'x', { spec: { replicas: 0, template } })],
  ['deployments', deployment('x', { strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } } })],
  ['replicasets', of('apps/v1', 'ReplicaSet', 'x', { spec: { replicas: 0, selector, template } })],
  ['statefulsets', of('apps/v1', 'StatefulSet', 'x', { spec: { selector, template, ordinals: { start: 3 } } })],
  ['daemonsets', of('apps/v1', 'DaemonSet', 'x', { spec: { selector, template } })],
  ['jobs', of('batch/v1', 'Job', 'x', { spec: { template: running, suspend: true } })],
  [
    'cronjobs',
    of('batch/v1', 'CronJob', 'x', { spec: { schedule: '@daily', jobTemplate: { spec: { template: running } } } }),
  ],
  ['leases', of('coordination.k8s.io/v1', 'Lease', 'x', { spec: { renewTime: '2026-01-02T03:04:05.678901Z' } })],
  ['poddisruptionbudgets', of('policy/v1', 'PodDisruptionBudget', 'x', { spec: { minAvailable: '50%', selector } })],
  [
    'horizontalpodautoscalers',
    of('autoscaling/v2', 'HorizontalPodAutoscaler', 'x', {
      spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } },
    }),
  ],
  ['ingresses', of('networking.k8s.io/v1', 'Ingress', 'x', { spec: { rules: [{ host: 'a.b' }] } })],
  ['networkpolicies', of('networking.k8s.io/v1', 'NetworkPolicy', 'x', { spec: { podSelector: {}, ingress: [{}] } })],
  [
    'roles',
    of('rbac.authorization.k8s.io/v1', 'Role', 'x', {
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
    }),
  ],
  [
    'endpointslices',
    of('discovery.k8s.io/v1', 'EndpointSlice', 'x', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['1.2.3.4'], conditions: { ready: false } }],
      ports: [{ port: 0 }],
    }),
  ],
  ['events', event({ involvedObject: { kind: 'Pod', name: 'p', namespace: '$NS' }, count: 0, type: 'Normal' }, 'x')],
]

const life = ([plural, object]: Kind): Step[] => {
  const all = at(plural)
  const one = at(plural, 'x')
  return [
    post(`${all}?fieldManager=m`, object, { ...sent }),
    post(all, object, sent),
    get(one, told),
    get(one, { accept: `${as('PartialObjectMetadata')},${PROTOBUF}` }),
    get(one, { accept: `${as('Table')},${PROTOBUF}` }),
    get(all, told),
    get(all, { accept: as('PartialObjectMetadataList') }),
    get(`${all}?limit=1&labelSelector=none`, told),
    put(one, { ...object, metadata: { name: 'x', labels: { a: 'b' } } }, sent),
    put(one, { ...object, metadata: { name: 'x', resourceVersion: '1' } }, sent),
    put(one, { ...object, metadata: { name: 'y' } }, sent),
    put(one, { ...object, metadata: { name: 'x', labels: { 'a b': 'c' } } }, sent),
    patch(one, { metadata: { annotations: { a: 'b' } } }, told),
    strategic(one, { metadata: { annotations: { c: 'd' } } }, told),
    jsonPatch(one, [{ op: 'remove', path: '/metadata/annotations/c' }], told),
    apply(
      `${one}?fieldManager=n`,
      { apiVersion: object['apiVersion'], kind: object['kind'], metadata: { labels: { q: 'r' } } },
      told,
    ),
    watch(`${all}?allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`, told),
    watch(`${all}?resourceVersion=0`, { accept: as('PartialObjectMetadata') }),
    remove(one, {
      ...told,
      isProtobuf: true,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'other' } },
    }),
    remove(one, { ...told, isProtobuf: true, body: { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'] } }),
    remove(one, {
      ...told,
      isProtobuf: true,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 },
    }),
    remove(all, {
      ...told,
      isProtobuf: true,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Orphan' },
    }),
    get(one, told),
  ]
}

const evicted = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'x' } }
const token = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 5 } }
const review = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SubjectAccessReview',
  spec: { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods' } },
}
const p = at('pods', 'x')
const d = at('deployments', 'x')

export const protobufSequenceScripts = [
  ...kinds.map((kind) => script(`protobuf/${kind[0]}`, ...life(kind))),
  script(
    'protobuf/subresources',
    post(at('pods'), pod('x'), sent),
    post(`${p}/binding`, of('v1', 'Binding', 'x', { target: { kind: 'Node', name: 'n' } }), sent),
    post(`${p}/binding`, of('v1', 'Binding', 'x', { target: { kind: 'Node', name: 'n' } }), sent),
    put(
      `${p}/status`,
      { ...pod('x'), status: { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] } },
      sent,
    ),
    patch(`${p}/status`, { status: { phase: 'Bogus' } }, told),
    strategic(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } }, told),
    get(`${p}/ephemeralcontainers`, { accept: as('PartialObjectMetadata') }),
    strategic(`${p}/resize`, { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] } }, told),
    post(`${p}/eviction?dryRun=All`, evicted, sent),
    post(`${p}/eviction`, { ...evicted, deleteOptions: { preconditions: { uid: 'y' } } }, sent),
    post(`${p}/eviction`, { ...evicted, deleteOptions: { gracePeriodSeconds: 0 } }, sent),
    post(`${p}/eviction`, evicted, sent),
    post(at('deployments'), deployment('x'), sent),
    get(`${d}/scale`, told),
    put(`${d}/scale`, of('autoscaling/v1', 'Scale', 'x', { spec: { replicas: 3 } }), sent),
    put(`${d}/scale`, of('autoscaling/v1', 'Scale', 'x', { spec: { replicas: -3 } }), sent),
    put(`${d}/scale`, deployment('x'), sent),
    patch(`${d}/scale`, { spec: { replicas: 4 } }, told),
    apply(`${d}/scale?fieldManager=n&force=true`, of('autoscaling/v1', 'Scale', 'x', { spec: { replicas: 4 } }), told),
    get(`${d}/scale`, { accept: as('PartialObjectMetadata') }),
    put(`${d}/status`, { ...deployment('x'), status: { replicas: 2 } }, sent),
    get(`${d}/status`, told),
    post(`${at('serviceaccounts', 'default')}/token`, token, sent),
    post(
      `${at('serviceaccounts', 'default')}/token`,
      { ...token, spec: { audiences: ['a'] } },
      { isProtobuf: true, unread: true },
    ),
    post('/apis/authorization.k8s.io/v1/subjectaccessreviews', review, sent),
    post('/apis/authorization.k8s.io/v1/subjectaccessreviews', { ...review, spec: {} }, sent),
    post(
      '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: '' } },
      sent,
    ),
    put(
      '/api/v1/namespaces/$NS/finalize?dryRun=All',
      of('v1', 'Namespace', '$NS', { spec: { finalizers: ['a.io/b'] } }),
      sent,
    ),
    put(
      '/api/v1/namespaces/$NS/status?dryRun=All',
      of('v1', 'Namespace', '$NS', { status: { phase: 'Active' } }),
      sent,
    ),
    get('/api/v1/namespaces/$NS', told),
    get('/api/v1/componentstatuses/none', told),
    get('/version', told),
    get('/api', told),
    get('/apis', { ...told, unread: true }),
    get('/apis/apps', told),
    get('/apis/apps/v1', told),
    get('/api/v1', told),
    get('/nope', told),
    get(at('nothings'), told),
  ),
  script(
    'protobuf/what a body may be',
    post(at('configmaps'), pod('x'), sent),
    post(at('configmaps'), of('v1', 'Status', 'x'), sent),
    post(at('configmaps'), of('apps/v1', 'Deployment', 'x'), sent),
    post(at('events'), of('events.k8s.io/v1', 'Event', 'x'), sent),
    post(
      at('horizontalpodautoscalers'),
      of('autoscaling/v1', 'HorizontalPodAutoscaler', 'x', { spec: { maxReplicas: 1 } }),
      sent,
    ),
    patch(at('configmaps', 'x'), configMap('x'), { type: PROTOBUF }),
    apply(`${at('configmaps', 'x')}?fieldManager=m`, configMap('x'), { type: 'application/apply-patch+protobuf' }),
    post(`${at('configmaps')}?fieldValidation=Strict`, configMap('x'), sent),
    remove(at('configmaps', 'x'), { isProtobuf: true, body: configMap('x') }),
    remove(at('configmaps', 'x'), { isProtobuf: true, body: { apiVersion: 'v1', kind: 'DeleteOptions' } }),
    remove(at('configmaps', 'x'), { isProtobuf: true, body: { apiVersion: 'apps/v1', kind: 'DeleteOptions' } }),
    remove(at('configmaps', 'x'), {
      isProtobuf: true,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Bogus', gracePeriodSeconds: -1 },
    }),
    remove(at('configmaps'), {
      isProtobuf: true,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['Bogus'] },
    }),
    remove(at('configmaps'), { isProtobuf: true, body: configMap('x') }),
    post(at('configmaps'), configMap('x', { data: { a: 'b' } }), { type: `${PROTOBUF};charset=utf-8` }),
    post(at('configmaps'), configMap('y'), { type: 'application/json; charset=utf-8' }),
    post(at('configmaps'), configMap('z'), { type: 'application/vnd.kubernetes.protobuf;type=x' }),
    post(at('configmaps'), configMap('w'), { type: 'application/*' }),
    post(at('configmaps'), configMap('w'), { type: '*/*' }),
    post(at('configmaps'), configMap('w'), { type: 'json' }),
    post(at('configmaps'), configMap('w'), { type: ';' }),
  ),
]
