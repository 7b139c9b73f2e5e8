/** Evictions that budgets allow or forbid; quotas and limits in every unit. */

import { deployment, of, pod } from './objects.ts'
import { at, get, patch, post, put, remove, script, strategic } from './script.ts'

const evict = (name: string, rest: object = {}) =>
  post(`${at('pods', name)}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...rest })
const budget = (name: string, spec: object) => of('policy/v1', 'PodDisruptionBudget', name, { spec })
const b = at('poddisruptionbudgets', 'b')
const labels = { labels: { a: 'b' } }
const ready = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }
const selector = { matchLabels: { a: 'b' } }
const healthy = (allowed: number) => ({
  status: {
    observedGeneration: 1,
    disruptionsAllowed: allowed,
    currentHealthy: 2,
    desiredHealthy: 1,
    expectedPods: 2,
  },
})
const quota = (name: string, spec: object) => of('v1', 'ResourceQuota', name, { spec })
const limits = (name: string, ...items: object[]) => of('v1', 'LimitRange', name, { spec: { limits: items } })
const needing = (name: string, resources: object, more: object = {}) =>
  pod(name, { containers: [{ name: 'c', image: 'i', resources }], ...more })
const use = (amounts: object) => ({ requests: amounts, limits: amounts })
/** As the controller would have it. */
const counted = (name: string, hard: object, used: object) =>
  strategic(`${at('resourcequotas', name)}/status`, { status: { hard, used } })

export const budgetScripts = [
  script(
    'budgets/evictions',
    ...['x', 'y', 'z'].map((name) => post(at('pods'), pod(name, { nodeName: 'n' }, labels))),
    ...['x', 'y'].map((name) => strategic(`${at('pods', name)}/status`, ready)),
    post(at('poddisruptionbudgets'), budget('b', { selector, minAvailable: 1 })),
    evict('x'),
    strategic(`${b}/status`, healthy(0)),
    evict('x'),
    evict('z'),
    strategic(`${b}/status`, healthy(1)),
    evict('x', { deleteOptions: { dryRun: ['All'] } }),
    evict('x', { deleteOptions: { preconditions: { uid: 'other' } } }),
    evict('x', { deleteOptions: { preconditions: { resourceVersion: '1' } } }),
    evict('x', { deleteOptions: { gracePeriodSeconds: 0 } }),
    get(b),
    evict('y'),
    post(at('poddisruptionbudgets'), budget('c', { selector, maxUnavailable: 1 })),
    evict('y'),
    remove(at('poddisruptionbudgets', 'c')),
    strategic(b, { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } }),
    evict('z'),
    strategic(b, { spec: { unhealthyPodEvictionPolicy: 'Bogus' } }),
    strategic(b, { spec: { maxUnavailable: 1 } }),
    strategic(b, { spec: { maxUnavailable: '150%', minAvailable: null } }),
    strategic(b, { spec: { maxUnavailable: -1, minAvailable: null } }),
    strategic(b, { spec: { selector: { matchLabels: { a: 'c' } } } }),
    evict('nope'),
    evict('y', { metadata: { name: 'x' } }),
    post(`${at('pods', 'y')}/eviction`, { apiVersion: 'policy/v1', kind: 'Bogus' }),
    post(`${at('pods', 'y')}/eviction`, { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata: { name: 'y' } }),
    get(at('pods')),
  ),
  script(
    'budgets/limits',
    post(
      at('limitranges'),
      limits(
        'l',
        {
          type: 'Container',
          min: { cpu: '100m', memory: '64Mi' },
          max: { cpu: '2', memory: '1Gi' },
          default: { cpu: '500m' },
        },
        { type: 'Container', defaultRequest: { memory: '100Mi' }, maxLimitRequestRatio: { cpu: '2' } },
        { type: 'Pod', max: { cpu: '3' }, min: { memory: '128Mi' } },
      ),
    ),
    post(
      at('limitranges'),
      limits(
        'm',
        {
          type: 'Container',
          min: { cpu: '100m', memory: '64Mi' },
          max: { cpu: '2', memory: '1Gi' },
          default: { cpu: '500m' },
          maxLimitRequestRatio: { cpu: '2' },
        },
        { type: 'Pod', max: { cpu: '3' }, min: { memory: '128Mi' }, maxLimitRequestRatio: { memory: '1.5' } },
        { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } },
      ),
    ),
    post(at('pods'), pod('a')),
    post(at('pods'), needing('b', use({ cpu: '50m', memory: '32Mi' }))),
    post(at('pods'), needing('c', use({ cpu: '2500m', memory: '2Gi' }))),
    post(
      at('pods'),
      needing('d', { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } }),
    ),
    post(at('pods'), needing('e', use({ cpu: '1', memory: '128Mi' }))),
    post(at('pods'), needing('f', { requests: { cpu: '1' } })),
    post(at('pods'), needing('g', { limits: { memory: '200Mi' } })),
    post(
      at('pods'),
      needing('h', use({ cpu: '2', memory: '128Mi' }), {
        initContainers: [{ name: 'i', image: 'i', resources: use({ cpu: '4', memory: '64Mi' }) }],
      }),
    ),
    post(at('pods'), needing('k', use({ cpu: '1', memory: '0.5Gi' }), { resources: use({ cpu: '5' }) })),
    post(at('deployments'), deployment('d')),
    ...['500Mi', '1Gi', '5.5Gi', '1000000m'].map((storage, index) =>
      post(
        at('persistentvolumeclaims'),
        of('v1', 'PersistentVolumeClaim', `c${index}`, {
          spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage } } },
        }),
      ),
    ),
  ),
  script(
    'budgets/quota-scopes',
    post(at('resourcequotas'), quota('be', { hard: { pods: '1' }, scopes: ['BestEffort'] })),
    counted('be', { pods: '1' }, { pods: '0' }),
    post(at('resourcequotas'), quota('t', { hard: { pods: '2', 'requests.cpu': '1' }, scopes: ['Terminating'] })),
    counted('t', { pods: '2', 'requests.cpu': '1' }, { pods: '0', 'requests.cpu': '0' }),
    post(at('pods'), pod('a')),
    post(at('pods'), pod('b')),
    post(at('pods'), pod('c', { activeDeadlineSeconds: 5 })),
    post(at('pods'), needing('d', use({ cpu: '700m' }), { activeDeadlineSeconds: 5 })),
    post(at('pods'), needing('e', use({ cpu: '700m' }), { activeDeadlineSeconds: 5 })),
    get(at('resourcequotas', 't')),
    ...[
      { scopes: ['Bogus'] },
      { hard: { 'requests.cpu': '1' }, scopes: ['BestEffort'] },
      { scopes: ['BestEffort', 'NotBestEffort'] },
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } },
      { scopeSelector: { matchExpressions: [{ scopeName: 'BestEffort', operator: 'In', values: ['x'] }] } },
      { scopeSelector: { matchExpressions: [{ scopeName: 'Bogus', operator: 'Bogus' }] } },
      { hard: { services: '1' }, scopes: ['NotTerminating'] },
      { hard: { pods: '-1', 'requests.cpu': '-5m', bogus: '1', 'a.io/b': '1', 'count/pods.': '1' } },
      { hard: { pods: '1.5', 'requests.nvidia.com/gpu': '1', 'limits.nvidia.com/gpu': '1', 'nvidia.com/gpu': '1' } },
      { hard: { 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi', 'hugepages-2Mi': '4Mi' } },
    ].map((spec, index) => post(at('resourcequotas'), quota(`q${index}`, spec))),
    put(at('resourcequotas', 'be'), quota('be', { hard: { pods: '1' }, scopes: ['NotBestEffort'] })),
    put(at('resourcequotas', 'be'), quota('be', { hard: { pods: '9' }, scopes: ['BestEffort'] })),
    patch(`${at('resourcequotas', 'be')}/status`, { status: { used: { pods: '-1' } } }),
  ),
  script(
    'budgets/quota-sums',
    post(
      at('resourcequotas'),
      quota('q', { hard: { 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/configmaps': '1' } }),
    ),
    counted(
      'q',
      { 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/configmaps': '1' },
      { 'requests.cpu': '0', 'limits.memory': '0', 'count/configmaps': '0' },
    ),
    post(at('pods'), pod('a')),
    post(at('pods'), needing('a', { requests: { cpu: '1' } })),
    post(at('pods'), needing('a', use({ cpu: '1500m', memory: '2Gi' }))),
    post(at('pods'), needing('a', use({ cpu: '600m', memory: '512Mi' }))),
    post(at('pods'), needing('b', use({ cpu: '600m', memory: '600M' }))),
    post(at('pods'), needing('b', use({ cpu: '0.4', memory: '1e8' }))),
    get(at('resourcequotas', 'q')),
    post(at('configmaps'), of('v1', 'ConfigMap', 'a')),
    post(at('configmaps'), of('v1', 'ConfigMap', 'b')),
    post(`${at('configmaps')}?dryRun=All`, of('v1', 'ConfigMap', 'b')),
    remove(`${at('pods', 'a')}?gracePeriodSeconds=0`),
    get(at('resourcequotas', 'q')),
  ),
]
