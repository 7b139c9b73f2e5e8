/** What a kubelet asks for as its node: its own Node, Lease and CSINode, Pods of its own and of others, what they use, tokens. */

import { configMap, of, pod } from './objects.ts'
import { at, get, patch, post, put, remove, script, type Step, strategic, watch } from './script.ts'

const AS = { headers: { 'impersonate-user': 'system:node:$NS-n', 'impersonate-group': 'system:nodes' } }
const NODES = '/api/v1/nodes'
const n = `${NODES}/$NS-n`
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const node = (name: string, rest: object = {}, metadata: object = {}) =>
  of('v1', 'Node', name, { ...rest }, { ...metadata })
const lease = (name: string, spec: object = {}) =>
  of('coordination.k8s.io/v1', 'Lease', name, { spec: { holderIdentity: name, leaseDurationSeconds: 40, ...spec } })
const csiNode = (name: string, drivers: unknown = []) => of('storage.k8s.io/v1', 'CSINode', name, { spec: { drivers } })
const CSI = '/apis/storage.k8s.io/v1/csinodes'
const token = (boundObjectRef?: object) =>
  of('authentication.k8s.io/v1', 'TokenRequest', '', { spec: boundObjectRef === undefined ? {} : { boundObjectRef } })
const TIME = '2026-01-01T00:00:00Z'
const condition = {
  type: 'Ready',
  status: 'True',
  lastHeartbeatTime: TIME,
  lastTransitionTime: TIME,
  reason: 'KubeletReady',
  message: 'm',
}

const ownNode: readonly Step[] = [
  post(NODES, node('$NS-other'), AS),
  post(NODES, node('$NS-n', {}, { labels: { 'node-restriction.kubernetes.io/x': 'y' } }), AS),
  post(
    NODES,
    node(
      '$NS-n',
      { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } },
      { labels: { 'kubernetes.io/hostname': 'h', 'a.io/b': 'c' } },
    ),
    AS,
  ),
  post(NODES, node('$NS-n'), AS),
  get(n, AS),
  get(`${NODES}/$NS-other`, AS),
  get(NODES, AS),
  get(`${NODES}?fieldSelector=metadata.name%3D$NS-n`, { ...AS, unread: true }),
  watch(`${NODES}?fieldSelector=metadata.name%3D$NS-n`, { ...AS, unread: true }),
  strategic(
    `${n}/status`,
    {
      status: {
        conditions: [condition],
        nodeInfo: { kubeletVersion: 'v1.36.3' },
        images: [{ names: ['a'], sizeBytes: 1 }],
        capacity: { cpu: '2', pods: '110' },
      },
    },
    AS,
  ),
  strategic(
    `${n}/status`,
    {
      status: {
        '$setElementOrder/conditions': [{ type: 'Ready' }],
        conditions: [{ type: 'Ready', status: 'False', lastHeartbeatTime: TIME }],
      },
    },
    AS,
  ),
  patch(`${n}/status`, { metadata: { labels: { 'node-restriction.kubernetes.io/a': 'b' } } }, AS),
  patch(n, { metadata: { labels: { 'topology.kubernetes.io/zone': 'z' } } }, AS),
  patch(n, { metadata: { labels: { 'kubernetes.io/os': 'linux', 'kubelet.kubernetes.io/x': 'y' } } }, AS),
  patch(n, { metadata: { labels: { 'node-role.kubernetes.io/master': '' } } }, AS),
  patch(n, { spec: { taints: [] } }, AS),
  patch(n, { spec: { unschedulable: true } }, AS),
  patch(n, { spec: { podCIDR: '10.9.0.0/24', podCIDRs: ['10.9.0.0/24'] } }, AS),
  patch(n, { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] } }, AS),
  patch(`${NODES}/$NS-other`, {}, AS),
  put(n, node('$NS-n', {}, { labels: { 'kubernetes.io/hostname': 'h' } }), AS),
  remove(n, AS),
  post(LEASES, lease('$NS-other'), AS),
  post(LEASES, lease('$NS-n'), AS),
  get(`${LEASES}/$NS-n`, AS),
  get(`${LEASES}/$NS-other`, AS),
  get(LEASES, AS),
  put(`${LEASES}/$NS-n`, lease('$NS-n', { renewTime: '2026-01-01T00:00:00.000000Z' }), AS),
  patch(`${LEASES}/$NS-n`, { spec: { renewTime: '2026-01-01T00:00:01.000000Z' } }, AS),
  remove(`${LEASES}/$NS-n`, AS),
  post(at('leases'), lease('$NS-n'), AS),
  post(CSI, csiNode('$NS-other'), AS),
  post(CSI, csiNode('$NS-n', [{ name: 'a.io', nodeID: 'i', topologyKeys: ['k'] }]), AS),
  patch(`${CSI}/$NS-n`, { spec: { drivers: [] } }, AS),
  get(`${CSI}/$NS-other`, AS),
  remove(`${CSI}/$NS-n`, AS),
]

const p = at('pods', 'p')
const volumes = [
  { name: 's', secret: { secretName: 's' } },
  { name: 'c', configMap: { name: 'c' } },
  { name: 'v', persistentVolumeClaim: { claimName: 'v' } },
  { name: 'j', projected: { sources: [{ secret: { name: 'js' } }, { configMap: { name: 'jc' } }] } },
]
const used = ['s', 'js', 'pull', 'env', 'other']
const itsPods: readonly Step[] = [
  post(NODES, node('$NS-n')),
  ...used.map((name) => post(at('secrets'), of('v1', 'Secret', name))),
  ...['c', 'jc', 'ec', 'other'].map((name) => post(at('configmaps'), configMap(name))),
  post(at('serviceaccounts'), of('v1', 'ServiceAccount', 'robot')),
  post(
    at('persistentvolumeclaims'),
    of('v1', 'PersistentVolumeClaim', 'v', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  ),
  ...used.map((name) => get(at('secrets', name), AS)),
  post(
    at('pods'),
    pod('p', {
      nodeName: '$NS-n',
      serviceAccountName: 'robot',
      volumes,
      imagePullSecrets: [{ name: 'pull' }],
      containers: [
        {
          name: 'c',
          image: 'i',
          envFrom: [{ secretRef: { name: 'env' } }],
          env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'ec', key: 'k' } } }],
        },
      ],
    }),
    { save: { POD: 'metadata.uid' } },
  ),
  post(at('pods'), pod('elsewhere', { nodeName: 'elsewhere' }), { save: { ELSE: 'metadata.uid' } }),
  { ...get(at('secrets', 's'), AS), waitMs: 300 },
  ...used.map((name) => get(at('secrets', name), AS)),
  ...['c', 'jc', 'ec', 'other'].map((name) => get(at('configmaps', name), AS)),
  get(at('secrets'), AS),
  get(`${at('secrets')}?fieldSelector=metadata.name%3Ds`, AS),
  watch(`${at('configmaps')}?fieldSelector=metadata.name%3Dc`, { ...AS, unread: true }),
  get(at('persistentvolumeclaims', 'v'), AS),
  get(at('serviceaccounts', 'robot'), AS),
  get(at('serviceaccounts', 'default'), AS),
  get(at('services'), { ...AS, unread: true }),
  get('/apis/node.k8s.io/v1/runtimeclasses', { ...AS, unread: true }),
  get('/api/v1/pods?fieldSelector=spec.nodeName%3D$NS-n', AS),
  get('/api/v1/pods', AS),
  get('/api/v1/pods?fieldSelector=spec.nodeName%3Delsewhere', AS),
  get(p, AS),
  get(at('pods', 'elsewhere'), AS),
  strategic(
    `${p}/status`,
    {
      metadata: { uid: '$POD' },
      status: {
        phase: 'Running',
        podIP: '10.0.0.1',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [
          {
            name: 'c',
            image: 'i',
            imageID: 'x',
            ready: true,
            restartCount: 0,
            state: { running: { startedAt: TIME } },
          },
        ],
      },
    },
    AS,
  ),
  strategic(`${p}/status`, { metadata: { uid: 'other' }, status: { phase: 'Running' } }, AS),
  strategic(`${p}/status`, { metadata: { labels: { a: 'b' } } }, AS),
  strategic(`${p}/status`, { metadata: { annotations: { a: 'b' } } }, AS),
  strategic(`${at('pods', 'elsewhere')}/status`, { status: { phase: 'Running' } }, AS),
  patch(p, { metadata: { annotations: { a: 'b' } } }, AS),
  post(`${at('serviceaccounts', 'robot')}/token`, token({ kind: 'Pod', apiVersion: 'v1', name: 'p', uid: '$POD' }), {
    ...AS,
    unread: true,
  }),
  post(`${at('serviceaccounts', 'robot')}/token`, token(), AS),
  post(
    `${at('serviceaccounts', 'robot')}/token`,
    token({ kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'other' }),
    AS,
  ),
  post(
    `${at('serviceaccounts', 'robot')}/token`,
    token({ kind: 'Pod', apiVersion: 'v1', name: 'elsewhere', uid: '$ELSE' }),
    AS,
  ),
  post(
    `${at('serviceaccounts', 'default')}/token`,
    token({ kind: 'Pod', apiVersion: 'v1', name: 'elsewhere', uid: '$ELSE' }),
    AS,
  ),
  post(at('events'), of('v1', 'Event', 'e', { involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' } }), AS),
  patch(at('events', 'e'), { count: 2 }, AS),
  post(`${p}/eviction`, of('policy/v1', 'Eviction', 'p', { deleteOptions: { dryRun: ['All'] } }), AS),
  post(`${at('pods', 'elsewhere')}/eviction`, of('policy/v1', 'Eviction', 'elsewhere'), AS),
  // Mirror Pods, and others that a node may not make.
  post(at('pods'), pod('static', { nodeName: '$NS-n' }, { annotations: { 'kubernetes.io/config.mirror': 'h' } }), AS),
  post(
    at('pods'),
    pod(
      'mirror',
      { nodeName: '$NS-n' },
      {
        annotations: { 'kubernetes.io/config.mirror': 'h' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: '$NS-n', uid: 'x', controller: true }],
      },
    ),
    AS,
  ),
  post(at('pods'), pod('plain', { nodeName: '$NS-n' }), AS),
  remove(`${p}?gracePeriodSeconds=0`, AS),
  remove(at('pods', 'elsewhere'), AS),
  { ...get(at('secrets', 's'), AS), waitMs: 300 },
  remove(n),
]

export const kubeletScripts = [
  script('kubelet/its node', ...ownNode, remove(n), remove(`${LEASES}/$NS-n`)),
  script('kubelet/its Pods', ...itsPods),
]
