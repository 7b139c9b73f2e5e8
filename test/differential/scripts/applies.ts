/** Server-side apply, and who owns what after every sort of write. */

import { configMap, deployment, of, pod, service } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, remove, script, strategic } from './script.ts'

const map = (name: string) => at('configmaps', name)
const LAST = 'kubectl.kubernetes.io/last-applied-configuration'
const d = at('deployments', 'd')

export const applyScripts = [
  script(
    'apply/requests',
    apply(map('a'), configMap('a')),
    apply(`${map('a')}?fieldManager=m`, configMap('b')),
    apply(`${map('a')}?fieldManager=m`, { kind: 'ConfigMap', metadata: { name: 'a' } }),
    apply(`${map('a')}?fieldManager=m`, { apiVersion: 'v1', metadata: { name: 'a' } }),
    apply(`${map('a')}?fieldManager=m`, of('v1', 'Secret', 'a')),
    apply(`${map('a')}?fieldManager=m`, of('apps/v1', 'ConfigMap', 'a')),
    apply(`${map('a')}?fieldManager=m`, configMap('')),
    apply(`${map('a')}?fieldManager=m`, configMap('a', {}, { managedFields: [] })),
    apply(`${map('a')}?fieldManager=m`, configMap('a', {}, { namespace: 'other' })),
    apply(`${map('a')}?fieldManager=m`, configMap('a', { data: { x: 1 } })),
    apply(`${map('a')}?fieldManager=m`, configMap('a', { bogus: 1 })),
    apply(`${map('a')}?fieldManager=m&fieldValidation=Warn`, configMap('a', { bogus: 1 })),
    apply(`${map('a')}?fieldManager=m`, undefined, { raw: '[]' }),
    apply(`${map('a')}?fieldManager=m`, undefined, { raw: '{' }),
    apply(`${map('a')}?fieldManager=m`, undefined, { raw: 'a: b: c' }),
    apply(`${map('a')}?fieldManager=m`, undefined, { raw: '' }),
    apply(`${map('a')}?fieldManager=m&fieldValidation=Strict`, undefined, {
      raw: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "1", x: "2"}',
    }),
    apply(`${map('a')}?fieldManager=m`, undefined, {
      raw: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "1"}\n---\napiVersion: v1\n',
    }),
    apply(`${map('a')}?fieldManager=${'m'.repeat(129)}`, configMap('a')),
    apply(`${map('a')}?fieldManager=a%00b`, configMap('a')),
    apply(`${map('a')}?fieldManager=m&force=maybe`, configMap('a')),
    apply(`${map('a')}?fieldManager=m&force=true&dryRun=All`, configMap('a')),
    apply(`${map('zz')}?fieldManager=m`, configMap('zz', {}, { resourceVersion: '1' })),
    apply(`${map('zz')}?fieldManager=m`, configMap('zz', {}, { uid: 'x' })),
    patch(`${map('a')}?force=true`, { data: {} }),
    apply(`${map('Bad_Name')}?fieldManager=m`, configMap('Bad_Name')),
  ),
  script(
    'apply/conflicts-and-force',
    apply(`${d}?fieldManager=one`, deployment('d', { replicas: 2 })),
    apply(`${d}?fieldManager=two`, deployment('d', { replicas: 3 })),
    apply(`${d}?fieldManager=two`, deployment('d', { replicas: 2 })),
    apply(`${d}?fieldManager=one`, deployment('d', { replicas: 4, paused: true })),
    apply(`${d}?fieldManager=two&force=true`, deployment('d', { replicas: 5 })),
    apply(`${d}?fieldManager=one`, deployment('d', {})),
    patch(`${d}?fieldManager=three`, { spec: { replicas: 7, minReadySeconds: 3 } }),
    apply(`${d}?fieldManager=two`, deployment('d', { replicas: 8, minReadySeconds: 4 })),
    apply(`${d}?fieldManager=two`, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } }),
    put(`${d}/scale?fieldManager=scaler`, of('autoscaling/v1', 'Scale', 'd', { spec: { replicas: 9 } })),
    patch(`${d}/status?fieldManager=status`, {
      status: { replicas: 1, conditions: [{ type: 'Available', status: 'True' }] },
    }),
    apply(`${d}/status?fieldManager=one`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      status: { replicas: 4 },
    }),
    apply(`${d}/status?fieldManager=one&force=true`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      status: { replicas: 4 },
      spec: { replicas: 1 },
    }),
    apply(`${d}/scale?fieldManager=one`, of('autoscaling/v1', 'Scale', 'd', { spec: { replicas: 1 } })),
    apply(`${d}/scale?fieldManager=one&force=true`, of('autoscaling/v1', 'Scale', 'd', { spec: { replicas: 1 } })),
    get(d),
    get(`${d}/scale`),
    put(d, deployment('d', {}, { managedFields: [] })),
    get(d),
    put(d, deployment('d', {}, { managedFields: [{}] })),
    put(d, deployment('d', {}, { managedFields: [{ manager: 'x', operation: 'Bogus' }] })),
    put(
      d,
      deployment(
        'd',
        { replicas: 2 },
        {
          managedFields: [
            {
              manager: 'x',
              operation: 'Update',
              apiVersion: 'nope/v1',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:x': {} },
            },
          ],
        },
      ),
    ),
    put(
      d,
      deployment(
        'd',
        { replicas: 2 },
        {
          managedFields: [
            { manager: 'x', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV2', fieldsV1: {} },
          ],
        },
      ),
    ),
    put(
      d,
      deployment(
        'd',
        { replicas: 2 },
        {
          managedFields: [
            {
              manager: 'x',
              operation: 'Apply',
              apiVersion: 'apps/v1',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:spec': { 'f:replicas': {} } },
            },
          ],
        },
      ),
    ),
  ),
  script(
    'apply/from-kubectl',
    post(
      `${at('configmaps')}?fieldManager=kubectl-client-side-apply`,
      configMap(
        'a',
        { data: { x: '1', y: '1' } },
        {
          annotations: {
            [LAST]: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","y":"1"}}',
          },
        },
      ),
    ),
    apply(`${map('a')}?fieldManager=kubectl`, configMap('a', { data: { x: '2' } })),
    get(map('a')),
    apply(`${map('a')}?fieldManager=kubectl`, configMap('a', { data: { y: '3' } })),
    post(`${at('configmaps')}?fieldManager=kubectl-create`, configMap('b', { data: { x: '1' } })),
    apply(`${map('b')}?fieldManager=kubectl`, configMap('b', { data: { x: '2' } })),
    apply(`${map('b')}?fieldManager=kubectl&force=true`, configMap('b', { data: { x: '2' } })),
    post(
      `${at('configmaps')}?fieldManager=kubectl-client-side-apply`,
      configMap('c', { data: { x: '1' } }, { annotations: { [LAST]: 'not json' } }),
    ),
    apply(`${map('c')}?fieldManager=kubectl`, configMap('c', { data: { x: '2' } })),
    apply(`${map('e')}?fieldManager=kubectl`, configMap('e', { data: { x: '2' } }, { annotations: { [LAST]: '{}' } })),
    apply(`${map('e')}?fieldManager=kubectl`, configMap('e', { data: { x: '3' } })),
    get(map('e')),
  ),
  script(
    'apply/lists',
    apply(
      `${at('pods', 'p')}?fieldManager=one`,
      pod('p', {
        containers: [
          {
            name: 'c',
            image: 'i',
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
            ],
            ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }],
          },
        ],
        tolerations: [{ key: 'k', operator: 'Exists' }],
      }),
    ),
    apply(
      `${at('pods', 'p')}?fieldManager=two`,
      of('v1', 'Pod', 'p', { spec: { containers: [{ name: 'c', image: 'i2' }] } }),
    ),
    apply(
      `${at('pods', 'p')}?fieldManager=two&force=true`,
      of('v1', 'Pod', 'p', { spec: { containers: [{ name: 'c', image: 'i2' }] } }),
    ),
    apply(
      `${at('pods', 'p')}?fieldManager=two`,
      of('v1', 'Pod', 'p', { spec: { containers: [{ name: 'c' }, { name: 'c' }] } }),
    ),
    apply(`${at('pods', 'q')}?fieldManager=two`, of('v1', 'Pod', 'q', { spec: { containers: [{ image: 'c' }] } })),
    apply(
      `${at('services', 's')}?fieldManager=one`,
      service('s', {
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'b', protocol: 'UDP' },
        ],
      }),
    ),
    apply(
      `${at('services', 's')}?fieldManager=two`,
      service('s', { ports: [{ port: 80, protocol: 'TCP', targetPort: 81 }] }),
    ),
    apply(`${at('services', 's')}?fieldManager=two`, service('s', { ports: [{ port: 90, name: 'n' }] })),
    apply(`${at('services', 's')}?fieldManager=two`, of('v1', 'Service', 's', { spec: { ports: [] } })),
    apply(`${map('f')}?fieldManager=one`, configMap('f', {}, { finalizers: ['a.io/a', 'a.io/b'], labels: { a: 'b' } })),
    apply(`${map('f')}?fieldManager=two`, configMap('f', {}, { finalizers: ['a.io/c', 'a.io/b'] })),
    apply(`${map('f')}?fieldManager=one`, configMap('f', {}, { labels: null })),
    apply(`${map('f')}?fieldManager=one`, configMap('f', { data: null })),
    apply(`${map('f')}?fieldManager=one`, configMap('f', { data: { x: null } })),
    apply(
      `${map('f')}?fieldManager=one`,
      configMap(
        'f',
        {},
        {
          ownerReferences: [
            { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' },
            { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' },
          ],
        },
      ),
    ),
  ),
  script(
    'owners/of-updates',
    post(`${at('configmaps')}?fieldManager=one`, configMap('a', { data: { x: '1', y: '1' } }, { labels: { l: '1' } })),
    put(`${map('a')}?fieldManager=two`, configMap('a', { data: { x: '1', y: '2' } })),
    patch(`${map('a')}?fieldManager=one`, { data: { z: '3' } }),
    patch(`${map('a')}?fieldManager=one`, { data: { z: '3' } }),
    jsonPatch(`${map('a')}?fieldManager=three`, [{ op: 'remove', path: '/data/x' }]),
    strategic(`${map('a')}?fieldManager=four`, { metadata: { annotations: { a: 'b' } } }),
    patch(map('a'), { data: { w: '1' } }, { headers: { 'user-agent': 'kubectl/v1.20 (linux/amd64) x' } }),
    patch(map('a'), { data: { v: '1' } }, { headers: { 'user-agent': '' } }),
    patch(map('a'), { data: { u: '1' } }, { headers: { 'user-agent': '/x' } }),
    patch(map('a'), { data: { t: '1' } }, { headers: { 'user-agent': 'é'.repeat(3) } }),
    patch(map('a'), { data: { s: '1' } }, { headers: { 'user-agent': 'x'.repeat(200) } }),
    patch(`${map('a')}?fieldManager=`, { data: { r: '1' } }),
    ...Array.from({ length: 9 }, (_, at) => patch(`${map('a')}?fieldManager=m${at}`, { data: { [`k${at}`]: '1' } })),
    get(map('a')),
    patch(map('a'), { metadata: { managedFields: [{}] } }),
    get(map('a')),
    patch(map('a'), { metadata: { managedFields: null } }),
    get(map('a')),
    remove(`${map('a')}?dryRun=All`),
  ),
]
