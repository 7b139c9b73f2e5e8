import { describe, expect, test } from 'vitest'

import type { NodeCondition } from '../../api/generated/core-v1.ts'
import { DEFAULT_KUBELET_CONFIG } from '../config/kubelet-config.ts'
import { aPod } from '../pods/fixtures.ts'
import { nodeEvents } from './node-events.ts'
import { allocatableOf } from './node-status.ts'
import { groupByStep } from './shutdown.ts'

describe('nodeEvents()', () => {
  const condition = (type: string, status: 'True' | 'False'): NodeCondition => ({ type, status })
  const status = (...conditions: NodeCondition[]) => ({ conditions })
  const ready = status(condition('Ready', 'True'))
  const unready = status(condition('Ready', 'False'))

  test.each([
    ['a node that has become ready', undefined, ready, ['NodeReady']],
    ['one that is not ready yet', undefined, unready, []],
    ['one that is ready no more', ready, unready, ['NodeNotReady']],
    ['one that is as it was', ready, ready, []],
    ['one that runs short', undefined, status(condition('MemoryPressure', 'True')), ['NodeHasInsufficientMemory']],
    [
      'one that does no more',
      status(condition('DiskPressure', 'True')),
      status(condition('DiskPressure', 'False')),
      ['NodeHasNoDiskPressure'],
    ],
  ])('%s', (_, before, after, reasons) => {
    expect(nodeEvents('n', before, after).map(({ reason }) => reason)).toEqual(reasons)
  })

  test('a machine that has started anew', () => {
    const booted = (bootID: string) => ({ nodeInfo: { bootID } }) as Parameters<typeof nodeEvents>[2]
    expect(nodeEvents('n', booted('a'), booted('b'))).toEqual([
      { type: 'Warning', reason: 'Rebooted', message: 'Node n has been rebooted, boot id: b' },
    ])
    expect(nodeEvents('n', booted('a'), booted('a'))).toEqual([])
  })
})

test('Pods may have what is neither reserved nor kept for the thresholds', () => {
  const capacity = {
    cpu: '4',
    memory: '8Gi',
    'ephemeral-storage': '100Gi',
    'hugepages-2Mi': '1Gi',
    pods: '110',
    'example.com/gpu': '2',
  }
  const config = {
    ...DEFAULT_KUBELET_CONFIG,
    systemReserved: { cpu: '500m', memory: '1Gi', 'ephemeral-storage': '10Gi' },
    kubeReserved: { cpu: '250m' },
    evictionHard: { 'memory.available': '1Gi', 'nodefs.available': '10%' },
  }
  expect(allocatableOf(capacity, config)).toEqual({
    cpu: '3250m',
    memory: '5Gi',
    'ephemeral-storage': '80Gi',
    'hugepages-2Mi': '1Gi',
    pods: '110',
    'example.com/gpu': '2',
  })
})

test('a node that goes down ends Pods in groups: each by the last step that its priority reaches', () => {
  const steps = [0, 1_000, 2_000_000_000].map((priority) => ({ priority, shutdownGracePeriodSeconds: 1 }))
  const worker = (priority: number) => ({ pod: aPod({ priority }), priority })
  const groups = groupByStep([-5, 0, 999, 1_000, 2_000_000_000, 2_000_001_000].map(worker), steps)
  expect(groups.map(({ pods }) => pods.map(({ priority }) => priority))).toEqual([
    [-5, 0, 999],
    [1_000],
    [2_000_000_000, 2_000_001_000],
  ])
  expect(groupByStep([worker(5)], steps).map(({ step }) => step.priority)).toEqual([0])
})
