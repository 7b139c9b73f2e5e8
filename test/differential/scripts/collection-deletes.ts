/** Deletes of whole collections with every option, in the query and in the body, and preconditions of single deletes. */

import { configMap, of, pod } from './objects.ts'
import { at, get, patch, post, remove, script, type Step } from './script.ts'

const maps = at('configmaps')
const pods = at('pods')
const template = {
  metadata: { labels: { app: 'a' } },
  spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
}
const job = (name: string) => of('batch/v1', 'Job', name, { spec: { template: { spec: template.spec } } })
const options = (rest: object) => ({ body: { kind: 'DeleteOptions', apiVersion: 'v1', ...rest } })

const QUERIES = [
  '',
  'dryRun=All',
  'dryRun=',
  'dryRun=All&dryRun=All',
  'dryRun=all',
  'gracePeriodSeconds=0',
  'gracePeriodSeconds=-1',
  'gracePeriodSeconds=',
  'gracePeriodSeconds=1.5',
  'propagationPolicy=Foreground',
  'propagationPolicy=Orphan',
  'propagationPolicy=Background',
  'propagationPolicy=',
  'propagationPolicy=background',
  'orphanDependents=true',
  'orphanDependents=false',
  'orphanDependents=x',
  'orphanDependents=true&propagationPolicy=Orphan',
  'limit=1',
  'limit=1&continue=x',
  'resourceVersion=0',
  'resourceVersion=1&resourceVersionMatch=Exact',
  'resourceVersion=0&resourceVersionMatch=NotOlderThan',
  'resourceVersionMatch=Exact',
  'sendInitialEvents=true',
  'watch=1',
  'timeoutSeconds=5',
  'timeoutSeconds=x',
  'fieldManager=x',
  'fieldValidation=Strict',
  'fieldValidation=Bogus',
  'ignoreStoreReadErrorWithClusterBreakingPotential=true',
  'preconditions.uid=x',
  'pretty=true',
  'bogus=1',
]
const BODIES: readonly object[] = [
  { dryRun: ['All'] },
  { dryRun: [] },
  { dryRun: ['x'] },
  { gracePeriodSeconds: 0 },
  { gracePeriodSeconds: -5 },
  { propagationPolicy: 'Foreground' },
  { propagationPolicy: 'Orphan' },
  { orphanDependents: true },
  { orphanDependents: null, propagationPolicy: 'Background' },
  { preconditions: { uid: 'x' } },
  { preconditions: { resourceVersion: '1' } },
  { preconditions: { uid: '', resourceVersion: '' } },
  { preconditions: { uid: 'x', resourceVersion: 'x' } },
  { ignoreStoreReadErrorWithClusterBreakingPotential: true },
  { ignoreStoreReadErrorWithClusterBreakingPotential: false },
  { gracePeriodSeconds: 5, dryRun: ['All'], propagationPolicy: 'Foreground', preconditions: { uid: 'x' } },
]

const fill = (): Step[] => [
  post(maps, configMap('a')),
  post(maps, configMap('b', {}, { finalizers: ['a.io/x'] })),
  post(pods, pod('p')),
  post(`${pods}/p/binding`, of('v1', 'Binding', 'p', { target: { kind: 'Node', name: 'n' } })),
  post(pods, pod('q', {}, { finalizers: ['a.io/x'] })),
  post(at('jobs'), job('j')),
]
const empty = (): Step[] => [
  patch(at('configmaps', 'b'), { metadata: { finalizers: null } }),
  patch(at('pods', 'q'), { metadata: { finalizers: null } }),
  remove(`${pods}/p?gracePeriodSeconds=0`),
  remove(`${pods}/q?gracePeriodSeconds=0`),
  patch(at('jobs', 'j'), { metadata: { finalizers: null } }),
  remove(`${at('jobs')}/j?propagationPolicy=Background`),
  remove(maps),
]
const look = (): Step[] => [get(maps), get(pods), get(at('jobs'))]

const all = (more: Omit<Partial<Step>, 'method' | 'path'>, query = ''): Step[] => [
  remove(`${maps}${query}`, more),
  remove(`${pods}${query}`, more),
  remove(`${at('jobs')}${query}`, more),
]

export const collectionDeleteScripts = [
  ...QUERIES.map((query) =>
    script(`collection deletes/?${query}`, ...fill(), ...all({}, `?${query}`), ...look(), ...empty()),
  ),
  ...BODIES.map((body) =>
    script(
      `collection deletes/${JSON.stringify(body)}`,
      ...fill(),
      ...all(options(body)),
      ...look(),
      ...['a', 'b'].map((name) => remove(at('configmaps', name), options(body))),
      ...['p', 'q'].map((name) => remove(at('pods', name), options(body))),
      ...all({ ...options(body) }, '?gracePeriodSeconds=3&dryRun=All&propagationPolicy=Orphan'),
      ...look(),
      ...empty(),
    ),
  ),
]
