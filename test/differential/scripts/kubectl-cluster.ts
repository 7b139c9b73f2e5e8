/** What kubectl sends about nodes, rights, certificates and what is about to be created, and to find its way about. */

import { CERTIFICATE_REQUEST } from '../objects/certificate-request.ts'
import { of, pod } from './objects.ts'
import { at, get, patch, post, put, remove, script, type Step, strategic, TABLE } from './script.ts'

type Json = Readonly<Record<string, unknown>>
const PRINTED = `${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`
const create = 'fieldManager=kubectl-create&fieldValidation=Strict'
const n = '/api/v1/nodes/$NS-n'
const rbac = 'rbac.authorization.k8s.io/v1'
const taint = (key: string, effect: string, value = '') => ({ key, effect, ...(value === '' ? {} : { value }) })

const nodes: readonly Step[] = [
  post('/api/v1/nodes', of('v1', 'Node', '$NS-n', {}, { labels: { 'kubernetes.io/hostname': 'n' } })),
  get(n),
  strategic(`${n}?fieldManager=kubectl-taint`, { spec: { taints: [taint('a', 'NoSchedule', 'b')] } }),
  strategic(`${n}?fieldManager=kubectl-taint`, {
    spec: { taints: [taint('a', 'NoSchedule', 'c'), taint('d', 'NoExecute')] },
  }),
  strategic(`${n}?fieldManager=kubectl-taint`, {
    spec: { taints: [taint('a', 'NoSchedule'), taint('a', 'NoSchedule')] },
  }),
  strategic(`${n}?fieldManager=kubectl-taint`, { spec: { taints: [taint('a', 'Never')] } }),
  strategic(`${n}?fieldManager=kubectl-taint`, { spec: { taints: [taint('', 'NoSchedule')] } }),
  strategic(`${n}?fieldManager=kubectl-taint`, { spec: { taints: [taint('bad key', 'NoSchedule', 'bad value!')] } }),
  strategic(`${n}?fieldManager=kubectl-taint`, { spec: { taints: null } }),
  strategic(`${n}?fieldManager=kubectl-cordon`, { spec: { unschedulable: true } }),
  get('/api/v1/nodes?fieldSelector=metadata.name%3D$NS-n', { accept: PRINTED }),
  get('/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue%2Cmetadata.name%3D$NS-n'),
  // drain
  post(at('pods'), pod('a', { nodeName: '$NS-n' }, { labels: { app: 'a' } })),
  post(
    at('pods'),
    pod(
      'b',
      { nodeName: '$NS-n' },
      { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'none', uid: 'x', controller: true }] },
    ),
  ),
  post(
    at('poddisruptionbudgets'),
    of('policy/v1', 'PodDisruptionBudget', 'a', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } } }),
  ),
  get('/api/v1/pods?fieldSelector=spec.nodeName%3D$NS-n&limit=500'),
  get('/apis/policy/v1'),
  get(at('daemonsets', 'none')),
  post(
    `${at('pods', 'a')}/eviction`,
    of('policy/v1', 'Eviction', 'a', { deleteOptions: { gracePeriodSeconds: 0 } }, { namespace: '$NS' }),
  ),
  post(`${at('pods', 'a')}/eviction`, of('policy/v1', 'Eviction', 'a', { deleteOptions: { dryRun: ['All'] } })),
  post(`${at('pods', 'b')}/eviction`, of('policy/v1beta1', 'Eviction', 'b')),
  post(`${at('pods', 'b')}/eviction`, of('policy/v1', 'Eviction', 'b', { deleteOptions: { gracePeriodSeconds: 5 } })),
  get(at('pods', 'b')),
  post(`${at('pods', 'b')}/eviction`, of('policy/v1', 'Eviction', 'b', { deleteOptions: { gracePeriodSeconds: 0 } })),
  get(at('pods', 'b')),
  remove(`${at('pods', 'a')}?gracePeriodSeconds=0`),
  strategic(`${n}?fieldManager=kubectl-uncordon`, { spec: { unschedulable: null } }),
  patch(`${n}?fieldManager=kubectl-label`, { metadata: { labels: { 'node-role.kubernetes.io/worker': '' } } }),
  get('/api/v1/nodes?labelSelector=node-role.kubernetes.io%2Fworker', { accept: PRINTED }),
  remove(n),
]

const review = (kind: string, spec: Json) => of('authorization.k8s.io/v1', kind, '', { spec })
const self = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const can = (attributes: Json, headers: Readonly<Record<string, string>> = {}): Step =>
  post(self, review('SelfSubjectAccessReview', { resourceAttributes: attributes }), { headers })
const AS = { 'impersonate-user': '$NS-jane' }
const rights: readonly Step[] = [
  can({ namespace: '$NS', verb: 'create', resource: 'pods' }),
  can({ namespace: '$NS', verb: 'create', resource: 'pods' }, AS),
  can({ namespace: '$NS', verb: 'get', resource: 'pods', subresource: 'log' }, AS),
  can({ verb: '*', resource: '*', group: '*' }, AS),
  post(self, review('SelfSubjectAccessReview', { nonResourceAttributes: { path: '/healthz', verb: 'get' } }), {
    headers: AS,
  }),
  post(self, review('SelfSubjectAccessReview', { nonResourceAttributes: { path: '/logs/', verb: 'get' } }), {
    headers: AS,
  }),
  post(
    `${at('roles')}?${create}`,
    of(rbac, 'Role', 'reader', {
      rules: [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] },
        { verbs: ['update'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['only'] },
      ],
    }),
  ),
  post(
    `${at('rolebindings')}?${create}`,
    of(rbac, 'RoleBinding', 'reader', {
      subjects: [
        { kind: 'User', name: '$NS-jane', apiGroup: 'rbac.authorization.k8s.io' },
        { kind: 'ServiceAccount', name: 'robot', namespace: '$NS' },
      ],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    }),
  ),
  { ...can({ namespace: '$NS', verb: 'get', resource: 'pods' }, AS), waitMs: 300 },
  can({ namespace: '$NS', verb: 'get', resource: 'pods', subresource: 'log' }, AS),
  can({ namespace: '$NS', verb: 'delete', resource: 'pods' }, AS),
  can({ namespace: '$NS', verb: 'update', resource: 'configmaps', name: 'only' }, AS),
  can({ namespace: '$NS', verb: 'update', resource: 'configmaps', name: 'other' }, AS),
  can({ namespace: 'default', verb: 'get', resource: 'pods' }, AS),
  can(
    {
      namespace: '$NS',
      verb: 'list',
      resource: 'pods',
      fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n'] }] },
    },
    AS,
  ),
  can({ namespace: '$NS', verb: 'get', resource: 'pods' }, { 'impersonate-user': 'system:serviceaccount:$NS:robot' }),
  can({ namespace: '$NS', verb: 'get', resource: 'pods' }, { 'impersonate-user': 'system:serviceaccount:$NS:other' }),
  post('/apis/authentication.k8s.io/v1/selfsubjectreviews', of('authentication.k8s.io/v1', 'SelfSubjectReview', ''), {
    headers: { ...AS, 'impersonate-group': 'devs', 'impersonate-extra-scopes': 'dev' },
  }),
  get(at('pods'), { headers: AS }),
  get(at('pods', 'none'), { headers: AS }),
  remove(at('pods', 'none'), { headers: AS }),
  put(at('configmaps', 'only'), of('v1', 'ConfigMap', 'only'), { headers: AS }),
  // auth reconcile
  get(at('roles', 'reader')),
  put(
    `${at('roles', 'reader')}?fieldManager=kubectl-auth`,
    of(rbac, 'Role', 'reader', { rules: [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] }] }),
  ),
  put(
    `${at('rolebindings', 'reader')}?fieldManager=kubectl-auth`,
    of(rbac, 'RoleBinding', 'reader', {
      subjects: [],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    }),
  ),
]

const csrs = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const c = `${csrs}/$NS-k`
const csr = (spec: Json = {}, rest: Json = {}) =>
  of('certificates.k8s.io/v1', 'CertificateSigningRequest', '$NS-k', {
    spec: {
      request: CERTIFICATE_REQUEST,
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      expirationSeconds: 86400,
      ...spec,
    },
    ...rest,
  })
const approved = {
  type: 'Approved',
  status: 'True',
  reason: 'KubectlApprove',
  message: 'This CSR was approved by kubectl certificate approve.',
  lastUpdateTime: '2026-01-01T00:00:00Z',
  lastTransitionTime: null,
}
const certificates: readonly Step[] = [
  post(`${csrs}?${create}`, csr()),
  get(`${csrs}?fieldSelector=metadata.name%3D$NS-k`),
  post(`${csrs}?${create}&dryRun=All`, csr({ signerName: 'kubernetes.io/kubelet-serving' })),
  post(
    `${csrs}?${create}&dryRun=All`,
    csr({ signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['server auth'] }),
  ),
  post(`${csrs}?${create}&dryRun=All`, csr({ expirationSeconds: 599 })),
  post(`${csrs}?${create}&dryRun=All`, csr(), { headers: AS }),
  put(`${c}/approval?fieldManager=kubectl-certificate`, csr({}, { status: { conditions: [approved] } }), {
    headers: AS,
  }),
  put(`${c}/approval?fieldManager=kubectl-certificate`, csr({}, { status: { conditions: [approved] } })),
  put(
    `${c}/approval?fieldManager=kubectl-certificate`,
    csr({}, { status: { conditions: [{ ...approved, type: 'Denied' }] } }),
  ),
  put(`${c}/status?fieldManager=kube-controller-manager`, csr({}, { status: { certificate: 'AAAA' } })),
  get(`${c}/status`),
  patch(c, { spec: { usages: ['server auth'] } }),
  remove(c),
]

export const kubectlClusterScripts = [
  script('kubectl/taint, cordon, drain', ...nodes),
  script('kubectl/auth', ...rights),
  script('kubectl/certificate', ...certificates),
]
