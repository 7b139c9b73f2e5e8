/**
 * Time, injected. Everything that reads a clock or waits does it through a `Clock`, so that a test, or a whole
 * simulated cluster, can hold time still and move it.
 */

/** What waits and tells the time. All durations are milliseconds. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump, as wall clocks do. */
  now(): number
  /** Milliseconds since some fixed start; never goes back. */
  monotonic(): number
  /** Calls `run` once, `ms` from now, never before `after` returns. The returned function cancels it. */
  after(ms: number, run: () => void): () => void
  /** Resolves `ms` from now; rejects with `signal.reason` when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The longest wait `setTimeout` can express; longer ones fire early and their owners look again. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.max(0, Math.min(ms, MAX_TIMER_MS)))
    return () => clearTimeout(timer)
  },
  sleep: (ms, signal) => sleepOn(systemClock, ms, signal),
}

/** `sleep` in terms of `after`, for every clock. */
export function sleepOn(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const onAbort = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** `ms` since the epoch as the API writes times: RFC 3339, UTC, whole seconds. */
export function toTime(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastTime = new Date(second * 1000).toISOString().replace('.000Z', 'Z')
    lastSecond = second
  }
  return lastTime
}

let lastSecond = Number.NaN
let lastTime = ''

/** `ms` since the epoch with six decimals, as leases and events write it. */
export function toMicroTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}

/** Milliseconds since the epoch of an RFC 3339 time; `undefined` for absent or unreadable text. */
export function fromTime(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
