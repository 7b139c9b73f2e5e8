/** What tables show of Pods in every state. */

import { pod } from './objects.ts'
import { script } from './script.ts'
import { type Json, OLD, states } from './table-states.ts'

const waiting = (reason: string, more: Json = {}) => ({
  name: 'c',
  image: 'i',
  imageID: '',
  ready: false,
  restartCount: 0,
  state: { waiting: { reason } },
  ...more,
})
const ended = (terminated: Json, more: Json = {}) =>
  waiting('', { state: { terminated: { exitCode: 0, ...terminated } }, ...more })
const running = (more: Json = {}) =>
  waiting('', { ready: true, started: true, state: { running: { startedAt: OLD } }, ...more })
const ready = { type: 'Ready', status: 'True' }
const two = {
  spec: {
    containers: [
      { name: 'c', image: 'i' },
      { name: 'd', image: 'i' },
    ],
  },
}
const withInit = (restartPolicy?: string) => ({
  spec: {
    initContainers: [
      { name: 'i', image: 'i', ...(restartPolicy === undefined ? {} : { restartPolicy }) },
      { name: 'j', image: 'i' },
    ],
    containers: [{ name: 'c', image: 'i' }],
  },
})
const init = (one: Json, other: Json = waiting('PodInitializing')) => ({
  initContainerStatuses: [
    { ...one, name: 'i' },
    { ...other, name: 'j' },
  ],
})

const pods: readonly Json[] = [
  {},
  { phase: 'Pending' },
  { phase: 'Pending', reason: 'Odd' },
  { phase: 'Failed', reason: 'Evicted', message: 'low' },
  { phase: 'Failed', reason: 'NodeLost' },
  { phase: 'Succeeded', containerStatuses: [ended({ reason: 'Completed' })] },
  { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] },
  { phase: 'Pending', containerStatuses: [waiting('ImagePullBackOff')] },
  {
    phase: 'Running',
    containerStatuses: [
      waiting('CrashLoopBackOff', { restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: OLD } } }),
    ],
  },
  {
    phase: 'Running',
    podIP: '10.1.1.1',
    podIPs: [{ ip: '10.1.1.1' }],
    containerStatuses: [running()],
    conditions: [ready],
  },
  {
    phase: 'Running',
    containerStatuses: [running({ restartCount: 2 })],
    conditions: [{ type: 'Ready', status: 'False' }],
  },
  { phase: 'Running', containerStatuses: [running({ ready: false })] },
  { phase: 'Running', containerStatuses: [ended({ exitCode: 3 })] },
  { phase: 'Running', containerStatuses: [ended({ signal: 9, exitCode: 137 })] },
  { phase: 'Running', containerStatuses: [ended({ reason: 'Error', exitCode: 1 })] },
  {
    ...two,
    phase: 'Running',
    containerStatuses: [ended({ reason: 'Completed' }), { ...running(), name: 'd' }],
    conditions: [ready],
  },
  {
    ...two,
    phase: 'Running',
    containerStatuses: [ended({ reason: 'Completed' }), { ...running({ ready: false }), name: 'd' }],
  },
  {
    ...two,
    phase: 'Running',
    containerStatuses: [running(), { ...ended({ reason: 'Error', exitCode: 2 }), name: 'd' }],
  },
  { ...withInit(), phase: 'Pending', ...init(waiting('PodInitializing')) },
  { ...withInit(), phase: 'Pending', ...init(running()) },
  { ...withInit(), phase: 'Pending', ...init(ended({ reason: 'Completed' })) },
  { ...withInit(), phase: 'Pending', ...init(ended({ exitCode: 1, reason: 'Error' })) },
  { ...withInit(), phase: 'Pending', ...init(ended({ exitCode: 7 })) },
  { ...withInit(), phase: 'Pending', ...init(ended({ signal: 15, exitCode: 143 })) },
  {
    ...withInit(),
    phase: 'Pending',
    ...init(
      waiting('CrashLoopBackOff', { restartCount: 4, lastState: { terminated: { exitCode: 1, finishedAt: OLD } } }),
    ),
  },
  {
    ...withInit('Always'),
    phase: 'Running',
    ...init(running(), ended({ reason: 'Completed' })),
    containerStatuses: [running()],
    conditions: [{ type: 'Initialized', status: 'True' }, ready],
  },
  {
    ...withInit('Always'),
    phase: 'Running',
    ...init(running({ ready: false, restartCount: 1 }), ended({ reason: 'Completed' })),
    containerStatuses: [running()],
    conditions: [{ type: 'Initialized', status: 'True' }],
  },
  { ...withInit('Always'), phase: 'Pending', ...init(running({ started: false }), waiting('PodInitializing')) },
  {
    ...withInit('Always'),
    phase: 'Succeeded',
    ...init(ended({ reason: 'Completed' }), ended({ reason: 'Completed' })),
    containerStatuses: [ended({ reason: 'Completed' })],
  },
  {
    spec: { schedulingGates: [{ name: 'a.io/b' }] },
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
  },
  {
    spec: { nodeName: 'n', readinessGates: [{ conditionType: 'a.io/g' }, { conditionType: 'a.io/h' }] },
    phase: 'Running',
    nominatedNodeName: 'm',
    conditions: [
      { type: 'a.io/g', status: 'True' },
      { type: 'a.io/h', status: 'False' },
    ],
  },
  { metadata: { finalizers: ['a.io/x'], deletionGracePeriodSeconds: 1 }, phase: 'Unknown' },
]

export const podTableScripts = [script('table/pods', ...states('pods', (name) => pod(name), pods))]
