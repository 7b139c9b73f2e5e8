/** What a scheduler asks for as itself, and the roles that every cluster has from the start. */

import { bootstrapRoles, laterRoles } from '../../../src/server/bootstrap/roles.ts'
import { of, pod } from './objects.ts'
import { at, get, patch, post, remove, script, type Step } from './script.ts'

const AS = { headers: { 'impersonate-user': 'system:kube-scheduler' } }
const binding = (name: string, target: object, metadata: object = {}) =>
  of('v1', 'Binding', name, { target }, { namespace: '$NS', ...metadata })
const node = { kind: 'Node', name: '$NS-n' }
const pods = (name: string) => at('pods', name)
const event = of('events.k8s.io/v1', 'Event', 'y', {
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'default-scheduler',
  reportingInstance: 'i',
  action: 'Binding',
  reason: 'Scheduled',
  type: 'Normal',
  note: 'n',
  regarding: { kind: 'Pod', namespace: '$NS', name: 'p' },
})
const unschedulable = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'm' }

const scheduler: readonly Step[] = [
  post('/api/v1/nodes', of('v1', 'Node', '$NS-n')),
  ...['p', 'q', 'g'].map((name) =>
    post(at('pods'), pod(name, name === 'g' ? { schedulingGates: [{ name: 'a.io/g' }] } : {})),
  ),
  get('/api/v1/pods?fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed&limit=1', {
    ...AS,
    unread: true,
  }),
  patch(
    `${pods('p')}/status`,
    { status: { conditions: [unschedulable] } },
    { ...AS, type: 'application/strategic-merge-patch+json' },
  ),
  patch(`${pods('p')}/status`, { status: { nominatedNodeName: '$NS-n' } }, AS),
  post(`${pods('p')}/binding`, binding('p', node, { uid: 'other' }), AS),
  post(
    `${pods('p')}/binding`,
    binding('p', node, { annotations: { a: 'b' }, labels: { 'topology.kubernetes.io/zone': 'z' } }),
    AS,
  ),
  post(`${pods('p')}/binding`, binding('p', { kind: 'Node', name: 'other' }), AS),
  post(`${pods('g')}/binding`, binding('g', node), AS),
  post(`${pods('q')}/binding`, binding('q', { kind: 'Service', name: '$NS-n' }), AS),
  post(`${pods('q')}/binding`, binding('q', { name: '' }), AS),
  post(`${pods('q')}/binding`, binding('p', { name: '$NS-n' }), AS),
  post(at('bindings'), binding('q', node), AS),
  ...['p', 'q', 'g'].map((name) => get(pods(name), AS)),
  remove(pods('q'), AS),
  patch(pods('p'), {}, AS),
  post(at('events'), of('v1', 'Event', 'x', { involvedObject: { namespace: '$NS' } }), AS),
  post('/apis/events.k8s.io/v1/namespaces/$NS/events', event, AS),
  post(
    '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases?dryRun=All',
    of('coordination.k8s.io/v1', 'Lease', '$NS-kube-scheduler'),
    AS,
  ),
  get('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/other', AS),
  get(at('leases', 'x'), AS),
  get('/api/v1/nodes/$NS-n', { ...AS, unread: true }),
  patch('/api/v1/nodes/$NS-n', {}, AS),
  get(at('secrets'), AS),
  get('/api/v1/configmaps', AS),
  remove('/api/v1/nodes/$NS-n'),
]

/** What others install elsewhere, and what a controller has still to gather. */
const OURS: ReadonlySet<string> = new Set([
  'view',
  'edit',
  'admin',
  'system:aggregated-metrics-reader',
  'system:controller:local-path-provisioner',
])
const names = [...bootstrapRoles(), ...laterRoles()]
  .map(({ metadata }) => metadata.name ?? '')
  .filter((name) => !OURS.has(name))
const RBAC = '/apis/rbac.authorization.k8s.io/v1'

export const schedulerScripts = [
  script('controllers/scheduler', ...scheduler),
  script(
    'controllers/bootstrap roles',
    ...names.flatMap((name) => [get(`${RBAC}/clusterroles/${name}`), get(`${RBAC}/clusterrolebindings/${name}`)]),
    ...['roles', 'rolebindings'].flatMap((one) =>
      ['kube-system', 'kube-public'].map((namespace) => get(`${RBAC}/namespaces/${namespace}/${one}`)),
    ),
  ),
]
