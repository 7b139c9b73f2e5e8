/** Finds, among many things that each pick Pods by label, the few that may pick one Pod. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { LabelSelector } from '../../meta/types.ts'

/** Whom something picks, as far as the index looks. */
export interface Reach {
  /** Undefined: Pods of any namespace, as far as the index knows. */
  readonly namespaces: Iterable<string> | undefined
  readonly labelSelector: DeepReadonly<LabelSelector> | undefined
}

const ANY = '*'

/** One `matchLabels` entry is enough to tell most things apart; those without one are candidates for all Pods. */
export class SelectorIndex<T> {
  readonly #buckets = new Map<string, Set<T>>()

  add(item: T, reach: Reach): void {
    for (const key of keysOf(reach)) {
      const bucket = this.#buckets.get(key)
      if (bucket === undefined) this.#buckets.set(key, new Set([item]))
      else bucket.add(item)
    }
  }

  delete(item: T, reach: Reach): void {
    for (const key of keysOf(reach)) {
      const bucket = this.#buckets.get(key)
      bucket?.delete(item)
      if (bucket?.size === 0) this.#buckets.delete(key)
    }
  }

  /** What may pick a Pod of this namespace with these labels; each once. */
  *candidates(namespace: string, labels: Readonly<Record<string, string>> = {}): Iterable<T> {
    if (this.#buckets.size === 0) return
    for (const place of [namespace, ANY]) {
      yield* this.#buckets.get(`${place}/`) ?? []
      for (const key in labels) yield* this.#buckets.get(`${place}/${key}=${labels[key] ?? ''}`) ?? []
    }
  }
}

function keysOf({ namespaces, labelSelector }: Reach): string[] {
  const [first] = Object.entries(labelSelector?.matchLabels ?? {})
  const label = first === undefined ? '' : `${first[0]}=${first[1]}`
  return [...(namespaces ?? [ANY])].map((namespace) => `${namespace}/${label}`)
}
