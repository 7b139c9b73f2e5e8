/** A binary heap that can also remove from its middle, by key. */

/** Smallest first, by `before`. Keys are unique. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #places = new Map<string, number>()
  readonly #keyOf: (item: T) => string
  readonly #before: (a: T, b: T) => boolean

  constructor(keyOf: (item: T) => string, before: (a: T, b: T) => boolean) {
    this.#keyOf = keyOf
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  has(key: string): boolean {
    return this.#places.has(key)
  }

  get(key: string): T | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#items[place]
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  values(): readonly T[] {
    return this.#items
  }

  /** Adds an item, or replaces the one of the same key. */
  put(item: T): void {
    const key = this.#keyOf(item)
    const place = this.#places.get(key) ?? this.#items.length
    this.#set(place, item)
    this.#sink(this.#rise(place))
  }

  pop(): T | undefined {
    const first = this.#items[0]
    if (first !== undefined) this.delete(this.#keyOf(first))
    return first
  }

  delete(key: string): T | undefined {
    const place = this.#places.get(key)
    if (place === undefined) return undefined
    const removed = this.#items[place]
    const last = this.#items.pop()
    this.#places.delete(key)
    if (last !== undefined && place < this.#items.length) {
      this.#set(place, last)
      this.#sink(this.#rise(place))
    }
    return removed
  }

  #set(place: number, item: T): void {
    this.#items[place] = item
    this.#places.set(this.#keyOf(item), place)
  }

  #rise(start: number): number {
    let place = start
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#swapIfBefore(place, parent)) break
      place = parent
    }
    return place
  }

  #sink(start: number): void {
    for (let place = start; ;) {
      const left = place * 2 + 1
      const right = left + 1
      const child = right < this.#items.length && this.#isBefore(right, left) ? right : left
      if (child >= this.#items.length || !this.#swapIfBefore(child, place)) return
      place = child
    }
  }

  #isBefore(a: number, b: number): boolean {
    return this.#before(this.#items[a] as T, this.#items[b] as T)
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    if (!this.#isBefore(lower, upper)) return false
    const moved = this.#items[lower] as T
    this.#set(lower, this.#items[upper] as T)
    this.#set(upper, moved)
    return true
  }
}
