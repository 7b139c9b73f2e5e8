/** Strategic patches with directives of every sort; field selectors and defaults of small objects of every kind. */

import { deployment, of, pod, service } from './objects.ts'
import { at, get, post, script, strategic, type Step } from './script.ts'

const d = at('deployments', 'd')
const s = at('services', 's')
const inPod = (spec: object) => ({ spec: { template: { spec } } })
const patches = (path: string, ...bodies: object[]): Step[] => bodies.map((body) => strategic(path, body))
const env = (...list: object[]) => inPod({ containers: [{ name: 'c', env: list }] })

const rich = {
  metadata: { labels: { app: 'a' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'i',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
        ports: [{ containerPort: 80 }, { containerPort: 81, name: 'b' }],
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
        args: ['x', 'y'],
      },
      { name: 'd', image: 'i' },
    ],
    volumes: [
      { name: 'v', emptyDir: {} },
      { name: 'w', configMap: { name: 'x' } },
    ],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    imagePullSecrets: [{ name: 's' }, { name: 't' }],
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }],
  },
}
const matchNames = {
  'metadata.name': 'x',
  'metadata.namespace': '$NS',
  'metadata.bogus': 'x',
  'spec.nodeName': 'x',
  'status.phase': 'x',
  type: 'x',
}
const kinds = [
  'pods',
  'services',
  'deployments',
  'replicasets',
  'jobs',
  'configmaps',
  'secrets',
  'events',
  'leases',
  'endpointslices',
]

export const directiveScripts = [
  script(
    'directives/keys retained of nothing',
    post(at('deployments'), deployment('d')),
    ...patches(
      d,
      { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      inPod({ volumes: [{ $retainKeys: ['name', 'emptyDir'], name: 'v', emptyDir: {} }] }),
      inPod({ volumes: [{ $retainKeys: ['name', 'hostPath'], name: 'v', hostPath: { path: '/x' } }] }),
      inPod({ initContainers: [{ $retainKeys: ['name', 'image'], name: 'w', image: 'x' }] }),
      inPod({ affinity: { $retainKeys: ['nodeAffinity'], nodeAffinity: {} } }),
      inPod({ tolerations: [{ $retainKeys: ['key'], key: 'a' }] }),
    ),
    strategic(`${d}?fieldValidation=Strict`, inPod({ volumes: [{ $retainKeys: ['name'], name: 'w' }] })),
    get(d),
  ),
  script(
    'directives/lists',
    post(at('deployments'), deployment('d', { template: rich })),
    ...patches(
      d,
      env({ name: 'C', value: '3' }),
      env({ name: 'A', $patch: 'delete' }),
      env({ name: 'A', $patch: 'merge' }),
      env({ $patch: 'replace' }, { name: 'Z', value: '9' }),
      env({ $patch: 'delete' }),
      env({ name: 'Z', value: null }),
      env({ name: 'Z', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }),
      inPod({ '$setElementOrder/containers': [{ name: 'd' }, { name: 'c' }], containers: [{ name: 'd', image: 'j' }] }),
      inPod({ '$setElementOrder/containers': [{ name: 'd' }], containers: [{ name: 'e', image: 'j' }] }),
      inPod({ '$setElementOrder/containers': 'x' }),
      inPod({ '$setElementOrder/containers': [{ image: 'x' }], containers: [{ name: 'c' }] }),
      inPod({ containers: [{ name: 'c', args: ['z'] }] }),
      inPod({ containers: [{ name: 'c', args: null, ports: [{ containerPort: 80, $patch: 'delete' }] }] }),
      inPod({ containers: [{ name: 'c', ports: [{ name: 'x' }] }] }),
      inPod({ containers: [{ name: 'c', volumeMounts: [{ mountPath: '/v', readOnly: true }] }] }),
      inPod({ volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] }),
      inPod({ volumes: [{ name: 'w', emptyDir: {} }] }),
      inPod({ volumes: [{ name: 'w', configMap: null, emptyDir: {} }] }),
      inPod({ volumes: [{ name: 'w', $patch: 'delete' }] }),
      inPod({ imagePullSecrets: [{ name: 'u' }, { name: 's', $patch: 'delete' }] }),
      inPod({ tolerations: null, hostAliases: [{ ip: '10.0.0.1', hostnames: ['b'] }, { ip: '10.0.0.2' }] }),
      inPod({ nodeSelector: { a: 'b' }, securityContext: { $patch: 'replace', runAsUser: 1 } }),
      inPod({ nodeSelector: { $patch: 'delete' } }),
      inPod({ containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }], $patch: 'merge' }),
      { spec: { strategy: { $patch: 'replace', type: 'Recreate' } } },
      {
        spec: {
          strategy: { $retainKeys: ['type', 'rollingUpdate'], type: 'RollingUpdate', rollingUpdate: { maxSurge: 2 } },
        },
      },
      { spec: { $patch: 'delete' } },
      { spec: { template: { metadata: { labels: { $patch: 'replace', app: 'a', z: '1' } } } } },
      { metadata: { finalizers: ['a.io/a', 'a.io/b'] } },
      { metadata: { finalizers: ['a.io/c'] } },
      {
        metadata: {
          '$deleteFromPrimitiveList/finalizers': ['a.io/a'],
          '$setElementOrder/finalizers': ['a.io/c', 'a.io/b'],
        },
      },
      { metadata: { finalizers: null } },
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] } },
      { metadata: { ownerReferences: [{ uid: 'u', $patch: 'delete' }] } },
      { metadata: { annotations: { a: 'b', $patch: 'bogus' } } },
      { $patch: 'replace', metadata: { name: 'd' } },
      { $patch: 'delete' },
    ),
    get(d),
  ),
  script(
    'directives/services',
    post(
      at('services'),
      service('s', {
        ports: [
          { port: 80, name: 'a' },
          { port: 81, name: 'b' },
        ],
      }),
    ),
    ...patches(
      s,
      { spec: { ports: [{ port: 80, targetPort: 'x' }] } },
      { spec: { ports: [{ port: 81, $patch: 'delete' }] } },
      { spec: { ports: [{ name: 'a', targetPort: 5 }] } },
      { spec: { ports: [{ port: 80, protocol: 'UDP', name: 'u' }] } },
      { spec: { '$setElementOrder/ports': [{ port: 82 }, { port: 80 }], ports: [{ port: 82, name: 'c' }] } },
      { spec: { selector: { a: 'b' }, externalIPs: ['192.0.2.1'] } },
      { spec: { selector: null, externalIPs: null, sessionAffinity: null } },
    ),
    get(s),
  ),
  script(
    'directives/selectors',
    ...kinds.flatMap((kind) =>
      Object.entries(matchNames).map(([field, value]) => get(`${at(kind)}?fieldSelector=${field}%3D${value}`)),
    ),
    ...[
      'metadata.name',
      'metadata.name=',
      'metadata.name!=x,metadata.namespace=$NS',
      'metadata.name==x',
      'metadata.name in (x)',
      'metadata.name=x\\,y',
      ',',
      '=x',
      'spec.serviceAccountName=default',
      'spec.hostNetwork=false',
      'spec.restartPolicy!=Always',
      'spec.schedulerName=default-scheduler',
      'status.podIP=',
      'status.nominatedNodeName=',
      'status.podIPs=x',
    ].map((text) => get(`${at('pods')}?fieldSelector=${encodeURIComponent(text).replaceAll('%24', '$')}`)),
    ...[
      'status.successful=0',
      'status.replicas=0',
      'spec.type=ClusterIP',
      'involvedObject.kind=Pod',
      'spec.clusterIP=None',
    ].flatMap((text) =>
      ['jobs', 'replicasets', 'services', 'events'].map((kind) =>
        get(`${at(kind)}?fieldSelector=${encodeURIComponent(text)}`),
      ),
    ),
  ),
  script(
    'directives/defaults',
    post(
      at('pods'),
      pod('full', {
        initContainers: [
          { name: 'i', image: 'r.io:5000/a/b@sha256:00', ports: [{ containerPort: 1 }], lifecycle: undefined },
        ],
        containers: [
          {
            name: 'c',
            image: 'x:latest',
            livenessProbe: { httpGet: { port: 80 } },
            readinessProbe: { grpc: { port: 1 } },
            startupProbe: { exec: { command: ['a'] } },
            env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            resources: { limits: { cpu: '1', memory: '1Gi' } },
            lifecycle: { preStop: { httpGet: { port: 'x' } } },
          },
        ],
        volumes: [
          { name: 'a' },
          { name: 'b', secret: { secretName: 's' } },
          { name: 'c', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
          { name: 'd', hostPath: { path: '/x' } },
          { name: 'e', iscsi: { targetPortal: 'x', iqn: 'iqn.2001-04.com.example:x', lun: 0 } },
          { name: 'f', downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'metadata.name' } }] } },
          { name: 'g', azureDisk: { diskName: 'd', diskURI: 'https://x.blob.core.windows.net/y' } },
          { name: 'h', rbd: { monitors: ['m'], image: 'i' } },
          { name: 'k', scaleIO: { gateway: 'g', system: 's', secretRef: {}, volumeName: 'v' } },
          {
            name: 'l',
            ephemeral: {
              volumeClaimTemplate: {
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            },
          },
        ],
        hostNetwork: true,
      }),
    ),
    post(
      at('jobs'),
      of('batch/v1', 'Job', 'j', {
        spec: {
          completionMode: 'Indexed',
          completions: 2,
          podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] },
          template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
        },
      }),
    ),
    post(
      at('statefulsets'),
      of('apps/v1', 'StatefulSet', 'st', {
        spec: {
          selector: { matchLabels: { app: 'a' } },
          template: rich,
          volumeClaimTemplates: [
            {
              metadata: { name: 'v' },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            },
          ],
          persistentVolumeClaimRetentionPolicy: {},
        },
      }),
    ),
    post(
      at('daemonsets'),
      of('apps/v1', 'DaemonSet', 'ds', {
        spec: { selector: { matchLabels: { app: 'a' } }, template: rich, updateStrategy: { rollingUpdate: {} } },
      }),
    ),
    post(
      at('horizontalpodautoscalers'),
      of('autoscaling/v2', 'HorizontalPodAutoscaler', 'h', {
        spec: {
          maxReplicas: 2,
          scaleTargetRef: { kind: 'Deployment', name: 'd' },
          behavior: { scaleDown: {}, scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 5 }] } },
        },
      }),
    ),
    post(
      at('networkpolicies'),
      of('networking.k8s.io/v1', 'NetworkPolicy', 'n', {
        spec: { podSelector: {}, ingress: [{ ports: [{}] }], egress: [{}] },
      }),
    ),
    post(
      at('ingresses'),
      of('networking.k8s.io/v1', 'Ingress', 'i', {
        spec: {
          rules: [
            { http: { paths: [{ pathType: 'Exact', path: '/a', backend: { resource: { kind: 'A', name: 'b' } } }] } },
          ],
          tls: [{}],
        },
      }),
    ),
    post(at('secrets'), of('v1', 'Secret', 'x', { stringData: { a: 'b' }, data: { a: 'Yw==' } })),
  ),
]
