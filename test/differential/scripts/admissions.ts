/** What admission adds to objects, and with which words it refuses them; events. */

import { configMap, deployment, of, pod, service } from './objects.ts'
import { at, get, jsonPatch, patch, post, put, remove, script, strategic } from './script.ts'

const resources = (requests: object, limits?: object) => ({
  containers: [{ name: 'c', image: 'i', resources: { requests, ...(limits === undefined ? {} : { limits }) } }],
})
const dry = (plural: string) => `${at(plural)}?dryRun=All`
const event = (rest: object, name = 'e') => of('v1', 'Event', name, { ...rest })
const newEvent = (rest: object, name = 'n') => of('events.k8s.io/v1', 'Event', name, { ...rest })
const newEvents = '/apis/events.k8s.io/v1/namespaces/$NS/events'
const levels = ['privileged', 'baseline', 'restricted', 'bogus']
const bad = {
  hostNetwork: true,
  hostPID: true,
  hostIPC: true,
  volumes: [{ name: 'h', hostPath: { path: '/' } }],
  containers: [
    {
      name: 'c',
      image: 'i',
      ports: [{ containerPort: 80, hostPort: 80 }],
      securityContext: {
        privileged: true,
        runAsUser: 0,
        capabilities: { add: ['SYS_ADMIN', 'NET_RAW'] },
        procMount: 'Unmasked',
        seccompProfile: { type: 'Unconfined' },
        appArmorProfile: { type: 'Unconfined' },
        seLinuxOptions: { type: 'x' },
      },
    },
    { name: 'd', image: 'i' },
  ],
  initContainers: [{ name: 'e', image: 'i', securityContext: { allowPrivilegeEscalation: true } }],
  securityContext: {
    sysctls: [{ name: 'kernel.x', value: '1' }],
    runAsNonRoot: false,
    windowsOptions: { hostProcess: true },
  },
}

export const admissionScripts = [
  script(
    'admission/quota',
    post(
      at('resourcequotas'),
      of('v1', 'ResourceQuota', 'q', {
        spec: { hard: { cpu: '1', memory: '1Gi', pods: '2', 'count/configmaps': '1', 'requests.nvidia.com/gpu': 0 } },
      }),
    ),
    put(
      `${at('resourcequotas', 'q')}/status`,
      of('v1', 'ResourceQuota', 'q', {
        status: {
          hard: { cpu: '1', memory: '1Gi', pods: '2', 'count/configmaps': '1', 'requests.nvidia.com/gpu': 0 },
          used: { cpu: 0, memory: 0, pods: 0, 'count/configmaps': 0, 'requests.nvidia.com/gpu': 0 },
        },
      }),
    ),
    post(at('pods'), pod('none')),
    post(at('pods'), pod('cpu', resources({ cpu: '100m' }))),
    post(at('pods'), pod('big', resources({ cpu: '2', memory: '2Gi' }))),
    post(at('pods'), pod('gpu', resources({ cpu: '1m', memory: '1', 'nvidia.com/gpu': 1 }, { 'nvidia.com/gpu': 1 }))),
    post(at('pods'), pod('ok', resources({ cpu: '500m', memory: '1Mi' }))),
    post(at('pods'), pod('ok2', resources({ cpu: '501m', memory: '1Mi' }))),
    post(at('configmaps'), configMap('a')),
    post(at('configmaps'), configMap('b')),
    post(`${at('configmaps')}?dryRun=All`, configMap('b')),
    post(at('deployments'), deployment('d')),
    get(at('resourcequotas', 'q')),
    post(
      at('resourcequotas'),
      of('v1', 'ResourceQuota', 'r', { spec: { hard: { cpu: '1' }, scopes: ['Terminating', 'NotTerminating'] } }),
    ),
    post(
      at('resourcequotas'),
      of('v1', 'ResourceQuota', 'r', { spec: { hard: { services: '1' }, scopes: ['BestEffort'] } }),
    ),
    post(
      at('resourcequotas'),
      of('v1', 'ResourceQuota', 's', { spec: { hard: { pods: '0' }, scopes: ['BestEffort'] } }),
    ),
    put(
      `${at('resourcequotas', 's')}/status`,
      of('v1', 'ResourceQuota', 's', { status: { hard: { pods: '0' }, used: { pods: 0 } } }),
    ),
    post(at('pods'), pod('best')),
  ),
  script(
    'admission/limits',
    post(
      at('limitranges'),
      of('v1', 'LimitRange', 'l', {
        spec: {
          limits: [
            {
              type: 'Container',
              default: { cpu: '200m' },
              defaultRequest: { cpu: '100m' },
              min: { cpu: '50m' },
              max: { cpu: '1' },
              maxLimitRequestRatio: { cpu: '4' },
            },
            { type: 'Pod', max: { cpu: '1500m', memory: '1Gi' }, min: { memory: '1Mi' } },
          ],
        },
      }),
    ),
    post(dry('pods'), pod('a')),
    post(dry('pods'), pod('b', resources({ cpu: '10m', memory: '2Mi' }))),
    post(dry('pods'), pod('c', resources({ cpu: '1', memory: '2Mi' }, { cpu: '2' }))),
    post(dry('pods'), pod('d', resources({ cpu: '100m', memory: '2Mi' }, { cpu: '900m', memory: '2Gi' }))),
    post(
      dry('pods'),
      pod('e', {
        containers: [
          { name: 'a', image: 'i', resources: { limits: { cpu: '1' } } },
          { name: 'b', image: 'i', resources: { limits: { cpu: '1' } } },
        ],
      }),
    ),
    post(dry('pods'), pod('f', resources({ memory: '10Mi' }, { memory: '20Mi' }))),
    post(
      dry('limitranges'),
      of('v1', 'LimitRange', 'x', {
        spec: {
          limits: [
            { type: 'Pod', default: { cpu: '1' } },
            { type: 'Pod' },
            { type: 'Bogus', min: { cpu: '2' }, max: { cpu: '1' } },
          ],
        },
      }),
    ),
    post(dry('limitranges'), of('v1', 'LimitRange', 'x', { spec: { limits: [{ type: 'PersistentVolumeClaim' }] } })),
  ),
  ...levels.map((level) =>
    script(
      `admission/pod-security-${level}`,
      patch('/api/v1/namespaces/$NS', {
        metadata: {
          labels: {
            'pod-security.kubernetes.io/enforce': level,
            'pod-security.kubernetes.io/warn': level,
            'pod-security.kubernetes.io/audit': level,
          },
        },
      }),
      post(dry('pods'), pod('plain')),
      post(dry('pods'), pod('bad', bad)),
      post(dry('deployments'), deployment('d', { template: { metadata: { labels: { app: 'a' } }, spec: bad } })),
      post(
        dry('pods'),
        pod('good', {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'c',
              image: 'i',
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        }),
      ),
      post(
        dry('pods'),
        pod('volumes', {
          volumes: [
            { name: 'n', nfs: { server: 's', path: '/p' } },
            { name: 'e', emptyDir: {} },
          ],
        }),
      ),
      patch('/api/v1/namespaces/$NS', {
        metadata: {
          labels: {
            'pod-security.kubernetes.io/enforce-version': 'v1.20',
            'pod-security.kubernetes.io/warn-version': 'latest',
          },
        },
      }),
      post(dry('pods'), pod('old')),
      patch('/api/v1/namespaces/$NS', {
        metadata: { labels: { 'pod-security.kubernetes.io/enforce-version': 'bogus' } },
      }),
    ),
  ),
  script(
    'admission/pod-security-later',
    post(at('pods'), pod('old', { hostNetwork: true })),
    post(at('pods'), pod('older', bad)),
    patch('/api/v1/namespaces/$NS', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } }),
    patch('/api/v1/namespaces/$NS', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }),
    patch(at('pods', 'old'), { metadata: { labels: { a: 'b' } } }),
    strategic(at('pods', 'old'), { spec: { containers: [{ name: 'c', image: 'new' }] } }),
    strategic(`${at('pods', 'old')}/ephemeralcontainers`, {
      spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] },
    }),
  ),
  script(
    'admission/service-accounts',
    post(dry('pods'), pod('a', { serviceAccountName: 'nope' })),
    post(
      at('serviceaccounts'),
      of('v1', 'ServiceAccount', 'no', { automountServiceAccountToken: false, imagePullSecrets: [{ name: 's' }] }),
    ),
    post(dry('pods'), pod('b', { serviceAccountName: 'no' })),
    post(
      dry('pods'),
      pod('c', { serviceAccountName: 'no', automountServiceAccountToken: true, imagePullSecrets: [{ name: 'own' }] }),
    ),
    post(dry('pods'), pod('d', { serviceAccount: 'no' })),
    post(
      dry('pods'),
      pod('m', {
        containers: [
          {
            name: 'c',
            image: 'i',
            volumeMounts: [{ name: 'x', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
          },
        ],
        volumes: [{ name: 'x', emptyDir: {} }],
      }),
    ),
    post(
      at('serviceaccounts'),
      of(
        'v1',
        'ServiceAccount',
        'only',
        { secrets: [{ name: 'known' }] },
        { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
      ),
    ),
    post(
      dry('pods'),
      pod('e', { serviceAccountName: 'only', volumes: [{ name: 'x', secret: { secretName: 'other' } }] }),
    ),
    post(
      dry('pods'),
      pod('e', {
        serviceAccountName: 'only',
        containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'other' } }] }],
      }),
    ),
    post(
      dry('pods'),
      pod('mirror', { serviceAccountName: 'only' }, { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
    ),
    post(
      at('secrets'),
      of(
        'v1',
        'Secret',
        't',
        { type: 'kubernetes.io/service-account-token' },
        { annotations: { 'kubernetes.io/service-account.name': 'nope' } },
      ),
    ),
  ),
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
  script(
    'events/core',
    post(at('events'), event({})),
    post(at('events'), event({ involvedObject: { kind: 'Pod', namespace: 'other', name: 'p' } })),
    post(
      at('events'),
      event({
        involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' },
        reason: 'R',
        message: 'm',
        type: 'Normal',
        count: 1,
        firstTimestamp: '2024-01-01T00:00:00Z',
        lastTimestamp: '2024-01-01T00:00:00Z',
        source: { component: 'c', host: 'h' },
      }),
    ),
    post(
      at('events'),
      event(
        {
          involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' },
          type: 'Bogus',
          message: 'm'.repeat(2000),
          reason: 'r'.repeat(200),
        },
        'f',
      ),
    ),
    post(at('events'), event({ involvedObject: { kind: 'Node', name: 'n' } }, 'g')),
    post('/api/v1/namespaces/default/events?dryRun=All', event({ involvedObject: { kind: 'Node', name: 'n' } }, 'g')),
    patch(at('events', 'e'), { count: 2, lastTimestamp: '2024-01-02T00:00:00Z' }),
    patch(at('events', 'e'), { series: { count: 2, lastObservedTime: '2024-01-02T00:00:00.000000Z' } }),
    patch(at('events', 'e'), { eventTime: '2024-01-02T00:00:00.000000Z' }),
    patch(at('events', 'e'), { involvedObject: { name: 'q' } }),
    post(
      at('events'),
      event(
        { involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' }, eventTime: '2024-01-02T00:00:00.000000Z' },
        'h',
      ),
    ),
    post(
      at('events'),
      event(
        {
          involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' },
          eventTime: '2024-01-02T00:00:00.000000Z',
          reportingComponent: 'a.b/c',
          reportingInstance: 'i',
          action: 'A',
          reason: 'R',
          type: 'Normal',
        },
        'h',
      ),
    ),
    get(`${newEvents}/e`),
    get(`${newEvents}/h`),
    get(at('events')),
    get(newEvents, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
    remove(`${at('events')}?fieldSelector=reason%3DR`),
    get(at('events')),
  ),
  script(
    'events/new',
    post(newEvents, newEvent({})),
    post(
      newEvents,
      newEvent({
        regarding: { kind: 'Pod', namespace: '$NS', name: 'p' },
        reason: 'R',
        note: 'n',
        type: 'Normal',
        eventTime: '2024-01-01T00:00:00.000000Z',
        action: 'A',
        reportingController: 'c.io/x',
        reportingInstance: 'i',
      }),
    ),
    post(
      newEvents,
      newEvent(
        {
          regarding: { kind: 'Pod', namespace: '$NS', name: 'p' },
          reason: 'r'.repeat(129),
          note: 'n'.repeat(1025),
          type: 'Bogus',
          eventTime: '2024-01-01T00:00:00.000000Z',
          action: '',
          reportingController: 'c x',
          reportingInstance: '',
        },
        'm',
      ),
    ),
    post(
      newEvents,
      newEvent(
        {
          regarding: { kind: 'Pod', namespace: '$NS', name: 'p' },
          eventTime: null,
          deprecatedCount: 5,
          deprecatedSource: { component: 'c' },
          deprecatedFirstTimestamp: '2024-01-01T00:00:00Z',
        },
        'm',
      ),
    ),
    patch(`${newEvents}/n`, { series: { count: 2, lastObservedTime: '2024-01-02T00:00:00.000000Z' } }),
    patch(`${newEvents}/n`, { note: 'other' }),
    patch(`${newEvents}/n`, { series: { count: 1, lastObservedTime: '2024-01-02T00:00:00.000000Z' } }),
    put(
      `${newEvents}/n`,
      newEvent({
        regarding: { kind: 'Pod', namespace: '$NS', name: 'q' },
        reason: 'R',
        eventTime: '2024-01-01T00:00:00.000000Z',
        action: 'A',
        reportingController: 'c.io/x',
        reportingInstance: 'i',
        type: 'Normal',
      }),
    ),
    get(at('events', 'n')),
    get(`${newEvents}/n`),
    jsonPatch(at('events', 'n'), [{ op: 'replace', path: '/count', value: 9 }]),
  ),
  script(
    'warnings/deprecated',
    post(
      dry('pods'),
      pod(
        'a',
        {
          nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
          containers: [
            {
              name: 'c',
              image: 'i',
              env: [
                { name: 'a', value: '1' },
                { name: 'a', value: '2' },
              ],
              ports: [{ containerPort: 80 }, { containerPort: 80 }],
            },
          ],
        },
        {
          annotations: {
            'scheduler.alpha.kubernetes.io/critical-pod': '',
            'container.apparmor.security.beta.kubernetes.io/c': 'unconfined',
            'seccomp.security.alpha.kubernetes.io/pod': 'x',
          },
        },
      ),
    ),
    post(
      dry('pods'),
      pod('b', {
        terminationGracePeriodSeconds: -1,
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'x', whenUnsatisfiable: 'DoNotSchedule' }],
        volumes: [
          { name: 'v', gitRepo: { repository: 'x' } },
          { name: 'w', emptyDir: { sizeLimit: '0.5' } },
        ],
      }),
    ),
    post(
      dry('services'),
      service('a', { externalIPs: ['010.0.0.1'], sessionAffinity: 'ClientIP', clusterIP: 'None', externalName: 'x' }),
    ),
    post(
      dry('cronjobs'),
      of('batch/v1', 'CronJob', 'c', {
        spec: {
          schedule: 'TZ=UTC * * * * *',
          jobTemplate: {
            spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
          },
        },
      }),
    ),
    post(
      dry('ingresses'),
      of('networking.k8s.io/v1', 'Ingress', 'i', {
        spec: {
          ingressClassName: 'x',
          rules: [{ host: 'a', http: { paths: [{ path: '/', pathType: 'Bogus', backend: {} }] } }],
        },
      }),
    ),
    get('/api/v1/componentstatuses', { unread: true }),
    get('/api/v1/componentstatuses/etcd-0'),
    post('/api/v1/namespaces/$NS/endpoints?dryRun=All', of('v1', 'Endpoints', 'e')),
    get(at('endpoints')),
    post(
      dry('configmaps'),
      configMap(
        'x',
        {},
        { labels: { a: 'b' }, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x' } },
      ),
    ),
  ),
]
