/** Who owns what after clients wrote managedFields themselves, and how kubectl's objects of every workload become applied ones. */

import { configMap, deployment, of, service } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, script, type Step, strategic } from './script.ts'

const LAST = 'kubectl.kubernetes.io/last-applied-configuration'
const by = (path: string, manager: string, force = false) =>
  `${path}?fieldManager=${manager}${force ? '&force=true' : ''}`
const c = at('configmaps', 'c')
const entry = (manager: string, operation: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation,
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  time: '2020-01-01T00:00:00Z',
  ...more,
})
const A = { 'f:data': { 'f:a': {} } }

const EDITS: Readonly<Record<string, unknown>> = {
  'an empty list': [],
  null: null,
  'one empty entry': [{}],
  'two empty entries': [{}, {}],
  'an entry for apply': [entry('x', 'Apply', A)],
  'an entry for update': [entry('x', 'Update', A)],
  'an old time': [entry('x', 'Update', A, { time: '1999-01-01T00:00:00Z' })],
  'a time to come': [entry('x', 'Update', A, { time: '2099-01-01T00:00:00Z' })],
  'no time': [entry('x', 'Update', A, { time: null })],
  'no fields': [entry('x', 'Apply', {})],
  'null fields': [{ ...entry('x', 'Apply', {}), fieldsV1: null }],
  'no manager': [entry('', 'Update', A)],
  'a long manager': [entry('m'.repeat(129), 'Update', A)],
  'an unprintable manager': [entry('a\u0001', 'Update', A)],
  'a subresource': [entry('x', 'Update', A, { subresource: 'status' })],
  'a long subresource': [entry('x', 'Update', A, { subresource: 's'.repeat(257) })],
  'no version': [entry('x', 'Update', A, { apiVersion: '' })],
  'a version that is no more': [entry('x', 'Update', A, { apiVersion: 'v1beta9' })],
  'a bad version': [entry('x', 'Update', A, { apiVersion: 'a/b/c' })],
  'no type': [entry('x', 'Update', A, { fieldsType: '' })],
  'another type': [entry('x', 'Update', A, { fieldsType: 'FieldsV2' })],
  'no operation': [entry('x', '', A)],
  'another operation': [entry('x', 'Delete', A)],
  'fields that are not there': [entry('x', 'Apply', { 'f:data': { 'f:zz': {} }, 'f:spec': { 'f:y': {} } })],
  'fields that are none': [entry('x', 'Update', { x: {} })],
  'fields that are a text': [{ ...entry('x', 'Update', {}), fieldsV1: 'x' }],
  'a bad key': [entry('x', 'Update', { 'k:x': {} })],
  'a bad value': [entry('x', 'Update', { 'v:x': {} })],
  'a bad index': [entry('x', 'Update', { 'i:x': {} })],
  'all sorts of keys': [
    entry('x', 'Update', { 'f:data': { '.': {}, 'f:a': {}, 'k:{"a":1}': {}, 'v:"x"': {}, 'i:0': {} } }),
  ],
  'the same owner twice': [entry('x', 'Update', A), entry('x', 'Update', { 'f:data': { 'f:b': {} } })],
  'two owners': [entry('y', 'Apply', A), entry('x', 'Update', A)],
  'no list': { a: 'b' },
  'a list of texts': ['x'],
}

const edited = (managedFields: unknown): Step[] => [
  post(by(at('configmaps'), 'maker'), configMap('c', { data: { a: '1', b: '1' } })),
  apply(by(c, 'one'), configMap('c', { data: { c: '1' } })),
  patch(by(c, 'editor'), { metadata: { managedFields }, data: { d: '1' } }),
  put(by(c, 'editor'), configMap('c', { data: { a: '2', b: '1' } }, { managedFields })),
  apply(by(c, 'two'), configMap('c', { data: { a: '3' } })),
  apply(by(c, 'x'), configMap('c', { data: { e: '1' } })),
  get(c),
]

const template = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] },
}
const running = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
const selector = { matchLabels: { app: 'a' } }
type Workload = readonly [plural: string, object: Readonly<Record<string, unknown>>, change: object]
const workloads: readonly Workload[] = [
  [
    'deployments',
    deployment('w'),
    { spec: { replicas: 4, template: { spec: { containers: [{ name: 'c', image: 'j' }] } } } },
  ],
  ['replicasets', of('apps/v1', 'ReplicaSet', 'w', { spec: { selector, template } }), { spec: { replicas: 4 } }],
  [
    'statefulsets',
    of('apps/v1', 'StatefulSet', 'w', { spec: { selector, template, serviceName: 's' } }),
    { spec: { replicas: 4 } },
  ],
  ['daemonsets', of('apps/v1', 'DaemonSet', 'w', { spec: { selector, template } }), { spec: { minReadySeconds: 4 } }],
  ['jobs', of('batch/v1', 'Job', 'w', { spec: { template: running } }), { spec: { parallelism: 4 } }],
  [
    'cronjobs',
    of('batch/v1', 'CronJob', 'w', { spec: { schedule: '@daily', jobTemplate: { spec: { template: running } } } }),
    { spec: { suspend: true } },
  ],
  ['replicationcontrollers', of('v1', 'ReplicationController', 'w', { spec: { template } }), { spec: { replicas: 4 } }],
  ['services', service('w'), { spec: { ports: [{ port: 81, name: 'b' }] } }],
  ['pods', of('v1', 'Pod', 'w', { spec: template.spec }), { metadata: { labels: { a: 'b' } } }],
]

/** Made by `kubectl apply`, then applied by the server, edited between. */
const upgraded = ([plural, object, change]: Workload): Step[] => {
  const one = at(plural, 'w')
  const annotated = { ...object, metadata: { name: 'w', annotations: { [LAST]: JSON.stringify(object) } } }
  const { apiVersion, kind } = object
  return [
    post(by(at(plural), 'kubectl-client-side-apply'), annotated),
    strategic(by(one, 'kubectl-edit'), change),
    apply(by(one, 'kubectl'), object),
    apply(by(one, 'kubectl', true), object),
    apply(by(one, 'kubectl'), { apiVersion, kind, metadata: { name: 'w', labels: { x: 'y' } } }),
    apply(by(one, 'other'), { ...(change as object), apiVersion, kind }),
    patch(by(one, 'kubectl-client-side-apply'), { metadata: { annotations: { [LAST]: null } } }),
    apply(by(`${one}/status`, 'kubectl'), { apiVersion, kind, metadata: { name: 'w' }, status: {} }),
    jsonPatch(by(one, 'patcher'), [{ op: 'add', path: '/metadata/labels', value: { z: '1' } }]),
    get(one),
  ]
}

export const editedOwnerScripts = [
  ...Object.entries(EDITS).map(([name, managedFields]) => script(`edited owners/${name}`, ...edited(managedFields))),
  ...workloads.map((workload) => script(`edited owners/upgrade of ${workload[0]}`, ...upgraded(workload))),
]
