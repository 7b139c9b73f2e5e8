/** What admission has to do with objects of the whole cluster: priorities, runtimes, storage, nodes. */

import { event, of, pod, service } from './objects.ts'
import { at, get, patch, post, put, remove, script, strategic } from './script.ts'

const dry = (plural: string) => `${at(plural)}?dryRun=All`

export const clusterAdmissionScripts = [
  script(
    'admission/priority-and-runtime',
    post(dry('pods'), pod('a', { priorityClassName: 'nope' })),
    post(dry('pods'), pod('a', { priorityClassName: 'system-node-critical' })),
    post(dry('pods'), pod('a', { priority: 5 })),
    post(dry('pods'), pod('a', { priorityClassName: 'system-cluster-critical', priority: 5 })),
    post(dry('pods'), pod('a', { priorityClassName: 'system-cluster-critical', preemptionPolicy: 'Never' })),
    post(
      '/apis/scheduling.k8s.io/v1/priorityclasses',
      of('scheduling.k8s.io/v1', 'PriorityClass', '$NS', { value: 7, preemptionPolicy: 'Never' }),
    ),
    post(dry('pods'), pod('a', { priorityClassName: '$NS' })),
    put(
      '/apis/scheduling.k8s.io/v1/priorityclasses/$NS',
      of('scheduling.k8s.io/v1', 'PriorityClass', '$NS', { value: 8, preemptionPolicy: 'Never' }),
    ),
    put(
      '/apis/scheduling.k8s.io/v1/priorityclasses/$NS',
      of('scheduling.k8s.io/v1', 'PriorityClass', '$NS', { value: 7, globalDefault: true, preemptionPolicy: 'Never' }),
    ),
    post(dry('pods'), pod('b')),
    post(
      '/apis/scheduling.k8s.io/v1/priorityclasses',
      of('scheduling.k8s.io/v1', 'PriorityClass', '$NS-2', { value: 7, globalDefault: true }),
    ),
    post(
      '/apis/scheduling.k8s.io/v1/priorityclasses',
      of('scheduling.k8s.io/v1', 'PriorityClass', 'system-x', { value: 7 }),
    ),
    post(
      '/apis/scheduling.k8s.io/v1/priorityclasses',
      of('scheduling.k8s.io/v1', 'PriorityClass', '$NS-3', { value: 2_000_000_000 }),
    ),
    remove('/apis/scheduling.k8s.io/v1/priorityclasses/$NS'),
    remove('/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical?dryRun=All'),
    post(dry('pods'), pod('c', { runtimeClassName: 'nope' })),
    post(
      '/apis/node.k8s.io/v1/runtimeclasses',
      of('node.k8s.io/v1', 'RuntimeClass', '$NS', {
        handler: 'h',
        overhead: { podFixed: { cpu: '10m' } },
        scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'k', operator: 'Exists' }] },
      }),
    ),
    post(dry('pods'), pod('c', { runtimeClassName: '$NS' })),
    post(dry('pods'), pod('c', { runtimeClassName: '$NS', overhead: { cpu: '5m' } })),
    post(dry('pods'), pod('c', { runtimeClassName: '$NS', nodeSelector: { a: 'c' } })),
    post(dry('pods'), pod('c', { overhead: { cpu: '5m' } })),
    remove('/apis/node.k8s.io/v1/runtimeclasses/$NS'),
    post(
      dry('pods'),
      pod('t', {
        tolerations: [
          { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 7 },
        ],
      }),
    ),
    post(dry('pods'), pod('t', { tolerations: [{ operator: 'Exists' }] })),
  ),
  script(
    'admission/storage',
    post(
      '/apis/storage.k8s.io/v1/storageclasses',
      of(
        'storage.k8s.io/v1',
        'StorageClass',
        '$NS',
        { provisioner: 'p' },
        { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      ),
    ),
    post(
      dry('persistentvolumeclaims'),
      of('v1', 'PersistentVolumeClaim', 'a', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
    ),
    post(
      dry('persistentvolumeclaims'),
      of('v1', 'PersistentVolumeClaim', 'a', {
        spec: { storageClassName: '', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
    ),
    post(
      at('persistentvolumeclaims'),
      of('v1', 'PersistentVolumeClaim', 'a', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
    ),
    strategic(at('persistentvolumeclaims', 'a'), { spec: { resources: { requests: { storage: '2Gi' } } } }),
    strategic(at('persistentvolumeclaims', 'a'), { spec: { resources: { requests: { storage: '1Mi' } } } }),
    strategic(at('persistentvolumeclaims', 'a'), { spec: { storageClassName: 'other' } }),
    strategic(at('persistentvolumeclaims', 'a'), { spec: { volumeName: 'v' } }),
    remove(at('persistentvolumeclaims', 'a')),
    get(at('persistentvolumeclaims', 'a')),
    remove('/apis/storage.k8s.io/v1/storageclasses/$NS'),
    post(dry('services'), service('lb', { type: 'LoadBalancer' })),
    post(dry('services'), service('e', { type: 'ExternalName', externalName: 'x.y' })),
    post(dry('services'), service('ip', { externalIPs: ['1.2.3.4'] })),
    post(dry('services'), service('h', { clusterIP: 'None', ports: [] })),
    post(
      dry('ingresses'),
      of(
        'networking.k8s.io/v1',
        'Ingress',
        'i',
        { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } },
        { annotations: { 'kubernetes.io/ingress.class': 'x' } },
      ),
    ),
  ),
  script(
    'admission/nodes',
    post('/api/v1/nodes', of('v1', 'Node', '$NS')),
    ...[
      get('/api/v1/nodes'),
      patch('/api/v1/nodes/$NS', { metadata: { labels: { a: 'b' } } }),
      patch('/api/v1/nodes/other', { metadata: { labels: { a: 'b' } } }),
      patch('/api/v1/nodes/$NS', { metadata: { labels: { 'node-restriction.kubernetes.io/x': 'y' } } }),
      patch('/api/v1/nodes/$NS', { metadata: { labels: { 'kubernetes.io/foo': 'y' } } }),
      patch('/api/v1/nodes/$NS', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }),
      patch('/api/v1/nodes/$NS/status', { status: { phase: 'x' } }),
      remove('/api/v1/nodes/$NS'),
      get(at('secrets', 'x')),
      get(at('secrets')),
      get(at('configmaps', 'x')),
      get(at('pods')),
      post(at('pods'), pod('x')),
      post(at('pods'), pod('x', { nodeName: '$NS' }, { annotations: { 'kubernetes.io/config.mirror': 'm' } })),
      post(`${at('serviceaccounts', 'default')}/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {},
      }),
      post(
        '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
        of('coordination.k8s.io/v1', 'Lease', 'other'),
      ),
      post(at('events'), event({ involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' } })),
      post('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: 'u', nonResourceAttributes: { path: '/', verb: 'get' } },
      }),
    ].map((step) => ({
      ...step,
      headers: { 'impersonate-user': 'system:node:$NS', 'impersonate-group': 'system:nodes' },
    })),
    remove('/api/v1/nodes/$NS'),
  ),
]
