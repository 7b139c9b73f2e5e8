import { describe, expect, test } from 'vitest'
import { nextStep, secondsOf } from './controller.ts'

describe('nextStep()', () => {
  const cases = [
    { step: 0, nodes: 1, seconds: 0 },
    { step: 0, nodes: 100, seconds: 0 },
    { step: 0, nodes: 101, seconds: 15 },
    { step: 1, nodes: 95, seconds: 15 },
    { step: 1, nodes: 89, seconds: 0 },
    { step: 0, nodes: 5_000, seconds: 300 },
    { step: 4, nodes: 0, seconds: 0 },
  ]
  for (const { step, nodes, seconds } of cases) {
    test(`${nodes} nodes, coming from ${secondsOf(step)} s: ${seconds} s`, () => {
      expect(secondsOf(nextStep(step, nodes))).toBe(seconds)
    })
  }
})
