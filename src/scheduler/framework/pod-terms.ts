/** Which placed Pods an affinity term picks, and how many of them are where. */

import { DomainCounts, Tally } from '../snapshot/domain-counts.ts'
import type { ReadyTerm } from '../snapshot/affinity-index.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { PlacedPod, Snapshot } from '../snapshot/snapshot.ts'

/** Whether the term picks this Pod. */
export function termPicks(term: ReadyTerm, { pod }: PodInfo, snapshot: Snapshot): boolean {
  const namespace = pod.metadata.namespace ?? ''
  const inNamespace =
    term.namespaces.has(namespace) || term.namespaceSelector?.matches(snapshot.namespaceLabels(namespace)) === true
  return inNamespace && term.selector.matches(pod.metadata.labels)
}

/** How many Pods that the term picks stand in each value of its topology. */
export function tallyOf(term: ReadyTerm, snapshot: Snapshot): Tally {
  const { labelSelector, topologyKey } = term
  const parts = [...namespacesOf(term, snapshot)].map((namespace) =>
    snapshot.counts({ namespace, labelSelector, withTerminating: true }).by(topologyKey),
  )
  return new Tally(parts)
}

/** The same for each of several terms, of the Pods that all of them pick. */
export function talliesOfAll(terms: readonly ReadyTerm[], snapshot: Snapshot): readonly Tally[] {
  const [first] = terms
  if (first === undefined) return []
  if (terms.every((term) => sameReach(term, first))) return terms.map((term) => tallyOf(term, snapshot))
  const counts = terms.map(() => new DomainCounts(() => 0))
  for (const { pod, node } of pickedBy(first, snapshot)) {
    if (!terms.every((term) => termPicks(term, pod, snapshot))) continue
    terms.forEach(({ topologyKey }, index) => {
      const value = node.labels[topologyKey]
      if (value !== undefined) counts[index]?.add(value, 1)
    })
  }
  return counts.map((each) => new Tally([each]))
}

const sameReach = (a: ReadyTerm, b: ReadyTerm) =>
  a === b ||
  (a.namespaceSelector === undefined &&
    b.namespaceSelector === undefined &&
    a.namespaces.size === b.namespaces.size &&
    [...a.namespaces].every((name) => b.namespaces.has(name)) &&
    JSON.stringify(a.labelSelector) === JSON.stringify(b.labelSelector))

function* pickedBy(term: ReadyTerm, snapshot: Snapshot): Iterable<PlacedPod> {
  const [first] = Object.entries(term.labelSelector?.matchLabels ?? {})
  for (const namespace of namespacesOf(term, snapshot)) {
    const candidates =
      first === undefined ? snapshot.podsIn(namespace) : snapshot.podsWithLabel(namespace, first[0], first[1])
    for (const placed of candidates) if (term.selector.matches(placed.pod.pod.metadata.labels)) yield placed
  }
}

function namespacesOf(term: ReadyTerm, snapshot: Snapshot): Iterable<string> {
  const { namespaces, namespaceSelector } = term
  if (namespaceSelector === undefined) return namespaces
  const selected = [...snapshot.namespaces].filter((name) => namespaceSelector.matches(snapshot.namespaceLabels(name)))
  return new Set([...namespaces, ...selected])
}
