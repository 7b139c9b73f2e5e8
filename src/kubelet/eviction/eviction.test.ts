import { describe, expect, test } from 'vitest'

import type { PodSpec } from '../../api/generated/core-v1.ts'
import { DEFAULT_KUBELET_CONFIG, type KubeletConfig } from '../config/kubelet-config.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import type { PodView } from '../pods/pod-view.ts'
import type { PodUse } from '../usage/pod-use.ts'
import { pressureRejection } from './admission.ts'
import { evictionWords } from './message.ts'
import { NO_PRESSURE, nextPressure, type Pressure } from './pressure.ts'
import { rank } from './rank.ts'
import type { Observations, PressureCondition, Signal } from './signals.ts'
import { crossed, parseThresholds, type Threshold, thresholdText } from './thresholds.ts'

const Gi = 2 ** 30
const Mi = 2 ** 20
const config = (more: Partial<KubeletConfig> = {}): KubeletConfig => ({ ...DEFAULT_KUBELET_CONFIG, ...more })
const seen = (amounts: Partial<Record<Signal, readonly [available: number, capacity: number]>>): Observations =>
  new Map(Object.entries(amounts).map(([signal, [available, capacity]]) => [signal as Signal, { available, capacity }]))

describe('parseThresholds()', () => {
  test('has the defaults of Kubernetes, and guards what Pods have together as it guards the memory', () => {
    const signals = parseThresholds(config()).map(({ signal }) => signal)
    expect(signals.toSorted()).toEqual([
      'allocatableMemory.available',
      'imagefs.available',
      'imagefs.inodesFree',
      'memory.available',
      'nodefs.available',
      'nodefs.inodesFree',
    ])
  })

  test.each<[what: string, more: Partial<KubeletConfig>, fault: string]>([
    [
      'no number',
      { evictionHard: { 'memory.available': 'much' } },
      'evictionHard[memory.available]: "much" is neither',
    ],
    ['too large a share', { evictionHard: { 'nodefs.available': '120%' } }, '120% is more than 100%'],
    ['nothing', { evictionHard: { 'memory.available': '0' } }, 'must be positive: 0'],
    [
      'no grace',
      { evictionSoft: { 'memory.available': '1Gi' } },
      'evictionSoftGracePeriod[memory.available] has to be',
    ],
  ])('refuses %s', (_, more, fault) => {
    expect(() => parseThresholds(config(more))).toThrow(fault)
  })

  test('takes 0% and 100% for no threshold', () => {
    const evictionHard = { 'nodefs.available': '0%', 'imagefs.available': '100%' }
    expect(parseThresholds(config({ evictionHard }))).toEqual([])
  })
})

describe('A threshold', () => {
  const thresholds = parseThresholds(
    config({
      evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '10%' },
      evictionMinimumReclaim: { 'nodefs.available': '5%' },
      enforceNodeAllocatable: ['none'],
    }),
  )
  test.each<[amounts: Parameters<typeof seen>[0], withReclaim: boolean, signals: Signal[]]>([
    [{ 'memory.available': [100 * Mi, Gi], 'nodefs.available': [10, 100] }, false, []],
    [{ 'memory.available': [100 * Mi - 1, Gi], 'nodefs.available': [10, 100] }, false, ['memory.available']],
    [{ 'nodefs.available': [9, 100] }, false, ['nodefs.available']],
    [{ 'nodefs.available': [14, 100] }, false, []],
    [{ 'nodefs.available': [14, 100] }, true, ['nodefs.available']],
    [{ 'nodefs.available': [15, 100] }, true, []],
    [{}, false, []],
  ])('at %j, with reclaim %s', (amounts, withReclaim, signals) => {
    expect(crossed(thresholds, seen(amounts), withReclaim).map(({ signal }) => signal)).toEqual(signals)
  })

  test('is told as an amount, a share of the whole as what it comes to', () => {
    const texts = thresholds.map((threshold) => thresholdText(threshold, { available: 0, capacity: 100 * Gi }))
    expect(texts).toEqual(['100Mi', '10Gi'])
  })
})

describe('nextPressure()', () => {
  const thresholds = parseThresholds(
    config({
      evictionHard: { 'nodefs.available': '10%' },
      evictionSoft: { 'memory.available': '1Gi' },
      evictionSoftGracePeriod: { 'memory.available': '90s' },
    }),
  )
  /** Looks at these times with so much left. */
  const follow = (...looks: (readonly [seconds: number, amounts: Parameters<typeof seen>[0]])[]): Pressure =>
    looks.reduce(
      (last, [seconds, amounts]) =>
        nextPressure(last, {
          thresholds,
          observations: seen(amounts),
          now: seconds * 1000,
          transitionMs: 300_000,
        }),
      NO_PRESSURE,
    )
  const low = { 'memory.available': [Gi - 1, 4 * Gi], 'nodefs.available': [50, 100] } as const
  const high = { 'memory.available': [Gi, 4 * Gi], 'nodefs.available': [50, 100] } as const
  const full = { 'memory.available': [Gi, 4 * Gi], 'nodefs.available': [5, 100] } as const
  const both = { 'memory.available': [Gi - 1, 4 * Gi], 'nodefs.available': [5, 100] } as const

  test.each<[what: string, looks: Parameters<typeof follow>, conditions: PressureCondition[], due: Signal[]]>([
    ['nothing is short', [[0, high]], [], []],
    ['a soft threshold was just crossed', [[0, low]], ['MemoryPressure'], []],
    [
      'it has been for its grace',
      [
        [0, low],
        [90, low],
      ],
      ['MemoryPressure'],
      ['memory.available'],
    ],
    [
      'it was not all the time',
      [
        [0, low],
        [50, high],
        [60, low],
        [100, low],
      ],
      ['MemoryPressure'],
      [],
    ],
    ['a hard one was just crossed', [[0, full]], ['DiskPressure'], ['nodefs.available']],
    [
      'both are due',
      [
        [0, low],
        [90, both],
      ],
      ['MemoryPressure', 'DiskPressure'],
      ['memory.available', 'nodefs.available'],
    ],
    [
      'it was lately',
      [
        [0, full],
        [299, high],
      ],
      ['DiskPressure'],
      [],
    ],
    [
      'it was long ago',
      [
        [0, full],
        [300, high],
      ],
      [],
      [],
    ],
  ])('when %s', (_, looks, conditions, due) => {
    const pressure = follow(...looks)
    expect(pressure.conditions).toEqual(conditions)
    expect(pressure.due.map(({ signal }) => signal)).toEqual(due)
  })

  test('goes on until the minimum was won back', () => {
    const [threshold] = parseThresholds(
      config({ evictionHard: { 'nodefs.available': '10%' }, evictionMinimumReclaim: { 'nodefs.available': '20%' } }),
    )
    const look = (last: Pressure, available: number) =>
      nextPressure(last, {
        thresholds: threshold === undefined ? [] : [threshold],
        observations: seen({ 'nodefs.available': [available, 100] }),
        now: 0,
        transitionMs: 0,
      })
    const first = look(NO_PRESSURE, 5)
    expect(look(NO_PRESSURE, 29).due).toHaveLength(0)
    expect(look(first, 29).due).toHaveLength(1)
    expect(look(look(first, 29), 30).due).toHaveLength(0)
  })
})

const named = (name: string, more: Partial<PodSpec> = {}): PodView => ({
  ...aPod(more),
  metadata: { name, namespace: 'default', uid: name },
})
const asking = (name: string, requests: Record<string, string>, priority = 0) =>
  named(name, { priority, containers: [aContainer('app', { resources: { requests } })] })
const using = (more: Partial<PodUse>): PodUse => ({ containers: [], volumes: [], ...more })
const disk = (bytes: number, inodes = 1) => ({ bytes, inodes })

describe('rank()', () => {
  const order = (
    signal: Signal,
    candidates: readonly (readonly [PodView, PodUse | undefined])[],
    hasImageDisk = false,
  ) =>
    rank(
      candidates.map(([pod, use]) => ({ pod, use })),
      { signal, hasImageDisk },
    )
      .map(({ pod }) => pod.metadata.name)
      .join(' ')

  test('puts those first that use more memory than they asked for', () => {
    const pods = [
      [asking('modest', { memory: '2Gi' }), using({ memoryBytes: Gi })],
      [asking('greedy', { memory: '1Mi' }), using({ memoryBytes: 2 * Mi })],
    ] as const
    expect(order('memory.available', pods)).toBe('greedy modest')
  })

  test('then those that matter less', () => {
    const pods = [
      [asking('high', {}, 10), using({ memoryBytes: 3 * Gi })],
      [asking('low', {}, -5), using({ memoryBytes: Mi })],
      [asking('none', {}), using({ memoryBytes: Gi })],
    ] as const
    expect(order('memory.available', pods)).toBe('low none high')
  })

  test('then those that use most beyond what they asked for', () => {
    const pods = [
      [asking('a', { memory: '1Gi' }), using({ memoryBytes: 2 * Gi })],
      [asking('b', {}), using({ memoryBytes: 1.5 * Gi })],
      [asking('c', { memory: '5Gi' }), using({ memoryBytes: 4 * Gi })],
      [asking('d', { memory: '5Gi' }), using({ memoryBytes: 3 * Gi })],
    ] as const
    expect(order('memory.available', pods)).toBe('b a c d')
  })

  test('asks of processes only who matters less, then who has most', () => {
    const pods = [
      [asking('many', {}, 10), using({ processes: 900 })],
      [asking('dark', {}, 10), undefined],
      [asking('few', {}), using({ processes: 1 })],
      [asking('some', {}), using({ processes: 5 })],
    ] as const
    expect(order('pid.available', pods)).toBe('some few dark many')
  })

  test('puts those before all others of which nothing is known', () => {
    const pods = [
      [asking('a', {}, -1), using({ memoryBytes: Gi })],
      [asking('dark', {}, 10), undefined],
    ] as const
    expect(order('memory.available', pods)).toBe('dark a')
  })

  test('counts of the disk what lies on it', () => {
    const writer = using({ containers: [{ name: 'app', rootfs: disk(10), logs: disk(1) }] })
    const hoarder = using({ volumes: [{ name: 'cache', ...disk(5) }], containers: [{ name: 'app', rootfs: disk(1) }] })
    const pods = [
      [asking('hoarder', {}), hoarder],
      [asking('writer', {}), writer],
    ] as const
    expect(order('nodefs.available', pods)).toBe('writer hoarder')
    expect(order('nodefs.available', pods, true)).toBe('hoarder writer')
    expect(order('imagefs.available', pods, true)).toBe('writer hoarder')
  })

  test('counts files, and processes', () => {
    const many = using({ volumes: [{ name: 'cache', ...disk(1, 100) }], processes: 1 })
    const few = using({ volumes: [{ name: 'cache', ...disk(100, 1) }], processes: 50 })
    const pods = [
      [asking('few', {}), few],
      [asking('many', {}), many],
    ] as const
    expect(order('nodefs.inodesFree', pods)).toBe('many few')
    expect(order('pid.available', pods)).toBe('few many')
  })
})

describe('evictionWords()', () => {
  const memory = parseThresholds(config({ evictionHard: { 'memory.available': '100Mi' } }))
  const reason = (threshold: Threshold, available: number) => ({
    threshold,
    due: [threshold],
    observations: seen({ [threshold.signal]: [available, 10 * Gi] }),
  })
  const [threshold] = memory

  test('names the resource, the threshold and each container that uses more than it asked for', () => {
    if (threshold === undefined) throw new Error('there is no threshold')
    const pod = named('web', {
      containers: [
        aContainer('c', { resources: { requests: { memory: '10Mi' } } }),
        aContainer('modest', { resources: { requests: { memory: '1Gi' } } }),
        aContainer('free'),
      ],
    })
    const containers = ['c', 'modest', 'free', 'debugger'].map((name) => ({ name, memoryBytes: 20 * Mi }))
    expect(evictionWords({ pod, use: using({ containers }) }, reason(threshold, 50 * Mi))).toEqual({
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ' +
        'Container c was using 20Mi, request is 10Mi, has larger consumption of memory. ' +
        'Container free was using 20Mi, request is 0, has larger consumption of memory. ',
      annotations: {
        offending_containers: 'c,free',
        offending_containers_usage: '20Mi,20Mi',
        starved_resource: 'memory',
      },
    })
  })

  test('names the Pod that asked for something as a whole', () => {
    if (threshold === undefined) throw new Error('there is no threshold')
    const pod = named('web', { resources: { requests: { memory: '1Gi' } } })
    const { message, annotations } = evictionWords({ pod, use: using({ memoryBytes: 2 * Gi }) }, reason(threshold, 0))
    expect(message).toContain('Pod web was using 2Gi, request is 1Gi, has larger consumption of memory. ')
    expect(annotations).toMatchObject({ offending_pod: 'web', offending_pod_usage: '2Gi', offending_containers: '' })
  })
})

describe('pressureRejection()', () => {
  const tolerant = { tolerations: [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' as const }] }
  test.each<[pod: PodView, conditions: PressureCondition[], message: string | undefined]>([
    [named('any'), [], undefined],
    [named('any'), ['MemoryPressure'], 'The node had condition: [MemoryPressure]. '],
    [asking('burstable', { cpu: '1m' }), ['MemoryPressure'], undefined],
    [named('tolerant', tolerant), ['MemoryPressure'], undefined],
    [
      named('tolerant', tolerant),
      ['MemoryPressure', 'DiskPressure'],
      'The node had condition: [MemoryPressure DiskPressure]. ',
    ],
    [asking('burstable', { cpu: '1m' }), ['DiskPressure'], 'The node had condition: [DiskPressure]. '],
    [asking('critical', {}, 2_000_000_000), ['DiskPressure'], undefined],
  ])('%#', (pod, conditions, message) => {
    expect(pressureRejection(pod, conditions)?.message).toBe(message)
  })
})
