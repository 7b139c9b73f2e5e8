/** Deletes: their options in every form of body, grace of Pods in every state, collections, and finalizers taken off in every way. */

import { configMap, deployment, of, pod } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, remove, script, type Step, strategic } from './script.ts'

const YAML = 'application/yaml'
const maps = at('configmaps')
const map = (name: string) => at('configmaps', name)
const options = (rest: object) => ({ body: { kind: 'DeleteOptions', apiVersion: 'v1', ...rest } })
const yaml = (text: string) => ({ raw: `kind: DeleteOptions\napiVersion: v1\n${text}`, type: YAML })
const bound = (name: string) =>
  post(`${at('pods', name)}/binding`, of('v1', 'Binding', name, { target: { kind: 'Node', name: 'n' } }))
const phase = (name: string, of: string) => patch(`${at('pods', name)}/status`, { status: { phase: of } })

/** A Pod in a state, deleted with each of some graces one after the other. */
const graces = (
  name: string,
  before: readonly Step[],
  periods: readonly (number | undefined)[],
  spec: Readonly<Record<string, unknown>> = {},
) =>
  script(
    `delete forms/grace of a Pod ${name}`,
    post(at('pods'), pod('x', spec, { finalizers: ['a.io/held'] })),
    ...before,
    ...periods.flatMap((gracePeriodSeconds) => [
      remove(at('pods', 'x'), gracePeriodSeconds === undefined ? {} : options({ gracePeriodSeconds })),
      get(at('pods', 'x')),
    ]),
    remove(at('pods')),
    patch(at('pods', 'x'), { metadata: { finalizers: null } }),
    get(at('pods', 'x')),
  )

/** Ways to take the last finalizer off an object that is being deleted. */
const WAYS: Readonly<Record<string, (path: string) => Step[]>> = {
  'a merge patch': (path) => [patch(path, { metadata: { finalizers: null } })],
  'an empty list': (path) => [patch(path, { metadata: { finalizers: [] } })],
  'a strategic patch': (path) => [
    strategic(path, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a.io/x'] } }),
    strategic(path, { metadata: { $setElementOrder: [], '$deleteFromPrimitiveList/finalizers': ['a.io/y'] } }),
  ],
  'a JSON patch': (path) => [
    jsonPatch(path, [{ op: 'remove', path: '/metadata/finalizers/0' }]),
    jsonPatch(path, [
      { op: 'test', path: '/metadata/finalizers/0', value: 'a.io/y' },
      { op: 'remove', path: '/metadata/finalizers' },
    ]),
  ],
  'an update': (path) => [put(path, configMap('x', {}, { finalizers: ['a.io/y'] })), put(path, configMap('x'))],
  'an update of everything': (path) => [put(path, configMap('x', { data: { a: 'b' } }, { labels: { a: 'b' } }))],
  'an update that says when': (path) => [
    put(
      path,
      configMap(
        'x',
        {},
        { deletionTimestamp: '2030-01-01T00:00:00Z', deletionGracePeriodSeconds: 9, finalizers: ['a.io/x'] },
      ),
    ),
    put(path, configMap('x', {}, { deletionTimestamp: null })),
  ],
  'applies of their owners': (path) => [
    apply(`${path}?fieldManager=one`, configMap('x')),
    apply(`${path}?fieldManager=two&force=true`, configMap('x', {}, { finalizers: [] })),
    apply(`${path}?fieldManager=two`, configMap('x')),
  ],
  'a dry run': (path) => [
    patch(`${path}?dryRun=All`, { metadata: { finalizers: null } }),
    put(`${path}?dryRun=All`, configMap('x')),
    patch(path, { metadata: { finalizers: null } }),
  ],
}

const BODIES: readonly (readonly [string, object])[] = [
  ['yaml', yaml('gracePeriodSeconds: 0\n')],
  ['yaml of another kind', { raw: 'kind: ConfigMap\napiVersion: v1\n', type: YAML }],
  ['yaml list', { raw: '- a\n', type: YAML }],
  ['yaml unknown', yaml('bogus: 1\n')],
  ['yaml doubled', yaml('dryRun: [All]\ndryRun: [All]\n')],
  ['yaml bad policy', yaml('propagationPolicy: bogus\n')],
  ['yaml text number', yaml('gracePeriodSeconds: "5"\n')],
  ['no kind', { body: { dryRun: ['All'] } }],
  ['kind alone', { body: { kind: 'DeleteOptions', dryRun: ['All'] } }],
  ['version alone', { body: { apiVersion: 'v1', dryRun: ['All'] } }],
  ['meta version', { body: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'] } }],
  ['other group', { body: { kind: 'DeleteOptions', apiVersion: 'apps/v1', dryRun: ['All'] } }],
  ['policy version', { body: { kind: 'DeleteOptions', apiVersion: 'policy/v1', dryRun: ['All'] } }],
  ['null', { raw: 'null' }],
  ['a number', { raw: '1' }],
  ['a text', { raw: '"x"' }],
  ['empty', { raw: '' }],
  ['space', { raw: ' ' }],
  ['doubled', { raw: '{"dryRun":["All"],"dryRun":["All"]}' }],
  ['case', { raw: '{"DryRun":["All"]}' }],
  ['wrong types', options({ gracePeriodSeconds: '5', dryRun: 'All' })],
  ['big', options({ gracePeriodSeconds: 2 ** 53, dryRun: ['All'] })],
  ['fraction', options({ gracePeriodSeconds: 1.5, dryRun: ['All'] })],
  ['both', options({ orphanDependents: false, propagationPolicy: 'Background', dryRun: ['All'] })],
  ['empty policy', options({ propagationPolicy: '', dryRun: ['All'] })],
  ['dry twice', options({ dryRun: ['All', 'All'] })],
  ['dry none', options({ dryRun: [''] })],
  ['preconditions empty', options({ preconditions: {}, dryRun: ['All'] })],
  ['preconditions null', options({ preconditions: null, dryRun: ['All'] })],
  ['metadata', options({ metadata: { name: 'x' }, dryRun: ['All'] })],
  ['merge patch', { body: {}, type: 'application/merge-patch+json' }],
]

export const deleteFormScripts = [
  script(
    'delete forms/bodies',
    post(maps, configMap('x', {}, { finalizers: ['a.io/held'] })),
    ...BODIES.flatMap(([, more]) => [remove(map('x'), more), remove(maps, more), remove(map('none'), more)]),
    ...BODIES.slice(0, 8).map(([, more]) => remove(`${map('x')}?fieldValidation=Strict`, more)),
    patch(map('x'), { metadata: { finalizers: null } }),
  ),
  ...Object.entries(WAYS).map(([name, steps]) =>
    script(
      `delete forms/finalizers by ${name}`,
      apply(`${map('x')}?fieldManager=one`, configMap('x', { data: { k: 'v' } }, { finalizers: ['a.io/x'] })),
      apply(`${map('x')}?fieldManager=two`, configMap('x', {}, { finalizers: ['a.io/y'] })),
      remove(map('x')),
      ...steps(map('x')),
      get(map('x')),
      patch(map('x'), { metadata: { finalizers: null } }),
      get(map('x')),
    ),
  ),
  graces('that waits', [], [undefined]),
  graces('that waits, with five', [], [5, undefined]),
  graces('on a node', [bound('x')], [undefined, undefined, 60, 30, 10, undefined, 1, 20, 0, undefined]),
  graces('on a node, at once', [bound('x')], [0, 30, undefined]),
  graces('on a node, less than nothing', [bound('x')], [-5, undefined]),
  graces('that succeeded', [bound('x'), phase('x', 'Succeeded')], [30, undefined]),
  graces('that failed', [bound('x'), phase('x', 'Failed')], [undefined, 0]),
  graces('that runs', [bound('x'), phase('x', 'Running')], [10, 20, 5]),
  graces('that ends meanwhile', [bound('x'), remove(at('pods', 'x')), phase('x', 'Succeeded')], [undefined, 20, 0]),
  graces('without grace', [bound('x')], [undefined, 7, 3], { terminationGracePeriodSeconds: 0 }),
  graces('with little grace', [bound('x')], [undefined, 9, 1], { terminationGracePeriodSeconds: 2 }),
  graces('with grace less than none', [bound('x')], [undefined, 9], { terminationGracePeriodSeconds: -1 }),
  script(
    'delete forms/collections',
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((name, index) =>
      post(
        maps,
        configMap(
          name,
          {},
          {
            labels: { n: String(index), ...(index > 3 ? { late: '' } : {}) },
            ...(name === 'c' ? { finalizers: ['a.io/held'] } : {}),
          },
        ),
      ),
    ),
    remove(`${maps}?labelSelector=n%20in%20(0,1)`),
    remove(`${maps}?labelSelector=n%20in%20(2)&propagationPolicy=Orphan`),
    remove(`${maps}?labelSelector=n%20in%20(2)&propagationPolicy=Foreground`),
    get(map('c')),
    remove(`${maps}?fieldSelector=metadata.name!%3Dd&labelSelector=late&dryRun=All`),
    remove(`${maps}?fieldSelector=metadata.name%3De&labelSelector=late`),
    remove(maps, { ...options({ preconditions: { uid: 'x' } }) }),
    remove(maps, { ...options({ propagationPolicy: 'Bogus' }) }),
    remove(at('secrets'), { ...options({ propagationPolicy: 'Bogus' }) }),
    remove(at('secrets'), { ...options({ dryRun: ['Bogus'] }) }),
    remove(`${at('secrets')}?dryRun=Bogus`),
    remove(`${at('secrets')}?gracePeriodSeconds=x`),
    remove(`${at('secrets')}?labelSelector=a%20b`),
    remove(`${at('secrets')}?fieldSelector=x%3Dy`),
    remove(`${at('secrets')}?resourceVersion=x`),
    remove(`${at('secrets')}?limit=x`),
    remove(`${at('secrets')}?timeoutSeconds=x`),
    remove(`${at('nothings')}`),
    remove(maps, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
    get(maps),
    remove(maps, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }),
    patch(map('c'), { metadata: { finalizers: null } }),
    remove(maps),
  ),
  script(
    'delete forms/collections of Pods',
    ...['a', 'b', 'c'].map((name) => post(at('pods'), pod(name, {}, { labels: { n: name } }))),
    bound('a'),
    bound('b'),
    phase('b', 'Succeeded'),
    remove(`${at('pods')}?fieldSelector=status.phase%3DSucceeded`),
    remove(`${at('pods')}?fieldSelector=spec.nodeName%3Dn`, options({ gracePeriodSeconds: 8 })),
    get(at('pods')),
    remove(`${at('pods')}?fieldSelector=spec.nodeName%3Dn`, options({ gracePeriodSeconds: 3 })),
    remove(`${at('pods')}?fieldSelector=spec.nodeName%3D`),
    remove(`${at('pods')}?gracePeriodSeconds=0&fieldSelector=spec.nodeName%3Dn`),
    get(at('pods')),
  ),
  script(
    'delete forms/while being deleted',
    post(at('deployments'), deployment('x', {}, { finalizers: ['a.io/held'] })),
    remove(at('deployments', 'x'), options({ propagationPolicy: 'Foreground' })),
    post(at('deployments'), deployment('x')),
    put(
      at('deployments', 'x'),
      deployment('x', { replicas: 4 }, { finalizers: ['a.io/held', 'foregroundDeletion', 'a.io/new'] }),
    ),
    put(at('deployments', 'x'), deployment('x', { replicas: 4 }, { finalizers: ['a.io/held'] })),
    patch(at('deployments', 'x'), { spec: { replicas: 5 } }),
    patch(`${at('deployments', 'x')}/scale`, { spec: { replicas: 6 } }),
    patch(`${at('deployments', 'x')}/status`, { status: { replicas: 1 } }),
    patch(`${at('deployments', 'x')}/status`, { metadata: { finalizers: null } }),
    apply(`${at('deployments', 'x')}?fieldManager=m&force=true`, deployment('x', { replicas: 7 })),
    get(at('deployments', 'x')),
    remove(at('deployments', 'x'), options({ propagationPolicy: 'Orphan', gracePeriodSeconds: 0 })),
    patch(at('deployments', 'x'), { metadata: { finalizers: ['orphan'] } }),
    patch(at('deployments', 'x'), { metadata: { finalizers: [] } }),
    get(at('deployments', 'x')),
    post(
      at('persistentvolumeclaims'),
      of('v1', 'PersistentVolumeClaim', 'c', {
        spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } },
      }),
    ),
    remove(at('persistentvolumeclaims', 'c')),
    patch(`${at('persistentvolumeclaims', 'c')}/status`, { status: { phase: 'Lost' } }),
    patch(at('persistentvolumeclaims', 'c'), { metadata: { finalizers: null } }),
    get(at('persistentvolumeclaims', 'c')),
  ),
]
