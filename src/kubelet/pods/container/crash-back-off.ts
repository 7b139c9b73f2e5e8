/**
 * How long a container that keeps ending is left alone: 10 s, doubling to 5 min, forgotten after 10 quiet minutes
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy).
 */

const FIRST_MS = 10_000
const MAX_MS = 300_000
/** Forgotten when a container ran this long beyond its last start, however short the longest back-off is. */
const FORGET_MS = 2 * MAX_MS

interface Entry {
  readonly ms: number
  readonly since: number
}

/** The back-offs of one Pod's containers, in times of a clock that nobody sets. The first restart is immediate. */
export class CrashBackOff {
  readonly #entries = new Map<string, Entry>()
  readonly #maxMs: number

  constructor(maxMs = MAX_MS) {
    this.#maxMs = maxMs
  }

  /** Milliseconds from `now` until the container that ended at `finishedAt` may start again; 0: at once. */
  remaining(key: string, finishedAt: number, now: number): number {
    const entry = this.#entries.get(key)
    if (entry === undefined || finishedAt - entry.since > FORGET_MS) return 0
    return Math.max(0, finishedAt + entry.ms - now)
  }

  /** How long the present back-off is as a whole. */
  current(key: string): number {
    return this.#entries.get(key)?.ms ?? 0
  }

  /** Notes a restart of the container that ended at `finishedAt`. */
  restarted(key: string, finishedAt: number, now: number): void {
    const entry = this.#entries.get(key)
    const forgotten = entry === undefined || finishedAt - entry.since > FORGET_MS
    this.#entries.set(key, { ms: Math.min(this.#maxMs, forgotten ? FIRST_MS : entry.ms * 2), since: now })
  }
}
