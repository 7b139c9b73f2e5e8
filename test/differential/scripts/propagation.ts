/** Deletes with every propagation policy, of objects with and without finalizers and preconditions, and by collections. */

import { configMap, deployment, of } from './objects.ts'
import { at, get, patch, post, put, remove, script, type Step } from './script.ts'

const map = (name: string) => at('configmaps', name)
const options = (rest: object) => ({ body: { kind: 'DeleteOptions', apiVersion: 'v1', ...rest } })
const POLICIES = ['Foreground', 'Background', 'Orphan']
const held = { finalizers: ['a.io/held'] }

/** What every policy makes of an object with these finalizers, and of one that is being deleted by another policy. */
const twice = (name: string, finalizers: readonly string[], first: string, second: string): Step[] => [
  post(at('configmaps'), configMap(name, {}, { finalizers })),
  remove(map(name), options({ propagationPolicy: first })),
  remove(map(name), options({ propagationPolicy: second })),
  get(map(name)),
  patch(map(name), { metadata: { finalizers: ['a.io/new'] } }),
  patch(map(name), { metadata: { finalizers: null } }),
  get(map(name)),
]

const ofKind = (plural: string, object: object): Step[] =>
  ['', ...POLICIES].flatMap((policy) => [
    post(at(plural), object),
    remove(`${at(plural, 'x')}?dryRun=All${policy === '' ? '' : `&propagationPolicy=${policy}`}`),
    remove(at(plural, 'x'), policy === '' ? {} : options({ propagationPolicy: policy })),
    get(at(plural, 'x')),
    patch(at(plural, 'x'), { metadata: { finalizers: null } }),
    get(at(plural, 'x')),
  ])

const podTemplate = (restartPolicy: string) => ({
  metadata: { labels: { a: 'b' } },
  spec: { restartPolicy, containers: [{ name: 'c', image: 'i' }] },
})
const selector = { matchLabels: { a: 'b' } }

export const propagationScripts = [
  ...POLICIES.flatMap((first) =>
    POLICIES.map((second) =>
      script(
        `propagation/${first} then ${second}`,
        ...twice('a', ['a.io/held'], first, second),
        ...twice('b', ['orphan'], first, second),
        ...twice('c', ['foregroundDeletion', 'a.io/held'], first, second),
      ),
    ),
  ),
  script('propagation/deployments', ...ofKind('deployments', deployment('x'))),
  script(
    'propagation/replicasets',
    ...ofKind('replicasets', of('apps/v1', 'ReplicaSet', 'x', { spec: { selector, template: podTemplate('Always') } })),
  ),
  script(
    'propagation/daemonsets',
    ...ofKind('daemonsets', of('apps/v1', 'DaemonSet', 'x', { spec: { selector, template: podTemplate('Always') } })),
  ),
  script(
    'propagation/statefulsets',
    ...ofKind(
      'statefulsets',
      of('apps/v1', 'StatefulSet', 'x', { spec: { serviceName: 's', selector, template: podTemplate('Always') } }),
    ),
  ),
  script(
    'propagation/jobs',
    ...ofKind('jobs', of('batch/v1', 'Job', 'x', { spec: { template: podTemplate('Never') } })),
  ),
  script(
    'propagation/cronjobs',
    ...ofKind(
      'cronjobs',
      of('batch/v1', 'CronJob', 'x', {
        spec: { schedule: '* * * * *', jobTemplate: { spec: { template: podTemplate('Never') } } },
      }),
    ),
  ),
  script(
    'propagation/replicationcontrollers',
    ...ofKind(
      'replicationcontrollers',
      of('v1', 'ReplicationController', 'x', { spec: { template: podTemplate('Always') } }),
    ),
  ),
  script(
    'propagation/preconditions',
    post(at('configmaps'), configMap('a', {}, held), { save: { ID: 'metadata.uid', REV: 'metadata.resourceVersion' } }),
    remove(map('a'), options({ preconditions: { uid: 'x', resourceVersion: '$REV' } })),
    remove(map('a'), options({ preconditions: { uid: '$ID', resourceVersion: '1' } })),
    remove(map('a'), options({ preconditions: { uid: '$ID', resourceVersion: '$REV' }, dryRun: ['All'] })),
    remove(map('a'), options({ preconditions: { uid: '$ID', resourceVersion: '$REV' } })),
    remove(map('a'), options({ preconditions: { uid: '$ID', resourceVersion: '$REV' } })),
    remove(map('a'), options({ preconditions: { uid: '$ID' }, propagationPolicy: 'Orphan' })),
    put(map('a'), configMap('a', {}, { uid: '$ID', finalizers: [] })),
    get(map('a')),
    post(at('configmaps'), configMap('b', {}, held)),
    remove(`${map('b')}?propagationPolicy=Foreground&gracePeriodSeconds=5`),
    remove(`${map('b')}?propagationPolicy=Foreground&orphanDependents=true`),
    remove(map('b'), { ...options({ propagationPolicy: 'Orphan' }), headers: { 'x-ignored': '1' } }),
    remove(`${map('b')}?propagationPolicy=Foreground`, options({ propagationPolicy: 'Orphan' })),
    get(map('b')),
    remove(`${at('configmaps')}?propagationPolicy=Orphan&labelSelector=none%3Dx`),
    remove(at('configmaps'), options({ propagationPolicy: 'Orphan', preconditions: { resourceVersion: '1' } })),
    remove(at('configmaps'), options({ propagationPolicy: 'Orphan', dryRun: ['All'] })),
    remove(`${at('configmaps')}?propagationPolicy=Foreground`),
    get(at('configmaps')),
    patch(map('b'), { metadata: { finalizers: null } }),
    remove(map('c'), options({ ignoreStoreReadErrorWithClusterBreakingPotential: true })),
    remove(`${map('c')}?ignoreStoreReadErrorWithClusterBreakingPotential=true&dryRun=All`),
    remove(at('configmaps'), options({ ignoreStoreReadErrorWithClusterBreakingPotential: true })),
  ),
]
