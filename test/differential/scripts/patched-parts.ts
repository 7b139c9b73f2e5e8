/** Every type of patch to the subresources that take them: ephemeral containers, resize, scale, status, finalize. */

import { deployment, of, pod } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, script, type Step, strategic } from './script.ts'

const p = at('pods', 'p')
const ephemeral = `${p}/ephemeralcontainers`
const resize = `${p}/resize`
const container = (name: string, more: object = {}) => ({ name, image: 'i', ...more })
const resources = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } })
const sized = pod('p', { containers: [container('c', { resources: resources('1', '1Gi') }), container('d')] })
const withEphemeral = (...list: object[]) => of('v1', 'Pod', 'p', { spec: { ephemeralContainers: list } })
const resized = (...list: object[]) => of('v1', 'Pod', 'p', { spec: { containers: list } })

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const selector = { matchLabels: { app: 'a' } }
const scalable: readonly (readonly [string, object])[] = [
  ['deployments', deployment('d')],
  ['replicasets', of('apps/v1', 'ReplicaSet', 'd', { spec: { selector, template } })],
  ['statefulsets', of('apps/v1', 'StatefulSet', 'd', { spec: { serviceName: 's', selector, template } })],
  ['replicationcontrollers', of('v1', 'ReplicationController', 'd', { spec: { template } })],
]
const scale = (spec: object, metadata: Readonly<Record<string, unknown>> = {}) =>
  of('autoscaling/v1', 'Scale', 'd', { spec }, metadata)

const scaled = ([plural, object]: readonly [string, object]): Step[] => {
  const d = at(plural, 'd')
  return [
    post(`${at(plural)}?fieldManager=maker`, object, { save: { REV: 'metadata.resourceVersion' } }),
    get(`${d}/scale`),
    put(`${d}/scale?fieldManager=one`, scale({ replicas: 2 }, { resourceVersion: '$REV' })),
    put(`${d}/scale?fieldManager=one`, scale({ replicas: 2 }, { resourceVersion: '$REV' })),
    put(`${d}/scale?fieldManager=one`, scale({ replicas: 2 })),
    patch(`${d}/scale?fieldManager=two`, { spec: { replicas: 3 } }),
    strategic(`${d}/scale?fieldManager=two`, { spec: { replicas: 4 } }),
    jsonPatch(`${d}/scale?fieldManager=two`, [{ op: 'replace', path: '/spec/replicas', value: 5 }]),
    jsonPatch(`${d}/scale?fieldManager=two`, [{ op: 'remove', path: '/spec/replicas' }]),
    jsonPatch(`${d}/scale?fieldManager=two`, [{ op: 'replace', path: '/status/replicas', value: 5 }]),
    jsonPatch(`${d}/scale?fieldManager=two`, [{ op: 'test', path: '/spec/replicas', value: 99 }]),
    apply(`${d}/scale?fieldManager=three`, scale({ replicas: 6 })),
    apply(`${d}/scale?fieldManager=three&force=true`, scale({ replicas: 6 })),
    apply(`${d}/scale?fieldManager=three`, scale({ replicas: 7 })),
    apply(`${d}/scale?fieldManager=four`, scale({ replicas: 7 })),
    apply(`${d}/scale?fieldManager=four`, scale({})),
    apply(`${d}/scale?fieldManager=four`, scale({ replicas: 'x' })),
    apply(`${d}/scale`, scale({ replicas: 1 })),
    apply(`${d}/scale?fieldManager=four`, { ...object }),
    apply(`${d}?fieldManager=three`, { ...object, spec: { replicas: 8 } }),
    apply(`${d}?fieldManager=five&force=true`, { ...object, spec: { replicas: 9 } }),
    patch(`${d}/scale?fieldManager=two`, { spec: { replicas: 2 ** 31 } }),
    patch(`${d}/scale?fieldManager=two`, { spec: { replicas: 1.5 } }),
    patch(`${d}/scale?fieldManager=two`, { spec: null }),
    patch(`${d}/scale?fieldManager=two`, { metadata: { resourceVersion: '1' }, spec: { replicas: 1 } }),
    patch(`${d}/scale?fieldManager=two`, { metadata: { name: 'other' }, spec: { replicas: 1 } }),
    patch(`${d}/scale?fieldManager=two&fieldValidation=Strict`, { spec: { replicas: 1, bogus: 1 } }),
    get(`${d}/scale`),
    get(d),
  ]
}

export const patchedPartScripts = [
  ...scalable.map((one) => script(`patched parts/scale of ${one[0]}`, ...scaled(one))),
  script(
    'patched parts/ephemeral containers',
    post(at('pods'), sized),
    patch(ephemeral, { spec: { ephemeralContainers: [container('e')] } }),
    patch(ephemeral, { spec: { ephemeralContainers: [container('e'), container('f')] } }),
    strategic(ephemeral, { spec: { ephemeralContainers: [container('g', { env: [{ name: 'A', value: '1' }] })] } }),
    strategic(ephemeral, { spec: { ephemeralContainers: [{ $patch: 'delete', name: 'e' }] } }),
    strategic(ephemeral, { spec: { ephemeralContainers: [container('e', { tty: true })] } }),
    strategic(ephemeral, { spec: { ephemeralContainers: [{ $patch: 'replace' }, container('h')] } }),
    jsonPatch(ephemeral, [{ op: 'add', path: '/spec/ephemeralContainers/-', value: container('i') }]),
    jsonPatch(ephemeral, [{ op: 'add', path: '/spec/ephemeralContainers/0', value: container('j') }]),
    jsonPatch(ephemeral, [{ op: 'remove', path: '/spec/ephemeralContainers/0' }]),
    jsonPatch(ephemeral, [{ op: 'replace', path: '/spec/containers/0/image', value: 'x' }]),
    apply(`${ephemeral}?fieldManager=m`, withEphemeral(container('k'))),
    apply(`${ephemeral}?fieldManager=m`, withEphemeral(container('k'), container('l'))),
    apply(`${ephemeral}?fieldManager=m`, withEphemeral(container('l'))),
    apply(`${ephemeral}?fieldManager=m`, withEphemeral({ name: 'l' })),
    apply(`${ephemeral}?fieldManager=n`, withEphemeral(container('k', { image: 'other' }))),
    apply(`${ephemeral}?fieldManager=n&force=true`, withEphemeral(container('k', { image: 'other' }))),
    put(ephemeral, withEphemeral(container('z'))),
    put(ephemeral, pod('p')),
    put(ephemeral, of('v1', 'EphemeralContainers', 'p')),
    get(ephemeral),
    get(p),
    patch(ephemeral, { metadata: { labels: { a: 'b' }, annotations: { a: 'b' } } }),
    patch(ephemeral, { status: { phase: 'Running' } }),
    get(p),
  ),
  script(
    'patched parts/resize',
    post(at('pods'), sized),
    patch(resize, { spec: { containers: [container('c', { resources: resources('2', '1Gi') })] } }),
    strategic(resize, { spec: { containers: [{ name: 'c', resources: resources('2', '1Gi') }] } }),
    strategic(resize, { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] } }),
    strategic(resize, { spec: { containers: [{ name: 'd', resources: resources('1', '1Gi') }] } }),
    strategic(resize, { spec: { containers: [{ name: 'c', resizePolicy: [] }] } }),
    strategic(resize, { spec: { containers: [{ name: 'c', $patch: 'delete' }] } }),
    jsonPatch(resize, [{ op: 'replace', path: '/spec/containers/0/resources/requests/cpu', value: '3' }]),
    jsonPatch(resize, [
      { op: 'replace', path: '/spec/containers/0/resources/requests/cpu', value: '3' },
      { op: 'replace', path: '/spec/containers/0/resources/limits/cpu', value: '3' },
    ]),
    jsonPatch(resize, [{ op: 'remove', path: '/spec/containers/0/resources' }]),
    apply(`${resize}?fieldManager=m`, resized({ name: 'c', resources: resources('3', '1Gi') })),
    apply(`${resize}?fieldManager=m`, resized({ name: 'c', resources: resources('4', '1Gi') })),
    apply(`${resize}?fieldManager=m&force=true`, resized({ name: 'c', resources: resources('4', '1Gi') })),
    apply(`${resize}?fieldManager=m&force=true`, resized({ name: 'c' })),
    put(resize, pod('p')),
    put(resize, sized),
    get(resize),
    patch(`${p}/status`, { status: { phase: 'Succeeded' } }),
    strategic(resize, { spec: { containers: [{ name: 'c', resources: resources('1', '1Gi') }] } }),
    get(p),
  ),
  script(
    'patched parts/finalizers of a namespace',
    put(
      '/api/v1/namespaces/$NS/finalize',
      of('v1', 'Namespace', '$NS', { spec: { finalizers: ['a.io/b', 'kubernetes'] } }),
    ),
    put('/api/v1/namespaces/$NS/finalize', of('v1', 'Namespace', 'other', { spec: {} })),
    put('/api/v1/namespaces/$NS/finalize', of('v1', 'Namespace', '$NS', { spec: { finalizers: ['bad'] } })),
    put('/api/v1/namespaces/$NS/finalize', of('v1', 'Namespace', '$NS', { spec: { finalizers: [''] } })),
    put('/api/v1/namespaces/$NS/finalize', pod('$NS')),
    put(
      '/api/v1/namespaces/$NS/finalize',
      of('v1', 'Namespace', '$NS', {}, { labels: { x: 'y' }, finalizers: ['a.io/c'] }),
    ),
    patch('/api/v1/namespaces/$NS/finalize', { spec: { finalizers: [] } }),
    get('/api/v1/namespaces/$NS/finalize'),
    get('/api/v1/namespaces/$NS'),
    patch('/api/v1/namespaces/$NS', { spec: { finalizers: ['kubernetes', 'a.io/d'] } }),
    patch('/api/v1/namespaces/$NS/status', { status: { phase: 'Terminating' } }),
    patch('/api/v1/namespaces/$NS/status', { spec: { finalizers: ['a.io/d'] }, metadata: { labels: { s: 't' } } }),
    put('/api/v1/namespaces/none-$NS/finalize', of('v1', 'Namespace', 'none-$NS', {})),
  ),
  script(
    'patched parts/evictions',
    post(at('pods'), pod('p', {}, { finalizers: ['a.io/x'] }), {
      save: { POD: 'metadata.uid', REV: 'metadata.resourceVersion' },
    }),
    ...[
      { dryRun: ['All'] },
      { dryRun: ['Bogus'] },
      { preconditions: { uid: '$POD' }, dryRun: ['All'] },
      { preconditions: { resourceVersion: '1' } },
      { preconditions: { uid: 'x' } },
      { gracePeriodSeconds: 0, dryRun: ['All'] },
      { orphanDependents: true, propagationPolicy: 'Orphan' },
      { propagationPolicy: 'Foreground', dryRun: ['All'] },
      'x',
      { kind: 'Other', apiVersion: 'v1' },
      { bogus: 1, dryRun: ['All'] },
    ].map((deleteOptions) => post(`${p}/eviction`, of('policy/v1', 'Eviction', 'p', { deleteOptions }))),
    post(`${p}/eviction?dryRun=Bogus`, of('policy/v1', 'Eviction', 'p')),
    post(`${p}/eviction?dryRun=All`, of('policy/v1', 'Eviction', 'p', { deleteOptions: { dryRun: ['All'] } })),
    post(`${p}/eviction?fieldManager=${'x'.repeat(130)}`, of('policy/v1', 'Eviction', 'p')),
    post(`${p}/eviction`, of('policy/v1', 'Eviction', 'p', {}, { namespace: 'other' })),
    post(`${p}/eviction`, of('policy/v1', 'Eviction', '')),
    post(
      `${p}/eviction`,
      of('policy/v1', 'Eviction', 'p', { deleteOptions: { preconditions: { uid: '$POD', resourceVersion: '$REV' } } }),
    ),
    post(`${p}/eviction`, of('policy/v1', 'Eviction', 'p')),
    get(p),
    patch(p, { metadata: { finalizers: null } }),
    get(`${p}/eviction`),
  ),
]
