/**
 * The longest turn of this process's event loop, in processor time of its main thread: what other programs on the
 * machine take, and what helper threads do, does not count.
 */

import { closeSync, openSync, readSync } from 'node:fs'
import { type Profiler, Session } from 'node:inspector'

export interface Longest {
  /** Milliseconds of processor time, and of the clock. */
  readonly cpuMs: number
  readonly wallMs: number
  /** Where it was spent, when that was asked for: functions with those they called, the longest first. */
  readonly spent?: readonly string[]
}

/** Watches turns from `begin` to `end`. It keeps the loop awake meanwhile, so that every turn is one of its own. */
export class Turns {
  readonly #file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r')
  readonly #bytes = Buffer.alloc(64)
  readonly #session = new Session()
  readonly #profiles: boolean
  #watching = false
  #cpu = 0
  #wall = 0
  #longest = { cpuMs: 0, wallMs: 0, from: 0, to: 0 }

  constructor(profiles: boolean) {
    this.#profiles = profiles
    if (!profiles) return
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.setSamplingInterval', { interval: 500 })
  }

  begin(): void {
    if (this.#profiles) this.#session.post('Profiler.start')
    this.#longest = { cpuMs: 0, wallMs: 0, from: 0, to: 0 }
    this.#cpu = this.#now()
    this.#wall = performance.now()
    if (this.#watching) return
    this.#watching = true
    setImmediate(this.#turn)
  }

  async end(): Promise<Longest> {
    this.#watching = false
    const { cpuMs, wallMs, from, to } = this.#longest
    if (!this.#profiles) return { cpuMs, wallMs }
    const profile = await new Promise<Profiler.Profile | undefined>((resolve) =>
      this.#session.post('Profiler.stop', (_, result) => resolve(result?.profile)),
    )
    return { cpuMs, wallMs, spent: profile === undefined ? [] : spentIn(profile, from, to) }
  }

  close(): void {
    closeSync(this.#file)
  }

  readonly #turn = (): void => {
    const cpu = this.#now()
    const wall = performance.now()
    const cpuMs = cpu - this.#cpu
    if (cpuMs > this.#longest.cpuMs) {
      const offset = Number(process.hrtime.bigint() / 1_000n) - wall * 1_000
      const [from, to] = [this.#wall, wall].map((at) => at * 1_000 + offset) as [number, number]
      this.#longest = { cpuMs, wallMs: wall - this.#wall, from, to }
    }
    this.#cpu = cpu
    this.#wall = wall
    if (this.#watching) setImmediate(this.#turn)
  }

  /** Milliseconds that the main thread had a processor for. */
  #now(): number {
    const length = readSync(this.#file, this.#bytes, 0, this.#bytes.length, 0)
    return Number.parseInt(this.#bytes.toString('latin1', 0, length), 10) / 1e6
  }
}

/** The functions that a profile saw between two microseconds of the monotonic clock. */
function spentIn(profile: Profiler.Profile, from: number, to: number): string[] {
  const parents = new Map<number, number>()
  const names = new Map<number, string>()
  for (const { id, callFrame, children = [] } of profile.nodes) {
    names.set(id, `${callFrame.functionName || '(nameless)'}:${callFrame.lineNumber + 1}`)
    for (const child of children) parents.set(child, id)
  }
  const within = new Map<string, number>()
  const alone = new Map<string, number>()
  let at = profile.startTime
  for (const [index, node] of (profile.samples ?? []).entries()) {
    const took = profile.timeDeltas?.[index] ?? 0
    at += took
    if (at < from || at > to) continue
    const seen = new Set<string>()
    for (let id: number | undefined = node; id !== undefined; id = parents.get(id)) seen.add(names.get(id) ?? '')
    for (const name of seen) within.set(name, (within.get(name) ?? 0) + took / 1_000)
    const self = names.get(node) ?? ''
    alone.set(self, (alone.get(self) ?? 0) + took / 1_000)
  }
  return [...within]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 25)
    .map(([name, ms]) => `${ms.toFixed(1)} ms (itself ${(alone.get(name) ?? 0).toFixed(1)}) ${name}`)
}
