/** What the hooks of one scheduling cycle share. Two Pods may be in flight, so none of it is in the plugins. */

/** A typed name for one plugin's state. */
export interface CycleKey<T> {
  readonly name: string
  /** Never set: it carries the type. */
  readonly type?: T
}

/** Makes a key; two keys are the same only if they are the same object. */
export function cycleKey<T>(name: string): CycleKey<T> {
  return { name }
}

/** The state of one cycle. A copy is made where hooks try "what if" (preemption). */
export class Cycle {
  readonly #values: Map<CycleKey<unknown>, unknown>
  /** Plugins whose preFilter answered `skip`: their filter is not asked. */
  readonly skippedFilters = new Set<string>()
  /** Plugins whose preScore answered `skip`. */
  readonly skippedScores = new Set<string>()

  constructor(values?: ReadonlyMap<CycleKey<unknown>, unknown>) {
    this.#values = new Map(values)
  }

  get<T>(key: CycleKey<T>): T | undefined {
    return this.#values.get(key) as T | undefined
  }

  set<T>(key: CycleKey<T>, value: T): void {
    this.#values.set(key, value)
  }

  /** The same state to change on its own. Values that know how (`copy`) are copied; the rest is shared. */
  fork(): Cycle {
    const copy = new Cycle()
    for (const [key, value] of this.#values) copy.set(key, isCopyable(value) ? value.copy() : value)
    for (const name of this.skippedFilters) copy.skippedFilters.add(name)
    for (const name of this.skippedScores) copy.skippedScores.add(name)
    return copy
  }
}

/** State that `addPod` and `removePod` change. */
interface Copyable {
  copy(): unknown
}

function isCopyable(value: unknown): value is Copyable {
  return typeof value === 'object' && value !== null && 'copy' in value && typeof value.copy === 'function'
}
