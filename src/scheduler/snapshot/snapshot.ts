/**
 * The cluster as one scheduling cycle sees it. A cycle runs without yielding, so it may read the cache itself: nothing
 * is copied, and the cost of a cycle does not grow with the cluster.
 */

import type { PodAffinityTerm } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { TermGroup } from './affinity-index.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import type { CountsWish, PodCounts } from './topology-index.ts'

/** A Pod and where it runs. */
export interface PlacedPod {
  readonly pod: PodInfo
  readonly node: NodeInfo
}

export interface Snapshot {
  /** All nodes, in an order that is stable while the set of nodes is. */
  readonly nodes: readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  /** Placed Pods of one namespace that carry a label, for spreading and affinity. */
  podsWithLabel(namespace: string, key: string, value: string): Iterable<PlacedPod>
  /** All placed Pods of one namespace. */
  podsIn(namespace: string): Iterable<PlacedPod>
  /** How many Pods of a namespace that a selector picks are where. */
  counts(wish: CountsWish): PodCounts
  /** How many nodes have a label. */
  nodesWith(label: string): number
  /** Terms of placed Pods that may forbid a Pod of this namespace with these labels near them. */
  forbidding(namespace: string, labels: Readonly<Record<string, string>> | undefined): Iterable<TermGroup>
  /** Terms of placed Pods that may like or dislike such a Pod near them. */
  wishing(namespace: string, labels: Readonly<Record<string, string>> | undefined): Iterable<TermGroup>
  /** Labels of a namespace, for terms that select namespaces. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>>
  readonly namespaces: Iterable<string>
  /** How many nodes have an image of that name. */
  imageHolders(image: string): number
  /** How many placed Pods use a claim. */
  claimUsers(namespace: string, claim: string): number
  /** Waiting Pods for which preemption has made, or is making, room on a node. */
  nominatedTo(nodeName: string): readonly PodInfo[]
}

export type AffinityTerm = DeepReadonly<PodAffinityTerm>
