/** Work that must not overtake earlier work about the same thing. */

/** Runs the work of each key in the order it was asked for; keys do not wait for each other. */
export class InTurn {
  readonly #last = new Map<string, Promise<void>>()

  /** Runs `work` once all earlier work of the key has settled, whether well or not. Fails as `work` does. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const running = before === undefined ? work() : before.then(work)
    const settled = running.then(nothing, nothing)
    this.#last.set(key, settled)
    try {
      return await running
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    }
  }

  /** Settles, always well, when the work that the key has now is over; at once undefined where it has none. */
  settled(key: string): Promise<void> | undefined {
    return this.#last.get(key)
  }
}

const nothing = () => {}
