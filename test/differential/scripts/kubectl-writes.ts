/** What kubectl sends to create, apply, edit, replace, patch, label, annotate, set and diff, request by request. */

import { configMap, of } from './objects.ts'
import {
  apply,
  at,
  get,
  jsonPatch,
  patch,
  post,
  put,
  remove,
  script,
  type Step,
  strategic,
  TABLE,
  watch,
} from './script.ts'

const LAST = 'kubectl.kubernetes.io/last-applied-configuration'
const STRICT = 'fieldValidation=Strict'
const create = 'fieldManager=kubectl-create&fieldValidation=Strict'
const client = 'fieldManager=kubectl-client-side-apply&fieldValidation=Strict'
const server = 'fieldManager=kubectl&fieldValidation=Strict'
/** What kubectl asks for when it prints. */
const PRINTED = `${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`

type Json = Readonly<Record<string, unknown>>
const d = at('deployments', 'web')
const labels = { app: 'web' }
const template = (container: Json = {}, rest: Json = {}) => ({
  metadata: { creationTimestamp: null, labels },
  spec: { containers: [{ name: 'nginx', image: 'nginx:1', resources: {}, ...container }], ...rest },
})
/** As `kubectl create deployment` writes it. */
const web = (spec: Json = {}, metadata: Json = {}) => ({
  ...of('apps/v1', 'Deployment', 'web', {}, { creationTimestamp: null, labels, ...metadata }),
  spec: { replicas: 1, selector: { matchLabels: labels }, strategy: {}, template: template(), ...spec },
  status: {},
})
/** As `kubectl apply` writes it: with what was applied in an annotation. */
function lastApplied(object: Json): Json {
  const metadata = object['metadata'] as Json
  const annotations = { ...(metadata['annotations'] as object) }
  const bare = { ...object, metadata: { ...metadata, annotations, namespace: '$NS' } }
  return {
    ...bare,
    metadata: { ...bare.metadata, annotations: { ...annotations, [LAST]: `${JSON.stringify(bare)}\n` } },
  }
}
const service = of('v1', 'Service', 'web', {
  spec: { ports: [{ port: 80, targetPort: 'http', name: 'http' }], selector: labels },
})

/** The deployment of a manifest, applied, changed and applied again. */
function applied(): Step[] {
  const one = lastApplied(
    of('apps/v1', 'Deployment', 'web', { spec: { selector: { matchLabels: labels }, template: template() } }),
  )
  return [
    get(d),
    post(`${at('deployments')}?${client}`, one),
    get(d),
    strategic(`${d}?${client}`, {
      metadata: { annotations: { [LAST]: '{"changed":1}\n' } },
      spec: {
        replicas: 3,
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'nginx' }, { name: 'side' }],
            containers: [
              { name: 'nginx', image: 'nginx:2', env: [{ name: 'A', value: '1' }] },
              { name: 'side', image: 'side', resources: {} },
            ],
          },
        },
      },
    }),
    strategic(`${d}?${client}`, {
      metadata: { annotations: { [LAST]: '{"changed":2}\n' } },
      spec: {
        replicas: null,
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'nginx' }],
            containers: [
              { name: 'nginx', env: null },
              { $patch: 'delete', name: 'side' },
            ],
          },
        },
      },
    }),
    strategic(`${d}?${client}`, {}),
    strategic(`${d}?${client}&dryRun=All`, { spec: { paused: true } }),
    strategic(`${d}?${client}`, { spec: { selector: { matchLabels: { app: 'other' } } } }),
    strategic(`${d}?${client}`, { spec: { template: { spec: { containers: [{ name: 'nginx', imag: 'x' }] } } } }),
    strategic(`${d}?fieldManager=kubectl-client-side-apply`, {
      spec: { template: { spec: { containers: [{ name: 'nginx', imag: 'x' }] } } },
    }),
    get(d),
    // apply --server-side over it, then again by another name.
    apply(
      `${d}?${server}&force=false`,
      of('apps/v1', 'Deployment', 'web', {
        spec: { selector: { matchLabels: labels }, template: template({ image: 'nginx:3' }) },
      }),
    ),
    apply(
      `${d}?${server}&force=true`,
      of('apps/v1', 'Deployment', 'web', {
        spec: { selector: { matchLabels: labels }, template: template({ image: 'nginx:3' }) },
      }),
    ),
    apply(
      `${d}?fieldManager=ci&${STRICT}&force=false`,
      of('apps/v1', 'Deployment', 'web', { spec: { template: template({ image: 'nginx:4' }) } }),
    ),
    apply(
      `${d}?fieldManager=ci&${STRICT}&force=true`,
      of('apps/v1', 'Deployment', 'web', {
        spec: { template: template({ image: 'nginx:4', env: [{ name: 'A', value: '1' }] }) },
      }),
    ),
    apply(
      `${d}?${server}&force=false`,
      of('apps/v1', 'Deployment', 'web', {
        spec: { selector: { matchLabels: labels }, template: template({ image: 'nginx:4' }) },
      }),
    ),
    get(d),
    // apply view-last-applied, edit-last-applied, set-last-applied.
    get(at('deployments'), { accept: PRINTED }),
    patch(`${d}?fieldManager=kubectl-last-applied`, { metadata: { annotations: { [LAST]: '{"set":1}\n' } } }),
    get(d),
  ]
}

/** What differs: the same as an apply, tried out. */
const diffs: readonly Step[] = [
  get(d),
  post(`${at('deployments')}?dryRun=All&${client}`, lastApplied(web())),
  post(`${at('deployments')}?${client}`, lastApplied(web())),
  get(d),
  strategic(`${d}?dryRun=All&${client}`, { spec: { replicas: 4 } }),
  apply(`${d}?dryRun=All&${server}&force=false`, web({ replicas: 4 })),
  apply(`${d}?dryRun=All&${server}&force=true`, web({ replicas: 4 })),
  apply(`${d}?dryRun=All&fieldManager=kubectl-client-side-apply&force=true`, web({ replicas: 4 })),
  apply(`${at('services', 'web')}?dryRun=All&${server}&force=false`, service),
  get(at('services', 'web')),
  get(d),
]

const prune: readonly Step[] = [
  ...['a', 'b', 'c'].map((name) =>
    post(
      `${at('configmaps')}?${client}`,
      lastApplied(configMap(name, { data: { k: name } }, { labels: { set: 'x' } })),
    ),
  ),
  get(`${at('configmaps')}?labelSelector=set%3Dx`),
  apply(
    `${at('secrets', 'parent')}?fieldManager=kubectl-applyset&force=false`,
    of(
      'v1',
      'Secret',
      'parent',
      {},
      {
        annotations: {
          'applyset.kubernetes.io/tooling': 'kubectl/v1.36',
          'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap',
        },
        labels: { 'applyset.kubernetes.io/id': 'applyset-Zq-x-v1' },
      },
    ),
  ),
  patch(`${at('configmaps', 'a')}?fieldManager=kubectl-client-side-apply`, {
    metadata: { labels: { 'applyset.kubernetes.io/part-of': 'applyset-Zq-x-v1' } },
  }),
  get(`${at('configmaps')}?labelSelector=applyset.kubernetes.io%2Fpart-of%3Dapplyset-Zq-x-v1`),
  remove(at('configmaps', 'b'), { body: { propagationPolicy: 'Background' } }),
  remove(at('configmaps', 'b'), { body: { propagationPolicy: 'Background' } }),
  get(`${at('configmaps')}?labelSelector=set%3Dx`, { accept: PRINTED }),
]

const edits: readonly Step[] = [
  post(`${at('deployments')}?${create}`, web()),
  get(d, { save: { V: 'metadata.resourceVersion' } }),
  strategic(`${d}?fieldManager=kubectl-edit&${STRICT}`, { spec: { replicas: 2 } }),
  strategic(
    `${d}?fieldManager=kubectl-edit&${STRICT}`,
    { metadata: { resourceVersion: '$V' }, spec: { replicas: 3 } },
    { unread: true },
  ),
  strategic(`${d}?fieldManager=kubectl-edit&${STRICT}`, {
    spec: { template: { spec: { $setElementOrder: [], containers: [] } } },
  }),
  strategic(`${d}?fieldManager=kubectl-edit&${STRICT}`, {
    spec: {
      template: {
        spec: {
          '$setElementOrder/containers': [{ name: 'nginx' }],
          containers: [{ name: 'nginx', ports: [{ containerPort: 80 }, { containerPort: 81 }] }],
        },
      },
    },
  }),
  strategic(`${d}?fieldManager=kubectl-edit&${STRICT}`, {
    spec: {
      template: {
        spec: {
          '$setElementOrder/containers': [{ name: 'nginx' }],
          containers: [
            {
              name: 'nginx',
              '$setElementOrder/ports': [{ containerPort: 81 }],
              ports: [{ $patch: 'delete', containerPort: 80 }],
            },
          ],
        },
      },
    },
  }),
  patch(`${d}/status?fieldManager=kubectl-edit`, { status: { replicas: 4 } }),
  strategic(`${d}?fieldManager=kubectl-edit`, { metadata: { name: 'other' } }),
  strategic(`${d}?fieldManager=kubectl-edit`, { apiVersion: 'apps/v1beta1', kind: 'Deployment' }),
  get(d),
]

const replaces: readonly Step[] = [
  put(`${d}?fieldManager=kubectl-replace&${STRICT}`, web()),
  post(`${at('deployments')}?${create}`, web()),
  put(`${d}?fieldManager=kubectl-replace&${STRICT}`, web({ replicas: 2 })),
  put(`${d}?fieldManager=kubectl-replace&${STRICT}`, web({ replicas: 2, selector: { matchLabels: { app: 'x' } } })),
  put(`${d}?fieldManager=kubectl-replace&${STRICT}`, { ...web(), bogus: 1 }),
  put(`${d}?fieldManager=kubectl-replace&dryRun=All`, web({ replicas: 7 })),
  put(`${d}/status?fieldManager=kubectl-replace`, { ...web(), status: { replicas: 2 } }),
  put(
    `${d}/scale?fieldManager=kubectl-replace`,
    of('autoscaling/v1', 'Scale', 'web', { spec: { replicas: 5 } }, { namespace: '$NS' }),
  ),
  // replace --force
  remove(`${d}`, { body: { propagationPolicy: 'Background', gracePeriodSeconds: 0 } }),
  get(d),
  post(`${at('deployments')}?fieldManager=kubectl-replace&${STRICT}`, web()),
  get(`${at('deployments')}?fieldSelector=metadata.name%3Dweb`, { accept: PRINTED }),
]

const patches: readonly Step[] = [
  post(`${at('deployments')}?${create}`, web()),
  strategic(`${d}?fieldManager=kubectl-patch`, {
    spec: { template: { spec: { containers: [{ name: 'new', image: 'n' }] } } },
  }),
  strategic(`${d}?fieldManager=kubectl-patch`, { spec: { strategy: { type: 'Recreate' } } }),
  strategic(`${d}?fieldManager=kubectl-patch`, { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } }),
  strategic(`${d}?fieldManager=kubectl-patch`, {
    spec: { strategy: { $retainKeys: ['type'], type: 'RollingUpdate' } },
  }),
  patch(`${d}?fieldManager=kubectl-patch`, {
    spec: { template: { spec: { containers: [{ name: 'only', image: 'o' }] } } },
  }),
  jsonPatch(`${d}?fieldManager=kubectl-patch`, [
    { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'p' },
  ]),
  jsonPatch(`${d}?fieldManager=kubectl-patch`, [{ op: 'test', path: '/spec/replicas', value: 9 }]),
  jsonPatch(`${d}?fieldManager=kubectl-patch`, [{ op: 'remove', path: '/spec/none' }]),
  patch(`${d}?fieldManager=kubectl-patch&dryRun=All`, { spec: { paused: true } }),
  patch(`${d}/scale?fieldManager=kubectl-patch`, { spec: { replicas: 2 } }),
  strategic(`${d}/scale?fieldManager=kubectl-patch`, { spec: { replicas: 3 } }),
  patch(`${d}/status?fieldManager=kubectl-patch`, { status: { observedGeneration: 1, replicas: 3 } }),
  patch(`${d}?fieldManager=kubectl-patch`, { spec: 'x' }),
  patch(`${d}?fieldManager=kubectl-patch`, { spec: { replicas: 'x' } }),
  strategic(`${d}?fieldManager=kubectl-patch`, { spec: { template: { spec: { containers: [{ image: 'x' }] } } } }),
  strategic(`${at('deployments', 'none')}?fieldManager=kubectl-patch`, { spec: { replicas: 1 } }),
  get(d),
]

const tags: readonly Step[] = [
  post(`${at('deployments')}?${create}`, web()),
  get(d),
  patch(`${d}?fieldManager=kubectl-label`, { metadata: { labels: { tier: 'front' } } }),
  patch(`${d}?fieldManager=kubectl-label`, { metadata: { labels: { tier: 'back' } } }),
  patch(`${d}?fieldManager=kubectl-label`, { metadata: { labels: { tier: null } } }),
  patch(`${d}?fieldManager=kubectl-label`, { metadata: { labels: { tier: null } } }),
  patch(`${d}?fieldManager=kubectl-label`, { metadata: { labels: { 'bad key': '1' } } }),
  patch(`${d}?fieldManager=kubectl-label`, { metadata: { labels: { a: 'bad value!' } } }),
  patch(`${d}?fieldManager=kubectl-label`, { metadata: { labels: null } }),
  patch(`${d}?fieldManager=kubectl-label&dryRun=All`, { metadata: { labels: { x: 'y' } } }),
  patch(`${d}?fieldManager=kubectl-annotate`, { metadata: { annotations: { note: 'hello' } } }),
  patch(`${d}?fieldManager=kubectl-annotate`, { metadata: { annotations: { note: null } } }),
  patch(`${d}?fieldManager=kubectl-annotate`, { metadata: { annotations: { 'a/b/c': 'x' } } }),
  patch(
    `${d}?fieldManager=kubectl-annotate`,
    { metadata: { annotations: { 'kubernetes.io/change-cause': 'why' }, resourceVersion: '1' } },
    { unread: true },
  ),
  patch(`${d}?fieldManager=kubectl-annotate`, { metadata: { annotations: { 'kubernetes.io/change-cause': 'why' } } }),
  get(d),
]

const nginx = (rest: Json) => ({
  spec: {
    template: {
      spec: { '$setElementOrder/containers': [{ name: 'nginx' }], containers: [{ name: 'nginx', ...rest }] },
    },
  },
})
const sets: readonly Step[] = [
  post(`${at('deployments')}?${create}`, web()),
  ...[
    nginx({ image: 'nginx:9' }),
    nginx({ '$setElementOrder/env': [{ name: 'A' }], env: [{ name: 'A', value: '1' }] }),
    nginx({
      '$setElementOrder/env': [{ name: 'A' }, { name: 'B' }],
      env: [{ name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
    }),
    nginx({ '$setElementOrder/env': [{ name: 'B' }], env: [{ $patch: 'delete', name: 'A' }] }),
    nginx({ resources: { limits: { cpu: '200m', memory: '512Mi' }, requests: { cpu: '100m' } } }),
    nginx({ resources: { limits: { cpu: '0' } } }),
    nginx({ resources: { limits: null } }),
    nginx({ image: '' }),
    { spec: { template: { spec: { serviceAccountName: 'robot', serviceAccount: 'robot' } } } },
  ].map((change) => strategic(`${d}?fieldManager=kubectl-set`, change)),
  post(`${at('services')}?${create}`, service),
  patch(`${at('services', 'web')}?fieldManager=kubectl-set`, { spec: { selector: { env: 'x' } } }),
  strategic(`${at('services', 'web')}?fieldManager=kubectl-set`, {
    spec: { selector: { $patch: 'replace', only: 'y' } },
  }),
  get(at('services', 'web')),
  get(d),
]

export const kubectlWriteScripts = [
  script('kubectl/apply', ...applied()),
  script('kubectl/diff', ...diffs),
  script('kubectl/apply --prune', ...prune),
  script('kubectl/edit', ...edits),
  script('kubectl/replace', ...replaces),
  script('kubectl/patch', ...patches),
  script('kubectl/label, annotate', ...tags),
  script('kubectl/set', ...sets),
  script(
    'kubectl/get --watch',
    get(at('deployments'), { accept: PRINTED, save: { FROM: 'metadata.resourceVersion' } }),
    post(`${at('deployments')}?${create}`, web()),
    patch(`${d}?fieldManager=kubectl-label`, { metadata: { labels: { tier: 'front' } } }),
    remove(d, { body: { propagationPolicy: 'Background' } }),
    watch(`${at('deployments')}?resourceVersion=$FROM`, { accept: PRINTED }),
    watch(`${at('deployments')}?resourceVersion=$FROM&fieldSelector=metadata.name%3Dweb&allowWatchBookmarks=true`),
  ),
]
