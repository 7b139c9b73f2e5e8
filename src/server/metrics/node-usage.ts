/** What every node uses, asked of its kubelet and kept for a moment, so that many questions cost one. */

import type { Clock } from '../../base/clock.ts'
import { needsSecondLook, type Sample } from './rates.ts'
import { readSummary } from './summary.ts'

/** A kubelet's /stats/summary. */
export type StatsSource = (node: string, signal: AbortSignal | undefined) => Promise<unknown>

/** Two looks at one node, the later one as young as `FRESH_MS`. */
export interface NodeUsage {
  readonly now: Sample
  readonly before: Sample | undefined
}

/** A look is good for so long. */
const FRESH_MS = 10_000
/** Growth is told over no more than this. */
const OLD_MS = 5 * 60_000
const SECOND_LOOK_MS = 1_000
/** A kubelet that does not answer in this time has no metrics. */
export const ASK_MS = 10_000

export class NodeUsages {
  readonly #stats: StatsSource
  readonly #clock: Clock
  readonly #known = new Map<string, NodeUsage>()
  readonly #asking = new Map<string, Promise<NodeUsage>>()

  constructor(stats: StatsSource, clock: Clock) {
    this.#stats = stats
    this.#clock = clock
  }

  /** Rejects when the kubelet cannot be asked. */
  async of(node: string): Promise<NodeUsage> {
    const known = this.#known.get(node)
    if (known !== undefined && this.#clock.monotonic() - known.now.atMs < FRESH_MS) return known
    const asking = this.#asking.get(node) ?? this.#ask(node)
    this.#asking.set(node, asking)
    try {
      return await asking
    } finally {
      this.#asking.delete(node)
    }
  }

  /** Forgets nodes that are gone. */
  keepOnly(nodes: ReadonlySet<string>): void {
    for (const node of this.#known.keys()) if (!nodes.has(node)) this.#known.delete(node)
  }

  async #ask(node: string): Promise<NodeUsage> {
    let before = this.#known.get(node)?.now
    if (before !== undefined && this.#clock.monotonic() - before.atMs > OLD_MS) before = undefined
    let now = await this.#look(node)
    if (before === undefined && needsSecondLook(now.summary)) {
      before = now
      await this.#clock.sleep(SECOND_LOOK_MS)
      now = await this.#look(node)
    }
    const usage = { now, before }
    this.#known.set(node, usage)
    return usage
  }

  async #look(node: string): Promise<Sample> {
    const stop = new AbortController()
    const cancel = this.#clock.after(ASK_MS, () => stop.abort(new Error(`node ${node} does not answer`)))
    try {
      const summary = readSummary(await this.#stats(node, stop.signal))
      return { atMs: this.#clock.monotonic(), summary }
    } finally {
      cancel()
    }
  }
}
