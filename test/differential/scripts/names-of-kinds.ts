/** Names of kinds with rules of their own, names that are made, and what is told of two of one name. */

import { CERTIFICATE_REQUEST } from '../objects/certificate-request.ts'
import { configMap, of, service } from './objects.ts'
import { apply, at, get, post, put, remove, script, type Step } from './script.ts'

const NAMES = [
  'a:b',
  'system:x',
  'a b',
  'A',
  'a/b',
  'a%2Fb',
  '%',
  '.',
  '..',
  'a.',
  '.a',
  'a..b',
  'a_b',
  'é',
  '-',
  '1',
  '1.2.3.4',
  'fd00--1',
  'a'.repeat(63),
  'a'.repeat(64),
  'a'.repeat(253),
  'a'.repeat(254),
  `${'a'.repeat(63)}.b`,
  'a\n',
  'ａ',
]
const cluster = (group: string, plural: string) => `/apis/${group}/${plural}`
const role = { rules: [] }
type Make = (name: string) => object
const kinds: Readonly<Record<string, readonly [path: string, make: Make]>> = {
  roles: [at('roles'), (name) => of('rbac.authorization.k8s.io/v1', 'Role', name, role)],
  rolebindings: [
    at('rolebindings'),
    (name) =>
      of('rbac.authorization.k8s.io/v1', 'RoleBinding', name, {
        roleRef: { kind: 'Role', name: 'x', apiGroup: 'rbac.authorization.k8s.io' },
      }),
  ],
  clusterrolebindings: [
    cluster('rbac.authorization.k8s.io/v1', 'clusterrolebindings'),
    (name) =>
      of('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', name, {
        roleRef: { kind: 'ClusterRole', name: 'x', apiGroup: 'rbac.authorization.k8s.io' },
      }),
  ],
  certificatesigningrequests: [
    cluster('certificates.k8s.io/v1', 'certificatesigningrequests'),
    (name) =>
      of('certificates.k8s.io/v1', 'CertificateSigningRequest', name, {
        spec: { request: CERTIFICATE_REQUEST, signerName: 'a.io/b', usages: ['client auth'] },
      }),
  ],
  ipaddresses: [
    cluster('networking.k8s.io/v1', 'ipaddresses'),
    (name) =>
      of('networking.k8s.io/v1', 'IPAddress', name, {
        spec: { parentRef: { resource: 'services', name: 'x', namespace: 'y' } },
      }),
  ],
  servicecidrs: [
    cluster('networking.k8s.io/v1', 'servicecidrs'),
    (name) => of('networking.k8s.io/v1', 'ServiceCIDR', name, { spec: { cidrs: ['10.99.0.0/24'] } }),
  ],
  endpointslices: [
    at('endpointslices'),
    (name) => of('discovery.k8s.io/v1', 'EndpointSlice', name, { addressType: 'IPv4', endpoints: [] }),
  ],
  networkpolicies: [
    at('networkpolicies'),
    (name) => of('networking.k8s.io/v1', 'NetworkPolicy', name, { spec: { podSelector: {} } }),
  ],
  ingresses: [
    at('ingresses'),
    (name) =>
      of('networking.k8s.io/v1', 'Ingress', name, {
        spec: { defaultBackend: { service: { name: 's', port: { number: 1 } } } },
      }),
  ],
  ingressclasses: [
    cluster('networking.k8s.io/v1', 'ingressclasses'),
    (name) => of('networking.k8s.io/v1', 'IngressClass', name, { spec: { controller: 'a.io/b' } }),
  ],
  storageclasses: [
    cluster('storage.k8s.io/v1', 'storageclasses'),
    (name) => of('storage.k8s.io/v1', 'StorageClass', name, { provisioner: 'p' }),
  ],
  csidrivers: [
    cluster('storage.k8s.io/v1', 'csidrivers'),
    (name) => of('storage.k8s.io/v1', 'CSIDriver', name, { spec: {} }),
  ],
  csinodes: [
    cluster('storage.k8s.io/v1', 'csinodes'),
    (name) => of('storage.k8s.io/v1', 'CSINode', name, { spec: { drivers: [] } }),
  ],
  runtimeclasses: [
    cluster('node.k8s.io/v1', 'runtimeclasses'),
    (name) => of('node.k8s.io/v1', 'RuntimeClass', name, { handler: 'h' }),
  ],
  resourcequotas: [at('resourcequotas'), (name) => of('v1', 'ResourceQuota', name, { spec: {} })],
  persistentvolumes: [
    '/api/v1/persistentvolumes',
    (name) =>
      of('v1', 'PersistentVolume', name, {
        spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
      }),
  ],
  poddisruptionbudgets: [
    at('poddisruptionbudgets'),
    (name) => of('policy/v1', 'PodDisruptionBudget', name, { spec: {} }),
  ],
  daemonsets: [
    at('daemonsets'),
    (name) =>
      of('apps/v1', 'DaemonSet', name, {
        spec: {
          selector: { matchLabels: { a: 'b' } },
          template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      }),
  ],
  flowschemas: [
    cluster('flowcontrol.apiserver.k8s.io/v1', 'flowschemas'),
    (name) =>
      of('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', name, {
        spec: { priorityLevelConfiguration: { name: 'x' } },
      }),
  ],
  apiservices: [
    cluster('apiregistration.k8s.io/v1', 'apiservices'),
    (name) =>
      of('apiregistration.k8s.io/v1', 'APIService', name, {
        spec: {
          group: 'a.io',
          version: 'v1',
          groupPriorityMinimum: 1,
          versionPriority: 1,
          service: { name: 's', namespace: 'n' },
        },
      }),
  ],
}

const taken = (plural: string, one: object, more: Step[] = []): Step[] => [
  post(at(plural), one),
  post(at(plural), one),
  post(`${at(plural)}?dryRun=All`, one),
  ...more,
]

export const nameOfKindScripts = [
  ...Object.entries(kinds).map(([kind, [path, make]]) =>
    script(
      `names of kinds/${kind}`,
      ...NAMES.map((name) => post(`${path}?dryRun=All`, make(name))),
      ...['a:b', 'A', 'a_b', '1.2.3.4'].map((name) =>
        apply(`${path}/${encodeURIComponent(name)}?dryRun=All&fieldManager=m`, make(name)),
      ),
    ),
  ),
  script(
    'names of kinds/two of one name',
    ...taken('configmaps', configMap('x')),
    ...taken('services', service('x')),
    ...taken('roles', of('rbac.authorization.k8s.io/v1', 'Role', 'a:b', role), [
      get(at('roles', 'a:b')),
      get(at('roles', 'a%3Ab')),
      put(at('roles', 'a:b'), of('rbac.authorization.k8s.io/v1', 'Role', 'a:b', { rules: [] }, { labels: { a: 'b' } })),
      remove(at('roles', 'a%3Ab')),
    ]),
    post(at('configmaps'), configMap('held', {}, { finalizers: ['a.io/b'] })),
    remove(at('configmaps', 'held')),
    post(at('configmaps'), configMap('held')),
    post(`${at('configmaps')}?dryRun=All`, configMap('held')),
    apply(`${at('configmaps', 'held')}?fieldManager=m`, configMap('held', { data: { a: 'b' } })),
    put(at('configmaps', 'held'), configMap('held', { data: { c: 'd' } })),
    post('/api/v1/namespaces', of('v1', 'Namespace', '$NS')),
    post('/api/v1/namespaces?dryRun=All', of('v1', 'Namespace', '$NS')),
  ),
]
