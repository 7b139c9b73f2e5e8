/** Quotas of every scope through creates, updates and deletes, and LimitRanges with ratios, init containers and Pod-level resources. */

import { configMap, of, pod, service } from './objects.ts'
import { at, get, patch, post, put, remove, script, type Step, strategic } from './script.ts'

const q = at('resourcequotas', 'q')
const quota = (spec: object) => of('v1', 'ResourceQuota', 'q', { spec })
const limits = (...list: object[]) => of('v1', 'LimitRange', 'l', { spec: { limits: list } })
/** A quota of which nothing is used yet, counted as its controller would. */
const limited = (hard: Readonly<Record<string, string>>, scopes: object = {}): Step[] => {
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']))
  return [post(at('resourcequotas'), quota({ hard, ...scopes })), strategic(`${q}/status`, { status: { hard, used } })]
}
/** A create that changes nothing. */
const tried = (resource: string, body: object) => post(`${at(resource)}?dryRun=All`, body)
const container = (resources: object, name = 'c') => ({ name, image: 'i', resources })
const needing = (name: string, resources: object, more: object = {}) =>
  pod(name, { containers: [container(resources)], ...more })
const both = (amounts: object) => ({ requests: amounts, limits: amounts })
const claim = (name: string, storage: string, storageClassName = '') =>
  of('v1', 'PersistentVolumeClaim', name, {
    spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } } },
  })

const PODS: readonly object[] = [
  pod('best'),
  pod('ending', { activeDeadlineSeconds: 5 }),
  needing('burst', { requests: { cpu: '100m' } }),
  needing('sure', both({ cpu: '100m', memory: '1Mi' })),
  needing('ending-sure', both({ cpu: '100m', memory: '1Mi' }), { activeDeadlineSeconds: 5 }),
  pod('apart', {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'z', labelSelector: {}, namespaces: ['other'] },
        ],
      },
    },
  }),
  needing(
    'init',
    { requests: { cpu: '10m' } },
    {
      initContainers: [
        container({ requests: { cpu: '900m' } }, 'i'),
        { ...container({ requests: { cpu: '200m' } }, 'j'), restartPolicy: 'Always' },
      ],
    },
  ),
  needing('whole', {}, { resources: both({ cpu: '300m', memory: '1Mi' }) }),
]
const SCOPES: readonly (readonly [scopes: object, hard: Readonly<Record<string, string>>])[] = [
  [{ scopes: ['BestEffort'] }, { pods: '1' }],
  [{ scopes: ['NotBestEffort'] }, { pods: '2', 'requests.cpu': '250m' }],
  [{ scopes: ['Terminating'] }, { pods: '1' }],
  [{ scopes: ['NotTerminating', 'NotBestEffort'] }, { 'requests.cpu': '1', 'limits.memory': '1Mi' }],
  [{ scopes: ['CrossNamespacePodAffinity'] }, { pods: '0' }],
  [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] } }, { pods: '0' }],
  [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }] } }, { pods: '1' }],
  [
    { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['x'] }] } },
    { pods: '1' },
  ],
  [{ scopeSelector: { matchExpressions: [{ scopeName: 'Terminating', operator: 'Exists' }] } }, { pods: '0' }],
  [{}, { 'requests.cpu': '1', 'limits.cpu': '1', 'requests.memory': '1Mi' }],
  [{}, { cpu: '500m', memory: '5Mi', 'count/pods': '3' }],
]

export const quotaSequenceScripts = [
  ...SCOPES.map(([scopes, hard]) =>
    script(
      `quota sequences/${JSON.stringify(scopes)} ${Object.keys(hard).join(' ')}`,
      ...limited(hard, scopes),
      ...PODS.map((one) => post(at('pods'), one)),
      get(q),
      remove(`${at('pods', 'sure')}?gracePeriodSeconds=0`),
      patch(at('pods', 'ending'), { spec: { activeDeadlineSeconds: 3 } }),
      patch(at('pods', 'best'), { spec: { activeDeadlineSeconds: 3 } }),
      patch(`${at('pods', 'burst')}/status`, { status: { phase: 'Succeeded' } }),
      strategic(`${at('pods', 'burst')}/resize`, {
        spec: { containers: [{ name: 'c', resources: { requests: { cpu: '900m' } } }] },
      }),
      get(q),
    ),
  ),
  script(
    'quota sequences/objects',
    ...limited({
      services: '2',
      'services.nodeports': '1',
      'services.loadbalancers': '0',
      'count/services': '2',
      secrets: '0',
      'count/deployments.apps': '0',
    }),
    post(at('services'), service('a', { clusterIP: 'None' })),
    post(at('services'), service('lb', { type: 'LoadBalancer' })),
    post(
      at('services'),
      service('np', {
        type: 'NodePort',
        ports: [
          { port: 1, name: 'a' },
          { port: 2, name: 'b' },
        ],
      }),
    ),
    patch(at('services', 'a'), { spec: { type: 'LoadBalancer', clusterIP: null } }),
    post(at('services'), service('en', { type: 'ExternalName', externalName: 'a.b', ports: [] })),
    post(at('services'), service('more', { type: 'ExternalName', externalName: 'a.b', ports: [] })),
    post(at('secrets'), of('v1', 'Secret', 's')),
    post(
      at('deployments'),
      of('apps/v1', 'Deployment', 'd', {
        spec: {
          selector: { matchLabels: { a: 'b' } },
          template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      }),
    ),
    remove(at('services', 'en')),
    get(q),
    patch(q, { spec: { hard: { services: '9' } } }),
    put(q, quota({ hard: { configmaps: '1' } })),
    post(at('configmaps'), configMap('x')),
    remove(q),
    post(at('secrets'), of('v1', 'Secret', 's')),
  ),
  script(
    'quota sequences/claims',
    ...limited({
      persistentvolumeclaims: '2',
      'requests.storage': '3Gi',
      'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
    }),
    post(at('persistentvolumeclaims'), claim('a', '2Gi', 'gold')),
    post(at('persistentvolumeclaims'), claim('a', '1Gi', 'gold')),
    post(at('persistentvolumeclaims'), claim('b', '1Mi', 'gold')),
    post(at('persistentvolumeclaims'), claim('c', '3Gi')),
    post(at('persistentvolumeclaims'), claim('d', '1.5Gi')),
    post(at('persistentvolumeclaims'), claim('e', '1')),
    get(q),
  ),
  script(
    'quota sequences/ranges',
    post(
      at('limitranges'),
      limits(
        {
          type: 'Container',
          min: { cpu: '50m' },
          max: { cpu: '2', memory: '2Gi' },
          default: { cpu: '1', memory: '1Gi' },
          defaultRequest: { cpu: '500m' },
          maxLimitRequestRatio: { cpu: '2', memory: '1.5' },
        },
        { type: 'Pod', min: { cpu: '100m', memory: '1Mi' }, max: { cpu: '3' }, maxLimitRequestRatio: { cpu: '3' } },
        { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } },
      ),
    ),
    ...PODS.map((one) => tried('pods', one)),
    ...[
      both({ cpu: '10m' }),
      both({ cpu: '3' }),
      { requests: { cpu: '100m' } },
      { limits: { cpu: '500m' } },
      { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '3', memory: '2Gi' } },
      { requests: { memory: '0' } },
      { limits: { memory: '2.5Gi' } },
      { requests: { 'a.io/b': '1' }, limits: { 'a.io/b': '1' } },
    ].flatMap((resources) => [
      tried('pods', needing('p', resources)),
      tried('pods', pod('p', { initContainers: [container(resources, 'i')] })),
      tried('pods', pod('p', { resources })),
    ]),
    post(at('pods'), needing('p', both({ cpu: '500m', memory: '1Gi' }))),
    strategic(`${at('pods', 'p')}/resize`, { spec: { containers: [{ name: 'c', resources: both({ cpu: '4' }) }] } }),
    strategic(`${at('pods', 'p')}/resize`, { spec: { containers: [{ name: 'c', resources: both({ cpu: '10m' }) }] } }),
    patch(at('pods', 'p'), { metadata: { labels: { a: 'b' } } }),
    post(at('persistentvolumeclaims'), claim('a', '500Mi')),
    post(at('persistentvolumeclaims'), claim('a', '3Gi')),
    post(at('persistentvolumeclaims'), claim('a', '1.5Gi')),
    ...[
      { type: 'Container', default: { cpu: '3' }, max: { cpu: '2' } },
      { type: 'Container', defaultRequest: { cpu: '3' }, default: { cpu: '2' } },
      { type: 'Container', maxLimitRequestRatio: { cpu: '0.5' } },
      { type: 'Container', maxLimitRequestRatio: { cpu: '9' }, min: { cpu: '1' }, max: { cpu: '2' } },
      { type: 'Pod', defaultRequest: { cpu: '1' } },
      { type: 'a.io/Own', max: { cpu: '1' } },
      { type: '', max: { cpu: '1' } },
      { type: 'PersistentVolumeClaim', max: { cpu: '1' } },
      { type: 'Container', max: { bogus: '1', 'a.io/b': '1', 'hugepages-2Mi': '1' } },
      { type: 'Container', min: { cpu: '-1' } },
    ].map((item) => tried('limitranges', limits(item))),
  ),
]
