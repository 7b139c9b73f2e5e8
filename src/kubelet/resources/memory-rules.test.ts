import { qosClassOf } from '../../api/core/v1/pod/facts.ts'
import { describe, expect, test } from 'vitest'

import type { ResourceRequirements } from '../../api/generated/core-v1.ts'
import { DEFAULT_KUBELET_CONFIG, type KubeletConfig } from '../config/kubelet-config.ts'
import type { PodView } from '../pods/pod-view.ts'
import { containerMemory, keptByClass, memoryRules, memoryRulesFault, podMemory } from './memory-rules.ts'

const GIBIBYTE = 2 ** 30
const MACHINE = {
  cgroupVersion: 2,
  boundsSwap: true,
  swapBytes: 2 * GIBIBYTE,
  capacityBytes: 8 * GIBIBYTE,
  allocatableBytes: 4 * GIBIBYTE,
  pageBytes: 4096,
} as const

const podOf = (resources: ResourceRequirements, priority = 0): PodView => ({
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: { priority, containers: [{ name: 'app', image: 'i', resources }] },
})
const memory = (request?: string, limit?: string): ResourceRequirements => ({
  ...(request !== undefined && { requests: { memory: request } }),
  ...(limit !== undefined && { limits: { memory: limit } }),
})
const GUARANTEED = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } }

const rulesOf = (config: Partial<KubeletConfig>, machine: Partial<typeof MACHINE> | object = {}) =>
  memoryRules({ ...DEFAULT_KUBELET_CONFIG, ...config }, { ...MACHINE, ...machine })

const filesOf = (pod: PodView, config: Partial<KubeletConfig>, machine: object = {}) => {
  const [container] = pod.spec?.containers ?? []
  const rules = rulesOf(config, machine)
  if (container === undefined || rules === undefined) throw new Error('nothing to ask about')
  return containerMemory(pod, container, qosClassOf(pod), rules)
}

test('version 1 of control groups has only limits', () => {
  expect(rulesOf({}, { cgroupVersion: 1 })).toBeUndefined()
})

describe('a container that finds no memory', () => {
  const cases: readonly [string, boolean | undefined, string | undefined][] = [
    ['dies as a whole', undefined, '1'],
    ['dies as a whole, when that is said', false, '1'],
    ['loses one process, when that is said', true, undefined],
  ]
  test.each(cases)('%s', (_, singleProcessOOMKill, expected) => {
    expect(filesOf(podOf({}), { singleProcessOOMKill })['memory.oom.group']).toBe(expected)
  })
})

describe('swap', () => {
  const limited = { memorySwap: { swapBehavior: 'LimitedSwap' } } as const
  const cases: readonly [string, PodView, Partial<KubeletConfig>, string][] = [
    ['nobody has by default', podOf(memory('1Gi', '2Gi')), {}, '0'],
    ['nobody has with NoSwap', podOf(memory('1Gi', '2Gi')), { memorySwap: { swapBehavior: 'NoSwap' } }, '0'],
    [
      'a Burstable container has in proportion to its request',
      podOf(memory('1Gi', '2Gi')),
      limited,
      String(GIBIBYTE / 4),
    ],
    ['a Burstable container without a limit has', podOf(memory('2Gi')), limited, String(GIBIBYTE / 2)],
    ['one that asks for as much as it may have has not', podOf(memory('1Gi', '1Gi')), limited, '0'],
    ['one that asks for no memory has not', podOf({ requests: { cpu: '1' } }), limited, '0'],
    ['one that asks for more than there is has not', podOf(memory('9Gi')), limited, '0'],
    ['a Guaranteed container has not', podOf(GUARANTEED), limited, '0'],
    ['a BestEffort container has not', podOf({}), limited, '0'],
    ['a critical Pod has not', podOf(memory('1Gi', '2Gi'), 2_000_000_000), limited, '0'],
  ]
  test.each(cases)('%s', (_, pod, config, bytes) => {
    expect(filesOf(pod, config)['memory.swap.max']).toBe(bytes)
  })

  test('is not spoken of where the kernel does not bound it', () => {
    expect(filesOf(podOf(memory('1Gi', '2Gi')), limited, { boundsSwap: false })).not.toHaveProperty('memory.swap.max')
  })
})

describe('memory QoS', () => {
  const gate = { featureGates: { MemoryQoS: true } }
  const tiered = { ...gate, memoryReservationPolicy: 'TieredReservation' } as const
  const nothing = { 'memory.min': '0', 'memory.low': '0' }
  const cases: readonly [string, PodView, Partial<KubeletConfig>, object][] = [
    ['is off by default', podOf(memory('1Gi', '2Gi')), {}, {}],
    [
      'throttles most of the way from the request to the limit, in whole pages',
      podOf(memory('1Gi', '2Gi')),
      gate,
      { ...nothing, 'memory.high': String(Math.floor((1.9 * GIBIBYTE) / 4096) * 4096) },
    ],
    [
      'throttles by the factor',
      podOf(memory('1Gi', '2Gi')),
      { ...gate, memoryThrottlingFactor: 0.5 },
      { ...nothing, 'memory.high': String(1.5 * GIBIBYTE) },
    ],
    [
      'throttles one without a limit on the way to what the node has for Pods',
      podOf(memory('2Gi')),
      { ...gate, memoryThrottlingFactor: 0.5 },
      { ...nothing, 'memory.high': String(3 * GIBIBYTE) },
    ],
    ['does not throttle what is guaranteed', podOf(GUARANTEED), gate, nothing],
    ['keeps what is guaranteed', podOf(GUARANTEED), tiered, { 'memory.min': String(GIBIBYTE) }],
    [
      'keeps what a Burstable container asks for as long as there is other memory',
      podOf(memory('1Gi', '2Gi')),
      { ...tiered, memoryThrottlingFactor: 0.5 },
      { 'memory.low': String(GIBIBYTE), 'memory.high': String(1.5 * GIBIBYTE) },
    ],
  ]
  test.each(cases)('%s', (_, pod, config, files) => {
    expect(filesOf(pod, config, { boundsSwap: false })).toEqual({ 'memory.oom.group': '1', ...files })
  })

  test('throttles in the pages that the machine has', () => {
    const files = filesOf(podOf(memory('1Gi', '2Gi')), gate, { pageBytes: 65_536 })
    expect(files).toMatchObject({ 'memory.high': String(Math.floor((1.9 * GIBIBYTE) / 65_536) * 65_536) })
  })

  test('keeps for a Pod as a whole, and for classes of Pods, when it keeps at all', () => {
    const pods = [podOf(GUARANTEED), podOf(memory('2Gi'))].map((pod) => ({ pod, qosClass: qosClassOf(pod) }))
    const said = [{}, gate, tiered].map((config) => {
      const rules = rulesOf(config)
      return [keptByClass(pods, rules), ...pods.map(({ pod, qosClass }) => podMemory(pod, qosClass, rules))]
    })
    expect(said).toEqual([
      [undefined, {}, {}],
      [{ guaranteed: 0, burstable: 0 }, {}, {}],
      [
        { guaranteed: GIBIBYTE, burstable: 2 * GIBIBYTE },
        { 'memory.min': String(GIBIBYTE) },
        { 'memory.low': String(2 * GIBIBYTE) },
      ],
    ])
  })
})

test.each([
  [
    'singleProcessOOMKill: false',
    { singleProcessOOMKill: false },
    /must not be explicitly set to false when using cgroup v1/,
  ],
  ['LimitedSwap', { memorySwap: { swapBehavior: 'LimitedSwap' } }, /only supported with cgroupv2/],
] as const)('%s needs control groups of version 2', (_, config, says) => {
  expect(memoryRulesFault({ ...DEFAULT_KUBELET_CONFIG, ...config }, 1)).toMatch(says)
  expect(memoryRulesFault({ ...DEFAULT_KUBELET_CONFIG, ...config }, 2)).toBeUndefined()
})
