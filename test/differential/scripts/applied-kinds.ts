/** Server-side applies to the lists of Services, policies, roles and other small kinds, in two versions, and of nothing. */

import { configMap, of, pod } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, script, strategic } from './script.ts'

const by = (path: string, manager: string, force = false) =>
  `${path}?fieldManager=${manager}${force ? '&force=true' : ''}`
const p = at('pods', 'p')
const s = at('services', 's')
const svc = (spec: object) => of('v1', 'Service', 's', { spec })
const endpoints = at('endpointslices', 'e')
const slice = (...list: object[]) =>
  of('discovery.k8s.io/v1', 'EndpointSlice', 'e', { addressType: 'IPv4', endpoints: list, ports: [] })
const policy = (spec: object) =>
  of('networking.k8s.io/v1', 'NetworkPolicy', 'n', { spec: { podSelector: {}, ...spec } })
const ingress = (spec: object) => of('networking.k8s.io/v1', 'Ingress', 'i', { spec })
const role = (...rules: object[]) => of('rbac.authorization.k8s.io/v1', 'Role', 'r', { rules })
const account = (rest: Readonly<Record<string, unknown>>) => of('v1', 'ServiceAccount', 'a', rest)
const hpa = (spec: object) =>
  of('autoscaling/v2', 'HorizontalPodAutoscaler', 'h', {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, ...spec },
  })
const autoscalerV1 = (spec: object) =>
  of('autoscaling/v1', 'HorizontalPodAutoscaler', 'h', {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, ...spec },
  })
const backend = (name: string) => ({ service: { name, port: { number: 80 } } })
const old = (name: string) => `/apis/autoscaling/v1/namespaces/$NS/horizontalpodautoscalers/${name}`
const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})

export const appliedKindScripts = [
  script(
    'applied lists/services',
    apply(
      by(s, 'one'),
      svc({
        ports: [
          { port: 53, protocol: 'UDP', name: 'u' },
          { port: 53, name: 't' },
        ],
      }),
    ),
    apply(by(s, 'two'), svc({ ports: [{ port: 53, targetPort: 5353 }] })),
    apply(by(s, 'two', true), svc({ ports: [{ port: 53, protocol: 'UDP', targetPort: 5353 }], selector: { a: 'b' } })),
    apply(by(s, 'three'), svc({ externalIPs: ['192.0.2.1'], loadBalancerSourceRanges: ['10.0.0.0/8'] })),
    apply(by(s, 'four'), svc({ externalIPs: ['192.0.2.2'], selector: { a: 'c' } })),
    apply(by(s, 'four', true), svc({ externalIPs: ['192.0.2.2'], selector: { c: 'd' } })),
    apply(by(s, 'three'), svc({ ipFamilies: ['IPv4'], clusterIPs: null })),
    apply(by(s, 'one'), svc({ ports: [{ port: 53, name: 't' }] })),
    apply(
      by(`${s}/status`, 'lb'),
      of('v1', 'Service', 's', {
        status: {
          loadBalancer: { ingress: [{ ip: '1.2.3.4' }] },
          conditions: [
            { type: 'a', status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
          ],
        },
      }),
    ),
    apply(
      by(`${s}/status`, 'mm'),
      of('v1', 'Service', 's', { status: { conditions: [{ type: 'a', status: 'False' }] } }),
    ),
    get(s),
  ),
  script(
    'applied lists/other kinds',
    apply(by(endpoints, 'one'), slice({ addresses: ['1.2.3.4'] })),
    apply(by(endpoints, 'two'), slice({ addresses: ['1.2.3.5'] })),
    apply(by(endpoints, 'two', true), slice({ addresses: ['1.2.3.5'] })),
    apply(
      by(at('networkpolicies', 'n'), 'one'),
      policy({ ingress: [{ from: [{ podSelector: {} }] }], policyTypes: ['Ingress'] }),
    ),
    apply(by(at('networkpolicies', 'n'), 'two'), policy({ egress: [{}], policyTypes: ['Egress'] })),
    apply(by(at('networkpolicies', 'n'), 'two', true), policy({ egress: [{}], policyTypes: ['Ingress', 'Egress'] })),
    apply(
      by(at('ingresses', 'i'), 'one'),
      ingress({
        rules: [{ host: 'a', http: { paths: [{ pathType: 'Prefix', path: '/', backend: backend('s') }] } }],
        tls: [{ hosts: ['a'] }],
      }),
    ),
    apply(by(at('ingresses', 'i'), 'two'), ingress({ rules: [{ host: 'b' }], tls: [{ hosts: ['b'] }] })),
    apply(by(at('ingresses', 'i'), 'two'), ingress({ defaultBackend: backend('t') })),
    apply(by(at('roles', 'r'), 'one'), role({ verbs: ['get'], apiGroups: [''], resources: ['pods'] })),
    apply(by(at('roles', 'r'), 'two'), role({ verbs: ['list'], apiGroups: [''], resources: ['pods'] })),
    apply(by(at('roles', 'r'), 'two'), role({ verbs: ['get'], apiGroups: [''], resources: ['pods'] })),
    apply(
      by(at('serviceaccounts', 'a'), 'one'),
      account({ secrets: [{ name: 'a' }], imagePullSecrets: [{ name: 'p' }] }),
    ),
    apply(
      by(at('serviceaccounts', 'a'), 'two'),
      account({ secrets: [{ name: 'b' }], imagePullSecrets: [{ name: 'q' }] }),
    ),
    apply(by(at('serviceaccounts', 'a'), 'one'), account({ secrets: [{ name: 'a', namespace: 'x' }] })),
    apply(
      by(at('limitranges', 'l'), 'one'),
      of('v1', 'LimitRange', 'l', { spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] } }),
    ),
    apply(
      by(at('limitranges', 'l'), 'two'),
      of('v1', 'LimitRange', 'l', { spec: { limits: [{ type: 'Pod', max: { cpu: '1000m' } }] } }),
    ),
    apply(
      by(at('resourcequotas', 'q'), 'one'),
      of('v1', 'ResourceQuota', 'q', { spec: { hard: { pods: '1', cpu: '1' }, scopes: ['NotBestEffort'] } }),
    ),
    apply(by(at('resourcequotas', 'q'), 'two'), of('v1', 'ResourceQuota', 'q', { spec: { hard: { pods: '2' } } })),
    apply(
      by(at('resourcequotas', 'q'), 'two', true),
      of('v1', 'ResourceQuota', 'q', { spec: { hard: { pods: '2', memory: '1Gi' } } }),
    ),
    apply(
      by(at('leases', 'x'), 'one'),
      of('coordination.k8s.io/v1', 'Lease', 'x', {
        spec: { holderIdentity: 'a', renewTime: '2026-01-01T00:00:00.000000Z' },
      }),
    ),
    apply(
      by(at('leases', 'x'), 'two'),
      of('coordination.k8s.io/v1', 'Lease', 'x', { spec: { holderIdentity: 'a', renewTime: '2026-01-01T00:00:00Z' } }),
    ),
    apply(
      by(at('events', 'e'), 'one'),
      of('v1', 'Event', 'e', {
        involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' },
        count: 1,
        source: { component: 'c' },
      }),
    ),
    apply(by(at('events', 'e'), 'two'), of('v1', 'Event', 'e', { involvedObject: { name: 'q' } })),
    apply(
      by('/apis/events.k8s.io/v1/namespaces/$NS/events/e', 'three', true),
      of('events.k8s.io/v1', 'Event', 'e', { deprecatedCount: 3 }),
    ),
    get(at('events', 'e')),
  ),
  script(
    'applied lists/two versions',
    apply(by(at('horizontalpodautoscalers', 'h'), 'one'), hpa({ metrics: [cpu(50)], minReplicas: 1 })),
    apply(by(old('h'), 'two'), autoscalerV1({ targetCPUUtilizationPercentage: 60 })),
    apply(by(old('h'), 'two', true), autoscalerV1({ targetCPUUtilizationPercentage: 60 })),
    apply(by(at('horizontalpodautoscalers', 'h'), 'one'), hpa({ metrics: [cpu(60)] })),
    apply(by(old('h'), 'one'), autoscalerV1({ minReplicas: 2 })),
    apply(
      by(at('horizontalpodautoscalers', 'h'), 'one'),
      hpa({ behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 5 }] } } }),
    ),
    apply(by(old('h'), 'one'), autoscalerV1({})),
    apply(
      by(`${at('horizontalpodautoscalers', 'h')}/status`, 'st'),
      of('autoscaling/v2', 'HorizontalPodAutoscaler', 'h', { status: { desiredReplicas: 2, currentMetrics: [] } }),
    ),
    get(at('horizontalpodautoscalers', 'h')),
    get(old('h')),
  ),
  script(
    'applied lists/Pods and other writes',
    post(
      by(at('pods'), 'maker'),
      pod('p', { containers: [{ name: 'c', image: 'i', env: [{ name: 'A', value: '1' }] }] }),
    ),
    apply(
      by(p, 'one'),
      of('v1', 'Pod', 'p', {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ name: 'c', image: 'i' }], tolerations: [{ key: 'k', operator: 'Exists' }] },
      }),
    ),
    apply(
      by(p, 'one'),
      of('v1', 'Pod', 'p', { spec: { tolerations: [{ key: 'l', operator: 'Exists' }] } }, { labels: { a: 'b' } }),
    ),
    apply(by(p, 'one'), of('v1', 'Pod', 'p', { spec: { containers: [{ name: 'new', image: 'n' }] } })),
    apply(by(p, 'one'), of('v1', 'Pod', 'p', { spec: { activeDeadlineSeconds: 9 } }, { finalizers: ['a.io/b'] })),
    patch(by(p, 'one'), { spec: { activeDeadlineSeconds: 8 } }),
    strategic(by(p, 'two'), { spec: { activeDeadlineSeconds: 7 } }),
    jsonPatch(by(p, 'three'), [{ op: 'replace', path: '/spec/containers/0/image', value: 'j' }]),
    apply(
      by(p, 'one'),
      of('v1', 'Pod', 'p', { spec: { activeDeadlineSeconds: 6, containers: [{ name: 'c', image: 'k' }] } }),
    ),
    apply(
      by(p, 'one', true),
      of('v1', 'Pod', 'p', { spec: { activeDeadlineSeconds: 6, containers: [{ name: 'c', image: 'k' }] } }),
    ),
    apply(by(p, 'one'), of('v1', 'Pod', 'p')),
    apply(
      by(`${p}/status`, 'one'),
      of('v1', 'Pod', 'p', {
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          hostIPs: [{ ip: '1.2.3.4' }],
          containerStatuses: [{ name: 'c', ready: true, restartCount: 0, image: 'i', imageID: '' }],
        },
      }),
    ),
    apply(
      by(`${p}/status`, 'two', true),
      of('v1', 'Pod', 'p', {
        status: {
          containerStatuses: [{ name: 'c', ready: false, restartCount: 1, image: 'i', imageID: '' }],
          hostIPs: [],
        },
      }),
    ),
    get(p),
  ),
  script(
    'applied lists/ways of saying nothing',
    apply(
      by(at('configmaps', 'c'), 'one'),
      configMap('c', { data: { a: '1' }, binaryData: { b: 'AA==' } }, { labels: { a: '' }, annotations: {} }),
    ),
    ...[
      { data: {} },
      { data: null },
      {},
      { data: { a: null } },
      { data: { a: '' } },
      { binaryData: { b: '' } },
      { binaryData: { b: null } },
      { immutable: null },
      { immutable: false },
    ].map((rest) => apply(by(at('configmaps', 'c'), 'one'), configMap('c', rest))),
    ...[
      { labels: {} },
      { labels: null },
      { labels: { a: null } },
      { annotations: { a: '' } },
      { finalizers: [] },
      { finalizers: null },
      { ownerReferences: null },
      { generation: 7 },
      { name: 'c', selfLink: 'x' },
    ].map((metadata) => apply(by(at('configmaps', 'c'), 'one'), configMap('c', {}, metadata))),
    put(by(at('configmaps', 'c'), 'two'), configMap('c', { data: { z: '1' } })),
    get(at('configmaps', 'c')),
  ),
]
