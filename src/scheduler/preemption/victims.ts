/** Which Pods would have to go from a node so that a more important one fits there, as few and as unimportant as possible. */

import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import type { Cycle } from '../framework/cycle.ts'
import { filterBesideNominated } from '../framework/find-node.ts'
import type { NodeRejection, SchedulerPlugin } from '../framework/plugin.ts'
import type { NodeFork, NodeInfo } from '../snapshot/node-info.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'

/** A node and what making room there costs. */
export interface Candidate {
  readonly nodeName: string
  /** Most important first. */
  readonly victims: readonly PodInfo[]
  /** How many of them a disruption budget wants to keep. */
  readonly violations: number
}

export interface VictimSearch {
  readonly cycle: Cycle
  readonly pod: PodInfo
  readonly node: NodeInfo
  readonly filters: readonly SchedulerPlugin[]
  readonly preFilters: readonly SchedulerPlugin[]
  readonly nominated: readonly PodInfo[]
  readonly budgets: readonly DeepReadonly<PodDisruptionBudget>[]
}

const NO_VICTIMS: NodeRejection = {
  kind: 'rejected',
  reasons: ['No preemption victims found for incoming pod'],
  evictionMayHelp: false,
  plugin: '',
}

const startOf = (info: PodInfo) => fromTime(info.pod.status?.startTime) ?? Number.MAX_SAFE_INTEGER

/** More important first: by priority, then who started earlier. */
function byImportance(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startOf(a) - startOf(b)
}

/**
 * Takes away all Pods of a lower priority; if the Pod fits then, gives back as many as it can, first those that a
 * budget protects, the most important first. Where that does not do, the answer is why.
 */
export function findVictims(search: VictimSearch): Candidate | NodeRejection {
  const { pod, node, filters, preFilters, nominated, budgets } = search
  const fork = node.fork()
  const cycle = search.cycle.fork()
  const lower = [...node.pods.values()].filter((other) => other.priority < pod.priority)
  if (lower.length === 0) return NO_VICTIMS
  const take = (other: PodInfo) => change(fork, other, () => fork.remove(other.uid), 'removePod')
  const give = (other: PodInfo) => change(fork, other, () => fork.add(other), 'addPod')
  const change = (where: NodeFork, other: PodInfo, act: () => unknown, hook: 'addPod' | 'removePod') => {
    act()
    for (const plugin of preFilters) plugin[hook]?.(cycle, pod, other, where)
  }
  const objection = () => filterBesideNominated({ cycle, pod, node: fork, filters, preFilters, nominated })

  lower.forEach(take)
  const hopeless = objection()
  if (hopeless !== undefined) return hopeless
  const { guarded, free } = splitByBudgets(lower.toSorted(byImportance), budgets)
  const victims: PodInfo[] = []
  let violations = 0
  for (const [others, isGuarded] of [
    [guarded, true],
    [free, false],
  ] as const) {
    for (const other of others) {
      give(other)
      if (objection() === undefined) continue
      take(other)
      victims.push(other)
      if (isGuarded) violations++
    }
  }
  return { nodeName: node.name, victims: victims.toSorted(byImportance), violations }
}

/** Splits Pods by whether evicting them, in this order, would go beyond a budget. */
function splitByBudgets(pods: readonly PodInfo[], budgets: readonly DeepReadonly<PodDisruptionBudget>[]) {
  const left = budgets.map((budget) => ({
    budget,
    selector: selectorOf(budget.spec?.selector),
    allowed: budget.status?.disruptionsAllowed ?? 0,
  }))
  const guarded: PodInfo[] = []
  const free: PodInfo[] = []
  for (const info of pods) {
    const { namespace, labels, name = '' } = info.pod.metadata
    const concerned = left.filter(
      ({ budget, selector }) =>
        budget.metadata.namespace === namespace &&
        !selector.isEmpty &&
        selector.matches(labels) &&
        budget.status?.disruptedPods?.[name] === undefined,
    )
    concerned.forEach((entry) => entry.allowed--)
    if (concerned.some((entry) => entry.allowed < 0)) guarded.push(info)
    else free.push(info)
  }
  return { guarded, free }
}

/**
 * The cheapest candidate: fewest broken budgets, then the least important first victim, the smallest sum of
 * priorities, the fewest victims, the latest start of the most important victims; else the first.
 */
export function cheapest(candidates: readonly Candidate[]): Candidate | undefined {
  const offset = 2 ** 31 // so that many negative priorities do not beat few
  const highest = ({ victims }: Candidate) => victims[0]?.priority ?? Number.NEGATIVE_INFINITY
  const criteria: readonly ((candidate: Candidate) => number)[] = [
    ({ violations }) => violations,
    highest,
    ({ victims }) => victims.reduce((sum, victim) => sum + victim.priority + offset, 0),
    ({ victims }) => victims.length,
    (candidate) =>
      -Math.min(...candidate.victims.filter((victim) => victim.priority === highest(candidate)).map(startOf)),
  ]
  let best = candidates
  for (const cost of criteria) {
    const least = Math.min(...best.map(cost))
    best = best.filter((candidate) => cost(candidate) === least)
  }
  return best[0]
}
