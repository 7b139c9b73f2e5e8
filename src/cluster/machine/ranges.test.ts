import { describe, expect, test } from 'vitest'

import {
  MAX_CLUSTERS,
  MAX_NODES,
  isFree,
  nodeAddress,
  overlap,
  podRangeOf,
  rangesOf,
  simulatedEndpoint,
} from './ranges.ts'

const overlaps = [
  { a: '10.244.0.0/16', b: '10.244.3.0/24', want: true },
  { a: '10.244.3.0/24', b: '10.0.0.0/8', want: true },
  { a: '10.244.0.0/16', b: '10.243.255.255', want: false },
  { a: '10.64.0.1', b: '10.64.0.1', want: true },
  { a: '192.168.0.0/16', b: '10.0.0.0/8', want: false },
  { a: '0.0.0.0/0', b: '10.0.0.0/8', want: true },
]
for (const { a, b, want } of overlaps) {
  test(`${a} and ${b} ${want ? 'overlap' : 'are apart'}`, () => {
    expect(overlap(a, b)).toBe(want)
    expect(overlap(b, a)).toBe(want)
  })
}

test('no two clusters share an address', () => {
  const all = Array.from({ length: MAX_CLUSTERS }, (_, index) => rangesOf(index))
  const ranges = all.flatMap(({ pods, services, nodes }) => [pods, services, nodes])
  for (const [place, range] of ranges.entries())
    expect(ranges.filter((other, at) => at !== place && overlap(range, other))).toEqual([])
})

test("a node's addresses lie in the cluster's ranges", () => {
  expect(overlap(rangesOf(3).nodes, nodeAddress(3, 200))).toBe(true)
  expect(overlap(rangesOf(3).pods, podRangeOf(3, 200))).toBe(true)
})

test('ranges that the machine routes elsewhere are not taken; a default route takes nothing', () => {
  const routes = [{ dst: 'default' }, { dst: '192.0.2.0/24' }, { dst: '10.96.0.0/12' }]
  expect(isFree(0, routes)).toBe(false)
  expect(isFree(16, routes)).toBe(true)
})

describe('nodes that only pretend', () => {
  const numbers = [1, 2, MAX_NODES]
  const endpoints = (platform: NodeJS.Platform) =>
    [0, 1, MAX_CLUSTERS - 1].flatMap((index) => numbers.map((number) => simulatedEndpoint(index, number, platform)))

  test.each(['linux', 'win32', 'darwin'] as const)('listen each somewhere else: %s', (platform) => {
    const all = endpoints(platform)
    expect(new Set(all.map(({ address, port }) => `${address}:${port}`)).size).toBe(all.length)
    expect(all.every(({ address, port }) => overlap(address, '127.0.0.0/8') && port < 32_768)).toBe(true)
  })

  test('macOS has one address of loopback', () => {
    expect(new Set(endpoints('darwin').map(({ address }) => address))).toEqual(new Set(['127.0.0.1']))
  })
})
