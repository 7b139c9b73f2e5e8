/** Which of the nodes that fit is best: the weighted sum of what the score plugins say. */

import type { Random } from '../../base/random.ts'
import type { NodeInfo } from '../snapshot/node-info.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Cycle } from './cycle.ts'
import type { Profile } from './profile.ts'

export interface ScoreDeps {
  readonly snapshot: Snapshot
  readonly profile: Profile
}

/** The sum of each node, in their order. */
export function scoreNodes(cycle: Cycle, pod: PodInfo, nodes: readonly NodeInfo[], deps: ScoreDeps): number[] {
  const totals = nodes.map(() => 0)
  const { preScore, score: scorers } = deps.profile.points
  for (const plugin of preScore) {
    const verdict = plugin.preScore?.(cycle, pod, nodes, deps.snapshot)
    if (verdict?.kind === 'skip') cycle.skippedScores.add(plugin.name)
  }
  for (const { plugin, weight } of scorers) {
    if (plugin.score === undefined || cycle.skippedScores.has(plugin.name)) continue
    const score = plugin.score.bind(plugin)
    const scores = nodes.map((node) => score(cycle, pod, node))
    if (plugin.normalize !== undefined) plugin.normalize(cycle, pod, scores, nodes)
    else if (plugin.scoresAreFinal !== true) scaleToHundred(scores, plugin.lowerIsBetter === true)
    for (let index = 0; index < scores.length; index++) totals[index]! += scores[index]! * weight
  }
  return totals
}

/** Scales scores in place so that the largest becomes 100; turned round where lower is better. */
export function scaleToHundred(scores: number[], lowerIsBetter: boolean): void {
  let largest = 0
  for (const score of scores) largest = Math.max(largest, score)
  scores.forEach((score, index) => {
    const scaled = largest === 0 ? 0 : Math.floor((100 * score) / largest)
    scores[index] = lowerIsBetter ? 100 - scaled : scaled
  })
}

/** The node of the highest score, by chance among equals. */
export function bestOf(totals: readonly number[], nodes: readonly NodeInfo[], random: Random): NodeInfo {
  let [highest, count] = [Number.NEGATIVE_INFINITY, 0]
  for (const total of totals) {
    if (total === highest) count++
    else if (total > highest) [highest, count] = [total, 1]
  }
  let left = Math.floor(random.next() * count)
  return nodes.find((_, index) => totals[index] === highest && left-- === 0) as NodeInfo
}
