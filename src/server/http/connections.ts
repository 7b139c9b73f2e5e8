/**
 * How long a client may keep a connection on which it asks nothing: as long as Go's server lets it for Kubernetes
 * (https://pkg.go.dev/net/http#Server). A connection costs memory, and whoever holds many of them holds the server.
 */

import { constants, type Http2SecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { cutOff } from '../../base/async/part.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { systemClock } from '../../base/clock.ts'

export interface ConnectionLimits {
  /** Agreeing on keys takes no longer. */
  readonly handshakeMs: number
  /** Nor does the head of a request over HTTP/1, however it drips in. */
  readonly headMs: number
  /** Who chose HTTP/2 begins with it within so long. */
  readonly prefaceMs: number
  /** Between two requests. */
  readonly idleMs: number
}

export const connectionLimits: ConnectionLimits = {
  handshakeMs: 32_000,
  headMs: 32_000,
  prefaceMs: 10_000,
  idleMs: 90_000,
}

/** The connections of a server. */
export class Connections {
  readonly #all = new Set<Socket>()
  readonly #byEnds = new Map<string, Socket>()

  constructor(server: Http2SecureServer) {
    server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true)
      const ends = endsOf(socket)
      this.#all.add(socket)
      this.#byEnds.set(ends, socket)
      socket.once('close', () => {
        this.#all.delete(socket)
        if (this.#byEnds.get(ends) === socket) this.#byEnds.delete(ends)
      })
    })
  }

  /** What is below the encryption: it can be closed, whatever is still to be said. */
  below(socket: Ends): Socket | undefined {
    return this.#byEnds.get(endsOf(socket))
  }

  closeAll(): void {
    for (const socket of this.#all) socket.destroy()
  }
}

type Ends = Pick<Socket, 'localAddress' | 'remoteAddress' | 'remotePort'>

const endsOf = ({ localAddress, remoteAddress, remotePort }: Ends) => `${localAddress} ${remoteAddress} ${remotePort}`

/** Ends a connection over HTTP/2 that does not begin, or on which nothing is asked any more. Pings are no requests. */
export function endWhenIdle(
  session: ServerHttp2Session,
  { prefaceMs, idleMs }: ConnectionLimits,
  below: Socket | undefined,
): void {
  let streams = 0
  let idleSince = systemClock.monotonic()
  let isTimed = true
  const goodbye = () => {
    session.close()
    // Its last words wait for a client that reads.
    if (below !== undefined) cutOff(below)
  }
  let cancel = systemClock.after(prefaceMs, () => (below === undefined ? session.destroy() : below.destroy()))
  const look = () => {
    isTimed = streams === 0
    if (!isTimed) return
    const leftMs = idleSince + idleMs - systemClock.monotonic()
    if (leftMs <= 0 || session.destroyed) goodbye()
    else cancel = systemClock.after(leftMs, look)
  }
  session.once('remoteSettings', () => {
    cancel()
    look()
  })
  session.on('stream', (stream) => {
    streams++
    stream.once('close', () => {
      streams--
      idleSince = systemClock.monotonic()
      if (!isTimed) look()
    })
  })
  session.once('close', () => cancel())
}

/** How often a client that reads slowly is asked whether it has its answer. */
const END_POLL_MS = 100

/**
 * Nothing more is taken of a request over HTTP/2 that has its whole answer. The word goes out only after the answer's end
 * (https://www.rfc-editor.org/rfc/rfc9113#section-8.1), which waits for the connection when the last byte no longer does.
 */
export function endWhenAnswered(stream: ServerHttp2Stream): void {
  if (stream.endAfterHeaders) return
  const look = () => {
    if (stream.destroyed || stream.readableEnded) return
    if (stream.state.localClose === 1) stream.close(constants.NGHTTP2_NO_ERROR)
    else systemClock.after(END_POLL_MS, look)
  }
  stream.once('finish', () => void nextTurn().then(look))
}
