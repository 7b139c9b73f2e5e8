import { describe, expect, test } from 'vitest'

import { metricsText } from '../../base/metrics/text.ts'
import { NodeStartMetrics, type NodeStartStep } from './node-start-metrics.ts'

function linesAfter(steps: readonly (readonly [NodeStartStep, number])[]): readonly string[] {
  const metrics = new NodeStartMetrics()
  for (const [step, now] of steps) metrics.reached(step, now)
  return metricsText(metrics.families)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace('kubelet_node_startup_', '').replace('duration_seconds', ''))
}

describe('the start of a node is told in parts', () => {
  const start = [
    ['booted', 1_000],
    ['kubeletStarted', 21_000],
    ['registering', 21_500],
  ] as const

  test('all of them, each the first time that it came', () => {
    const rest = [
      ['registered', 21_750],
      ['ready', 23_000],
      ['registering', 90_000],
      ['ready', 99_000],
    ] as const
    expect(linesAfter([...start, ...rest])).toEqual([
      'pre_kubelet_ 20',
      'pre_registration_ 0.5',
      'registration_ 0.25',
      'post_registration_ 1.25',
      ' 22',
    ])
  })

  test('none where the Node was there before', () => {
    expect(linesAfter([...start, ['ready', 23_000]]).every((line) => line.endsWith(' 0'))).toBe(true)
  })
})
