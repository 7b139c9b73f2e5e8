import { describe, expect, test } from 'vitest'
import { toTime } from '../../base/clock.ts'
import type { ReadPod } from '../kit/pods.ts'
import { averageProposal, type PodMetric, sharedProposal, utilizationProposal, valueProposal } from './replicas.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const TOLERANCES = { up: 0.1, down: 0.1 }

interface Made {
  readonly uses?: number
  readonly phase?: string
  readonly ready?: boolean
  readonly ageMs?: number
  readonly deleting?: boolean
}

function pods(made: readonly Made[]) {
  const list: ReadPod[] = made.map(({ phase = 'Running', ready = true, ageMs = 3_600_000, deleting }, index) => ({
    metadata: { name: `p${index}`, ...(deleting === true ? { deletionTimestamp: toTime(NOW) } : {}) },
    status: {
      phase: phase as 'Running',
      startTime: toTime(NOW - ageMs),
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: toTime(NOW - ageMs + 1_000) },
      ],
    },
  }))
  const metrics = new Map<string, PodMetric>()
  for (const [index, { uses }] of made.entries()) {
    if (uses !== undefined) metrics.set(`p${index}`, { value: uses, atMs: NOW, windowMs: 60_000 })
  }
  return { list, metrics, requests: new Map(list.map(({ metadata }) => [metadata.name ?? '', 1_000])) }
}

const uses = (...values: number[]): Made[] => values.map((value) => ({ uses: value }))

describe('utilizationProposal()', () => {
  const cases: readonly { when: string; target: number; have: Made[]; replicas: number }[] = [
    { when: 'Pods use more than the target', target: 30, have: uses(300, 500, 700), replicas: 5 },
    { when: 'Pods use less than the target', target: 50, have: uses(100, 300, 200, 200), replicas: 2 },
    { when: 'they use a little more', target: 50, have: uses(540, 540), replicas: 2 },
    { when: 'they use a little less', target: 50, have: uses(460, 460), replicas: 2 },
    { when: 'one is not measured and more are wanted', target: 30, have: [...uses(600, 600), {}], replicas: 4 },
    { when: 'one is not measured and fewer are wanted', target: 50, have: [...uses(100, 100), {}], replicas: 3 },
    {
      when: 'one that is new is not ready',
      target: 30,
      have: [...uses(600, 600), { uses: 900, ready: false, ageMs: 60_000 }],
      replicas: 4,
    },
    { when: 'one is pending', target: 30, have: [...uses(600, 600), { phase: 'Pending' }], replicas: 4 },
    { when: 'one failed', target: 30, have: [...uses(600, 600), { uses: 900, phase: 'Failed' }], replicas: 4 },
    { when: 'one is being deleted', target: 30, have: [...uses(600, 600), { uses: 900, deleting: true }], replicas: 4 },
    {
      when: 'one is old and not ready',
      target: 30,
      have: [...uses(300, 500), { uses: 700, ready: false }],
      replicas: 3,
    },
  ]
  for (const { when, target, have, replicas } of cases) {
    test(`${have.length} become ${replicas} when ${when}`, () => {
      const { list, metrics, requests } = pods(have)
      const measured = { current: have.length, pods: list, metrics, isCpu: true, tolerances: TOLERANCES, nowMs: NOW }
      expect(utilizationProposal(measured, target, requests).replicas).toBe(replicas)
    })
  }

  const failing: readonly { have: Made[]; text: string }[] = [
    { have: [], text: 'no pods returned by selector while calculating replica count' },
    { have: [{ phase: 'Pending' }], text: 'did not receive metrics for targeted pods (pods might be unready)' },
  ]
  for (const { have, text } of failing) {
    test(`fails: ${text}`, () => {
      const { list, metrics, requests } = pods(have)
      const measured = { current: 1, pods: list, metrics, isCpu: true, tolerances: TOLERANCES, nowMs: NOW }
      expect(() => utilizationProposal(measured, 50, requests)).toThrow(text)
    })
  }

  test('tells what is used', () => {
    const { list, metrics, requests } = pods(uses(300, 500, 700))
    const measured = { current: 3, pods: list, metrics, isCpu: true, tolerances: TOLERANCES, nowMs: NOW }
    expect(utilizationProposal(measured, 30, requests)).toEqual({ replicas: 5, utilization: 50, average: 500 })
  })
})

describe('averageProposal()', () => {
  const cases = [
    { have: uses(20_000, 10_000, 30_000), target: 15_000, replicas: 4 },
    { have: uses(12_000, 12_000, 12_000, 12_000, 12_000), target: 20_000, replicas: 3 },
    { have: [...uses(20_000, 10_000), {}], target: 10_000, replicas: 3 },
  ]
  for (const { have, target, replicas } of cases) {
    test(`${have.length} Pods at ${target} become ${replicas}`, () => {
      const { list, metrics } = pods(have)
      const measured = { current: have.length, pods: list, metrics, isCpu: false, tolerances: TOLERANCES, nowMs: NOW }
      expect(averageProposal(measured, target).replicas).toBe(replicas)
    })
  }
})

describe('figures for all Pods together', () => {
  test.each([
    [3, 3, 20_000, 15_000, 4],
    [5, 5, 15_500, 15_000, 5],
    [0, 0, 15_000, 10_000, 2],
    [4, 3, 40_000, 10_000, 12],
  ])('%i Pods, %i ready, at %i of %i become %i', (current, ready, value, target, replicas) => {
    expect(valueProposal({ current, ready, tolerances: TOLERANCES }, value, target)).toBe(replicas)
  })

  test.each([
    [3, 60_000, 15_000, 4],
    [3, 46_000, 15_000, 3],
    [0, 10_000, 5_000, 2],
  ])('%i Pods share %i at %i each: %i', (current, value, target, replicas) => {
    expect(sharedProposal({ current, tolerances: TOLERANCES }, value, target)).toBe(replicas)
  })
})
