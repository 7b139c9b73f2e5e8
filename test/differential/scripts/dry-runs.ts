/** dryRun=All on every verb and subresource: answers as if it were done, and nothing is. */

import { configMap, deployment, of, pod } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, remove, script, strategic } from './script.ts'

const map = (name: string) => at('configmaps', name)
const p = at('pods', 'p')
const d = at('deployments', 'd')
const DRY = 'dryRun=All'
const scale = (replicas: number) => of('autoscaling/v1', 'Scale', 'd', { spec: { replicas } })

export const dryRunScripts = [
  script(
    'dry runs/objects',
    post(`${at('configmaps')}?${DRY}`, configMap('a', { data: { a: 'b' } })),
    get(map('a')),
    put(`${map('a')}?${DRY}`, configMap('a')),
    post(at('configmaps'), configMap('a', { data: { a: 'b' } }, { finalizers: ['a.io/x'] })),
    post(`${at('configmaps')}?${DRY}`, configMap('a')),
    put(`${map('a')}?${DRY}`, configMap('a', { data: { c: 'd' } })),
    patch(`${map('a')}?${DRY}`, { data: { e: 'f' } }),
    strategic(`${map('a')}?${DRY}`, { data: { e: 'f' }, metadata: { $setElementOrder: 1 } }),
    jsonPatch(`${map('a')}?${DRY}`, [{ op: 'test', path: '/data/a', value: 'x' }]),
    apply(`${map('a')}?${DRY}&fieldManager=m`, configMap('a', { data: { a: 'z' } })),
    apply(`${map('a')}?${DRY}&fieldManager=m&force=true`, configMap('a', { data: { a: 'z' } })),
    apply(`${map('new')}?${DRY}&fieldManager=m`, configMap('new', { data: { a: 'z' } })),
    ...[`?${DRY}`, ''].flatMap((query) => [
      put(map('a') + query, configMap('a', {}, { selfLink: '/x', finalizers: ['a.io/b'] })),
      patch(map('a') + query, { metadata: { selfLink: '/y' } }),
    ]),
    remove(`${map('a')}?${DRY}`),
    remove(`${at('configmaps')}?${DRY}`),
    get(map('a')),
    remove(map('a')),
    patch(`${map('a')}?${DRY}`, { metadata: { finalizers: null } }),
    patch(`${map('a')}?${DRY}`, { metadata: { finalizers: [] }, data: { x: 'y' } }),
    get(map('a')),
    patch(`${map('a')}?dryRun=`, { metadata: { labels: { a: 'b' } } }),
    patch(`${map('a')}?dryRun=all`, { metadata: { labels: { a: 'b' } } }),
    patch(`${map('a')}?dryRun=All&dryRun=Other`, { metadata: { labels: { a: 'b' } } }),
    patch(`${map('a')}?dryRun=All,All`, { metadata: { labels: { a: 'b' } } }),
    get(`${map('a')}?${DRY}`),
    get(`${at('configmaps')}?dryRun=Bogus`),
    patch(map('a'), { metadata: { finalizers: null } }),
    post(`${at('configmaps')}?${DRY}`, { metadata: { generateName: 'g-' } }, { unread: true }),
    post(`${at('namespaces').replace('/namespaces/$NS', '')}?${DRY}`, of('v1', 'Namespace', 'ns-$NS')),
    post(`/api/v1/namespaces/ns-$NS/configmaps?${DRY}`, configMap('a')),
  ),
  script(
    'dry runs/subresources',
    post(at('pods'), pod('p', { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] })),
    post(`${p}/binding?${DRY}`, of('v1', 'Binding', 'p', { target: { kind: 'Node', name: 'n' } })),
    post(`${at('bindings')}?${DRY}`, of('v1', 'Binding', 'p', { target: { kind: 'Node', name: 'n' } })),
    post(`${p}/eviction?${DRY}`, of('policy/v1', 'Eviction', 'p')),
    strategic(`${p}/ephemeralcontainers?${DRY}`, { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } }),
    strategic(`${p}/resize?${DRY}`, { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '2' } } }] } }),
    patch(`${p}/status?${DRY}`, { status: { phase: 'Running' } }),
    put(`${p}/status?${DRY}`, pod('p')),
    get(p),
    post(at('deployments'), deployment('d')),
    put(`${d}/scale?${DRY}`, scale(4)),
    patch(`${d}/scale?${DRY}`, { spec: { replicas: 5 } }),
    apply(`${d}/scale?${DRY}&fieldManager=m`, scale(6)),
    apply(`${d}/scale?${DRY}&fieldManager=m&force=true`, scale(6)),
    patch(`${d}/status?${DRY}`, { status: { replicas: 1 } }),
    apply(`${d}/status?${DRY}&fieldManager=m`, of('apps/v1', 'Deployment', 'd', { status: { replicas: 1 } })),
    get(d),
    post(`${at('serviceaccounts', 'default')}/token?${DRY}`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 5 },
    }),
    put(`/api/v1/namespaces/$NS/finalize?${DRY}`, of('v1', 'Namespace', '$NS', { spec: { finalizers: ['a.io/b'] } })),
    get('/api/v1/namespaces/$NS'),
    remove(`/api/v1/namespaces/$NS?${DRY}`),
    get('/api/v1/namespaces/$NS'),
    remove(`${p}?${DRY}&gracePeriodSeconds=7`),
    remove(`${at('pods')}?${DRY}&gracePeriodSeconds=7`),
    get(p),
    post(`/apis/authorization.k8s.io/v1/selfsubjectaccessreviews?${DRY}`, {
      spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    }),
  ),
]
