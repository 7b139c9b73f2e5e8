import { describe, expect, test } from 'vitest'

import type { Device, ResourceClaim, ResourceSlice } from '../../../api/generated/resource-v1.ts'
import { aNode, listerOf } from '../../fixtures.ts'
import { PluginFailure } from '../../framework/plugin-failure.ts'
import { wishOf } from './demands.ts'
import { aClaim, aSlice, asks, DRIVER, gpuClass } from './fixtures.ts'
import { SliceIndex } from './pools.ts'
import { findDevices } from './search.ts'
import { type Allocation, takenBy } from './taken.ts'

const named = (...names: readonly string[]): Device[] => names.map((name) => ({ name }))
const numa = (name: string, value: number): Device => ({ name, attributes: { numa: { int: value } } })
const picks = (expression: string) => ({ selectors: [{ cel: { expression } }] })

interface World {
  readonly slices: readonly ResourceSlice[]
  readonly claims: readonly ResourceClaim[]
  readonly taken?: readonly Allocation[]
  readonly isTooLong?: () => boolean
}

/** The devices that each claim gets on a node. */
function found({ slices, claims, taken = [], isTooLong = () => false }: World): readonly string[] | undefined {
  const classes = listerOf([gpuClass])
  const node = aNode('n1')
  const all = findDevices({
    node,
    pools: new SliceIndex(slices).poolsFor(node),
    wishes: claims.map((claim) => wishOf(claim, classes)),
    taken: takenBy(taken),
    isTooLong,
  })
  return all?.map((each) => each.map(({ request, device }) => `${request}=${device.device.name}`).join(' '))
}

const given = (...devices: readonly string[]): Allocation => ({
  devices: { results: devices.map((device) => ({ request: 'r', driver: DRIVER, pool: 's', device })) },
})

describe('devices are picked in the order of their pools, slices and places', () => {
  const constraints = [{ matchAttribute: `${DRIVER}/numa` }]
  const distinct = [{ distinctAttribute: `${DRIVER}/numa` }]
  const cut = (name: string, value: string): Device => ({
    name,
    consumesCounters: [{ counterSet: 'c', counters: { m: { value } } }],
  })
  const shared: Device = { name: 'a', allowMultipleAllocations: true, capacity: { m: { value: '10' } } }
  const some = (m: string) => asks({ capacity: { requests: { m } } })
  const inPool = { pool: { name: 's', generation: 1, resourceSliceCount: 2 } }
  const counters = aSlice('c', [], { ...inPool, sharedCounters: [{ name: 'c', counters: { m: { value: '8' } } }] })
  const tainted: Device = { name: 'a', taints: [{ key: 'k', effect: 'NoSchedule' }] }

  test.each<[string, World, readonly string[] | undefined]>([
    [
      'the first',
      { slices: [aSlice('b', named('x')), aSlice('a', named('y'))], claims: [aClaim('d', [asks()])] },
      ['r=y'],
    ],
    [
      'what is free',
      { slices: [aSlice('s', named('a', 'b'))], claims: [aClaim('d', [asks()])], taken: [given('a')] },
      ['r=b'],
    ],
    [
      'none of what is taken',
      { slices: [aSlice('s', named('a'))], claims: [aClaim('d', [asks()])], taken: [given('a')] },
      undefined,
    ],
    [
      'not one for two claims',
      { slices: [aSlice('s', named('a', 'b'))], claims: [aClaim('d', [asks()]), aClaim('e', [asks()])] },
      ['r=a', 'r=b'],
    ],
    [
      'what is taken, for those who look after it',
      { slices: [aSlice('s', named('a'))], claims: [aClaim('d', [asks({ adminAccess: true })])], taken: [given('a')] },
      ['r=a'],
    ],
    [
      'all',
      { slices: [aSlice('s', named('a', 'b'))], claims: [aClaim('d', [asks({ allocationMode: 'All' })])] },
      ['r=a r=b'],
    ],
    [
      'all or nothing',
      {
        slices: [aSlice('s', named('a', 'b'))],
        claims: [aClaim('d', [asks({ allocationMode: 'All' })])],
        taken: [given('b')],
      },
      undefined,
    ],
    [
      'those of one attribute',
      {
        slices: [aSlice('s', [numa('a', 0), numa('b', 1), numa('c', 1)])],
        claims: [aClaim('d', [asks({ count: 2 })], { constraints })],
      },
      ['r=b r=c'],
    ],
    [
      'those that differ',
      {
        slices: [aSlice('s', [numa('a', 0), numa('b', 0), numa('c', 1)])],
        claims: [aClaim('d', [asks({ count: 2 })], { constraints: distinct })],
      },
      ['r=a r=c'],
    ],
    [
      'the best alternative',
      {
        slices: [aSlice('s', [numa('a', 1)])],
        claims: [
          aClaim('d', [
            {
              name: 'r',
              firstAvailable: [
                { name: 'x', deviceClassName: 'gpu', ...picks(`device.attributes["${DRIVER}"].numa == 0`) },
                { name: 'y', deviceClassName: 'gpu' },
              ],
            },
          ]),
        ],
      },
      ['r/y=a'],
    ],
    ['not what is tainted', { slices: [aSlice('s', [tainted])], claims: [aClaim('d', [asks()])] }, undefined],
    [
      'what is tainted and tolerated',
      { slices: [aSlice('s', [tainted])], claims: [aClaim('d', [asks({ tolerations: [{ operator: 'Exists' }] })])] },
      ['r=a'],
    ],
    [
      'a part of what is shared',
      { slices: [aSlice('s', [shared])], claims: [aClaim('d', [some('4')]), aClaim('e', [some('6')])] },
      ['r=a', 'r=a'],
    ],
    [
      'no more than there is',
      { slices: [aSlice('s', [shared])], claims: [aClaim('d', [some('5')]), aClaim('e', [some('6')])] },
      undefined,
    ],
    [
      'parts as long as counters last',
      {
        slices: [counters, aSlice('s', [cut('a', '4'), cut('b', '6'), cut('c', '4')], inPool)],
        claims: [aClaim('d', [asks({ count: 2 })])],
      },
      ['r=a r=c'],
    ],
    [
      'nothing of a pool that is being written',
      { slices: [aSlice('s', named('a'), inPool)], claims: [aClaim('d', [asks()])] },
      undefined,
    ],
    [
      'the newest generation',
      {
        slices: [
          aSlice('s', named('a')),
          aSlice('t', named('b'), { pool: { name: 's', generation: 2, resourceSliceCount: 1 } }),
        ],
        claims: [aClaim('d', [asks()])],
      },
      ['r=b'],
    ],
    [
      'not what other nodes have',
      { slices: [aSlice('s', named('a'), { nodeName: 'n2' })], claims: [aClaim('d', [asks()])] },
      undefined,
    ],
  ])('%s', (_what, world, devices) => {
    expect(found(world)).toEqual(devices)
  })
})

test('a selector that fails stops the search, with its place', () => {
  const claims = [aClaim('d', [asks(picks(`device.attributes["${DRIVER}"].numa == 0`))])]
  const failure = new PluginFailure('claim default/d: selector #0: CEL runtime error: no such key: numa')
  expect(() => found({ slices: [aSlice('s', named('a'))], claims })).toThrow(failure)
})

test('more devices than a claim can hold are not even looked for', () => {
  const claims = [aClaim('d', [asks({ count: 20 }), asks({ count: 20 }, 'x')])]
  const failure = new PluginFailure('claim default/d: number of requested devices 40 exceeds the claim limit of 32')
  expect(() => found({ slices: [], claims })).toThrow(failure)
})

describe('a puzzle that takes too long is given up', () => {
  const names = Array.from({ length: 40 }, (_, at) => `d${at}`)
  const slices = [
    aSlice(
      's',
      names.map((name, at) => numa(name, at)),
    ),
  ]
  const constraints = [{ requests: ['r', 'x'], matchAttribute: `${DRIVER}/numa` }]
  const claims = [aClaim('d', [asks({ count: 6 }, 'free'), asks(), asks({}, 'x')], { constraints })]
  const failure = new PluginFailure('node n1: timed out trying to allocate devices')

  test('after so many tries', () => {
    expect(() => found({ slices, claims })).toThrow(failure)
  })

  test('when its time is over', () => {
    let looks = 0
    expect(() => found({ slices, claims, isTooLong: () => ++looks === 3 })).toThrow(failure)
    expect(looks).toBe(3)
  })
})
