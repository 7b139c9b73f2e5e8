/**
 * Many byte streams over one connection, as exec, attach and port-forward need them. SPDY/3.1 and the channel
 * protocols of WebSocket are two framings of the same thing; code above knows only this interface.
 */
import type { Duplex } from 'node:stream'

/** What a stream is for: `streamtype` (`stdin`, `error`, `data`, ...), `port`, `requestid`. Names are in lower case. */
export type StreamHeaders = Readonly<Record<string, string>>

/**
 * One stream, readable with `for await` to its end while its other direction goes on. `end()` closes
 * this side only; reading ends when the other side has closed its.
 * `destroy(error)` gives the stream up in both directions and tells the other side where the framing can.
 */
export interface ByteStream extends Duplex {
  readonly headers: StreamHeaders
}

export interface StreamConnection {
  /** What both sides agreed to speak: `v5.channel.k8s.io`, `portforward.k8s.io`, ... */
  readonly protocol: string
  /** The streams that the other side opens, in its order. Ends with the connection; may be read once. */
  readonly incoming: AsyncIterable<ByteStream>
  /**
   * A stream of our own. Resolves once the other side has agreed; rejects when it refuses or the connection ends.
   * Framings with fixed channels give the channel of that `streamtype`.
   */
  open(headers: StreamHeaders): Promise<ByteStream>
  /** Ends the connection and every stream in it; with an error, streams still open fail with it. */
  close(error?: Error): void
  /** Resolves once nothing of the connection is left. Never rejects. */
  readonly closed: Promise<void>
}

/** The connection ended while somebody still used a stream of it. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/** The other side broke the rules of the framing, or gave a stream up. */
export class StreamProtocolError extends Error {
  override readonly name = 'StreamProtocolError'
}

/** Closes a duplex for good once both of its directions have ended, and not before. */
export function destroyWhenDone(stream: Duplex): void {
  const check = () => {
    if (stream.readableEnded && stream.writableFinished) stream.destroy()
  }
  stream.once('end', check)
  stream.once('finish', check)
}
