/** The current objects of one resource, by namespace and name, in the order of their storage keys. */

import type { StoredObject } from '../registry/stored-object.ts'

interface Bucket {
  readonly byName: Map<string, StoredObject>
  /** All names in order; absent until somebody lists. */
  names: string[] | undefined
  /** The objects in that order; absent after any change. */
  ordered: readonly StoredObject[] | undefined
}

export class OrderedObjects {
  readonly #namespaces = new Map<string, Bucket>()
  #namespaceOrder: readonly string[] | undefined
  #size = 0
  #weight = 0

  get size(): number {
    return this.#size
  }

  /** Characters and values in all of them. */
  get weight(): number {
    return this.#weight
  }

  get(namespace: string, name: string): StoredObject | undefined {
    return this.#namespaces.get(namespace)?.byName.get(name)
  }

  set(object: StoredObject): void {
    const { namespace, name } = object
    let bucket = this.#namespaces.get(namespace)
    if (bucket === undefined) {
      bucket = { byName: new Map(), names: undefined, ordered: undefined }
      this.#namespaces.set(namespace, bucket)
      this.#namespaceOrder = undefined
    }
    const previous = bucket.byName.get(name)
    this.#weight += object.weight - (previous?.weight ?? 0)
    if (previous === undefined) {
      this.#size++
      bucket.names?.splice(placeOf(bucket.names, name), 0, name)
    }
    bucket.byName.set(name, object)
    bucket.ordered = undefined
  }

  delete(namespace: string, name: string): void {
    const bucket = this.#namespaces.get(namespace)
    const object = bucket?.byName.get(name)
    if (bucket === undefined || object === undefined) return
    bucket.byName.delete(name)
    this.#size--
    this.#weight -= object.weight
    bucket.names?.splice(placeOf(bucket.names, name), 1)
    bucket.ordered = undefined
    if (bucket.byName.size > 0) return
    this.#namespaces.delete(namespace)
    this.#namespaceOrder = undefined
  }

  /** All objects of a namespace, or of all namespaces, in key order. The answer is not changed by later writes. */
  list(namespace?: string): readonly StoredObject[] {
    if (namespace !== undefined) return orderedOf(this.#namespaces.get(namespace))
    this.#namespaceOrder ??= [...this.#namespaces.keys()].sort((a, b) => byText(`${a}/`, `${b}/`))
    const [only] = this.#namespaceOrder
    if (only !== undefined && this.#namespaceOrder.length === 1) return orderedOf(this.#namespaces.get(only))
    return this.#namespaceOrder.flatMap((name) => orderedOf(this.#namespaces.get(name)))
  }
}

function orderedOf(bucket: Bucket | undefined): readonly StoredObject[] {
  if (bucket === undefined) return []
  bucket.names ??= [...bucket.byName.keys()].sort(byText)
  bucket.ordered ??= bucket.names.map((name) => bucket.byName.get(name)!)
  return bucket.ordered
}

/** Where `name` stands, or would stand. */
function placeOf(names: readonly string[], name: string): number {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (names[middle]! < name) low = middle + 1
    else high = middle
  }
  return low
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
