/** Which placed Pods a label selector in some namespaces picks, found through the indexes where the selector allows. */

import type { LabelSelector } from '../../meta/types.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { selectorOf, type Selector } from '../../meta/label-selector.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { AffinityTerm, PlacedPod, Snapshot } from '../snapshot/snapshot.ts'

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
  const named = term.namespaces ?? []
  const own = named.length === 0 && term.namespaceSelector === undefined ? [pod.pod.metadata.namespace ?? ''] : named
  return {
    topologyKey: term.topologyKey,
    selector: selectorOf(term.labelSelector),
    labelSelector: term.labelSelector,
    namespaces: new Set(own),
    namespaceSelector: term.namespaceSelector === undefined ? undefined : selectorOf(term.namespaceSelector),
  }
}

/** Whether the term picks this Pod. */
export function termPicks(term: ReadyTerm, { pod }: PodInfo, snapshot: Snapshot): boolean {
  const namespace = pod.metadata.namespace ?? ''
  const inNamespace =
    term.namespaces.has(namespace) || term.namespaceSelector?.matches(snapshot.namespaceLabels(namespace)) === true
  return inNamespace && term.selector.matches(pod.metadata.labels)
}

/** Every placed Pod the term picks. */
export function* pickedByTerm(term: ReadyTerm, snapshot: Snapshot): Iterable<PlacedPod> {
  for (const namespace of namespacesOf(term, snapshot))
    yield* picked(namespace, term.labelSelector, term.selector, snapshot)
}

function namespacesOf(term: ReadyTerm, snapshot: Snapshot): Iterable<string> {
  const { namespaces, namespaceSelector } = term
  if (namespaceSelector === undefined) return namespaces
  const selected = [...snapshot.namespaces].filter((name) => namespaceSelector.matches(snapshot.namespaceLabels(name)))
  return new Set([...namespaces, ...selected])
}

/** Placed Pods of a namespace that a selector picks; one `matchLabels` entry is enough to avoid looking at all. */
export function* picked(
  namespace: string,
  labelSelector: DeepReadonly<LabelSelector> | undefined,
  selector: Selector,
  snapshot: Snapshot,
): Iterable<PlacedPod> {
  const [first] = Object.entries(labelSelector?.matchLabels ?? {})
  const candidates =
    first === undefined ? snapshot.podsIn(namespace) : snapshot.podsWithLabel(namespace, first[0], first[1])
  for (const placed of candidates) if (selector.matches(placed.pod.pod.metadata.labels)) yield placed
}

/** Counts by one label's value on nodes, e.g. Pods per zone. */
export class TopologyCounts {
  readonly #counts = new Map<string, Map<string, number>>()

  add(key: string, value: string, amount: number): void {
    const values = this.#counts.get(key) ?? new Map<string, number>()
    const count = (values.get(value) ?? 0) + amount
    if (count === 0) values.delete(value)
    else values.set(value, count)
    this.#counts.set(key, values)
  }

  of(key: string, value: string | undefined): number {
    return value === undefined ? 0 : (this.#counts.get(key)?.get(value) ?? 0)
  }

  get isEmpty(): boolean {
    for (const values of this.#counts.values()) if (values.size > 0) return false
    return true
  }

  copy(): TopologyCounts {
    const copy = new TopologyCounts()
    for (const [key, values] of this.#counts) copy.#counts.set(key, new Map(values))
    return copy
  }
}
