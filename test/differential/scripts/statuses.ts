/** What the status of any kind may say, whoever writes it. */

import { CERTIFICATE_REQUEST } from '../objects/certificate-request.ts'
import { deployment, of, pod, service } from './objects.ts'
import { at, patch, post, remove, script, type Script } from './script.ts'
import { balanced, conditions, replicas, T } from './status-parts.ts'

interface Case {
  readonly name: string
  readonly all: string
  readonly object: object
  /** Told first, for real. */
  readonly before?: object
  readonly tries: readonly object[]
}

const cluster = (group: string, resource: string) => `/apis/${group}/${resource}`
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const workload = { selector: { matchLabels: { a: 'b' } }, template, serviceName: 's' }

const cases: readonly Case[] = [
  {
    name: 'deployments',
    all: at('deployments'),
    object: deployment('$NS-s'),
    before: { collisionCount: 2 },
    tries: [...replicas, { collisionCount: 1 }, { unavailableReplicas: -1 }],
  },
  {
    name: 'replicasets',
    all: at('replicasets'),
    object: of('apps/v1', 'ReplicaSet', '$NS-s', { spec: workload }),
    tries: replicas,
  },
  {
    name: 'replicationcontrollers',
    all: at('replicationcontrollers'),
    object: of('v1', 'ReplicationController', '$NS-s', { spec: { selector: { a: 'b' }, template } }),
    tries: replicas,
  },
  {
    name: 'statefulsets',
    all: at('statefulsets'),
    object: of('apps/v1', 'StatefulSet', '$NS-s', { spec: workload }),
    tries: [...replicas, { replicas: 1, currentReplicas: 2, updatedReplicas: 3, collisionCount: -2 }],
  },
  {
    name: 'daemonsets',
    all: at('daemonsets'),
    object: of('apps/v1', 'DaemonSet', '$NS-s', { spec: workload }),
    tries: [
      {
        currentNumberScheduled: -1,
        numberMisscheduled: -1,
        desiredNumberScheduled: -1,
        numberReady: -1,
        numberAvailable: -1,
        numberUnavailable: -1,
        updatedNumberScheduled: -1,
        observedGeneration: -1,
        collisionCount: -1,
      },
      { numberReady: 3, conditions: [{}] },
    ],
  },
  {
    name: 'cronjobs',
    all: at('cronjobs'),
    object: of('batch/v1', 'CronJob', '$NS-s', {
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } } },
      },
    }),
    tries: [{ active: [{}, { name: 'x' }] }, { lastScheduleTime: T }, { lastSuccessfulTime: 'x' }],
  },
  { name: 'services', all: at('services'), object: service('s'), tries: [...balanced, ...conditions] },
  {
    name: 'balanced services',
    all: at('services'),
    object: service('s', { type: 'LoadBalancer' }),
    tries: balanced,
  },
  {
    name: 'ingresses',
    all: at('ingresses'),
    object: of('networking.k8s.io/v1', 'Ingress', '$NS-s', {
      spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
    }),
    tries: balanced,
  },
  {
    name: 'servicecidrs',
    all: cluster('networking.k8s.io/v1', 'servicecidrs'),
    object: of('networking.k8s.io/v1', 'ServiceCIDR', '$NS-s', { spec: { cidrs: ['10.99.0.0/24'] } }),
    tries: conditions,
  },
  {
    name: 'poddisruptionbudgets',
    all: at('poddisruptionbudgets'),
    object: of('policy/v1', 'PodDisruptionBudget', '$NS-s', { spec: { minAvailable: 1 } }),
    tries: [
      ...conditions,
      { disruptionsAllowed: -1, currentHealthy: -1, desiredHealthy: -1, expectedPods: -1, observedGeneration: -1 },
      { disruptedPods: { a: T, 'B b': 'x' } },
    ],
  },
  ...['v1', 'v2'].map((version): Case => ({
    name: `horizontalpodautoscalers ${version}`,
    all: `/apis/autoscaling/${version}/namespaces/$NS/horizontalpodautoscalers`,
    object: of(`autoscaling/${version}`, 'HorizontalPodAutoscaler', '$NS-s', {
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
    }),
    tries: [
      { currentReplicas: -1, desiredReplicas: -1, observedGeneration: -1, currentCPUUtilizationPercentage: -1 },
      { conditions: [{}], currentMetrics: [{ type: 'Bogus' }, {}] },
      { currentMetrics: [{ type: 'Resource', resource: { name: '', current: { averageUtilization: -1 } } }] },
      { currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageValue: '1' } } }] },
    ],
  })),
  {
    name: 'resourcequotas',
    all: at('resourcequotas'),
    object: of('v1', 'ResourceQuota', '$NS-s', { spec: { hard: { pods: '1' } } }),
    tries: [
      { hard: { pods: '-1', bogus: '1', 'a.io/b': '1.5', 'requests.cpu': 'x' } },
      { hard: { pods: '-1', bogus: '1', 'a.io/b': '1.5' }, used: { pods: '-1', bogus: '1', 'Bad Key!': '1' } },
      { used: { pods: '1.5', 'count/x.y': '1', cpu: '1.5' } },
    ],
  },
  {
    name: 'persistentvolumeclaims',
    all: at('persistentvolumeclaims'),
    object: of('v1', 'PersistentVolumeClaim', '$NS-s', {
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } },
    }),
    tries: [
      { phase: 'Bogus', accessModes: ['x'] },
      { capacity: { storage: '-1', bogus: '1' } },
      { allocatedResources: { storage: '1.5', bogus: '1', 'a.io/b': '-1' } },
      { allocatedResourceStatuses: { storage: 'Bogus' } },
      { allocatedResourceStatuses: { bogus: 'NodeResizePending', 'a.io/b': 'NodeResizePending' } },
      { conditions: [{}, { type: 'A', status: 'Bogus' }] },
      { modifyVolumeStatus: { status: 'Bogus' }, currentVolumeAttributesClassName: 'B b' },
    ],
  },
  {
    name: 'persistentvolumes',
    all: '/api/v1/persistentvolumes',
    object: of('v1', 'PersistentVolume', '$NS-s', {
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/x' } },
    }),
    tries: [{ phase: 'Bogus' }, { phase: '', message: 'm', reason: 'not one' }, { lastPhaseTransitionTime: T }],
  },
  {
    name: 'volumeattachments',
    all: cluster('storage.k8s.io/v1', 'volumeattachments'),
    object: of('storage.k8s.io/v1', 'VolumeAttachment', '$NS-s', {
      spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'p' } },
    }),
    tries: [
      { attached: true, attachmentMetadata: { '': 'x', 'a b': 'y', ['k'.repeat(300)]: 'z' } },
      { attachmentMetadata: { a: 'x'.repeat(300_000) } },
      { attachError: { message: 'm'.repeat(2000), time: T }, detachError: { message: 'm'.repeat(5000) } },
      { attachError: { errorCode: -1 } },
    ],
  },
  {
    name: 'certificatesigningrequests',
    all: cluster('certificates.k8s.io/v1', 'certificatesigningrequests'),
    object: of('certificates.k8s.io/v1', 'CertificateSigningRequest', '$NS-s', {
      spec: {
        signerName: 'a.io/b',
        usages: ['client auth'],
        request: CERTIFICATE_REQUEST,
      },
    }),
    tries: [],
  },
  {
    name: 'flowschemas',
    all: cluster('flowcontrol.apiserver.k8s.io/v1', 'flowschemas'),
    object: of('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', '$NS-s', {
      spec: { matchingPrecedence: 9000, priorityLevelConfiguration: { name: 'catch-all' } },
    }),
    tries: conditions,
  },
  {
    name: 'prioritylevelconfigurations',
    all: cluster('flowcontrol.apiserver.k8s.io/v1', 'prioritylevelconfigurations'),
    object: of('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', '$NS-s', {
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
    }),
    tries: conditions,
  },
  {
    name: 'validatingadmissionpolicies',
    all: cluster('admissionregistration.k8s.io/v1', 'validatingadmissionpolicies'),
    object: of('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', '$NS-s', {
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: ['x.io'], apiVersions: ['v1'], resources: ['ys'], operations: ['CREATE'] }],
        },
        validations: [{ expression: 'true' }],
      },
    }),
    tries: [
      ...conditions,
      {
        typeChecking: { expressionWarnings: [{}, { fieldRef: 'a[', warning: '' }, { fieldRef: 'a.b', warning: 'w' }] },
      },
      { typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning: 'w' }] } },
    ],
  },
  {
    name: 'apiservices',
    all: cluster('apiregistration.k8s.io/v1', 'apiservices'),
    object: of('apiregistration.k8s.io/v1', 'APIService', 'v1.$NS.io', {
      spec: {
        group: '$NS.io',
        version: 'v1',
        groupPriorityMinimum: 10,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
        service: { name: 'x', namespace: '$NS' },
      },
    }),
    tries: conditions,
  },
  {
    name: 'resourceclaims',
    all: '/apis/resource.k8s.io/v1/namespaces/$NS/resourceclaims',
    object: of('resource.k8s.io/v1', 'ResourceClaim', '$NS-s', {
      spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
    }),
    tries: [
      { reservedFor: [{}, { resource: 'pods', name: 'p', uid: 'u' }] },
      { allocation: {} },
      { allocation: { devices: { results: [{}] } } },
      { allocation: { devices: { results: [{ request: 'x', driver: 'D', pool: 'P p', device: 'd d' }] } } },
      {
        allocation: { devices: { results: [{ request: 'r', driver: 'd.io', pool: 'p', device: 'd' }] } },
        reservedFor: [
          { resource: 'pods', name: 'p', uid: 'u' },
          { resource: 'pods', name: 'p', uid: 'u' },
        ],
      },
      { devices: [{ driver: 'd.io', pool: 'p', device: 'd' }] },
    ],
  },
  {
    name: 'nodes',
    all: '/api/v1/nodes',
    object: of('v1', 'Node', '$NS-s'),
    tries: [
      { capacity: { cpu: '-1', memory: '1.5', 'hugepages-3Mi': 'x' } },
      { capacity: { cpu: '1500m', memory: '100m', bogus: '1', 'a.io/b': '1.5' } },
      { allocatable: { cpu: '-1' }, phase: 'Bogus', conditions: [{}] },
      {
        addresses: [
          { type: 'Bogus', address: '' },
          { type: 'InternalIP', address: '1.2' },
          { type: 'InternalIP', address: '1.2' },
        ],
      },
      { daemonEndpoints: { kubeletEndpoint: { Port: 99999 } }, images: [{}, { names: ['a'], sizeBytes: -1 }] },
      { config: { active: {} } },
      {
        config: {
          active: { configMap: { name: 'a', namespace: 'b', uid: 'c', resourceVersion: '1', kubeletConfigKey: 'k' } },
        },
      },
      { nodeInfo: { machineID: 1 } },
      { volumesAttached: [{}], volumesInUse: ['', 'x', 'x'], declaredFeatures: ['b', 'a', 'A b'] },
      { runtimeHandlers: [{}, { name: 'x' }, { name: 'x' }] },
    ],
  },
  {
    name: 'namespaces',
    all: '/api/v1/namespaces',
    object: of('v1', 'Namespace', '$NS-s'),
    tries: [{ phase: 'Terminating' }, { phase: 'Bogus' }, { phase: '' }, { conditions: [{}] }],
  },
  {
    name: 'pods',
    all: at('pods'),
    object: pod('$NS-s', { nodeName: 'n', initContainers: [{ name: 'i', image: 'i' }] }),
    before: {
      phase: 'Running',
      podIPs: [{ ip: '10.0.0.1' }],
      containerStatuses: [
        { name: 'c', image: 'i', imageID: 'x', ready: true, restartCount: 1, state: { terminated: { exitCode: 1 } } },
      ],
    },
    tries: [
      { phase: 'Bogus' },
      { podIPs: [{ ip: '1.2' }, {}, { ip: '10.0.0.2' }, { ip: '10.0.0.2' }] },
      { hostIPs: [{ ip: 'x' }], hostIP: 'y' },
      { conditions: [{}, { type: 'A b', status: 'x', observedGeneration: -1 }] },
      { qosClass: 'Guaranteed', nominatedNodeName: 'B b' },
      {
        containerStatuses: [
          { name: 'c', image: 'i', imageID: 'x', ready: true, restartCount: 1, state: { running: {} } },
        ],
      },
      { containerStatuses: [{ name: 'x', image: 'i', imageID: 'x', ready: true, restartCount: -1 }] },
      {
        containerStatuses: [
          { name: 'c', image: 'i', imageID: 'x', ready: true, restartCount: 0, state: { running: {}, waiting: {} } },
        ],
      },
      { initContainerStatuses: [{ name: 'c' }, {}] },
      { resourceClaimStatuses: [{ name: 'x' }, { name: 'B b', resourceClaimName: 'C c' }] },
      { observedGeneration: -1, resize: 'Bogus' },
      { extendedResourceClaimStatus: { resourceClaimName: '', requestMappings: [{}] } },
      { allocatedResources: { cpu: '1' }, resources: { requests: { cpu: '1' } } },
    ],
  },
]

export const statusScripts: readonly Script[] = cases.map(({ name, all, object, before, tries }) => {
  const known = (object as { metadata: { name: string } }).metadata.name
  const one = `${all}/${known}`
  return script(
    `statuses/${name}`,
    post(all, object),
    ...(before === undefined ? [] : [patch(`${one}/status`, { status: before })]),
    ...tries.map((status) => patch(`${one}/status?dryRun=All`, { status })),
    patch(`${one}/status?dryRun=All`, { metadata: { labels: { 'a b': 'c' }, finalizers: ['x'] }, spec: null }),
    remove(`${one}?gracePeriodSeconds=0`),
  )
})
