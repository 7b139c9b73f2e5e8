import { describe, expect, test } from 'vitest'
import type { ContainerStatus, Pod, PodStatus } from '../../../generated/core-v1.ts'
import { podColumns, podRowConditions } from './columns.ts'

const NOW = Date.parse('2026-01-01T01:00:00Z')
const base: Pod = {
  metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { containers: [{ name: 'a' }, { name: 'b' }], nodeName: 'n' },
  status: { phase: 'Running' },
}
const status = (name: string, fields: Partial<ContainerStatus>): ContainerStatus => ({
  name,
  ready: false,
  restartCount: 0,
  image: '',
  imageID: '',
  ...fields,
})
const running = (name: string) => status(name, { ready: true, state: { running: {} } })
const ended = (exitCode: number, reason: string, more: object = {}) => ({
  state: { terminated: { exitCode, reason, ...more } },
})
const cells = (pod: Pod) => podColumns.map(({ cell }) => cell(pod, NOW))
const withStatus = (fields: PodStatus, spec: Partial<NonNullable<Pod['spec']>> = {}): Pod => ({
  ...base,
  spec: { ...base.spec!, ...spec },
  status: { phase: 'Running', ...fields },
})

describe('the table of Pods', () => {
  const init = { initContainers: [{ name: 'i' }, { name: 'j' }] }
  const sidecar = { initContainers: [{ name: 'i', restartPolicy: 'Always' }] }
  const cases: [what: string, pod: Pod, ready: string, status: string, restarts: string][] = [
    ['a new Pod', withStatus({ phase: 'Pending' }), '0/2', 'Pending', '0'],
    ['a running Pod', withStatus({ containerStatuses: [running('a'), running('b')] }), '2/2', 'Running', '0'],
    [
      'a Pod that starts',
      withStatus({ containerStatuses: [status('a', { state: { waiting: { reason: 'ContainerCreating' } } })] }),
      '0/2',
      'ContainerCreating',
      '0',
    ],
    [
      'a crash loop',
      withStatus({
        containerStatuses: [
          status('a', {
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } },
          }),
          running('b'),
        ],
      }),
      '1/2',
      'CrashLoopBackOff',
      '3 (5m ago)',
    ],
    [
      'a restart after an end that nobody has seen',
      withStatus({
        containerStatuses: [
          { ...running('a'), restartCount: 1, lastState: { terminated: { exitCode: 137, finishedAt: null } } } as never,
          running('b'),
        ],
      }),
      '2/2',
      'Running',
      '1',
    ],
    [
      'a finished Pod',
      withStatus({ phase: 'Succeeded', containerStatuses: [status('a', ended(0, 'Completed'))] }),
      '0/2',
      'Completed',
      '0',
    ],
    [
      'one finished, one running, not ready',
      withStatus({ containerStatuses: [status('a', ended(0, 'Completed')), running('b')] }),
      '1/2',
      'NotReady',
      '0',
    ],
    ['an exit code alone', withStatus({ containerStatuses: [status('a', ended(3, ''))] }), '0/2', 'ExitCode:3', '0'],
    [
      'a signal alone',
      withStatus({ containerStatuses: [status('a', ended(137, '', { signal: 9 }))] }),
      '0/2',
      'Signal:9',
      '0',
    ],
    [
      'an init container at work',
      withStatus(
        {
          phase: 'Pending',
          initContainerStatuses: [status('i', ended(0, 'Completed')), status('j', { state: { running: {} } })],
        },
        init,
      ),
      '0/2',
      'Init:1/2',
      '0',
    ],
    [
      'an init container that fails',
      withStatus({ phase: 'Pending', initContainerStatuses: [status('i', ended(1, 'Error'))] }, init),
      '0/2',
      'Init:Error',
      '0',
    ],
    [
      'an init container that waits',
      withStatus(
        {
          phase: 'Pending',
          initContainerStatuses: [status('i', { restartCount: 2, state: { waiting: { reason: 'ImagePullBackOff' } } })],
        },
        init,
      ),
      '0/2',
      'Init:ImagePullBackOff',
      '2',
    ],
    [
      'a sidecar beside the others',
      withStatus(
        {
          initContainerStatuses: [status('i', { ready: true, started: true, state: { running: {} } })],
          containerStatuses: [running('a'), running('b')],
        },
        sidecar,
      ),
      '3/3',
      'Running',
      '0',
    ],
    [
      'a Pod on its way out',
      {
        ...withStatus({ containerStatuses: [running('a'), running('b')] }),
        metadata: { ...base.metadata, deletionTimestamp: 't' },
      },
      '2/2',
      'Terminating',
      '0',
    ],
    ['an evicted Pod', withStatus({ phase: 'Failed', reason: 'Evicted' }), '0/2', 'Evicted', '0'],
    [
      'a gated Pod',
      withStatus({
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      }),
      '0/2',
      'SchedulingGated',
      '0',
    ],
  ]
  for (const [what, pod, ready, reason, restarts] of cases) {
    test(`shows ${what} as ${reason}`, () => {
      expect(cells(pod)).toEqual(['p', ready, reason, restarts, '60m', '<none>', 'n', '<none>', '<none>'])
    })
  }

  test('shows addresses and gates', () => {
    const pod = withStatus(
      { podIPs: [{ ip: '10.0.0.1' }], conditions: [{ type: 'x', status: 'True' }] },
      { readinessGates: [{ conditionType: 'x' }, { conditionType: 'y' }] },
    )
    expect(cells(pod).slice(5)).toEqual(['10.0.0.1', 'n', '<none>', '1/2'])
  })

  const told: [phase: 'Running' | 'Succeeded' | 'Failed', reason: string | undefined][] = [
    ['Running', undefined],
    ['Succeeded', 'Succeeded'],
    ['Failed', 'Failed'],
  ]
  for (const [phase, reason] of told) {
    test(`a row of a ${phase} Pod says ${reason ?? 'nothing'} of its completion`, () => {
      expect(
        podRowConditions(withStatus({ phase }))?.map((condition) => (condition as { reason: string }).reason),
      ).toEqual(reason === undefined ? undefined : [reason])
    })
  }
})
