import { describe, expect, test } from 'vitest'
import type { HorizontalPodAutoscalerBehavior } from '../../api/generated/autoscaling-v2.ts'
import { allow, forget, type Past } from './behavior.ts'

const NOW = 1_000_000
const ago = (seconds: number, replicas: number): Past => ({ atMs: NOW - seconds * 1_000, replicas })

interface Case {
  readonly when: string
  readonly current: number
  readonly desired: number
  readonly replicas: number
  readonly able?: string
  readonly limited: string
  readonly min?: number
  readonly max?: number
  readonly behavior?: HorizontalPodAutoscalerBehavior
  readonly recommendations?: Past[]
  readonly ups?: Past[]
  readonly downs?: Past[]
}

const rules = (type: string, value: number, periodSeconds: number, more = {}) => ({
  policies: [{ type, value, periodSeconds }],
  ...more,
})

const cases: readonly Case[] = [
  { when: 'it may', current: 3, desired: 5, replicas: 5, limited: 'DesiredWithinRange' },
  { when: 'the target may only double', current: 3, desired: 20, replicas: 6, limited: 'ScaleUpLimit' },
  { when: 'four are always allowed', current: 1, desired: 20, replicas: 4, limited: 'ScaleUpLimit' },
  { when: 'there may be no more', current: 9, desired: 15, replicas: 10, max: 10, limited: 'TooManyReplicas' },
  { when: 'there may be no fewer', current: 5, desired: 1, replicas: 2, min: 2, limited: 'TooFewReplicas' },
  {
    when: 'more were wanted a minute ago',
    current: 5,
    desired: 2,
    recommendations: [ago(60, 4), ago(299, 5), ago(301, 9)],
    replicas: 5,
    able: 'ScaleDownStabilized',
    limited: 'DesiredWithinRange',
  },
  {
    when: 'more were wanted than there may be',
    current: 4,
    desired: 4,
    max: 4,
    recommendations: [ago(60, 6)],
    replicas: 4,
    able: 'ScaleDownStabilized',
    limited: 'TooManyReplicas',
  },
  {
    when: 'fewer were wanted in the window for growth',
    current: 2,
    desired: 9,
    behavior: { scaleUp: rules('Percent', 900, 15, { stabilizationWindowSeconds: 60 }) },
    recommendations: [ago(30, 3), ago(60, 2)],
    replicas: 3,
    able: 'ScaleUpStabilized',
    limited: 'DesiredWithinRange',
  },
  {
    when: 'a policy allows four Pods a minute, two of which have come',
    current: 5,
    desired: 20,
    behavior: { scaleUp: rules('Pods', 4, 60) },
    ups: [ago(30, 2), ago(61, 3)],
    replicas: 7,
    limited: 'ScaleUpLimit',
  },
  {
    when: 'the least of two policies counts',
    current: 10,
    desired: 40,
    behavior: {
      scaleUp: {
        selectPolicy: 'Min',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
    },
    replicas: 14,
    limited: 'ScaleUpLimit',
  },
  {
    when: 'growth is off',
    current: 3,
    desired: 9,
    behavior: { scaleUp: rules('Pods', 4, 60, { selectPolicy: 'Disabled' }) },
    replicas: 3,
    limited: 'ScaleUpLimit',
  },
  {
    when: 'a tenth may go in a minute',
    current: 20,
    desired: 1,
    behavior: { scaleDown: rules('Percent', 10, 60, { stabilizationWindowSeconds: 0 }) },
    replicas: 18,
    limited: 'ScaleDownLimit',
  },
  {
    when: 'what has gone counts',
    current: 18,
    desired: 1,
    behavior: { scaleDown: rules('Percent', 10, 60, { stabilizationWindowSeconds: 0 }) },
    downs: [ago(10, 2)],
    replicas: 18,
    limited: 'ScaleDownLimit',
  },
]

describe('allow()', () => {
  for (const { when, current, desired, replicas, limited, able, behavior, min = 1, max = 100, ...past } of cases) {
    test(`${current} that should be ${desired} become ${replicas} when ${when}`, () => {
      const { recommendations = [], ups = [], downs = [] } = past
      const scaleTargetRef = { kind: 'Deployment', name: 'web' }
      const spec = { scaleTargetRef, minReplicas: min, maxReplicas: max, ...(behavior && { behavior }) }
      const allowed = allow({ spec, current, desired, history: { recommendations, ups, downs }, nowMs: NOW })
      expect(allowed.replicas).toBe(replicas)
      expect(allowed.scalingLimited.reason).toBe(limited)
      expect(allowed.ableToScale.reason).toBe(able ?? 'ReadyForNewScale')
    })
  }
})

test('forget() keeps what a rule may still ask for', () => {
  const history = { recommendations: [ago(299, 1), ago(300, 2)], ups: [ago(59, 1), ago(60, 1)], downs: [ago(59, 1)] }
  const scaleTargetRef = { kind: 'Deployment', name: 'web' }
  const spec = { scaleTargetRef, maxReplicas: 5, behavior: { scaleUp: rules('Pods', 4, 60) } }
  expect(forget(history, spec, NOW)).toEqual({ recommendations: [ago(299, 1)], ups: [ago(59, 1)], downs: [ago(59, 1)] })
})
