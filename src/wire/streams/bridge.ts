/** Joins two stream connections: what a client sends to us goes on to a runtime, and back. */
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ByteStream, StreamConnection } from './stream-connection.ts'

/** What comes back over a stream, in other words. */
export type Translate = (stream: ByteStream, back: AsyncIterable<Buffer>) => AsyncIterable<Buffer>

/**
 * Opens in `to` every stream that comes in from `from` and copies both ways, each direction until its own end.
 * When one connection is closed, what had come from it is delivered, then the other is closed too. Settles when both
 * are. `translate` may say what comes back in other words.
 */
export async function bridgeConnections(
  from: StreamConnection,
  to: StreamConnection,
  translate: Translate = (_, back) => back,
): Promise<void> {
  const forth: Promise<void>[] = []
  const back: Promise<void>[] = []
  const accept = async () => {
    for await (const stream of from.incoming) {
      const opened = to.open({ ...stream.headers })
      forth.push(
        opened.then(
          (other) => copy(stream as AsyncIterable<Buffer>, other),
          (error: unknown) => void stream.destroy(error instanceof Error ? error : new Error(String(error))),
        ),
      )
      back.push(
        opened.then(
          (other) => copy(translate(stream, other as AsyncIterable<Buffer>), stream),
          () => {},
        ),
      )
    }
  }
  const follow = async (ended: StreamConnection, copies: Promise<void>[], other: StreamConnection) => {
    await ended.closed
    await Promise.all(copies)
    other.close()
  }
  await Promise.all([accept(), follow(from, forth, to), follow(to, back, from)])
}

/**
 * Copies until `source` ends, then ends `sink`. A sink that takes no more lets the rest of the source run dry, for the
 * other direction may still be in use; a source that fails gives the sink up.
 */
export async function copy(source: AsyncIterable<Buffer>, sink: Duplex): Promise<void> {
  try {
    for await (const chunk of source) {
      if (sink.writable && !sink.write(chunk)) await writableAgain(sink)
    }
  } catch (error) {
    sink.destroy(error instanceof Error ? error : new Error(String(error)))
    return
  }
  if (!sink.writable) return
  sink.end()
  await finished(sink, { readable: false }).catch(() => {}) // its owner hears of the failure
}

function writableAgain(sink: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) sink.removeListener(event, done)
      resolve()
    }
    const events = ['drain', 'close', 'error'] as const
    for (const event of events) sink.on(event, done)
  })
}
