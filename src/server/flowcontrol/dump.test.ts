import { expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { userOf } from '../../client/user.ts'
import { requestInfo } from '../http/request/request-info.ts'
import { defaultFlowSchemas, defaultPriorityLevels } from './defaults.ts'
import { dumpAt } from './dump.ts'
import { FlowControl } from './flow-control.ts'

const query = new URLSearchParams()
const POD = requestInfo('GET', { path: '/api/v1/namespaces/a/pods/b', query })
const AT = '/debug/api_priority_and_fairness/dump_'

function world() {
  const clock = new ManualClock()
  const flows = new FlowControl({ clock, seats: 20, statsOf: () => undefined })
  flows.configure(defaultFlowSchemas(), defaultPriorityLevels())
  for (let n = 0; n < 12; n++) {
    const user = userOf('jane')
    const arrival = { info: POD, user, query, waitMs: 1_000, onGone: () => {} }
    void flows.enter(flows.flowOf(POD, user), arrival)
  }
  const dump = (what: string, asked = query) => dumpAt(AT + what, asked, flows, clock) ?? ''
  return { clock, flows, dump }
}

test('a table tells of each level, in columns', () => {
  const { dump } = world()
  const lines = dump('priority_levels').split('\n')
  expect(lines[0]).toBe(
    'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, ' +
      'DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests',
  )
  const global = lines.find((line) => line.startsWith('global-default'))?.split(/,\s*/) ?? []
  expect(global.slice(2, 4)).toEqual(['false', 'false'])
  expect(Number(global[4]) + Number(global[5])).toBe(12)
  expect(Number(global[1])).toBeGreaterThan(0)
  expect(new Set(lines.slice(0, -1).map((line) => line.indexOf(', ')))).not.toContain(-1)
  expect(dump('priority_levels')).toContain(
    'exempt,            0,            true,   false,       0,               0,                 0, ',
  )
})

test('a table tells of each queue of every level', () => {
  const { dump } = world()
  const lines = dump('queues').trimEnd().split('\n')
  expect(lines).toHaveLength(1 + 3 * 128 + 2 * 64 + 16)
  const pending = lines.slice(1).map((line) => Number(line.split(/,\s*/)[2]))
  expect(pending.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(5)
  expect(lines).toContain(
    'workload-low,      7,      0,               0,                 0,          0.00000000ss,  0,               0,           0.00000000ss',
  )
})

test('a table tells of each request, and more of it where that is asked for', () => {
  const { dump, clock } = world()
  const [, first = ''] = dump('requests').split('\n')
  expect(first).toMatch(/^global-default,\s+global-default,\s+\d+,\s+0,\s+jane,\s+\S+Z, 1,\s+0,\s+0s,\s+0001-01-01T00/)
  const detailed = dump('requests', new URLSearchParams({ includeRequestDetails: '1' }))
    .trimEnd()
    .split('\n')
  expect(detailed).toHaveLength(13)
  expect(detailed.at(-1)).toMatch(/jane, +get, +\/api\/v1\/namespaces\/a\/pods\/b, a, +b, +v1, +pods,$/)
  expect(detailed.at(-1)).toContain(new Date(clock.now()).toISOString().slice(0, 19))
})

test('nothing else is told', () => {
  const { dump } = world()
  expect(dump('secrets')).toBe('')
})
