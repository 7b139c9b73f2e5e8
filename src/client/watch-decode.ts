/** A watch's stream: one JSON object a line (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes). */

import { ApiError } from '../meta/errors.ts'
import type { KubeObject, Status, WatchEventType } from '../meta/types.ts'
import { readJson } from '../wire/json/parse.ts'
import type { WatchEvent } from './transport.ts'

/** No event is longer: the server's objects are a few megabytes at most. */
export const MAX_EVENT_BYTES = 16 * 2 ** 20

const NEWLINE = 10

/** The events of a stream of bytes. Throws `ApiError` for an `ERROR` event, and for a line that is too long. */
export async function* decodeWatch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  let parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end)
      const line = parts.length === 0 ? piece : Buffer.concat([...parts, piece])
      parts = []
      length = 0
      start = end + 1
      if (line.length > 0) yield eventOf(line)
    }
    if (start === chunk.length) continue
    parts.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > MAX_EVENT_BYTES) throw new Error(`a watch event is longer than ${MAX_EVENT_BYTES} bytes`)
  }
  // A line cut off by the end of the stream is no event: the watcher resumes before it.
}

function eventOf(line: Uint8Array): WatchEvent {
  const { type, object } = readJson(line) as { type: WatchEventType; object: KubeObject & Status }
  if (type === 'ERROR') throw new ApiError(object)
  return { type, object }
}
