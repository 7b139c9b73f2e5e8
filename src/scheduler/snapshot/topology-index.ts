/**
 * Which Pods stand where, counted ahead of the question: a Pod that is placed or removed changes a few counts, and a
 * cycle reads them, whatever the size of the cluster.
 */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { selectorOf, type Selector } from '../../meta/label-selector.ts'
import type { LabelSelector } from '../../meta/types.ts'
import { DomainCounts } from './domain-counts.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import { SelectorIndex } from './selector-index.ts'
import type { PlacedPod } from './snapshot.ts'

/** The Pods of one namespace that a selector picks. */
export interface PodCounts {
  /** How many are on each node, by name. Nodes without are left out. */
  readonly perNode: ReadonlyMap<string, number>
  /** How many stand in each value of a node label. Nodes without the label do not count. */
  by(topologyKey: string): DomainCounts
}

export interface CountsWish {
  readonly namespace: string
  readonly labelSelector: DeepReadonly<LabelSelector> | undefined
  /** Whether Pods on their way out count. */
  readonly withTerminating: boolean
}

/** Where the index finds what it does not know yet. */
export interface TopologySource {
  readonly nodes: () => Iterable<NodeInfo>
  readonly node: (name: string) => NodeInfo | undefined
  readonly podsIn: (namespace: string) => Iterable<PlacedPod>
  readonly podsWithLabel: (namespace: string, key: string, value: string) => Iterable<PlacedPod>
}

/** Counts that nobody has asked for in a while are forgotten past this many. */
const MAX_COUNTERS = 2_048

interface Counter extends PodCounts {
  readonly wish: CountsWish
  readonly selector: Selector
  readonly perNode: Map<string, number>
  readonly domains: Map<string, DomainCounts>
}

/** The values of one node label, with how many nodes have each. */
interface LabelValues {
  readonly nodes: Map<string, number>
  total: number
}

export class TopologyIndex {
  readonly #source: TopologySource
  readonly #counters = new Map<string, Counter>()
  readonly #reach = new SelectorIndex<Counter>()
  readonly #labels = new Map<string, LabelValues>()

  constructor(source: TopologySource) {
    this.#source = source
  }

  /** Counts that stay true while the cycle runs. */
  counts(wish: CountsWish): PodCounts {
    const key = `${wish.namespace}/${String(wish.withTerminating)}/${JSON.stringify(wish.labelSelector)}`
    const known = this.#counters.get(key)
    if (known !== undefined) {
      this.#counters.delete(key)
      this.#counters.set(key, known)
      return known
    }
    const counter = this.#count(wish)
    this.#counters.set(key, counter)
    this.#reach.add(counter, reachOf(wish))
    const [oldest] = this.#counters
    if (this.#counters.size > MAX_COUNTERS && oldest !== undefined) {
      this.#counters.delete(oldest[0])
      this.#reach.delete(oldest[1], reachOf(oldest[1].wish))
    }
    return counter
  }

  /** How many nodes have a label. */
  nodesWith(label: string): number {
    return this.#values(label).total
  }

  podPlaced(pod: PodInfo, node: NodeInfo): void {
    this.#change(pod, node, 1)
  }

  podRemoved(pod: PodInfo, node: NodeInfo): void {
    this.#change(pod, node, -1)
  }

  nodeAdded(labels: NodeInfo['labels']): void {
    this.#changeNode(labels, 1)
  }

  nodeRemoved(labels: NodeInfo['labels']): void {
    this.#changeNode(labels, -1)
  }

  #changeNode(labels: NodeInfo['labels'], amount: 1 | -1): void {
    for (const [label, values] of this.#labels) {
      const value = labels[label]
      if (value !== undefined) countNode(values, value, amount)
    }
  }

  #values(label: string): LabelValues {
    const known = this.#labels.get(label)
    if (known !== undefined) return known
    const values: LabelValues = { nodes: new Map(), total: 0 }
    for (const node of this.#source.nodes()) {
      const value = node.labels[label]
      if (value !== undefined) countNode(values, value, 1)
    }
    this.#labels.set(label, values)
    return values
  }

  #count(wish: CountsWish): Counter {
    const perNode = new Map<string, number>()
    const domains = new Map<string, DomainCounts>()
    const counter: Counter = {
      wish,
      selector: selectorOf(wish.labelSelector),
      perNode,
      domains,
      by: (topologyKey) => domains.get(topologyKey) ?? this.#countBy(counter, topologyKey),
    }
    const [first] = Object.entries(wish.labelSelector?.matchLabels ?? {})
    const candidates =
      first === undefined
        ? this.#source.podsIn(wish.namespace)
        : this.#source.podsWithLabel(wish.namespace, first[0], first[1])
    for (const { pod, node } of candidates)
      if (counted(counter, pod)) perNode.set(node.name, (perNode.get(node.name) ?? 0) + 1)
    return counter
  }

  #countBy({ perNode, domains }: Counter, topologyKey: string): DomainCounts {
    const { nodes } = this.#values(topologyKey)
    const counts = new DomainCounts(() => nodes.size)
    for (const [name, count] of perNode) {
      const value = this.#source.node(name)?.labels[topologyKey]
      if (value !== undefined) counts.add(value, count)
    }
    domains.set(topologyKey, counts)
    return counts
  }

  #change(pod: PodInfo, node: NodeInfo, amount: 1 | -1): void {
    const { namespace = '', labels } = pod.pod.metadata
    for (const counter of this.#reach.candidates(namespace, labels)) {
      if (!counted(counter, pod)) continue
      const count = (counter.perNode.get(node.name) ?? 0) + amount
      if (count === 0) counter.perNode.delete(node.name)
      else counter.perNode.set(node.name, count)
      for (const [topologyKey, domains] of counter.domains) {
        const value = node.labels[topologyKey]
        if (value !== undefined) domains.add(value, amount)
      }
    }
  }
}

const reachOf = ({ namespace, labelSelector }: CountsWish) => ({ namespaces: [namespace], labelSelector })

function counted({ wish, selector }: Counter, { pod: { metadata } }: PodInfo): boolean {
  return (wish.withTerminating || metadata.deletionTimestamp === undefined) && selector.matches(metadata.labels)
}

function countNode(values: LabelValues, value: string, amount: 1 | -1): void {
  const count = (values.nodes.get(value) ?? 0) + amount
  if (count === 0) values.nodes.delete(value)
  else values.nodes.set(value, count)
  values.total += amount
}
