/** The same of controllers that look after the cluster: budgets, scales, quotas, namespaces, garbage, volumes, nodes, roles. */

import { controller } from './controllers.ts'
import { configMap, deployment, of, pod } from './objects.ts'
import { apply, at, get, METADATA, patch, post, put, remove, script, type Step, strategic } from './script.ts'

const labels = { app: 'a' }
const selector = { matchLabels: labels }
const save = { UID: 'metadata.uid', V: 'metadata.resourceVersion' }
const d = at('deployments', 'd')
const TIME = '2026-01-01T00:00:00Z'
const storage = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const claim = (rest: object = {}, metadata: object = {}) =>
  of('v1', 'PersistentVolumeClaim', 'd', { spec: storage, ...rest }, { ...metadata })
const budget = (rest: object = {}, metadata: object = {}) =>
  of('policy/v1', 'PodDisruptionBudget', 'd', { spec: { minAvailable: 1, selector }, ...rest }, { ...metadata })
const autoscaler = (rest: object = {}) =>
  of('autoscaling/v2', 'HorizontalPodAutoscaler', 'd', {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
    ...rest,
  })
const quota = (rest: object = {}, metadata: object = {}) =>
  of('v1', 'ResourceQuota', 'd', { spec: { hard: { pods: '1' } }, ...rest }, { ...metadata })
const volume = (spec: object, rest: object = {}) =>
  of('v1', 'PersistentVolume', '$NS-v', {
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, ...spec },
    ...rest,
  })
const VOLUMES = '/api/v1/persistentvolumes'
const NODES = '/api/v1/nodes'
const ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
const ALL = of('rbac.authorization.k8s.io/v1', 'ClusterRole', '$NS-r', {
  rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
})
const attachment = of('storage.k8s.io/v1', 'VolumeAttachment', '$NS-a', {
  spec: { attacher: 'a.io', nodeName: 'n', source: { persistentVolumeName: 'v' } },
})
const condition = (type: string, more: object = {}) => ({ type, status: 'True', lastTransitionTime: TIME, ...more })

type As = ReturnType<typeof controller>
const controllers: Readonly<Record<string, (as: As) => readonly Step[]>> = {
  'disruption-controller': (as) => [
    post(at('poddisruptionbudgets'), budget(), { save }),
    put(
      `${at('poddisruptionbudgets', 'd')}/status`,
      budget(
        {
          status: {
            disruptionsAllowed: 0,
            currentHealthy: 0,
            desiredHealthy: 1,
            expectedPods: 1,
            observedGeneration: 1,
            conditions: [condition('DisruptionAllowed', { status: 'False', reason: 'InsufficientPods', message: '' })],
          },
        },
        { resourceVersion: '$V' },
      ),
      as,
    ),
    post(at('pods'), pod('p', {}, { labels })),
    strategic(`${at('pods', 'p')}/status`, { status: { conditions: [condition('DisruptionTarget')] } }, as),
    get(`${at('deployments', 'none')}/scale`, as),
    get('/apis/x.io/v1/namespaces/$NS/things/none/scale', as),
    remove(at('pods', 'p'), as),
  ],
  'horizontal-pod-autoscaler': (as) => [
    post(at('deployments'), deployment('d')),
    post(at('horizontalpodautoscalers'), autoscaler(), { save }),
    get(`${d}/scale`, as),
    put(`${d}/scale`, of('autoscaling/v1', 'Scale', 'd', { spec: { replicas: 2 } }), as),
    put(
      `${at('horizontalpodautoscalers', 'd')}/status`,
      autoscaler({
        status: {
          currentReplicas: 1,
          desiredReplicas: 2,
          currentMetrics: null,
          conditions: [condition('AbleToScale')],
        },
      }),
      as,
    ),
    get(at('pods'), { ...as, unread: true }),
    patch(d, {}, as),
  ],
  'resourcequota-controller': (as) => [
    post(at('resourcequotas'), quota(), { save }),
    put(
      `${at('resourcequotas', 'd')}/status`,
      quota({ status: { hard: { pods: '1' }, used: { pods: '0' } } }, { resourceVersion: '$V' }),
      as,
    ),
    get('/api/v1/secrets', { ...as, accept: METADATA, unread: true }),
    patch(at('resourcequotas', 'd'), {}, as),
  ],
  'namespace-controller': (as) => [
    post('/api/v1/namespaces', of('v1', 'Namespace', '$NS-x')),
    remove('/api/v1/namespaces/$NS-x'),
    put(
      '/api/v1/namespaces/$NS-x/status',
      of('v1', 'Namespace', '$NS-x', {
        status: { phase: 'Terminating', conditions: [condition('NamespaceDeletionContentFailure')] },
      }),
      as,
    ),
    get('/api/v1/namespaces/$NS-x/pods', { ...as, accept: METADATA }),
    remove('/api/v1/namespaces/$NS-x/pods', as),
    remove('/apis/apps/v1/namespaces/$NS-x/deployments', as),
    post('/api/v1/namespaces/$NS-x/configmaps', configMap('late')),
    put('/api/v1/namespaces/$NS-x/finalize', of('v1', 'Namespace', '$NS-x', { spec: { finalizers: [] } }), as),
    get('/api/v1/namespaces/$NS-x', as),
    remove('/api/v1/namespaces/$NS-x', as),
  ],
  'generic-garbage-collector': (as) => [
    post(at('configmaps'), configMap('d', {}, { finalizers: ['orphan', 'foregroundDeletion'] }), { save }),
    get(at('configmaps', 'd'), { ...as, accept: METADATA }),
    patch(
      at('configmaps', 'd'),
      { metadata: { resourceVersion: '$V', finalizers: ['foregroundDeletion'] } },
      { ...as, accept: METADATA },
    ),
    strategic(
      at('configmaps', 'd'),
      { metadata: { uid: '$UID', ownerReferences: [{ $patch: 'delete', uid: 'x' }] } },
      as,
    ),
    patch(at('configmaps', 'd'), { metadata: { uid: '$UID', finalizers: null } }, { ...as, accept: METADATA }),
    remove(at('configmaps', 'd'), {
      ...as,
      body: { preconditions: { uid: 'x', resourceVersion: '1' }, propagationPolicy: 'Background' },
    }),
    remove(at('configmaps', 'd'), {
      ...as,
      body: { preconditions: { uid: '$UID' }, propagationPolicy: 'Background' },
    }),
    post(at('configmaps'), configMap('x'), as),
  ],
  'service-account-controller': (as) => [
    post(at('serviceaccounts'), of('v1', 'ServiceAccount', 'x'), as),
    remove(at('serviceaccounts', 'x'), as),
    post(at('secrets'), of('v1', 'Secret', 'x'), as),
  ],
  'root-ca-cert-publisher': (as) => [
    post(at('configmaps'), configMap('kube-root-ca.crt', { data: { 'ca.crt': 'x' } }), as),
    put(at('configmaps', 'kube-root-ca.crt'), configMap('kube-root-ca.crt', { data: { 'ca.crt': 'y' } }), as),
    remove(at('configmaps', 'kube-root-ca.crt'), as),
    get(at('configmaps', 'kube-root-ca.crt'), as),
  ],
  'persistent-volume-binder': (as) => [
    post(at('persistentvolumeclaims'), claim(), { save }),
    post(
      VOLUMES,
      volume({
        claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace: '$NS', name: 'd', uid: '$UID' },
      }),
      as,
    ),
    put(`${VOLUMES}/$NS-v/status`, volume({}, { status: { phase: 'Bound' } }), as),
    put(
      at('persistentvolumeclaims', 'd'),
      claim(
        { spec: { ...storage, volumeName: '$NS-v' } },
        { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
      ),
      as,
    ),
    put(
      `${at('persistentvolumeclaims', 'd')}/status`,
      claim({ status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } } }),
      as,
    ),
    get('/apis/storage.k8s.io/v1/storageclasses', { ...as, unread: true }),
    get(at('secrets', 'x'), as),
    remove(`${VOLUMES}/$NS-v`, as),
    patch(`${VOLUMES}/$NS-v`, { metadata: { finalizers: null } }),
  ],
  'node-controller': (as) => [
    post(NODES, of('v1', 'Node', '$NS-n'), { save }),
    strategic(
      `${NODES}/$NS-n`,
      { spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: TIME }] } },
      as,
    ),
    put(
      `${NODES}/$NS-n/status`,
      of('v1', 'Node', '$NS-n', { status: { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'r' }] } }),
      as,
    ),
    post(at('pods'), pod('p', { nodeName: '$NS-n' })),
    patch(`${at('pods', 'p')}/status`, { status: { conditions: [{ type: 'Ready', status: 'False' }] } }, as),
    remove(`${at('pods', 'p')}?gracePeriodSeconds=0`, as),
    post(NODES, of('v1', 'Node', '$NS-m'), as),
    remove(`${NODES}/$NS-n`, as),
    remove(`${NODES}/$NS-n`),
  ],
  'attachdetach-controller': (as) => [
    post('/apis/storage.k8s.io/v1/volumeattachments', attachment, as),
    remove('/apis/storage.k8s.io/v1/volumeattachments/$NS-a', as),
    patch(`${NODES}/none/status`, { status: { volumesAttached: [] } }, as),
    patch(`${NODES}/none`, {}, as),
  ],
  'clusterrole-aggregation-controller': (as) => [
    apply(`${ROLES}/$NS-r?fieldManager=clusterrole-aggregation-controller&force=true`, ALL, as),
    post(ROLES, { ...ALL, rules: null }),
    apply(`${ROLES}/$NS-r?fieldManager=clusterrole-aggregation-controller&force=true`, ALL, as),
    patch(at('roles', 'x'), {}, as),
    remove(`${ROLES}/$NS-r`),
  ],
}

export const clusterControllerScripts = Object.entries(controllers).map(([name, steps]) =>
  script(`controllers/${name}`, ...steps(controller(name))),
)
