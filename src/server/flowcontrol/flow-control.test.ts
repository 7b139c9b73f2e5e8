import { describe, expect, test } from 'vitest'
import type { PriorityLevelConfiguration } from '../../api/generated/flowcontrol-v1.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { userOf } from '../../client/user.ts'
import { requestInfo } from '../http/request/request-info.ts'
import { defaultFlowSchemas, defaultPriorityLevels } from './defaults.ts'
import { FlowControl, type Leave } from './flow-control.ts'

const LIST = requestInfo('GET', { path: '/api/v1/pods', query: new URLSearchParams() })
const GET = requestInfo('GET', { path: '/api/v1/namespaces/a/pods/b', query: new URLSearchParams() })

function world(seats = 600, levels = defaultPriorityLevels()) {
  const clock = new ManualClock()
  // A list of these takes all the seats that a request may take.
  const flows = new FlowControl({ clock, seats, statsOf: () => ({ objects: 5_000, bytes: 5_000_000 }) })
  flows.configure(defaultFlowSchemas(), levels)
  const level = (name: string) => flows.levels.find((each) => each.name === name)!
  /** `done` is told of when the request may begin, or that it may not. */
  const ask = (name: string, info = GET, waitMs = 15_000) => {
    const user = userOf(name)
    let goAway = () => {}
    const onGone = (run: () => void) => (goAway = run)
    const entered = flows.enter(flows.flowOf(info, user), { info, user, query: new URLSearchParams(), waitMs, onGone })
    return { entered, goAway: () => goAway() }
  }
  return { clock, flows, level, ask }
}

describe('a user with 500 lists at once', () => {
  test('has them wait in a few queues, and the gets of another come before nearly all of them', async () => {
    const { ask, level } = world()
    const began: string[] = []
    const running: Leave[] = []
    const begin = (who: string) => (leave: Leave | undefined) => {
      if (leave === undefined) return
      began.push(who)
      running.push(leave)
    }
    const taken = Array.from({ length: 500 }, () => ask('greedy', LIST).entered)
    for (const one of taken) if (one instanceof Promise) void one.then(begin('greedy'))
    const refused = taken.filter((one) => one === undefined)
    const { queues } = level('global-default')
    // Six queues of fifty, and as many as there are seats for.
    expect([refused.length + queues.waiting + queues.executing.size, queues.waiting]).toEqual([500, 300])
    for (const one of taken) if (typeof one === 'function') running.push(one)
    for (let n = 0; n < 10; n++) {
      const { entered } = ask('jane')
      if (entered instanceof Promise) void entered.then(begin('jane'))
      else begin('jane')(entered)
    }
    for (let ended = 0; ended < 20; ended++) {
      running.shift()?.()
      // oxlint-disable-next-line no-await-in-loop -- one ends after the other
      await nextTurn()
    }
    expect(began.filter((who) => who === 'jane')).toHaveLength(10)
    expect(began.filter((who) => who === 'greedy').length).toBeLessThan(20)
  })

  test('does not keep the server from who is exempt or of another level', () => {
    const { ask, flows } = world()
    for (let n = 0; n < 500; n++) ask('greedy', LIST)
    const admin = userOf('root', ['system:masters'])
    const node = userOf('system:node:n', ['system:nodes'])
    for (const user of [admin, node]) {
      const arrival = { info: LIST, user, query: new URLSearchParams(), waitMs: 1, onGone: () => {} }
      expect(typeof flows.enter(flows.flowOf(LIST, user), arrival)).toBe('function')
    }
  })

  test('gets the seats that others do not use, with time, and they have theirs back when they need them', async () => {
    const { ask, level, flows, clock } = world()
    for (let n = 0; n < 400; n++) ask('greedy', LIST)
    const before = level('global-default').queues.executing.size
    await clock.advance(10_000)
    flows.divide()
    expect(level('global-default').currentSeats).toBeGreaterThan(200)
    expect(level('global-default').queues.executing.size).toBeGreaterThan(3 * before)
    expect(flows.fairFraction).toBeGreaterThan(0)
  })
})

describe('a request that waits', () => {
  async function full() {
    const made = world(100)
    const { ask } = made
    const holding: Leave[] = []
    for (;;) {
      const { entered, goAway } = ask('jane', GET, 1_000)
      if (entered instanceof Promise) return { ...made, holding, waiting: entered, goAway }
      if (entered !== undefined) holding.push(entered)
    }
  }

  test('is put off after its time', async () => {
    const { clock, waiting, level } = await full()
    await clock.advance(1_000)
    expect([await waiting, level('global-default').queues.waiting]).toEqual([undefined, 0])
  })

  test('is forgotten when its client goes away', async () => {
    const { waiting, goAway, level } = await full()
    goAway()
    expect([await waiting, level('global-default').cancelled]).toEqual([undefined, 1])
  })

  test('begins when there is a seat, and gives back its own once', async () => {
    const { waiting, holding, level } = await full()
    holding[0]?.()
    const leave = await waiting
    leave?.()
    leave?.()
    for (const end of holding) end()
    expect(level('global-default').queues.seatsInUse).toBe(0)
  })
})

test('a level that is gone works on until nobody is in it', () => {
  const mine: PriorityLevelConfiguration = {
    metadata: { name: 'mine' },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 10, limitResponse: { type: 'Reject' } } },
  }
  const { flows, level, ask } = world(600, [...defaultPriorityLevels(), mine])
  const rules = defaultFlowSchemas().find(({ metadata }) => metadata.name === 'global-default')?.spec?.rules ?? []
  const spec = { matchingPrecedence: 5, priorityLevelConfiguration: { name: 'mine' }, rules }
  flows.configure([...defaultFlowSchemas(), { metadata: { name: 'mine' }, spec }], [...defaultPriorityLevels(), mine])
  const { entered } = ask('jane')
  flows.configure(defaultFlowSchemas(), defaultPriorityLevels())
  expect(level('mine').isQuiescing).toBe(true)
  if (typeof entered === 'function') entered()
  expect(flows.levels.map(({ name }) => name)).not.toContain('mine')
})

test('a server without any objects has the two levels that none can do without', () => {
  const { flows, clock } = world()
  const bare = new FlowControl({ clock, seats: 600, statsOf: () => undefined })
  expect(bare.levels.map(({ name, currentSeats }) => [name, currentSeats])).toEqual([
    ['exempt', 0],
    ['catch-all', 600],
  ])
  expect(flows.levels).toHaveLength(8)
})
