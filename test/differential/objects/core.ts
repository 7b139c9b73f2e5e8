/** Valid objects of the core group that the differential corpus is bred from. */

import type { Base } from '../corpus.ts'

const meta = (name: string) => ({ name, namespace: 'default' })
const of = (
  kind: string,
  key: string,
  name: string,
  rest: object,
  namespaced = true,
  more: Partial<Base> = {},
): Base => ({
  name,
  key,
  object: { apiVersion: 'v1', kind, metadata: namespaced ? meta(name) : { name }, ...rest },
  ...more,
})

export const coreBases: readonly Base[] = [
  of('ConfigMap', 'v1/configmaps', 'cm', { data: { a: 'b' }, binaryData: { c: 'AA==' } }),
  of('ConfigMap', 'v1/configmaps', 'cm-immutable', { data: { a: 'b' }, immutable: true }),
  of('Secret', 'v1/secrets', 'secret', { type: 'Opaque', data: { a: 'Yg==' }, stringData: { s: 't' } }),
  of('Secret', 'v1/secrets', 'secret-tls', {
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': 'Yg==', 'tls.key': 'Yg==' },
  }),
  of('Secret', 'v1/secrets', 'secret-docker', {
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': 'e30=' },
  }),
  of('Secret', 'v1/secrets', 'secret-dockercfg', { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': 'e30=' } }),
  of('Secret', 'v1/secrets', 'secret-basic', {
    type: 'kubernetes.io/basic-auth',
    data: { username: 'Yg==', password: 'Yg==' },
  }),
  of('Secret', 'v1/secrets', 'secret-ssh', { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': 'Yg==' } }),
  of('ServiceAccount', 'v1/serviceaccounts', 'sa', {
    secrets: [{ name: 's' }],
    imagePullSecrets: [{ name: 'p' }],
    automountServiceAccountToken: true,
  }),
  of('Namespace', 'v1/namespaces', 'ns-min', {}, false),
  of(
    'Namespace',
    'v1/namespaces',
    'ns',
    { spec: { finalizers: ['kubernetes', 'example.com/f'] }, status: { phase: 'Active' } },
    false,
  ),
  of('Node', 'v1/nodes', 'node-min', {}, false),
  of(
    'Node',
    'v1/nodes',
    'node',
    {
      spec: {
        podCIDR: '10.1.0.0/24',
        podCIDRs: ['10.1.0.0/24', 'fd00::/64'],
        providerID: 'p',
        unschedulable: true,
        taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
      },
      status: {
        capacity: { cpu: '1', memory: '1Gi', pods: '110' },
        allocatable: { cpu: '1' },
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '1.2.3.4' }],
        nodeInfo: { machineID: 'm' },
        daemonEndpoints: { kubeletEndpoint: { Port: 1 } },
        images: [{ names: ['a'], sizeBytes: 1 }],
      },
    },
    false,
  ),
  of(
    'PersistentVolume',
    'v1/persistentvolumes',
    'pv',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/a' },
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: 'sc',
        mountOptions: ['ro'],
        volumeMode: 'Filesystem',
        claimRef: { namespace: 'default', name: 'c' },
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'In', values: ['v'] }] }] },
        },
      },
    },
    false,
  ),
  of(
    'PersistentVolume',
    'v1/persistentvolumes',
    'pv-csi',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany', 'ReadOnlyMany'],
        volumeAttributesClassName: 'vac',
        csi: {
          driver: 'd.example',
          volumeHandle: 'h',
          readOnly: true,
          fsType: 'ext4',
          volumeAttributes: { a: 'b' },
          controllerPublishSecretRef: { name: 'n', namespace: 'ns' },
          nodeStageSecretRef: { name: 'n', namespace: 'ns' },
          nodePublishSecretRef: { name: 'n', namespace: 'ns' },
          controllerExpandSecretRef: { name: 'n', namespace: 'ns' },
          nodeExpandSecretRef: { name: 'n', namespace: 'ns' },
        },
      },
    },
    false,
  ),
  of(
    'PersistentVolume',
    'v1/persistentvolumes',
    'pv-local',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        local: { path: '/a', fsType: 'ext4' },
        volumeMode: 'Filesystem',
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'In', values: ['v'] }] }] },
        },
      },
    },
    false,
  ),
  of('PersistentVolumeClaim', 'v1/persistentvolumeclaims', 'pvc', {
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' }, limits: { storage: '2Gi' } },
      storageClassName: 'sc',
      volumeMode: 'Block',
      volumeName: 'v',
      selector: { matchLabels: { a: 'b' } },
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' },
      volumeAttributesClassName: 'vac',
    },
  }),
  of('PersistentVolumeClaim', 'v1/persistentvolumeclaims', 'pvc-min', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  of('Service', 'v1/services', 'svc', {
    spec: {
      selector: { a: 'b' },
      ports: [
        { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 100 } },
      externalIPs: ['1.2.3.4'],
      publishNotReadyAddresses: true,
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Local',
      trafficDistribution: 'PreferClose',
    },
  }),
  of('Service', 'v1/services', 'svc-min', { spec: { ports: [{ port: 80 }] } }),
  of('Service', 'v1/services', 'svc-headless', {
    spec: { clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] },
  }),
  of('Service', 'v1/services', 'svc-lb', {
    spec: {
      type: 'LoadBalancer',
      ports: [{ port: 80, nodePort: 30123 }],
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 31234,
      loadBalancerIP: '1.2.3.4',
      loadBalancerSourceRanges: ['10.0.0.0/8'],
      allocateLoadBalancerNodePorts: true,
      loadBalancerClass: 'example.com/lb',
    },
  }),
  of('Service', 'v1/services', 'svc-np', { spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30124 }] } }),
  of('Service', 'v1/services', 'svc-ext', { spec: { type: 'ExternalName', externalName: 'a.example' } }),
  of('Endpoints', 'v1/endpoints', 'ep', {
    subsets: [
      {
        addresses: [
          { ip: '1.2.3.4', hostname: 'h', nodeName: 'n', targetRef: { kind: 'Pod', name: 'p', namespace: 'default' } },
        ],
        notReadyAddresses: [{ ip: '1.2.3.5' }],
        ports: [{ name: 'a', port: 80, protocol: 'TCP', appProtocol: 'http' }],
      },
    ],
  }),
  of(
    'LimitRange',
    'v1/limitranges',
    'lr',
    {
      spec: {
        limits: [
          {
            type: 'Container',
            max: { cpu: '2' },
            min: { cpu: '100m' },
            default: { cpu: '1' },
            defaultRequest: { cpu: '500m' },
            maxLimitRequestRatio: { cpu: '4' },
          },
          { type: 'Pod', max: { memory: '1Gi' } },
          { type: 'PersistentVolumeClaim', max: { storage: '1Gi' }, min: { storage: '1Mi' } },
        ],
      },
    },
    true,
    { dry: true },
  ),
  of(
    'ResourceQuota',
    'v1/resourcequotas',
    'rq',
    {
      spec: {
        hard: { pods: '10', 'requests.cpu': '1', 'count/configmaps': '5' },
        scopes: ['NotTerminating'],
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['x'] }] },
      },
    },
    true,
    { dry: true },
  ),
  of(
    'ResourceQuota',
    'v1/resourcequotas',
    'rq-min',
    { spec: { hard: { 'requests.storage': '1Gi', 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' } } },
    true,
    { dry: true },
  ),
  of('ReplicationController', 'v1/replicationcontrollers', 'rc', {
    spec: {
      replicas: 2,
      minReadySeconds: 3,
      selector: { a: 'b' },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } },
    },
  }),
  of('Event', 'v1/events', 'ev', {
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p', apiVersion: 'v1' },
    reason: 'R',
    message: 'M',
    source: { component: 'c', host: 'h' },
    firstTimestamp: '2020-01-01T00:00:00Z',
    lastTimestamp: '2020-01-01T00:00:00Z',
    count: 1,
    type: 'Normal',
  }),
  of('Event', 'v1/events', 'ev-new', {
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    reason: 'R',
    message: 'M',
    eventTime: '2020-01-01T00:00:00.000001Z',
    reportingComponent: 'c.example/x',
    reportingInstance: 'i',
    action: 'A',
    type: 'Warning',
    series: { count: 2, lastObservedTime: '2020-01-01T00:00:00.000001Z' },
  }),
  of('Binding', 'v1/bindings', 'bind', { target: { kind: 'Node', name: 'n' } }),
]
