/**
 * Somebody outside who has a say in scheduling
 * (https://github.com/kubernetes/design-proposals-archive/blob/main/scheduling/scheduler_extender.md).
 */

import type { Pod } from '../../api/generated/core-v1.ts'
import { containersOf } from '../../api/core/v1/pod/facts.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Candidate } from '../preemption/victims.ts'
import type { NodeInfo } from '../snapshot/node-info.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** Which of the nodes an extender leaves, and why not the others. */
export interface FilterAnswer {
  readonly nodes: readonly NodeInfo[]
  readonly failed: ReadonlyMap<string, string>
  /** Those where no eviction helps. */
  readonly failedForGood: ReadonlyMap<string, string>
}

/** One extender. What it does not take part in is absent. A call that fails throws. */
export interface Extender {
  readonly name: string
  /** Its failures do not matter: scheduling goes on without it. */
  readonly isIgnorable: boolean
  isInterested(pod: DeepReadonly<Pod>): boolean
  filter?(pod: PodInfo, nodes: readonly NodeInfo[], signal: AbortSignal): Promise<FilterAnswer>
  /** What is to be added to each node's score, by name. */
  prioritize?(pod: PodInfo, nodes: readonly NodeInfo[], signal: AbortSignal): Promise<ReadonlyMap<string, number>>
  /** Which of the candidates may be carried out, with which victims. */
  preempt?(
    pod: PodInfo,
    candidates: readonly Candidate[],
    snapshot: Snapshot,
    signal: AbortSignal,
  ): Promise<readonly Candidate[]>
  bind?(pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<void>
}

/** Whether a Pod asks for one of these resources. An extender that manages none takes part in every Pod. */
export function asksForOneOf(resources: ReadonlySet<string>, { spec }: DeepReadonly<Pod>): boolean {
  if (resources.size === 0) return true
  return containersOf(spec).some(({ resources: asked }) =>
    [...Object.keys(asked?.requests ?? {}), ...Object.keys(asked?.limits ?? {})].some((name) => resources.has(name)),
  )
}
