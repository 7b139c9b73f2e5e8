/** What kubectl sends to run, expose, autoscale, scale, roll out, debug, describe, wait for and delete workloads. */

import { of, pod } from './objects.ts'
import { at, get, patch, post, put, remove, script, type Step, strategic, TABLE, watch } from './script.ts'

type Json = Readonly<Record<string, unknown>>
const PRINTED = `${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`
const labels = { app: 'web' }
const selector = { matchLabels: labels }
const container = (image = 'nginx:1') => ({ name: 'nginx', image, resources: {} })
const template = (image?: string, metadata: Json = {}) => ({
  metadata: { labels, ...metadata },
  spec: { containers: [container(image)] },
})
const workloads: Readonly<Record<string, Json>> = {
  deployments: of('apps/v1', 'Deployment', 'web', {
    spec: { replicas: 1, selector, template: template(), strategy: {} },
    status: {},
  }),
  statefulsets: of('apps/v1', 'StatefulSet', 'web', {
    spec: { replicas: 1, selector, serviceName: 'web', template: template() },
  }),
  daemonsets: of('apps/v1', 'DaemonSet', 'web', { spec: { selector, template: template() } }),
  replicasets: of('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 1, selector, template: template() } }),
  replicationcontrollers: of('v1', 'ReplicationController', 'web', {
    spec: { replicas: 1, selector: labels, template: template() },
  }),
}
const scalable = ['deployments', 'statefulsets', 'replicasets', 'replicationcontrollers']
const p = at('pods', 'web')
const named = (name: string) => `fieldSelector=metadata.name%3D${name}`

/** scale: a merge patch, or what was read with another number when it has to be so many now. */
function scales(resource: string): Step[] {
  const one = at(resource, 'web')
  const scale = (replicas: unknown, metadata: Json = {}) =>
    of(
      'autoscaling/v1',
      'Scale',
      'web',
      { spec: { replicas }, status: { replicas: 0 } },
      { namespace: '$NS', ...metadata },
    )
  return [
    post(`${at(resource)}?fieldManager=kubectl-create`, workloads[resource]),
    get(one),
    patch(`${one}/scale?fieldManager=kubectl-scale`, { spec: { replicas: 3 } }),
    get(`${one}/scale`, { save: { V: 'metadata.resourceVersion', U: 'metadata.uid' } }),
    put(`${one}/scale?fieldManager=kubectl-scale`, scale(5, { resourceVersion: '$V', uid: '$U' })),
    put(`${one}/scale?fieldManager=kubectl-scale`, scale(6, { resourceVersion: '$V', uid: '$U' }), { unread: true }),
    put(`${one}/scale?fieldManager=kubectl-scale`, scale(6, { uid: 'other' })),
    put(`${one}/scale?fieldManager=kubectl-scale`, scale(-1)),
    patch(`${one}/scale?fieldManager=kubectl-scale`, { spec: { replicas: null } }),
    patch(`${one}/scale?fieldManager=kubectl-scale&dryRun=All`, { spec: { replicas: 9 } }),
    patch(`${one}/scale?fieldManager=kubectl-scale`, { spec: { replicas: 'x' } }),
    patch(`${one}/scale?fieldManager=kubectl-scale`, { metadata: { labels: { a: 'b' } } }),
    get(`${one}/scale`, { accept: TABLE }),
    get(one),
  ]
}

/** rollout: restart, pause, resume, history, undo, status. */
function rollouts(resource: string): Step[] {
  const one = at(resource, 'web')
  const by = 'fieldManager=kubectl-rollout'
  return [
    post(`${at(resource)}?fieldManager=kubectl-create`, workloads[resource]),
    get(one, { save: { FROM: 'metadata.resourceVersion', UID: 'metadata.uid' } }),
    strategic(`${one}?${by}`, {
      spec: {
        template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' } } },
      },
    }),
    strategic(`${one}?${by}`, { spec: { paused: true } }),
    strategic(`${one}?${by}`, { spec: { paused: null } }),
    get(`${at('controllerrevisions')}?labelSelector=app%3Dweb`),
    get(`${at('replicasets')}?labelSelector=app%3Dweb`),
    // undo
    strategic(`${one}?${by}`, {
      spec: { template: { $patch: 'replace', ...template('nginx:0', { annotations: { back: 'true' } }) } },
    }),
    get(`${at(resource)}?${named('web')}&limit=500`),
    watch(`${at(resource)}?${named('web')}&resourceVersion=$FROM&allowWatchBookmarks=true`),
    get(at(resource), { accept: PRINTED }),
    get(one),
  ]
}

const owner = (name: string) => [
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: '$UID', controller: true, blockOwnerDeletion: true },
]

const deletes: readonly Step[] = [
  ...['a', 'b', 'c', 'd'].map((name) =>
    post(`${at('pods')}?fieldManager=kubectl-run`, pod(name, {}, { labels: { set: name < 'c' ? 'x' : 'y' } }), {
      save: { [`U${name.toUpperCase()}`]: 'metadata.uid' },
    }),
  ),
  remove(at('pods', 'a'), { body: { propagationPolicy: 'Background' } }),
  get(`${at('pods')}?${named('a')}`),
  remove(at('pods', 'a'), { body: { propagationPolicy: 'Background' } }),
  remove(at('pods', 'b'), { body: { gracePeriodSeconds: 0, propagationPolicy: 'Background' } }),
  get(`${at('pods')}?labelSelector=set%3Dy&limit=500`, { accept: PRINTED }),
  remove(at('pods', 'c'), { body: { gracePeriodSeconds: 1, propagationPolicy: 'Foreground' } }),
  get(at('pods', 'c')),
  patch(at('pods', 'c'), { metadata: { finalizers: null } }),
  remove(at('pods', 'd'), { body: { propagationPolicy: 'Orphan' } }),
  get(at('pods', 'd')),
  patch(at('pods', 'd'), { metadata: { finalizers: [] } }),
  remove(`${at('pods')}?labelSelector=set`, { body: { propagationPolicy: 'Background' } }),
  remove(at('pods', 'd'), { body: { dryRun: ['All'], propagationPolicy: 'Background' } }),
  get(at('pods'), { accept: PRINTED }),
  post(`${at('replicasets')}?fieldManager=kubectl-create`, workloads['replicasets'], { save: { UID: 'metadata.uid' } }),
  post(at('pods'), pod('e', {}, { ownerReferences: owner('web'), labels })),
  remove(at('replicasets', 'web'), { body: { propagationPolicy: 'Foreground', preconditions: { uid: '$UID' } } }),
  get(at('replicasets', 'web')),
  remove(at('replicasets', 'web'), { body: { propagationPolicy: 'Background' } }),
  get(at('replicasets', 'web')),
  remove(at('replicasets', 'web'), { body: { propagationPolicy: 'Orphan' } }),
  get(at('replicasets', 'web')),
  get(at('pods', 'e')),
]

const debugger_ = (name: string, rest: Json = {}) => ({
  name,
  image: 'busybox',
  resources: {},
  stdin: true,
  tty: true,
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
  ...rest,
})
const orders = (...names: string[]) => ({ '$setElementOrder/ephemeralContainers': names.map((name) => ({ name })) })
const debugs: readonly Step[] = [
  post(`${at('pods')}?fieldManager=kubectl-run`, pod('web')),
  get(p),
  strategic(`${p}/ephemeralcontainers`, {
    spec: { ...orders('debugger-1'), ephemeralContainers: [debugger_('debugger-1', { targetContainerName: 'c' })] },
  }),
  strategic(`${p}/ephemeralcontainers`, {
    spec: {
      ...orders('debugger-1', 'debugger-2'),
      ephemeralContainers: [debugger_('debugger-2', { securityContext: { capabilities: { add: ['SYS_PTRACE'] } } })],
    },
  }),
  strategic(`${p}/ephemeralcontainers`, {
    spec: { ephemeralContainers: [debugger_('debugger-1', { image: 'other' })] },
  }),
  strategic(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [debugger_('c')] } }),
  strategic(`${p}/ephemeralcontainers`, {
    spec: { ephemeralContainers: [debugger_('d3', { targetContainerName: 'none' })] },
  }),
  strategic(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'debugger-1', $patch: 'delete' }] } }),
  strategic(`${p}/ephemeralcontainers`, {
    spec: { ephemeralContainers: [debugger_('d4', { resources: { limits: { cpu: '1' } } })] },
  }),
  strategic(`${p}/ephemeralcontainers`, {
    spec: { ephemeralContainers: [debugger_('d5', { ports: [{ containerPort: 1 }] })] },
  }),
  strategic(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [debugger_('d6', { ports: [] })] } }),
  patch(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [] } }),
  get(`${p}/ephemeralcontainers`),
  // debug --copy-to
  post(
    `${at('pods')}`,
    pod(
      'copy',
      {
        containers: [{ name: 'c', image: 'busybox', stdin: true, tty: true }],
        shareProcessNamespace: true,
        nodeName: '',
      },
      { resourceVersion: '', uid: '' },
    ),
  ),
  // debug node/none
  post(
    at('pods'),
    pod('node-debugger', {
      nodeName: 'none',
      hostPID: true,
      hostIPC: true,
      hostNetwork: true,
      restartPolicy: 'Never',
      tolerations: [{ operator: 'Exists' }],
      volumes: [{ name: 'host-root', hostPath: { path: '/' } }],
      containers: [{ name: 'debugger', image: 'busybox', volumeMounts: [{ name: 'host-root', mountPath: '/host' }] }],
    }),
  ),
  get(at('pods'), { accept: PRINTED }),
  // exec, logs, attach, port-forward of what runs nowhere
  get(`${p}/log?container=c`),
  get(`${p}/log?container=none`),
  get(`${p}/log?container=c&follow=true&tailLines=5`),
  post(`${p}/exec?command=ls&container=c&stdout=true&stderr=true`, undefined),
  post(`${p}/attach?container=c&stdout=true`, undefined),
  post(`${p}/portforward`, undefined),
  get(`${p}/proxy/`),
]

const events = at('events')
const involved = 'involvedObject.name%3Dweb%2CinvolvedObject.namespace%3D$NS'
const described: readonly Step[] = [
  post(`${at('pods')}?fieldManager=kubectl-run`, pod('web'), { save: { UID: 'metadata.uid' } }),
  post(
    events,
    of('v1', 'Event', 'web.1', {
      involvedObject: {
        kind: 'Pod',
        namespace: '$NS',
        name: 'web',
        uid: '$UID',
        apiVersion: 'v1',
        fieldPath: 'spec.containers{c}',
      },
      reason: 'Pulled',
      message: 'm',
      type: 'Normal',
      count: 1,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'kubelet', host: 'n' },
    }),
  ),
  post(
    events,
    of('v1', 'Event', 'web.2', {
      involvedObject: { kind: 'Pod', namespace: '$NS', name: 'web', uid: 'x' },
      reason: 'Failed',
      message: 'm',
      type: 'Warning',
    }),
  ),
  get(`${events}?fieldSelector=${involved}%2CinvolvedObject.uid%3D$UID&limit=500`),
  get(`${events}?fieldSelector=${involved}&limit=500`, { accept: PRINTED }),
  get(`${events}?fieldSelector=type%3DWarning%2Creason%3DFailed`),
  get(`${events}?fieldSelector=involvedObject.kind%3DPod%2CinvolvedObject.fieldPath%3Dspec.containers%7Bc%7D`),
  get(`${events}?fieldSelector=source%3Dkubelet`),
  get(`${events}?fieldSelector=reportingComponent%3Dkubelet`),
  get(`${events}?fieldSelector=involvedObject.bogus%3Dx`),
  get(`/apis/events.k8s.io/v1/namespaces/$NS/events?fieldSelector=regarding.name%3Dweb`),
  get(`/apis/events.k8s.io/v1/namespaces/$NS/events`, { accept: PRINTED }),
  get(at('pods', 'web')),
  // wait --for=condition and --for=delete
  get(`${at('pods')}?${named('web')}`, { save: { FROM: 'metadata.resourceVersion' } }),
  patch(`${p}/status`, {
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
  }),
  watch(`${at('pods')}?${named('web')}&resourceVersion=$FROM`),
  remove(p, { body: { gracePeriodSeconds: 0 } }),
  watch(`${at('pods')}?${named('web')}&resourceVersion=$FROM`),
  get(p),
]

const exposes: readonly Step[] = [
  post(`${at('deployments')}?fieldManager=kubectl-create`, workloads['deployments']),
  get(at('deployments', 'web')),
  post(
    `${at('services')}?fieldManager=kubectl-expose`,
    of(
      'v1',
      'Service',
      'web',
      {
        spec: { ports: [{ protocol: 'TCP', port: 80, targetPort: 8080 }], selector: labels },
        status: { loadBalancer: {} },
      },
      { creationTimestamp: null, labels },
    ),
  ),
  post(
    `${at('services')}?fieldManager=kubectl-expose`,
    of('v1', 'Service', 'web-np', {
      spec: {
        ports: [
          { name: 'port-1', protocol: 'TCP', port: 80, targetPort: 'http' },
          { name: 'port-2', protocol: 'UDP', port: 80, targetPort: 'dns' },
        ],
        selector: labels,
        type: 'NodePort',
        sessionAffinity: 'ClientIP',
      },
      status: { loadBalancer: {} },
    }),
  ),
  post(
    `${at('services')}?fieldManager=kubectl-expose&dryRun=All`,
    of('v1', 'Service', 'web-lb', {
      spec: {
        ports: [{ port: 80 }],
        selector: labels,
        type: 'LoadBalancer',
        externalIPs: ['192.0.2.1'],
        loadBalancerIP: '192.0.2.2',
      },
    }),
  ),
  post(
    `${at('services')}?fieldManager=kubectl-expose`,
    of('v1', 'Service', 'Web', { spec: { ports: [{ port: 0 }], selector: labels } }),
  ),
  post(
    `${at('services')}?fieldManager=kubectl-expose`,
    of('v1', 'Service', 'headless', { spec: { clusterIP: 'None', ports: [], selector: labels } }),
  ),
  get(at('services'), { accept: PRINTED }),
  post(
    `${at('horizontalpodautoscalers')}?fieldManager=kubectl-autoscale`,
    of('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
      spec: {
        minReplicas: 1,
        maxReplicas: 5,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        ],
      },
      status: { desiredReplicas: 0, currentMetrics: null },
    }),
  ),
  post(
    '/apis/autoscaling/v1/namespaces/$NS/horizontalpodautoscalers?fieldManager=kubectl-autoscale',
    of('autoscaling/v1', 'HorizontalPodAutoscaler', 'web1', {
      spec: {
        maxReplicas: 5,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        targetCPUUtilizationPercentage: 80,
      },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    }),
  ),
  post(
    `${at('horizontalpodautoscalers')}?fieldManager=kubectl-autoscale`,
    of('autoscaling/v2', 'HorizontalPodAutoscaler', 'bad', {
      spec: { minReplicas: 6, maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: '' } },
    }),
  ),
  get(at('horizontalpodautoscalers'), { accept: PRINTED }),
  get('/apis/autoscaling/v1/namespaces/$NS/horizontalpodautoscalers'),
]

export const kubectlWorkloadScripts = [
  ...scalable.map((resource) => script(`kubectl/scale ${resource}`, ...scales(resource))),
  ...Object.keys(workloads).map((resource) => script(`kubectl/rollout ${resource}`, ...rollouts(resource))),
  script('kubectl/expose, autoscale', ...exposes),
  script('kubectl/delete', ...deletes),
  script('kubectl/debug', ...debugs),
  script('kubectl/describe, events, wait', ...described),
]
