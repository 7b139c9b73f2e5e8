/** Evictions of Pods in every state, with every option, beside budgets in every state. */

import { of, pod } from './objects.ts'
import { at, get, patch, post, put, remove, script, type Step, strategic } from './script.ts'

const p = at('pods', 'p')
const b = at('poddisruptionbudgets', 'b')
const labels = { labels: { a: 'b' } }
const selector = { matchLabels: { a: 'b' } }
const evict = (rest: object = {}, query = ''): Step =>
  post(`${p}/eviction${query}`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' }, ...rest })
const budget = (spec: object) => of('policy/v1', 'PodDisruptionBudget', 'b', { spec: { selector, ...spec } })
const told = (status: object) =>
  strategic(`${b}/status`, {
    status: {
      observedGeneration: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 2,
      disruptionsAllowed: 1,
      ...status,
    },
  })
const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
const unready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] }

const POD_STATES: Readonly<Record<string, object>> = {
  pending: { phase: 'Pending' },
  running,
  unready,
  succeeded: { phase: 'Succeeded' },
  failed: { phase: 'Failed' },
}
const BUDGET_STATES: Readonly<Record<string, object>> = {
  none: { disruptionsAllowed: 0 },
  one: { disruptionsAllowed: 1 },
  'below what is desired': { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1 },
  'not looked at since': { observedGeneration: 0 },
  'less than none': { disruptionsAllowed: -1 },
  'many that are being evicted': {
    disruptedPods: Object.fromEntries(Array.from({ length: 2001 }, (_, at) => [`x${at}`, '2026-01-01T00:00:00Z'])),
  },
}
const POLICIES = ['', 'IfHealthyBudget', 'AlwaysAllow']

export const evictionStateScripts = [
  ...Object.entries(POD_STATES).flatMap(([name, status]) =>
    POLICIES.map((policy) =>
      script(
        `eviction states/${name} Pods, ${policy}`,
        post(at('pods'), pod('p', { nodeName: 'n' }, labels)),
        strategic(`${p}/status`, { status }),
        post(
          at('poddisruptionbudgets'),
          budget({ minAvailable: 1, ...(policy === '' ? {} : { unhealthyPodEvictionPolicy: policy }) }),
        ),
        evict({}, '?dryRun=All'),
        ...Object.values(BUDGET_STATES).flatMap((state) => [told(state), evict({}, '?dryRun=All')]),
        told({ disruptionsAllowed: 1 }),
        evict({ deleteOptions: { gracePeriodSeconds: 7 } }),
        get(b),
        get(p),
        evict(),
        get(b),
      ),
    ),
  ),
  script(
    'eviction states/options',
    post(at('pods'), pod('p', { nodeName: 'n' }, { ...labels, finalizers: ['a.io/held'] }), {
      save: { ID: 'metadata.uid', REV: 'metadata.resourceVersion' },
    }),
    ...[
      { deleteOptions: { preconditions: { uid: '$ID', resourceVersion: '1' } } },
      { deleteOptions: { preconditions: { uid: '$ID' }, dryRun: ['All'] } },
      { deleteOptions: { preconditions: { resourceVersion: '$REV' }, dryRun: ['All'] } },
      { deleteOptions: { dryRun: ['Some'] } },
      { deleteOptions: { gracePeriodSeconds: 'x' } },
      { deleteOptions: { propagationPolicy: 'Orphan', orphanDependents: true } },
      { deleteOptions: { propagationPolicy: 'Foreground', dryRun: ['All'] } },
      { deleteOptions: null },
      { deleteOptions: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 5 } },
      { deleteOptions: { gracePeriodSeconds: 3 } },
      { deleteOptions: { gracePeriodSeconds: 9 } },
      { metadata: { name: 'p', namespace: 'other' } },
      { metadata: { name: 'p', uid: 'other' } },
      { metadata: {} },
      { bogus: 1 },
    ].map((rest) => evict(rest)),
    evict({ bogus: 1 }, '?fieldValidation=Strict'),
    evict({}, '?dryRun=Some'),
    evict({ deleteOptions: { gracePeriodSeconds: 0 } }),
    get(p),
    patch(p, { metadata: { finalizers: null } }),
    evict(),
    put(`${p}/eviction`, {}),
    get(`${p}/eviction`),
    remove(`${p}/eviction`),
    patch(`${p}/eviction`, {}),
  ),
]
