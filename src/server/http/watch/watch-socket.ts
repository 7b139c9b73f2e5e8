/** Sends a watch over a WebSocket: an event a message (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes). */

import type { WebSocket } from 'ws'
import type { WatchSink } from '../../watchcache/watch-cache.ts'
import type { WatchFrame } from '../../watchcache/watch-frame.ts'

/** So many bytes may wait for a client before it is cut off. */
const MAX_WAITING = 4 * 1024 * 1024
const NORMAL_CLOSURE = 1000

/** A sink that writes to `webSocket`: `encode` tells what a message says, text when `isText`. */
export function watchSocket(webSocket: WebSocket, encode: (frame: WatchFrame) => Buffer, isText: boolean): WatchSink {
  const isOpen = () => webSocket.readyState === webSocket.OPEN
  const send = (frame: WatchFrame) => webSocket.send(encode(frame), { binary: !isText })
  return {
    begin(frames) {
      for (const frame of frames) send(frame)
    },
    offer(frame) {
      if (!isOpen()) return false
      if (webSocket.bufferedAmount > MAX_WAITING) {
        webSocket.terminate()
        return false
      }
      send(frame)
      return true
    },
    end: () => webSocket.close(NORMAL_CLOSURE),
  }
}
