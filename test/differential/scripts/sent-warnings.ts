/** Warning headers: many, long ones, doubled ones, of every sort of write (https://kubernetes.io/blog/2020/09/03/warnings/). */

import { configMap, deployment, of, pod } from './objects.ts'
import { apply, at, get, patch, post, put, script, strategic } from './script.ts'

const maps = at('configmaps')
const unknown = (count: number, length: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}${'x'.repeat(length)}`, 1]))
const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'Pod', name: 'p', uid })
const env = (...names: readonly string[]) => [
  { name: 'c', image: 'i', env: names.map((name) => ({ name, value: '1' })) },
]

export const sentWarningScripts = [
  script(
    'sent warnings/many',
    ...[
      [1, 10],
      [3, 100],
      [10, 100],
      [40, 90],
      [50, 100],
      [5, 1000],
      [3, 5000],
      [1, 5000],
      [100, 30],
      [150, 3],
    ].map(([count = 0, length = 0]) => post(`${maps}?dryRun=All`, configMap('a', unknown(count, length)))),
    post(`${maps}?dryRun=All`, configMap('a', { 'ü"\\\n\u0007': 1, 'a\u00a0b': 2, '\ud83d\ude00': 3 })),
    post(`${maps}?dryRun=All`, undefined, {
      raw: '{"metadata":{"name":"a","name":"b"},"data":{"a":"1","a":"2"},"data":{}}',
    }),
    post(`${maps}?dryRun=All&fieldValidation=Ignore`, configMap('a', unknown(2, 2))),
    post(
      `${maps}?dryRun=All`,
      configMap('a', {}, { ownerReferences: [owner('u'), owner('u'), owner('v'), owner('v')] }),
    ),
  ),
  script(
    'sent warnings/of writes',
    post(at('pods'), pod('p', { containers: env('A', 'A', 'B', 'B') })),
    patch(at('pods', 'p'), { metadata: { labels: { a: 'b' } } }),
    strategic(at('pods', 'p'), { metadata: { labels: { a: 'c' } }, bogus: 1 }),
    put(at('pods', 'p'), pod('p', { containers: env('A', 'A', 'B', 'B'), bogus: 1 })),
    post(
      at('deployments'),
      deployment('d', { template: { metadata: { labels: { app: 'a' } }, spec: { containers: env('A', 'A') } } }),
    ),
    patch(at('deployments', 'd'), { spec: { replicas: 2 } }),
    apply(
      `${at('deployments', 'e')}?fieldManager=m`,
      deployment('e', {
        template: {
          metadata: { labels: { app: 'a' } },
          spec: {
            containers: [
              {
                name: 'c',
                image: 'i',
                ports: [
                  { containerPort: 80, name: 'a' },
                  { containerPort: 80, name: 'b', protocol: 'UDP' },
                ],
              },
            ],
          },
        },
      }),
    ),
    patch(`${at('deployments', 'd')}/status`, { status: { bogus: 1 } }),
    patch(`${at('deployments', 'd')}/scale`, { spec: { bogus: 1 } }),
    post(`${at('pods', 'p')}/eviction?dryRun=All`, of('policy/v1', 'Eviction', 'p', { bogus: 1 })),
    post(
      `${at('pods', 'p')}/binding?dryRun=All`,
      of('v1', 'Binding', 'p', { target: { kind: 'Node', name: 'n', bogus: 1 } }),
    ),
    post(`${at('serviceaccounts', 'default')}/token?dryRun=All&fieldValidation=Strict`, { spec: { bogus: 1 } }),
    post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      spec: { bogus: 1, resourceAttributes: { verb: 'get' } },
    }),
    post(
      at('services'),
      of('v1', 'Service', 's', { spec: { ports: [{ port: 1 }], externalIPs: ['1.2.3.4'], loadBalancerIP: '1.1.1.1' } }),
    ),
    post(
      at('services'),
      of('v1', 'Service', 't', { spec: { type: 'ExternalName', externalName: 'a.b', externalIPs: ['010.2.3.4'] } }),
    ),
    post(
      at('persistentvolumeclaims'),
      of('v1', 'PersistentVolumeClaim', 'c', {
        metadata: {},
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '0.5' } } },
      }),
    ),
    post(
      at('persistentvolumeclaims'),
      of('v1', 'PersistentVolumeClaim', 'c', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '500m' } } },
      }),
    ),
    post(
      at('secrets'),
      of(
        'v1',
        'Secret',
        's',
        { type: 'kubernetes.io/service-account-token' },
        { annotations: { 'kubernetes.io/service-account.name': 'default' } },
      ),
    ),
    post(
      at('cronjobs'),
      of('batch/v1', 'CronJob', 'c', {
        spec: {
          schedule: 'TZ=UTC * * * * *',
          jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: env('A', 'A') } } } },
        },
      }),
    ),
    post(at('endpoints'), of('v1', 'Endpoints', 'e', { subsets: [] })),
    get(at('endpoints')),
    get('/api/v1/componentstatuses', { unread: true }),
    post(
      at('poddisruptionbudgets'),
      of('policy/v1', 'PodDisruptionBudget', 'b', { spec: { minAvailable: 1, selector: {} } }),
    ),
    post(
      at('ingresses'),
      of(
        'networking.k8s.io/v1',
        'Ingress',
        'i',
        { spec: { defaultBackend: { service: { name: 's', port: { number: 1 } } } } },
        { annotations: { 'kubernetes.io/ingress.class': 'x' } },
      ),
    ),
    post(
      at('networkpolicies'),
      of('networking.k8s.io/v1', 'NetworkPolicy', 'n', {
        spec: {
          podSelector: {},
          ingress: [{ from: [{ ipBlock: { cidr: '010.0.0.0/8' } }, { ipBlock: { cidr: '10.0.0.1/8' } }] }],
        },
      }),
    ),
    post(at('limitranges'), of('v1', 'LimitRange', 'l', { spec: { limits: [{ type: 'bogus' }] } })),
    post(
      at('horizontalpodautoscalers'),
      of('autoscaling/v2', 'HorizontalPodAutoscaler', 'h', {
        spec: {
          maxReplicas: 1,
          scaleTargetRef: { kind: 'ReplicationController', name: 'x', apiVersion: 'apps/v1' },
          metrics: [],
        },
      }),
    ),
  ),
]
