/** One topology spread constraint made ready, and what counts for it. */

import type { TopologySpreadConstraint } from '../../../api/generated/core-v1.ts'
import { matchesRequiredNodeAffinity } from '../../../api/core/v1/node/node-selector.ts'
import { untoleratedTaint } from '../../../api/core/v1/pod/tolerations.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { selectorOf, type Selector } from '../../../meta/label-selector.ts'
import type { LabelSelector } from '../../../meta/types.ts'
import { picked } from '../../framework/pod-terms.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { PlacedPod, Snapshot } from '../../snapshot/snapshot.ts'

export interface ReadyConstraint {
  /** Tells constraints of one Pod apart: two may share a topology key. */
  readonly id: string
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly selector: Selector
  readonly labelSelector: DeepReadonly<LabelSelector> | undefined
  readonly honorsAffinity: boolean
  readonly honorsTaints: boolean
  /** Not the user's: one the system gives to Pods without any. */
  readonly isDefault: boolean
}

/** The Pod's constraints (or `given` in their place) of one strictness. */
export function readyConstraints(
  pod: PodInfo,
  strictness: 'DoNotSchedule' | 'ScheduleAnyway',
  given?: readonly DeepReadonly<TopologySpreadConstraint>[],
): readonly ReadyConstraint[] {
  return (given ?? pod.pod.spec?.topologySpreadConstraints ?? [])
    .filter((constraint) => constraint.whenUnsatisfiable === strictness)
    .map((constraint, index) => {
      const labelSelector = withMatchLabelKeys(constraint, pod)
      return {
        id: `${index}/${constraint.topologyKey}`,
        topologyKey: constraint.topologyKey,
        maxSkew: constraint.maxSkew,
        minDomains: constraint.minDomains ?? 1,
        selector: selectorOf(labelSelector),
        labelSelector,
        honorsAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
        honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
        isDefault: given !== undefined,
      }
    })
}

/** `matchLabelKeys` narrows the selector to the Pod's own values of those labels. */
function withMatchLabelKeys(
  constraint: DeepReadonly<TopologySpreadConstraint>,
  pod: PodInfo,
): DeepReadonly<LabelSelector> | undefined {
  const own = (constraint.matchLabelKeys ?? []).flatMap((key) => {
    const value = pod.pod.metadata.labels?.[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  if (own.length === 0) return constraint.labelSelector
  return {
    ...constraint.labelSelector,
    matchLabels: { ...constraint.labelSelector?.matchLabels, ...Object.fromEntries(own) },
  }
}

/** Whether Pods on this node count: it has all the topology labels and, by policy, could take the Pod. */
export function countsOn(
  constraint: ReadyConstraint,
  all: readonly ReadyConstraint[],
  pod: PodInfo,
  node: NodeInfo,
): boolean {
  if (all.some(({ topologyKey, isDefault }) => !isDefault && node.labels[topologyKey] === undefined)) return false
  if (node.labels[constraint.topologyKey] === undefined) return false
  if (constraint.honorsAffinity && !matchesRequiredNodeAffinity(pod.pod.spec, node.node)) return false
  return (
    !constraint.honorsTaints ||
    untoleratedTaint(node.taints, pod.pod.spec?.tolerations, ['NoSchedule', 'NoExecute']) === undefined
  )
}

/** Placed Pods that count for the constraint: of the Pod's namespace, selected, not on their way out. */
export function* counts(constraint: ReadyConstraint, pod: PodInfo, snapshot: Snapshot): Iterable<PlacedPod> {
  const namespace = pod.pod.metadata.namespace ?? ''
  for (const placed of picked(namespace, constraint.labelSelector, constraint.selector, snapshot)) {
    if (placed.pod.pod.metadata.deletionTimestamp === undefined) yield placed
  }
}

/** Whether the Pod itself will count once it is placed. */
export function selfCounts(constraint: ReadyConstraint, pod: PodInfo): boolean {
  return constraint.selector.matches(pod.pod.metadata.labels)
}
