/** An indexed set of objects: what an informer keeps and its readers read. */

import type { DeepReadonly } from '../meta/deep-readonly.ts'
import type { KubeObject } from '../meta/types.ts'

/** Reads of a cache. Answers are shared and frozen, in the order in which the objects first appeared. */
export interface Lister<T> {
  /** By `namespace/name`, or `name` for what is cluster-scoped. */
  get(key: string): DeepReadonly<T> | undefined
  /** All, or those of one namespace. */
  list(namespace?: string): readonly DeepReadonly<T>[]
  /** Those for which the index of that name gave `value`. Throws for an index that was never added. */
  byIndex(index: string, value: string): readonly DeepReadonly<T>[]
  /** The values that the index of that name has given for any object. */
  indexValues(index: string): readonly string[]
}

/** `namespace/name`, or `name` where there is no namespace: how caches and queues name objects. */
export function cacheKey(object: {
  readonly metadata: { readonly namespace?: string; readonly name?: string }
}): string {
  const { namespace, name = '' } = object.metadata
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

interface Index<T> {
  readonly valuesOf: (object: DeepReadonly<T>) => readonly string[]
  readonly buckets: Map<string, Map<string, DeepReadonly<T>>>
}

/** The objects of one informer. Only the informer changes it. */
export class ObjectStore<T extends KubeObject> implements Lister<T> {
  readonly #objects = new Map<string, DeepReadonly<T>>()
  readonly #namespaces: Index<T> = { valuesOf: (object) => [object.metadata.namespace ?? ''], buckets: new Map() }
  readonly #indexes = new Map<string, Index<T>>()

  get size(): number {
    return this.#objects.size
  }

  get(key: string): DeepReadonly<T> | undefined {
    return this.#objects.get(key)
  }

  list(namespace?: string): readonly DeepReadonly<T>[] {
    const of = namespace === undefined ? this.#objects : this.#namespaces.buckets.get(namespace)
    return of === undefined ? [] : [...of.values()]
  }

  byIndex(index: string, value: string): readonly DeepReadonly<T>[] {
    const bucket = this.#indexNamed(index).buckets.get(value)
    return bucket === undefined ? [] : [...bucket.values()]
  }

  indexValues(index: string): readonly string[] {
    return [...this.#indexNamed(index).buckets.keys()]
  }

  #indexNamed(index: string): Index<T> {
    const found = this.#indexes.get(index)
    if (found !== undefined) return found
    throw new Error(`no index "${index}" was added; there are: ${[...this.#indexes.keys()].join(', ')}`)
  }

  /** Adds an index over what is there and what comes. Adding one of the same name again replaces it. */
  addIndex(name: string, valuesOf: (object: DeepReadonly<T>) => readonly string[]): void {
    const index: Index<T> = { valuesOf, buckets: new Map() }
    for (const [key, object] of this.#objects) put(index, key, object)
    this.#indexes.set(name, index)
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()]
  }

  /** The object that was there before. */
  set(key: string, object: DeepReadonly<T>): DeepReadonly<T> | undefined {
    const old = this.#objects.get(key)
    this.#objects.set(key, object)
    for (const index of this.#all()) {
      if (old !== undefined) replace(index, key, old, object)
      else put(index, key, object)
    }
    return old
  }

  delete(key: string): DeepReadonly<T> | undefined {
    const old = this.#objects.get(key)
    if (old === undefined) return undefined
    this.#objects.delete(key)
    for (const index of this.#all()) for (const value of index.valuesOf(old)) drop(index, value, key)
    return old
  }

  *#all(): Iterable<Index<T>> {
    yield this.#namespaces
    yield* this.#indexes.values()
  }
}

function put<T>(index: Index<T>, key: string, object: DeepReadonly<T>): void {
  for (const value of index.valuesOf(object)) {
    const bucket = index.buckets.get(value)
    if (bucket === undefined) index.buckets.set(value, new Map([[key, object]]))
    else bucket.set(key, object)
  }
}

/** Keeps the place of `key` in the buckets it stays in. */
function replace<T>(index: Index<T>, key: string, old: DeepReadonly<T>, object: DeepReadonly<T>): void {
  const values = index.valuesOf(object)
  for (const value of index.valuesOf(old)) if (!values.includes(value)) drop(index, value, key)
  put(index, key, object)
}

function drop<T>(index: Index<T>, value: string, key: string): void {
  const bucket = index.buckets.get(value)
  bucket?.delete(key)
  if (bucket?.size === 0) index.buckets.delete(value)
}
