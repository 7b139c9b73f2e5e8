/** Those who wait for the next change of a store. */
export class Wakers {
  readonly #waiting = new Set<() => void>()

  /** Calls `wake` once, at the next change. The returned function takes it back. */
  add(wake: () => void): () => void {
    this.#waiting.add(wake)
    return () => this.#waiting.delete(wake)
  }

  wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const each of waiting) each()
  }
}
