/**
 * The cluster as one scheduling cycle sees it. A cycle runs without yielding, so it may read the cache itself: nothing
 * is copied, and the cost of a cycle does not grow with the cluster.
 */

import type { PodAffinityTerm } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** A Pod with a required anti-affinity or any affinity, where it runs. */
export interface PlacedPod {
  readonly pod: PodInfo
  readonly node: NodeInfo
}

export interface Snapshot {
  /** All nodes, in an order that is stable while the set of nodes is. */
  readonly nodes: readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  /** Placed Pods that have affinity terms of any kind. */
  readonly podsWithAffinity: Iterable<PlacedPod>
  /** Placed Pods that have required anti-affinity terms. */
  readonly podsWithRequiredAntiAffinity: Iterable<PlacedPod>
  /** Placed Pods of one namespace that carry a label, for spreading and affinity. */
  podsWithLabel(namespace: string, key: string, value: string): Iterable<PlacedPod>
  /** All placed Pods of one namespace. */
  podsIn(namespace: string): Iterable<PlacedPod>
  /** Labels of a namespace, for terms that select namespaces. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>>
  readonly namespaces: Iterable<string>
  /** Waiting Pods for which preemption has made, or is making, room on a node. */
  nominatedTo(nodeName: string): readonly PodInfo[]
}

export type AffinityTerm = DeepReadonly<PodAffinityTerm>
