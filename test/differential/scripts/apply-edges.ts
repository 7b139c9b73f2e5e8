/** Applies at the edges: nulls, empty values, keys that are doubled or missing, managers that come and go. */

import { configMap, deployment, of, pod, service } from './objects.ts'
import { apply, at, get, patch, post, put, script, strategic } from './script.ts'

const by = (path: string, manager: string, force = false) =>
  `${path}${path.includes('?') ? '&' : '?'}fieldManager=${manager}${force ? '&force=true' : ''}`
const p = at('pods', 'p')
const d = at('deployments', 'd')
const s = at('services', 's')
const c = at('configmaps', 'c')
const containers = (...list: object[]) => of('v1', 'Pod', 'p', { spec: { containers: list } })
const ports = (...list: object[]) => of('v1', 'Service', 's', { spec: { ports: list } })
const data = (values: object | null, metadata: Readonly<Record<string, unknown>> = {}) =>
  configMap('c', { data: values }, metadata)
const image = { name: 'c', image: 'i' }

const lease = (fieldManager: string, spec: object) =>
  apply(by(at('leases', 'l'), fieldManager.replace('!', ''), fieldManager.endsWith('!')), {
    ...of('coordination.k8s.io/v1', 'Lease', 'l', { spec }),
  })
const secret = (fieldManager: string, x: string) =>
  apply(by(at('secrets', 't'), fieldManager, fieldManager === 'two'), of('v1', 'Secret', 't', { data: { x } }))

export const applyEdgeScripts = [
  script(
    'apply-edges/values that nobody can read',
    lease('one', { holderIdentity: 'a', renewTime: '2026-01-01T00:00:00Z' }),
    lease('one', { holderIdentity: 'a', renewTime: '2026-01-01T00:00:00.000000Z' }),
    lease('two', { holderIdentity: 'b', renewTime: '2026-01-01T00:00:00Z' }),
    lease('two', { holderIdentity: 'a', renewTime: '2026-01-01T00:00:00Z' }),
    lease('two!', { holderIdentity: 'a', renewTime: '2026-01-01T00:00:00Z' }),
    lease('two', { holderIdentity: 'b', renewTime: 'x' }),
    lease('two', { holderIdentity: 'b', leaseDurationSeconds: 1.5 }),
    lease('two!', { holderIdentity: 'b', leaseDurationSeconds: 1.5 }),
    apply(by(c, 'one'), data({ x: '1' })),
    apply(by(c, 'two'), data({ x: '2' }, { creationTimestamp: 'x' })),
    secret('one', 'MQ=='),
    secret('three', '?'),
    secret('two', '?'),
  ),
  script(
    'apply-edges/maps',
    apply(by(c, 'one'), data({ a: '1', b: '' })),
    apply(by(c, 'two'), data({ a: '1' })),
    apply(by(c, 'one'), data({ b: '' })),
    apply(by(c, 'two'), data({})),
    apply(by(c, 'one'), data(null)),
    apply(by(c, 'one'), configMap('c')),
    apply(by(c, 'one'), data({ x: null })),
    apply(by(c, 'one'), data({ x: 1 })),
    apply(by(c, 'one'), data({ x: '1' }, { labels: { l: '1' }, annotations: { n: '1' } })),
    patch(by(c, 'two'), { data: { x: '2' }, metadata: { labels: { l: null } } }),
    apply(by(c, 'one'), data({ x: '1' }, { labels: { l: '1' } })),
    apply(by(c, 'one', true), data({ x: '1' }, { labels: { l: '1' } })),
    patch(by(c, 'two'), { data: { x: '2' } }),
    apply(by(c, 'two'), data({ x: '2' })),
    apply(by(c, 'one', true), configMap('c', { immutable: true })),
    apply(by(c, 'one', true), data({ x: '9' })),
    apply(by(c, 'one'), data({}, { finalizers: ['a.io/b'], ownerReferences: [] })),
    apply(by(c, 'one'), data({}, { uid: 'x' })),
    apply(by(c, 'one'), data({}, { resourceVersion: '1' })),
    apply(by(c, 'one'), data({}, { generateName: 'x', creationTimestamp: null })),
    apply(by(c, 'one'), data({}, { namespace: 'other' })),
    apply(by(c, 'a'.repeat(129)), data({})),
    apply(by(c, 'a%00b'), data({})),
    apply(by(c, '%C3%A9%07'), data({})),
    apply(`${c}?force=true`, data({})),
    apply(`${by(c, 'one')}&dryRun=All`, data({ dry: '1' })),
    get(c),
  ),
  script(
    'apply-edges/lists',
    apply(by(p, 'one'), containers(image, image)),
    apply(by(p, 'one'), containers({ image: 'i' })),
    apply(
      by(p, 'one'),
      containers({
        ...image,
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      }),
    ),
    apply(by(p, 'one'), of('v1', 'Pod', 'p', { spec: { containers: null } })),
    apply(by(p, 'one'), of('v1', 'Pod', 'p', { spec: { containers: [null] } })),
    apply(by(p, 'one'), of('v1', 'Pod', 'p', { spec: { containers: { c: image } } })),
    apply(
      by(p, 'one'),
      containers({ ...image, ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] }),
    ),
    apply(by(p, 'two'), containers({ name: 'c', image: 'j' })),
    apply(by(p, 'two', true), containers({ name: 'c', image: 'j' })),
    apply(by(p, 'two'), containers({ name: 'c' })),
    apply(by(p, 'one'), containers({ ...image, command: ['a'] })),
    get(p),
    apply(
      by(d, 'one'),
      deployment('d', {
        template: {
          metadata: { labels: { app: 'a' } },
          spec: {
            containers: [
              {
                ...image,
                env: [
                  { name: 'B', value: '1' },
                  { name: 'A', value: '2' },
                ],
                volumeMounts: [{ name: 'v', mountPath: '/v' }],
              },
            ],
            volumes: [{ name: 'v', emptyDir: {} }],
            tolerations: [{ key: 'a' }],
            imagePullSecrets: [{ name: 's' }],
            topologySpreadConstraints: [
              { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
            ],
          },
        },
      }),
    ),
    apply(
      by(d, 'two'),
      deployment('d', {
        template: {
          metadata: { labels: { app: 'a' } },
          spec: {
            containers: [
              { name: 'e', image: 'e' },
              {
                ...image,
                env: [
                  { name: 'C', value: '3' },
                  { name: 'A', value: '2' },
                ],
              },
            ],
            tolerations: [{ key: 'b' }],
            volumes: [{ name: 'w', emptyDir: {} }],
          },
        },
      }),
    ),
    apply(
      by(d, 'one'),
      deployment('d', {
        template: {
          metadata: { labels: { app: 'a' } },
          spec: { containers: [image], volumes: [{ name: 'v', configMap: { name: 'x' } }] },
        },
      }),
    ),
    get(d),
    strategic(by(d, 'three'), { spec: { template: { spec: { containers: [{ name: 'e', $patch: 'delete' }] } } } }),
    apply(by(d, 'two'), deployment('d', { selector: undefined, template: { spec: { containers: [{ name: 'e' }] } } })),
    get(d),
  ),
  script(
    'apply-edges/services',
    apply(by(s, 'one'), ports({ port: 80 })),
    apply(by(s, 'two'), ports({ port: 80, protocol: 'TCP', name: 'a' })),
    apply(by(s, 'two'), ports({ port: 81, name: 'b' })),
    apply(by(s, 'two'), ports({ port: 80, name: 'a' }, { port: 81, name: 'b', targetPort: 'x' })),
    apply(by(s, 'one'), service('s', { ports: [] })),
    apply(by(s, 'one'), service('s', { ports: [{ port: 80 }], selector: { a: 'b' }, clusterIP: 'None' })),
    apply(by(s, 'one', true), service('s', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080 }] })),
    get(s),
  ),
  script(
    'apply-edges/managers',
    post(by(at('deployments'), 'maker'), deployment('d', { replicas: 1 })),
    apply(by(d, 'one'), of('apps/v1', 'Deployment', 'd', { spec: { replicas: 2 } })),
    apply(by(d, 'one', true), of('apps/v1', 'Deployment', 'd', { spec: { replicas: 2 } })),
    patch(by(d, 'maker'), { spec: { replicas: 3 } }),
    apply(by(d, 'one', true), of('apps/v1', 'Deployment', 'd', { spec: {} })),
    apply(by(`${d}/status`, 'st'), of('apps/v1', 'Deployment', 'd', { status: { replicas: 1 } })),
    apply(
      by(`${d}/status`, 'st'),
      of('apps/v1', 'Deployment', 'd', { spec: { replicas: 7 }, status: { replicas: 2 } }),
    ),
    patch(by(`${d}/status`, 'other'), { status: { replicas: 5 } }),
    apply(by(`${d}/status`, 'st'), of('apps/v1', 'Deployment', 'd', { status: { replicas: 2 } })),
    put(by(d, 'maker'), deployment('d', { replicas: 4 })),
    patch(d, { metadata: { managedFields: [] } }),
    patch(by(d, 'x'), { metadata: { managedFields: [{}] } }),
    get(d),
    apply(by(d, 'one'), of('apps/v1', 'Deployment', 'd', { spec: { paused: true } })),
    patch(by(d, 'x'), { metadata: { managedFields: [{ manager: 'm', operation: 'Bogus', apiVersion: 'apps/v1' }] } }),
    patch(by(d, 'x'), {
      metadata: {
        managedFields: [
          {
            manager: 'm',
            operation: 'Apply',
            apiVersion: 'apps/v1',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:spec': { 'f:paused': {} } },
          },
        ],
      },
    }),
    apply(by(d, 'm'), of('apps/v1', 'Deployment', 'd', { spec: {} })),
    post(by(at('pods'), 'maker'), pod('p')),
    apply(
      by(`${p}/ephemeralcontainers`, 'e'),
      of('v1', 'Pod', 'p', { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } }),
    ),
    apply(
      by(`${p}/status`, 'k'),
      of('v1', 'Pod', 'p', {
        status: {
          conditions: [
            { type: 'a.io/x', status: 'True' },
            { type: 'a.io/y', status: 'False' },
          ],
        },
      }),
    ),
    apply(
      by(`${p}/status`, 'l'),
      of('v1', 'Pod', 'p', { status: { conditions: [{ type: 'a.io/y', status: 'True' }] } }),
    ),
    apply(by(`${p}/status`, 'k'), of('v1', 'Pod', 'p', { status: {} })),
    get(p),
  ),
]
