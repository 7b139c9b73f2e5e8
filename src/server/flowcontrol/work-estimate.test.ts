import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { requestInfo } from '../http/request/request-info.ts'
import { RetryAfter } from './retry-after.ts'
import { SeatDemand } from './seat-demand.ts'
import { dealHand, flowHash } from './shuffle-sharding.ts'
import { WatchTracker } from './watch-tracker.ts'
import { estimateWork } from './work-estimate.ts'

const PODS = '/api/v1/namespaces/default/pods'

function infoOf(method: string, url: string) {
  const [path = '', text = ''] = url.split('?')
  const query = new URLSearchParams(text)
  return { info: requestInfo(method, { path, query }), query }
}

describe('a request takes', () => {
  const facts = (watchers: number) => ({
    mostSeats: 8,
    statsOf: () => ({ objects: 1_000, bytes: 500_000 }),
    watchersOf: () => watchers,
  })
  const seats = (initialSeats: number, finalSeats = 0, additionalMs = 0) => ({ initialSeats, finalSeats, additionalMs })
  const cases: [method: string, url: string, watchers: number, work: object][] = [
    ['GET', `${PODS}/a`, 0, seats(1)],
    ['GET', PODS, 0, seats(5)],
    ['GET', `${PODS}?limit=500`, 0, seats(3)],
    ['GET', `${PODS}?fieldSelector=metadata.name%3Da`, 0, seats(1)],
    ['GET', `${PODS}?watch=1`, 0, seats(5)],
    ['GET', `${PODS}?watch=1&resourceVersion=7`, 0, seats(1)],
    ['GET', `${PODS}?watch=1&resourceVersion=7&sendInitialEvents=true`, 0, seats(5)],
    ['POST', PODS, 9, seats(1)],
    ['POST', PODS, 25, seats(1, 3, 5)],
    ['DELETE', `${PODS}/a`, 160, seats(1, 8, 10)],
    ['DELETE', PODS, 160, seats(1)],
    ['POST', '/api/v1/namespaces/default/serviceaccounts/a/token', 160, seats(1)],
  ]
  test.each(cases)('%s %s with %i watchers: %j', (method, url, watchers, work) => {
    const { info, query } = infoOf(method, url)
    expect(estimateWork(info, query, facts(watchers))).toEqual(work)
  })

  test('no more than its level allows, and one seat where nothing is known', () => {
    const { info, query } = infoOf('GET', PODS)
    expect(estimateWork(info, query, { ...facts(0), mostSeats: 2 }).initialSeats).toBe(2)
    expect(estimateWork(info, query, { ...facts(0), statsOf: () => undefined }).initialSeats).toBe(1)
  })
})

test('watchers are those of everything, of the namespace and of the object, but not those of one node', () => {
  const tracker = new WatchTracker()
  const watch = (url: string) => {
    const { info, query } = infoOf('GET', url)
    return info.isResource ? tracker.add(info, query) : () => {}
  }
  const ends = ['/api/v1/pods', PODS, '/api/v1/namespaces/other/pods', '/api/v1/nodes'].map((path) =>
    watch(`${path}?watch=1`),
  )
  watch('/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn1')
  const told = () => tracker.watchersOf(infoOf('PUT', `${PODS}/a`).info)
  expect(told()).toBe(2)
  for (const end of ends) end()
  expect(told()).toBe(0)
})

test('a hand has different cards, the same for the same flow', () => {
  const hand = (user: string) => dealHand(flowHash('schema', user), 64, 6)
  expect(hand('jane')).toEqual(hand('jane'))
  expect(hand('jane')).not.toEqual(hand('joe'))
  const all = Array.from({ length: 500 }, (_, n) => hand(`user-${n}`))
  expect(all.every((cards) => new Set(cards).size === 6 && cards.every((card) => card >= 0 && card < 64))).toBe(true)
  expect(new Set(all.flat()).size).toBe(64)
  expect(dealHand(flowHash('schema', 'jane'), 3, 3).toSorted((a, b) => a - b)).toEqual([0, 1, 2])
})

test('clients that are refused often are told to wait longer, and shorter again later', async () => {
  const clock = new ManualClock()
  const retry = new RetryAfter(clock)
  const told = [0]
  for (let second = 0; second < 40; second++) {
    for (let n = 0; n < (second < 10 ? 20 : 1 - (second % 2)); n++) told[second] = retry.refuse()
    // oxlint-disable-next-line no-await-in-loop -- second by second
    await clock.advance(1_000)
  }
  expect([told[0], told[1], told[4], Math.max(...told.filter(Boolean))]).toEqual([1, 2, 4, 16])
  expect(told.at(-1)).toBeLessThan(16)
})

test('the demand for seats is weighed by time, rises at once and falls slowly', async () => {
  const clock = new ManualClock()
  const demand = new SeatDemand(clock)
  demand.set(10)
  await clock.advance(5_000)
  demand.set(0)
  await clock.advance(5_000)
  demand.settle()
  expect([demand.highWatermark, demand.average, demand.deviation, demand.smoothed]).toEqual([10, 5, 5, 10])
  await clock.advance(10_000)
  demand.settle()
  expect([demand.highWatermark, demand.average]).toEqual([0, 0])
  expect(demand.smoothed).toBeCloseTo(9.77)
})
