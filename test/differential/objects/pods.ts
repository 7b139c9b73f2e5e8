/** Valid Pods, small and full, that the differential corpus is bred from. */

import type { Base } from '../corpus.ts'

const meta = (name: string) => ({ name, namespace: 'default' })

/** Everything a container may say, in a Pod that a Linux node may run. */
export const fullContainer = {
  name: 'main',
  image: 'registry.example/app:1.2',
  command: ['/app'],
  args: ['--flag', '$(VAR)'],
  workingDir: '/srv',
  ports: [
    { name: 'http', containerPort: 80, protocol: 'TCP', hostPort: 8080, hostIP: '127.0.0.1' },
    { containerPort: 53, protocol: 'UDP' },
  ],
  envFrom: [
    { prefix: 'A_', configMapRef: { name: 'cm', optional: true } },
    { secretRef: { name: 'sec', optional: false } },
  ],
  env: [
    { name: 'PLAIN', value: 'x' },
    { name: 'POD', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    {
      name: 'LIMIT',
      valueFrom: { resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' } },
    },
    { name: 'CM', valueFrom: { configMapKeyRef: { name: 'cm', key: 'k', optional: true } } },
    { name: 'SEC', valueFrom: { secretKeyRef: { name: 'sec', key: 'k' } } },
    {
      name: 'FILE',
      valueFrom: { fileKeyRef: { volumeName: 'scratch', path: 'env/file', key: 'KEY', optional: true } },
    },
  ],
  resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '0.5', memory: '512Mi' } },
  resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
  volumeMounts: [
    { name: 'scratch', mountPath: '/scratch', subPath: 'a/b' },
    { name: 'scratch', mountPath: '/ro', readOnly: true, recursiveReadOnly: 'Disabled', mountPropagation: 'None' },
    { name: 'scratch', mountPath: '/expr', subPathExpr: '$(POD)' },
  ],
  volumeDevices: [{ name: 'block', devicePath: '/dev/xvda' }],
  livenessProbe: {
    httpGet: {
      path: '/live',
      port: 'http',
      host: 'h.example',
      scheme: 'HTTPS',
      httpHeaders: [{ name: 'X-A', value: '1' }],
    },
    terminationGracePeriodSeconds: 5,
  },
  readinessProbe: {
    tcpSocket: { port: 80, host: '127.0.0.1' },
    initialDelaySeconds: 1,
    timeoutSeconds: 2,
    periodSeconds: 3,
    successThreshold: 1,
    failureThreshold: 4,
  },
  startupProbe: { exec: { command: ['true'] } },
  lifecycle: {
    postStart: { exec: { command: ['true'] } },
    preStop: { httpGet: { path: '/stop', port: 80 } },
  },
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'FallbackToLogsOnError',
  imagePullPolicy: 'Always',
  securityContext: {
    capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
    privileged: false,
    seLinuxOptions: { user: 'u', role: 'r', type: 't', level: 's0' },
    runAsUser: 1000,
    runAsGroup: 1000,
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    procMount: 'Default',
    seccompProfile: { type: 'Localhost', localhostProfile: 'a/b.json' },
    appArmorProfile: { type: 'Localhost', localhostProfile: 'p' },
  },
  stdin: true,
  stdinOnce: true,
  tty: true,
}

const volumes = [
  { name: 'v-empty', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
  { name: 'v-host', hostPath: { path: '/var', type: 'Directory' } },
  {
    name: 'v-secret',
    secret: { secretName: 's', defaultMode: 256, optional: true, items: [{ key: 'k', path: 'p', mode: 256 }] },
  },
  {
    name: 'v-cm',
    configMap: { name: 'c', defaultMode: 256, optional: true, items: [{ key: 'k', path: 'p/q', mode: 256 }] },
  },
  { name: 'v-pvc', persistentVolumeClaim: { claimName: 'claim', readOnly: true } },
  {
    name: 'v-down',
    downwardAPI: {
      defaultMode: 256,
      items: [
        { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
        { path: 'cpu', mode: 256, resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1' } },
      ],
    },
  },
  {
    name: 'v-proj',
    projected: {
      defaultMode: 256,
      sources: [
        { secret: { name: 's', items: [{ key: 'k', path: 'p' }], optional: true } },
        { configMap: { name: 'c', items: [{ key: 'k', path: 'p2' }] } },
        { downwardAPI: { items: [{ path: 'ann', fieldRef: { fieldPath: "metadata.annotations['a']" } }] } },
        { serviceAccountToken: { audience: 'aud', expirationSeconds: 3600, path: 'token' } },
      ],
    },
  },
  { name: 'v-nfs', nfs: { server: 's', path: '/p', readOnly: true } },
  {
    name: 'v-csi',
    csi: {
      driver: 'd.example',
      readOnly: true,
      fsType: 'ext4',
      volumeAttributes: { a: 'b' },
      nodePublishSecretRef: { name: 's' },
    },
  },
  {
    name: 'v-eph',
    ephemeral: {
      volumeClaimTemplate: {
        metadata: { labels: { a: 'b' } },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    },
  },
  { name: 'v-image', image: { reference: 'r.example/i:1', pullPolicy: 'IfNotPresent' } },
  {
    name: 'v-iscsi',
    iscsi: {
      targetPortal: '1.2.3.4',
      iqn: 'iqn.2015-02.example.com:t',
      lun: 0,
      chapAuthSession: true,
      chapAuthDiscovery: true,
      secretRef: { name: 's' },
      portals: ['1.2.3.5'],
      initiatorName: 'iqn.2015-02.example.com:i',
      iscsiInterface: 'x',
      fsType: 'ext4',
    },
  },
  { name: 'v-fc', fc: { targetWWNs: ['500a0982991b8dc5'], lun: 2, fsType: 'ext4' } },
  { name: 'v-rbd', rbd: { monitors: ['m'], image: 'i', pool: 'p', user: 'u', keyring: '/k' } },
  { name: 'v-ceph', cephfs: { monitors: ['m'], path: '/', user: 'u', secretRef: { name: 's' } } },
  { name: 'v-glus', glusterfs: { endpoints: 'e', path: 'p' } },
  { name: 'v-gce', gcePersistentDisk: { pdName: 'p', fsType: 'ext4', partition: 1 } },
  { name: 'v-aws', awsElasticBlockStore: { volumeID: 'v', fsType: 'ext4', partition: 1 } },
  { name: 'v-azd', azureDisk: { diskName: 'd', diskURI: '/subscriptions/x', cachingMode: 'None', kind: 'Managed' } },
  { name: 'v-azf', azureFile: { secretName: 's', shareName: 'n' } },
  { name: 'v-cinder', cinder: { volumeID: 'v', fsType: 'ext4', secretRef: { name: 's' } } },
  { name: 'v-flex', flexVolume: { driver: 'a/b', fsType: 'ext4', secretRef: { name: 's' }, options: { a: 'b' } } },
  { name: 'v-flocker', flocker: { datasetName: 'd' } },
  { name: 'v-vs', vsphereVolume: { volumePath: '[ds] v', fsType: 'ext4' } },
  { name: 'v-qb', quobyte: { registry: 'r:1', volume: 'v', user: 'u' } },
  { name: 'v-px', portworxVolume: { volumeID: 'v' } },
  {
    name: 'v-sio',
    scaleIO: { gateway: 'g', system: 's', secretRef: { name: 's' }, volumeName: 'v', storageMode: 'ThinProvisioned' },
  },
  { name: 'v-sos', storageos: { volumeName: 'v', volumeNamespace: 'n', secretRef: { name: 's' } } },
  { name: 'v-git', gitRepo: { repository: 'r', revision: 'x', directory: 'd' } },
]

const term = {
  labelSelector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'k', operator: 'In', values: ['v'] }] },
  namespaceSelector: { matchExpressions: [{ key: 'k', operator: 'Exists' }] },
  namespaces: ['n'],
  topologyKey: 'kubernetes.io/hostname',
  matchLabelKeys: ['x'],
  mismatchLabelKeys: ['y'],
}

const scheduling = {
  restartPolicy: 'OnFailure',
  terminationGracePeriodSeconds: 10,
  activeDeadlineSeconds: 100,
  dnsPolicy: 'None',
  dnsConfig: {
    nameservers: ['1.2.3.4'],
    searches: ['a.b', 'c.'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  },
  nodeSelector: { disk: 'ssd' },
  automountServiceAccountToken: false,
  hostPID: false,
  shareProcessNamespace: true,
  securityContext: {
    seLinuxOptions: { level: 's0' },
    runAsUser: 1,
    runAsGroup: 1,
    runAsNonRoot: true,
    supplementalGroups: [1, 2],
    supplementalGroupsPolicy: 'Merge',
    fsGroup: 3,
    fsGroupChangePolicy: 'OnRootMismatch',
    sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }],
    seccompProfile: { type: 'RuntimeDefault' },
    appArmorProfile: { type: 'RuntimeDefault' },
    seLinuxChangePolicy: 'Recursive',
  },
  imagePullSecrets: [{ name: 'pull' }],
  hostname: 'host',
  subdomain: 'sub',
  setHostnameAsFQDN: true,
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          {
            matchExpressions: [
              { key: 'k', operator: 'In', values: ['v'] },
              { key: 'n', operator: 'Gt', values: ['3'] },
              { key: 'e', operator: 'DoesNotExist' },
            ],
            matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }],
          },
        ],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, preference: { matchExpressions: [{ key: 'k', operator: 'Exists' }] } },
      ],
    },
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [term],
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, podAffinityTerm: { labelSelector: { matchLabels: { a: 'b' } }, topologyKey: 'zone' } },
      ],
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { a: 'b' } }, topologyKey: 'zone' },
      ],
    },
  },
  schedulerName: 'other',
  tolerations: [
    { key: 'a', operator: 'Equal', value: 'b', effect: 'NoExecute', tolerationSeconds: 3 },
    { operator: 'Exists' },
  ],
  hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b.c'] }],
  readinessGates: [{ conditionType: 'example.com/gate' }],
  enableServiceLinks: false,
  preemptionPolicy: 'PreemptLowerPriority',
  overhead: undefined,
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { a: 'b' } },
      minDomains: 2,
      nodeAffinityPolicy: 'Honor',
      nodeTaintsPolicy: 'Ignore',
      matchLabelKeys: ['pod-template-hash'],
    },
  ],
  schedulingGates: [{ name: 'example.com/g' }],
  resourceClaims: [
    { name: 'c', resourceClaimName: 'claim' },
    { name: 't', resourceClaimTemplateName: 'tmpl' },
  ],
  os: { name: 'linux' },
  resources: { limits: { cpu: '2' }, requests: { cpu: '1' } },
}

const pod = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...meta(name), ...metadata },
  spec: { automountServiceAccountToken: false, serviceAccountName: 'default', ...spec },
})

export const podBases: readonly Base[] = [
  {
    name: 'pod-min',
    key: 'v1/pods',
    object: pod(
      'pod-min',
      { containers: [{ name: 'main', image: 'busybox' }] },
      { labels: { app: 'a' }, annotations: { note: 'x' } },
    ),
    absentDepth: 3,
    focus: 'all',
  },
  {
    name: 'pod-containers',
    key: 'v1/pods',
    object: pod('pod-containers', {
      containers: [
        fullContainer,
        {
          name: 'two',
          image: 'busybox',
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
        },
      ],
      initContainers: [
        { name: 'init', image: 'busybox:1.2.3' },
        {
          name: 'side',
          image: 'busybox@sha256:1ff6c18fbef2045af6b9c16bf034cc421a29027b800e4f9b68ae9b1cb3e9ae07',
          restartPolicy: 'Always',
          startupProbe: { grpc: { port: 9, service: 's' } },
        },
      ],
      restartPolicy: 'Never',
      volumes: [{ name: 'scratch' }, { name: 'block', persistentVolumeClaim: { claimName: 'c' } }],
    }),
    focus: ['spec.containers', 'spec.initContainers'],
  },
  {
    name: 'pod-volumes',
    key: 'v1/pods',
    object: pod('pod-volumes', {
      containers: [{ name: 'main', image: 'busybox', resources: { limits: { cpu: 1 } } }],
      volumes,
    }),
    focus: ['spec.volumes'],
  },
  {
    name: 'pod-scheduling',
    key: 'v1/pods',
    object: pod('pod-scheduling', { containers: [{ name: 'main', image: 'busybox' }], ...scheduling }),
    focus: ['spec'],
  },
  {
    name: 'pod-host',
    key: 'v1/pods',
    object: pod('pod-host', {
      containers: [{ name: 'main', image: 'busybox', ports: [{ containerPort: 80 }] }],
      hostNetwork: true,
      hostIPC: true,
      hostPID: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
      hostUsers: true,
      serviceAccountName: 'default',
      nodeName: 'n1',
      priorityClassName: 'system-node-critical',
      runtimeClassName: undefined,
    }),
    focus: ['spec'],
  },
  {
    name: 'podtemplate',
    key: 'v1/podtemplates',
    object: {
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: meta('podtemplate'),
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } },
    },
    absentDepth: 0,
  },
]
