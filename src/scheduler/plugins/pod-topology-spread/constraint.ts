/** One topology spread constraint made ready, and the Pods that count for it. */

import type { TopologySpreadConstraint } from '../../../api/generated/core-v1.ts'
import { matchesRequiredNodeAffinity } from '../../../api/core/v1/node/node-selector.ts'
import { untoleratedTaint } from '../../../api/core/v1/pod/tolerations.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { selectorOf, type Selector } from '../../../meta/label-selector.ts'
import type { LabelSelector } from '../../../meta/types.ts'
import { DomainCounts, Tally } from '../../snapshot/domain-counts.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { PodCounts } from '../../snapshot/topology-index.ts'

type Given = DeepReadonly<TopologySpreadConstraint>
export type Strictness = 'DoNotSchedule' | 'ScheduleAnyway'

export interface ReadyConstraint {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly selector: Selector
  readonly labelSelector: DeepReadonly<LabelSelector> | undefined
  readonly honorsAffinity: boolean
  readonly honorsTaints: boolean
}

/** Constraints of one strictness, made ready for a Pod. `labelSelector` stands in for their own. */
export function readyConstraints(
  pod: PodInfo,
  given: readonly Given[],
  strictness: Strictness,
  labelSelector?: DeepReadonly<LabelSelector>,
): readonly ReadyConstraint[] {
  return given
    .filter((constraint) => constraint.whenUnsatisfiable === strictness)
    .map((constraint) => {
      const used = labelSelector ?? withMatchLabelKeys(constraint, pod)
      return {
        topologyKey: constraint.topologyKey,
        maxSkew: constraint.maxSkew,
        minDomains: constraint.minDomains ?? 1,
        selector: selectorOf(used),
        labelSelector: used,
        honorsAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
        honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
      }
    })
}

/** `matchLabelKeys` narrows the selector to the Pod's own values of those labels. */
function withMatchLabelKeys(constraint: Given, pod: PodInfo): DeepReadonly<LabelSelector> | undefined {
  const own = (constraint.matchLabelKeys ?? []).flatMap((key) => {
    const value = pod.pod.metadata.labels?.[key]
    return value === undefined ? [] : [{ key, operator: 'In' as const, values: [value] }]
  })
  // A constraint without a selector picks nothing, whatever its keys.
  if (own.length === 0 || constraint.labelSelector === undefined) return constraint.labelSelector
  return {
    ...constraint.labelSelector,
    matchExpressions: [...(constraint.labelSelector.matchExpressions ?? []), ...own],
  }
}

/** Where Pods count for one constraint. */
export interface Spread {
  /** By topology value, over the nodes that count. */
  readonly tally: Tally
  /** On every single node. */
  readonly pods: PodCounts
}

export interface SpreadOptions {
  /** Only nodes with the labels of all constraints count. */
  readonly needsAllLabels: boolean
}

/** Counts the Pods that a constraint is about: of the Pod's namespace, selected, not on their way out. */
export function spreadOf(
  constraint: ReadyConstraint,
  all: readonly ReadyConstraint[],
  pod: PodInfo,
  snapshot: Snapshot,
  options: SpreadOptions,
): Spread {
  const namespace = pod.pod.metadata.namespace ?? ''
  // A selector that says nothing picks nobody here, though elsewhere it picks everybody.
  const labelSelector = constraint.selector.isEmpty ? undefined : constraint.labelSelector
  const pods = snapshot.counts({ namespace, labelSelector, withTerminating: false })
  const counted = everyNodeCounts(constraint, all, pod, snapshot, options)
    ? pods.by(constraint.topologyKey)
    : countsOver(
        snapshot.nodes.filter((node) => countsOn(constraint, all, pod, node, options)),
        constraint.topologyKey,
        pods,
      )
  return { tally: new Tally([counted]), pods }
}

/** Whether all nodes with the constraint's label count, so that nothing has to be left out of what is counted ahead. */
function everyNodeCounts(
  constraint: ReadyConstraint,
  all: readonly ReadyConstraint[],
  { pod }: PodInfo,
  snapshot: Snapshot,
  { needsAllLabels }: SpreadOptions,
): boolean {
  if (constraint.honorsTaints) return false
  if (constraint.honorsAffinity && isBoundToNodes(pod)) return false
  if (!needsAllLabels) return true
  return all.every(({ topologyKey }) =>
    topologyKey === constraint.topologyKey ? true : snapshot.nodesWith(topologyKey) === snapshot.nodes.length,
  )
}

const isBoundToNodes = ({ spec }: PodInfo['pod']): boolean =>
  spec?.nodeSelector !== undefined ||
  spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined

function countsOver(nodes: readonly NodeInfo[], topologyKey: string, { perNode }: PodCounts): DomainCounts {
  const values = new Set(nodes.flatMap((node) => node.labels[topologyKey] ?? []))
  const counts = new DomainCounts(() => values.size)
  for (const node of nodes) {
    const value = node.labels[topologyKey]
    const count = perNode.get(node.name)
    if (value !== undefined && count !== undefined) counts.add(value, count)
  }
  return counts
}

/** Whether Pods on this node count: it has the topology labels and, by policy, could take the Pod. */
export function countsOn(
  constraint: ReadyConstraint,
  all: readonly ReadyConstraint[],
  pod: PodInfo,
  node: NodeInfo,
  { needsAllLabels }: SpreadOptions,
): boolean {
  if (node.labels[constraint.topologyKey] === undefined) return false
  if (needsAllLabels && !hasAllLabels(node, all)) return false
  if (constraint.honorsAffinity && !matchesRequiredNodeAffinity(pod.pod.spec, node.node)) return false
  return (
    !constraint.honorsTaints ||
    untoleratedTaint(node.taints, pod.pod.spec?.tolerations, ['NoSchedule', 'NoExecute']) === undefined
  )
}

export const hasAllLabels = ({ labels }: NodeInfo, constraints: readonly ReadyConstraint[]): boolean =>
  constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined)

/** Whether the Pod itself will count once it is placed. */
export function selfCounts(constraint: ReadyConstraint, pod: PodInfo): boolean {
  return constraint.selector.matches(pod.pod.metadata.labels)
}
