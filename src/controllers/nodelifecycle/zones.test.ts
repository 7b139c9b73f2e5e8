import { expect, test } from 'vitest'
import type { ReadNode } from './conditions.ts'
import { ZoneTallies, zoneOf } from './zones.ts'

const node = (zone: string, isUp: boolean): ReadNode => ({
  metadata: { labels: { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': zone } },
  status: { conditions: [{ type: 'Ready', status: isUp ? 'True' : 'Unknown' }] },
})

/** The wait of zone `a`, beside a zone of which one node is as told. */
function waitIn({ up, down, isOtherUp = true }: { up: number; down: number; isOtherUp?: boolean }) {
  const zones = new ZoneTallies()
  for (let i = 0; i < up; i++) zones.add(node('a', true))
  for (let i = 0; i < down; i++) zones.add(node('a', false))
  zones.add(node('b', isOtherUp))
  return zones.evictionWait(zoneOf(node('a', true)))
}

const cases = [
  { when: 'a node is down', zone: { up: 9, down: 1 }, wait: 10_000 },
  { when: 'two of three are down', zone: { up: 1, down: 2 }, wait: 10_000 },
  { when: 'most of a small zone are down', zone: { up: 1, down: 3 }, wait: undefined },
  { when: 'a little less than most are down', zone: { up: 46, down: 54 }, wait: 10_000 },
  { when: 'most of a large zone are down', zone: { up: 45, down: 55 }, wait: 100_000 },
  { when: 'fifty nodes are no large zone', zone: { up: 20, down: 30 }, wait: undefined },
  { when: 'fifty-one are one', zone: { up: 20, down: 31 }, wait: 100_000 },
  { when: 'all of the zone are down, and others live', zone: { up: 0, down: 4 }, wait: 10_000 },
  { when: 'all nodes of all zones are down', zone: { up: 0, down: 4, isOtherUp: false }, wait: undefined },
]
for (const { when, zone, wait } of cases) {
  test(`${wait === undefined ? 'no eviction' : `one in ${wait / 1000} s`} when ${when}`, () =>
    expect(waitIn(zone)).toBe(wait))
}

test('nodes that went count no more', () => {
  const zones = new ZoneTallies()
  const [up, down] = [node('a', true), node('a', false)]
  for (const one of [up, down, down, down]) zones.add(one)
  expect(zones.evictionWait(zoneOf(up))).toBeUndefined()
  zones.remove(down)
  expect(zones.evictionWait(zoneOf(up))).toBe(10_000)
})
