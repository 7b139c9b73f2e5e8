/** What the status of a Job may say, whoever writes it, and what of a Job may change. */

import { of } from './objects.ts'
import { at, get, patch, post, script, type Step } from './script.ts'

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
const job = (name: string, spec: object = {}) => of('batch/v1', 'Job', name, { spec: { template, ...spec } })
const status = (name: string, status: object) => patch(`${at('jobs', name)}/status`, { status })
const tried = (name: string, status: object) => patch(`${at('jobs', name)}/status?dryRun=All`, { status })
const holding = (...types: string[]) => types.map((type) => ({ type, status: 'True' }))
const T = ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'] as const
const indexed = { completionMode: 'Indexed', completions: 5, parallelism: 2 }
const complete = {
  startTime: T[0],
  completionTime: T[1],
  conditions: holding('SuccessCriteriaMet', 'Complete'),
  succeeded: 1,
}
const failed = { startTime: T[0], conditions: holding('FailureTarget', 'Failed'), failed: 1 }

/** Every status is tried of a Job that told nothing yet. */
const first: readonly object[] = [
  { active: -1, succeeded: -1, failed: -1, ready: -1, terminating: -1 },
  { ready: 1 },
  { ready: 2, active: 1 },
  { ready: 1, active: 1, startTime: T[0] },
  { terminating: 1 },
  { uncountedTerminatedPods: { succeeded: ['a', '', 'a'], failed: ['a', 'b', 'b', ''] } },
  { conditions: holding('Complete') },
  { conditions: holding('Complete'), startTime: T[0], completionTime: T[1] },
  { conditions: holding('Complete', 'SuccessCriteriaMet') },
  { conditions: holding('Complete', 'SuccessCriteriaMet'), completionTime: T[1] },
  { conditions: holding('Complete', 'SuccessCriteriaMet'), startTime: T[1], completionTime: T[0] },
  { conditions: holding('Complete', 'Failed'), startTime: T[0] },
  { conditions: holding('Complete', 'Failed', 'SuccessCriteriaMet', 'FailureTarget') },
  { conditions: holding('Complete', 'FailureTarget') },
  { conditions: holding('Failed') },
  { conditions: holding('Failed'), startTime: T[0] },
  { conditions: holding('Failed', 'FailureTarget') },
  { conditions: holding('FailureTarget', 'SuccessCriteriaMet') },
  { conditions: holding('SuccessCriteriaMet') },
  { conditions: [{ type: 'Complete', status: 'Unknown' }, { type: 'Bogus', status: 'Bogus' }, {}] },
  { completionTime: T[1] },
  { completionTime: T[0], startTime: T[1] },
  { ...complete, active: 1, ready: 1, terminating: 2, uncountedTerminatedPods: { succeeded: ['a'] } },
  { ...failed, active: 1, terminating: 2, uncountedTerminatedPods: { failed: ['a'], succeeded: ['b'] } },
  { ...failed, completionTime: T[1] },
  { completedIndexes: '0', failedIndexes: '1' },
  { completedIndexes: '', failedIndexes: '' },
  complete,
  failed,
]

/** Indexes of a Job of five. */
const indexes: readonly object[] = [
  ['0', '0,1', '0-1', '0-4', '0-5', '5', '1,0', '1,1', '2-1', '2-2', '0,', ',', '-', '-1', 'a', '1-a', '0-1-2'],
  ['+1', '1 ', ' 1', '0x1', '9223372036854775807', '9223372036854775808', '1-9223372036854775808', '00', '0-1,1'],
].flatMap((texts) => texts.flatMap((text) => [{ completedIndexes: text }, { failedIndexes: text }]))
const both: readonly object[] = [
  { completedIndexes: '0-2', failedIndexes: '2-3' },
  { completedIndexes: '0,4', failedIndexes: '1,3' },
  { completedIndexes: '0,a,4', failedIndexes: '1,b,4' },
  { completedIndexes: '0-9', failedIndexes: '0' },
  { completedIndexes: '3', failedIndexes: '1-4' },
  { completedIndexes: '', failedIndexes: '1' },
]

/** Statuses that follow on another. */
const after = (name: string, spec: object, before: object, ...then: readonly object[]): readonly Step[] => [
  post(at('jobs'), job(name, spec)),
  status(name, before),
  ...then.map((next) => tried(name, next)),
]

const spec = (name: string, change: object) => patch(`${at('jobs', name)}?dryRun=All`, { spec: change })
const templates: readonly object[] = [
  { spec: { nodeSelector: { a: 'b' } } },
  { spec: { tolerations: [{ operator: 'Exists' }] } },
  { spec: { schedulingGates: [{ name: 'a.io/b' }] } },
  { spec: { affinity: { nodeAffinity: {} } } },
  { spec: { affinity: { podAffinity: {} } } },
  { metadata: { labels: { a: 'b' } } },
  { metadata: { annotations: { a: 'b' } } },
  { spec: { containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1' } } }] } },
  { spec: { containers: [{ name: 'c', image: 'j', resources: { limits: { cpu: '1' } } }] } },
  { spec: { initContainers: [{ name: 'd', image: 'i' }] } },
  { spec: { serviceAccountName: 'x' } },
]
const changes = (name: string) => templates.map((template) => spec(name, { template }))

export const jobStatusScripts = [
  script('job-status/first', post(at('jobs'), job('a')), ...first.map((told) => tried('a', told))),
  script(
    'job-status/success-policies',
    post(at('jobs'), job('a', { ...indexed, successPolicy: { rules: [{ succeededCount: 1 }] } })),
    ...first.slice(6).map((told) => tried('a', told)),
    ...['0-1', '0,7', 'x', '1-0', '0-', '3,2', '', '0-1-2'].map((succeededIndexes, at_) =>
      post(
        `${at('jobs')}?dryRun=All`,
        job(`p${at_}`, { ...indexed, successPolicy: { rules: [{ succeededIndexes }] } }),
      ),
    ),
    ...[-1, 0, 1, 3, 6].flatMap((succeededCount, at_) => [
      post(`${at('jobs')}?dryRun=All`, job(`c${at_}`, { ...indexed, successPolicy: { rules: [{ succeededCount }] } })),
      post(
        `${at('jobs')}?dryRun=All`,
        job(`d${at_}`, { ...indexed, successPolicy: { rules: [{ succeededCount, succeededIndexes: '1-2' }] } }),
      ),
      post(
        `${at('jobs')}?dryRun=All`,
        job(`e${at_}`, { ...indexed, successPolicy: { rules: [{ succeededCount, succeededIndexes: '1-x' }] } }),
      ),
    ]),
  ),
  script(
    'job-status/indexes',
    post(at('jobs'), job('a', { ...indexed, backoffLimitPerIndex: 1 })),
    ...[...indexes, ...both].map((told) => tried('a', told)),
    post(at('jobs'), job('b', indexed)),
    ...both.map((told) => tried('b', told)),
    status('b', { completedIndexes: '0-1' }),
    patch(at('jobs', 'b'), { spec: { completions: 1, parallelism: 1 } }),
    tried('b', { active: 1 }),
    tried('b', { completedIndexes: '0-2' }),
    tried('b', { completedIndexes: '0' }),
  ),
  script(
    'job-status/changes',
    ...after(
      'a',
      {},
      complete,
      { conditions: [] },
      { conditions: holding('Complete') },
      { conditions: holding('SuccessCriteriaMet') },
      { conditions: holding('SuccessCriteriaMet', 'Complete', 'Failed') },
      { conditions: holding('SuccessCriteriaMet', 'Complete', 'FailureTarget', 'Failed') },
      { completionTime: T[0] },
      { completionTime: null },
      { startTime: null },
      { startTime: T[1] },
      { succeeded: 0 },
      { succeeded: 2 },
      { active: 1 },
      { terminating: 1 },
      { terminating: 0, ready: 0 },
      { uncountedTerminatedPods: {} },
      { uncountedTerminatedPods: { succeeded: ['a'] } },
    ),
    ...after('b', {}, failed, { conditions: [] }, { conditions: holding('Failed') }, { failed: 0 }, { failed: 2 }),
    ...after(
      'c',
      indexed,
      { succeeded: 2, startTime: T[0] },
      { succeeded: 1 },
      { startTime: T[1] },
      { startTime: null },
    ),
    patch(at('jobs', 'c'), { spec: { parallelism: 5 } }),
    tried('c', { succeeded: 1 }),
    patch(at('jobs', 'c'), { spec: { suspend: true } }),
    tried('c', { startTime: T[1] }),
    tried('c', { startTime: null }),
    status('c', { conditions: holding('Suspended') }),
    patch(at('jobs', 'c'), { spec: { suspend: false } }),
    tried('c', { startTime: T[1] }),
    tried('c', { startTime: T[1], conditions: [{ type: 'Suspended', status: 'False' }] }),
    ...after('d', { suspend: true, completions: 0 }, {}, { ...complete, startTime: null }, complete),
    ...after('e', {}, { conditions: holding('SuccessCriteriaMet') }, { conditions: [] }, complete, failed),
    ...after('f', {}, { conditions: holding('FailureTarget') }, { conditions: [] }, complete, failed),
    get(`${at('jobs')}?fieldSelector=status.successful%3D1`),
  ),
  script(
    'job-status/templates',
    post(at('jobs'), job('a')),
    ...changes('a'),
    post(at('jobs'), job('s', { suspend: true })),
    ...changes('s'),
    status('s', { active: 1 }),
    ...changes('s').slice(0, 8),
    status('s', { active: 0, startTime: T[0] }),
    ...changes('s').slice(0, 8),
    status('s', { conditions: holding('Suspended') }),
    ...changes('s').slice(0, 8),
    spec('s', { suspend: false, template: templates[7] }),
  ),
]
