/** What both kinds of event recorders share: events are written behind, in order, and again where the server is away. */

import type { Clock } from '../base/clock.ts'
import { type Channel, channel } from '../base/async/channel.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { firstBytes } from '../base/text.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { isApiError } from '../meta/errors.ts'
import type { KubeObject } from '../meta/types.ts'

/** Events that wait to be written; beyond that new ones are dropped, as their tellers must not wait. */
const WAITING = 1_000
const TRIES = 12
const RETRY_MS = 10_000
/** The API limits notes, the messages of events.k8s.io, to so many bytes. */
const MAX_MESSAGE_BYTES = 1_024

export const waitingEvents = <T>(): Channel<T> => channel<T>(WAITING)

/** Hands each element on, one after another, until `signal` aborts; then throws its reason. */
export async function takeEach<T>(
  waiting: Channel<T>,
  take: (next: T) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const reading = waiting[Symbol.asyncIterator]()
  for (;;) {
    const next = await untilAborted(reading.next(), signal)
    if (next.done === true) return
    await take(next.value)
  }
}

export interface DeliveryDeps {
  readonly clock: Clock
  readonly log: Log
}

/** Tries `write` until it succeeds, the server refuses the event, or it has been away for too long. */
export async function deliver(
  { clock, log }: DeliveryDeps,
  about: { readonly reason: string | undefined; readonly object: string | undefined },
  write: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await write()
    } catch (error) {
      signal.throwIfAborted()
      const isRefused = isApiError(error) && error.code < 500 && error.code !== 429
      if (isRefused || tries >= TRIES) {
        // A namespace that is going away refuses events: that is nobody's fault.
        log.debug('event not written', { ...about, error })
        return
      }
      await clock.sleep(RETRY_MS, signal)
    }
  }
}

/** Where an event about `object` stands: its name is the object's, and when it was told. */
export function eventPlace(
  { metadata }: DeepReadonly<KubeObject>,
  nowMs: number,
  random: Random,
): { readonly name: string; readonly namespace: string } {
  const { name = '', namespace = 'default' } = metadata
  return { name: `${name}.${uniqueSuffix(nowMs, random)}`, namespace }
}

/** Sixteen hexadecimal digits: the time in nanoseconds, whose last six digits are chance. */
function uniqueSuffix(nowMs: number, random: Random): string {
  const nanoseconds = BigInt(Math.floor(nowMs)) * 1_000_000n + BigInt(Math.floor(random.next() * 1_000_000))
  return nanoseconds.toString(16).padStart(16, '0')
}

/** The text, cut at a character where it is longer than an event's may be. */
export function cut(message: string, ellipsis = '...'): string {
  if (Buffer.byteLength(message) <= MAX_MESSAGE_BYTES) return message
  return `${firstBytes(message, MAX_MESSAGE_BYTES - ellipsis.length)}${ellipsis}`
}

/** What `promise` gives, unless `signal` aborts first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
