/** Sends a watch to a client over HTTP: events are written in batches, and a client that does not read is cut off. */

import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { WatchSink } from '../../watchcache/watch-cache.ts'
import type { WatchFrame } from '../../watchcache/watch-frame.ts'

export type HttpResponse = ServerResponse | Http2ServerResponse

/** So many bytes may wait for a client before it is cut off. */
const MAX_WAITING = 4 * 1024 * 1024
/** Written at once of what a watch begins with. */
const BATCH = 256 * 1024

export interface WatchStream extends WatchSink {
  /** Called once, when the stream has ended for whatever reason. */
  onEnd(done: () => void): void
}

/** A sink that writes to `response`, whose head must be written already. `caughtUp` hears that all that came before is. */
export function watchStream(
  response: HttpResponse,
  encode: (frame: WatchFrame) => Buffer,
  caughtUp?: () => void,
): WatchStream {
  // One type for both protocols: only what they share is used.
  const out = response as ServerResponse
  let initial: readonly WatchFrame[] = []
  let sent = 0
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let isScheduled = false
  let isOver = false
  let wantsEnd = false
  const listeners: (() => void)[] = []

  const finish = () => {
    if (isOver) return
    isOver = true
    waiting = []
    initial = []
    for (const done of listeners) done()
  }
  const flush = () => {
    isScheduled = false
    if (isOver) return
    while (sent < initial.length) {
      const parts: Buffer[] = []
      let size = 0
      while (sent < initial.length && size < BATCH) {
        const part = encode(initial[sent++]!)
        parts.push(part)
        size += part.length
      }
      if (!out.write(parts.length === 1 ? parts[0] : Buffer.concat(parts, size))) return
    }
    initial = []
    sent = 0
    caughtUp?.()
    if (waiting.length > 0) {
      const parts = waiting
      const size = waitingBytes
      waiting = []
      waitingBytes = 0
      out.write(parts.length === 1 ? parts[0] : Buffer.concat(parts, size))
    }
    if (wantsEnd) out.end()
  }
  const schedule = () => {
    if (isScheduled) return
    isScheduled = true
    queueMicrotask(flush)
  }
  out.on('drain', flush)
  out.on('close', finish)
  out.on('error', finish)
  return {
    begin(frames) {
      initial = frames
      schedule()
    },
    offer(frame) {
      if (isOver) return false
      const bytes = encode(frame)
      if (waitingBytes + out.writableLength + bytes.length > MAX_WAITING && initial.length === 0) {
        out.destroy()
        return false
      }
      if (waitingBytes + bytes.length > 2 * MAX_WAITING) {
        out.destroy()
        return false
      }
      waiting.push(bytes)
      waitingBytes += bytes.length
      schedule()
      return true
    },
    end() {
      wantsEnd = true
      schedule()
    },
    onEnd: (done) => void (isOver ? done() : listeners.push(done)),
  }
}
