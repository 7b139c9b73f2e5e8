import { describe, expect, test } from 'vitest'
import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import { aCache, aNode, aPod } from '../fixtures.ts'
import { Cycle } from '../framework/cycle.ts'
import { nodeResourcesFit } from '../plugins/node-resources-fit/plugin.ts'
import { podInfoOf } from '../snapshot/pod-info.ts'
import { type Candidate, cheapest, findVictims } from './victims.ts'

const ranked = (name: string, priority: number, cpu = '1', labels: Record<string, string> = {}) =>
  aPod(name, { cpu, node: 'a', labels, spec: { priority } })

const victimsFor = (cpu: string, pods: ReturnType<typeof aPod>[], budgets: PodDisruptionBudget[] = []) => {
  const node = aCache([aNode('a', { cpu: '4' })], pods).node('a')
  if (node === undefined) throw new Error('no node')
  const pod = podInfoOf(aPod('urgent', { cpu, spec: { priority: 100 } }))
  const filters = [nodeResourcesFit()]
  const found = findVictims({ cycle: new Cycle(), pod, node, filters, preFilters: [], nominated: [], budgets })
  return 'victims' in found ? found : undefined
}

const named = (candidate: Candidate | undefined) => candidate?.victims.map((victim) => victim.pod.metadata.name)

describe('findVictims()', () => {
  test('takes the least important, and no more than needed', () => {
    const pods = [ranked('low', 1), ranked('middle', 5), ranked('lower', 0), ranked('high', 50)]
    expect(named(victimsFor('2', pods))).toEqual(['low', 'lower'])
  })

  test('never takes Pods of the same or a higher priority', () => {
    expect(victimsFor('2', [ranked('equal', 100, '2'), ranked('higher', 200, '2')])).toBeUndefined()
  })

  test('spares what a disruption budget protects if others will do', () => {
    const budget: PodDisruptionBudget = {
      metadata: { name: 'b', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'db' } } },
      status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    }
    const pods = [ranked('db', 1, '2', { app: 'db' }), ranked('web', 5, '2')]
    expect(victimsFor('2', pods, [budget])).toMatchObject({ violations: 0 })
    expect(named(victimsFor('2', pods, [budget]))).toEqual(['web'])
    expect(victimsFor('4', pods, [budget])).toMatchObject({ violations: 1 })
    const ofNobody = { ...budget, spec: { selector: {} } }
    expect(victimsFor('4', pods, [ofNobody])).toMatchObject({ violations: 0 })
  })
})

describe('cheapest()', () => {
  const candidate = (nodeName: string, priorities: number[], violations = 0): Candidate => ({
    nodeName,
    violations,
    victims: priorities.map((priority, index) => podInfoOf(aPod(`${nodeName}-${index}`, { spec: { priority } }))),
  })
  const cases = [
    { rule: 'fewest broken budgets', candidates: [candidate('a', [1], 1), candidate('b', [9, 9])], want: 'b' },
    { rule: 'the least important first victim', candidates: [candidate('a', [9]), candidate('b', [5, 5])], want: 'b' },
    { rule: 'the smallest sum', candidates: [candidate('a', [9, 8]), candidate('b', [9, 1])], want: 'b' },
    { rule: 'the fewest victims', candidates: [candidate('a', [9, -5]), candidate('b', [9])], want: 'b' },
  ]
  for (const { rule, candidates, want } of cases) {
    test(`prefers ${rule}`, () => expect(cheapest(candidates)?.nodeName).toBe(want))
  }
})
