/** The end of a connection: a client that keeps its own side open would hold the other for ever. */

import type { Duplex } from 'node:stream'
import { systemClock } from '../clock.ts'

/** The other side has so long to end its own. */
const GOODBYE_MS = 1_000

/** Says the last words on a connection and ends it, whatever the other side does. */
export function part(socket: Duplex, words: string | Buffer = ''): void {
  socket.end(words)
  cutOff(socket)
}

/** Ends a connection whose last words are on their way. */
export function cutOff(socket: Duplex): void {
  if (socket.destroyed) return
  const cancel = systemClock.after(GOODBYE_MS, () => socket.destroy())
  socket.once('close', cancel)
}
