/** What placed Pods ask of their neighbours, Pods of one template counted together: what a new Pod meets is a few terms. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { selectorOf, type Selector } from '../../meta/label-selector.ts'
import type { LabelSelector } from '../../meta/types.ts'
import { DomainCounts } from './domain-counts.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import { SelectorIndex } from './selector-index.ts'
import type { AffinityTerm } from './snapshot.ts'

/** An affinity term made ready: whom it picks, and over which label of the node. */
export interface ReadyTerm {
  readonly topologyKey: string
  readonly selector: Selector
  readonly labelSelector: DeepReadonly<LabelSelector> | undefined
  readonly namespaces: ReadonlySet<string>
  readonly namespaceSelector: Selector | undefined
}

/** Prepares a term of `pod`. Without namespaces of its own a term is about the Pod's namespace. */
export function readyTerm(term: AffinityTerm, pod: PodInfo): ReadyTerm {
  return {
    topologyKey: term.topologyKey,
    selector: selectorOf(term.labelSelector),
    labelSelector: term.labelSelector,
    namespaces: new Set(namespacesOf(term, pod)),
    namespaceSelector: term.namespaceSelector === undefined ? undefined : selectorOf(term.namespaceSelector),
  }
}

function namespacesOf(term: AffinityTerm, pod: PodInfo): readonly string[] {
  const named = term.namespaces ?? []
  return named.length === 0 && term.namespaceSelector === undefined ? [pod.pod.metadata.namespace ?? ''] : named
}

/** How strong a placed Pod's term is: it forbids, it was required when the Pod was placed, or it is a preference. */
export type TermKind = 'forbids' | 'needs' | 'prefers'

/** The placed Pods that have one and the same term. */
export interface TermGroup {
  /** Tells groups apart. */
  readonly key: string
  readonly kind: TermKind
  readonly term: ReadyTerm
  /** Below zero: the Pods would rather be apart. */
  readonly weight: number
  /** Where the Pods that have the term are. */
  readonly counts: DomainCounts
}

interface OwnTerm {
  readonly kind: TermKind
  readonly term: AffinityTerm
  readonly weight: number
}

/** The key by which terms of several Pods are known to be the same. */
export const groupKey = ({ kind, term, weight }: OwnTerm, pod: PodInfo): string =>
  `${kind} ${weight} ${namespacesOf(term, pod).join()} ${JSON.stringify(term)}`

/** The terms of a placed Pod. */
export function* termsOf(pod: PodInfo): Iterable<OwnTerm> {
  for (const term of pod.requiredAntiAffinity) yield { kind: 'forbids', term, weight: 0 }
  for (const term of pod.requiredAffinity) yield { kind: 'needs', term, weight: 0 }
  for (const { podAffinityTerm: term, weight } of pod.preferredAffinity) yield { kind: 'prefers', term, weight }
  for (const { podAffinityTerm: term, weight } of pod.preferredAntiAffinity)
    yield { kind: 'prefers', term, weight: -weight }
}

export class AffinityIndex {
  readonly #groups = new Map<string, TermGroup & { members: number }>()
  readonly #forbidding = new SelectorIndex<TermGroup>()
  readonly #wishing = new SelectorIndex<TermGroup>()

  podPlaced(pod: PodInfo, node: NodeInfo): void {
    for (const own of termsOf(pod)) {
      const key = groupKey(own, pod)
      const group = this.#groups.get(key) ?? this.#found(key, own, pod)
      group.members++
      const value = node.labels[group.term.topologyKey]
      if (value !== undefined) group.counts.add(value, 1)
    }
  }

  podRemoved(pod: PodInfo, node: NodeInfo): void {
    for (const own of termsOf(pod)) {
      const key = groupKey(own, pod)
      const group = this.#groups.get(key)
      if (group === undefined) continue
      group.members--
      const value = node.labels[group.term.topologyKey]
      if (value !== undefined) group.counts.add(value, -1)
      if (group.members > 0) continue
      this.#groups.delete(key)
      this.#indexOf(group).delete(group, reachOf(group.term))
    }
  }

  /** Groups whose required anti-affinity may be against a Pod of this namespace with these labels. */
  forbidding(namespace: string, labels: Readonly<Record<string, string>> | undefined): Iterable<TermGroup> {
    return this.#forbidding.candidates(namespace, labels)
  }

  /** Groups that may like or dislike such a Pod near them. */
  wishing(namespace: string, labels: Readonly<Record<string, string>> | undefined): Iterable<TermGroup> {
    return this.#wishing.candidates(namespace, labels)
  }

  #found(key: string, own: OwnTerm, pod: PodInfo): TermGroup & { members: number } {
    const term = readyTerm(own.term, pod)
    const counts = new DomainCounts(() => 0)
    const group = { key, kind: own.kind, term, weight: own.weight, counts, members: 0 }
    this.#groups.set(key, group)
    this.#indexOf(group).add(group, reachOf(term))
    return group
  }

  #indexOf({ kind }: TermGroup): SelectorIndex<TermGroup> {
    return kind === 'forbids' ? this.#forbidding : this.#wishing
  }
}

const reachOf = ({ namespaces, namespaceSelector, labelSelector }: ReadyTerm) => ({
  namespaces: namespaceSelector === undefined ? namespaces : undefined,
  labelSelector,
})
