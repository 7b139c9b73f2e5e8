/**
 * A SPDY/3.1 connection, either side: what kubectl before 1.31 and the streaming servers of container runtimes speak
 * after an HTTP upgrade (https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/).
 */
import type { Duplex } from 'node:stream'
import { nextTurn } from '../../base/async/turn.ts'
import { Incoming } from './incoming.ts'
import { HeaderReader, HeaderWriter } from './spdy-headers.ts'
import {
  controlFrame,
  dataFrame,
  FrameCutter,
  flags,
  frameTypes,
  initialWindow,
  resetCodes,
  synStreamFrame,
  wordOf,
  type SpdyPiece,
} from './spdy-frames.ts'
import { SpdyStream, type SpdyLink } from './spdy-stream.ts'
import {
  ConnectionLost,
  StreamProtocolError,
  type ByteStream,
  type StreamConnection,
  type StreamHeaders,
} from './stream-connection.ts'

export interface SpdyOptions {
  /** The agreed protocol of the streams, for `StreamConnection.protocol`. */
  readonly protocol: string
  readonly side: 'client' | 'server'
}

/** Streams open at once; more are refused. */
const maxStreams = 1_000
/** Bytes one stream may hold unread before the whole connection is no longer read. */
const maxUnread = 1024 * 1024
/** Answers and other frames of our own that may wait to be sent before the connection is no longer read. */
const maxUnsent = 1_000
/** So many frames are handled before others have their turn. */
const framesPerTurn = 256
/** The number of SETTINGS' initial window. */
const settingInitialWindow = 7

/** Speaks SPDY over a connection that has been upgraded to it. The connection is this object's from now on. */
export function spdyConnection(socket: Duplex, options: SpdyOptions): StreamConnection {
  return new SpdyConnection(socket, options)
}

interface Opening {
  readonly stream: SpdyStream
  readonly resolve: (stream: ByteStream) => void
  readonly reject: (error: Error) => void
}

class SpdyConnection implements StreamConnection, SpdyLink {
  readonly protocol: string
  readonly incoming = new Incoming()
  readonly closed: Promise<void>
  peerHasWindows = false
  readonly #socket: Duplex
  readonly #headerWriter = new HeaderWriter()
  readonly #headerReader = new HeaderReader()
  readonly #streams = new Map<number, SpdyStream>()
  readonly #opening = new Map<number, Opening>()
  readonly #remoteParity: 0 | 1
  #nextId: number
  #lastRemoteId = 0
  #window = initialWindow
  #isClosed = false
  #received = 0
  #unsent = 0
  #roomToSend: (() => void) | undefined
  #peerGoesAway = false

  constructor(socket: Duplex, { protocol, side }: SpdyOptions) {
    this.#socket = socket
    this.protocol = protocol
    this.#nextId = side === 'client' ? 1 : 2
    this.#remoteParity = side === 'client' ? 0 : 1
    socket.on('error', () => {}) // seen by the reading loop too
    this.closed = this.#run()
  }

  async open(headers: StreamHeaders): Promise<ByteStream> {
    if (this.#isClosed) throw new ConnectionLost('the connection is closed')
    const id = this.#nextId
    this.#nextId += 2
    const stream = new SpdyStream(id, lowerCase(headers), this)
    this.#streams.set(id, stream)
    const opened = new Promise<ByteStream>((resolve, reject) => this.#opening.set(id, { stream, resolve, reject }))
    this.#send(synStreamFrame(id, this.#headerWriter.write(headers)))
    return await opened
  }

  close(error?: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const code = error === undefined ? 0 : 1
    this.#send(controlFrame(frameTypes.goAway, 0, [this.#lastRemoteId, code]))
    const lost = error ?? new ConnectionLost('the connection was closed')
    for (const stream of this.#streams.values()) stream.abandon(lost)
    this.#dropStreams(lost)
    if (error === undefined) this.#socket.end(() => this.#socket.destroy())
    else this.#socket.destroy()
  }

  sendData(stream: number, bytes: Uint8Array, isLast: boolean, done: (error?: Error | null) => void): void {
    if (this.#socket.writable) this.#socket.write(dataFrame(stream, bytes, isLast), done)
    else done(new ConnectionLost('the connection is closed'))
  }

  sendReset(stream: number, code: number): void {
    this.#send(controlFrame(frameTypes.rstStream, 0, [stream, code]))
  }

  sendWindowUpdate(stream: number, size: number): void {
    this.#send(controlFrame(frameTypes.windowUpdate, 0, [stream, size]))
  }

  takeWindow(wanted: number): number {
    const size = Math.max(0, Math.min(wanted, this.#window))
    this.#window -= size
    return size
  }

  forget(stream: number): void {
    this.#streams.delete(stream)
  }

  #send(frame: Buffer): void {
    if (!this.#socket.writable) return
    this.#unsent++
    this.#socket.write(frame, this.#sent)
  }

  readonly #sent = (): void => {
    this.#unsent--
    if (this.#unsent < maxUnsent) this.#roomToSend?.()
  }

  /** Waits while the other side asks for more answers than it reads. */
  async #untilRoomToSend(): Promise<void> {
    if (this.#unsent < maxUnsent || this.#socket.destroyed) return
    await new Promise<void>((resolve) => (this.#roomToSend = resolve))
    this.#roomToSend = undefined
  }

  async #run(): Promise<void> {
    const cutter = new FrameCutter()
    let failure: Error | undefined
    try {
      for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
        let frames = 0
        for (const piece of cutter.cut(chunk)) {
          await this.#handle(piece)
          await this.#untilRoomToSend()
          if (++frames % framesPerTurn === 0) await nextTurn()
        }
      }
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
    }
    // Go's servers close at once after saying goodbye, and may reset the connection under our last words.
    if (this.#peerGoesAway && !(failure instanceof StreamProtocolError)) failure = undefined
    if (failure === undefined && cutter.isInside) failure = new ConnectionLost('the connection was cut')
    if (failure instanceof StreamProtocolError) this.close(failure)
    this.#isClosed = true
    const lost = failure ?? new ConnectionLost('the other side closed the connection')
    if (failure === undefined) for (const stream of this.#streams.values()) stream.receiveLast(lost)
    this.#dropStreams(lost)
    this.#headerReader.close()
    this.incoming.end()
    this.#socket.destroy()
  }

  async #handle(piece: SpdyPiece): Promise<void> {
    if (piece.kind === 'data') return this.#handleData(piece)
    const { type, body } = piece
    switch (type) {
      case frameTypes.synStream:
        return this.#handleSynStream(body, piece.flags)
      case frameTypes.synReply:
        return this.#handleSynReply(body, piece.flags)
      case frameTypes.headers: // nothing uses them, but the compression goes on through them
        await this.#headerReader.read(body.subarray(4))
        return
      case frameTypes.rstStream:
        return this.#handleReset(wordOf(body, 0), wordOf(body, 1))
      case frameTypes.ping:
        if (wordOf(body, 0) % 2 === this.#remoteParity) this.#send(controlFrame(frameTypes.ping, 0, [wordOf(body, 0)]))
        return
      case frameTypes.settings:
        return this.#handleSettings(body)
      case frameTypes.windowUpdate:
        return this.#handleWindowUpdate(wordOf(body, 0) & 0x7fff_ffff, wordOf(body, 1) & 0x7fff_ffff)
      case frameTypes.goAway: // the other side opens no more, and ends the connection when it is done
        this.#peerGoesAway = true
        return
      default: // what is not known is not meant for us
    }
  }

  async #handleData({ stream: id, bytes, isLast }: SpdyPiece & { kind: 'data' }): Promise<void> {
    this.#received += bytes.length
    // Servers that know no windows must not find ours unread when they close: that would reset the connection.
    if (this.peerHasWindows && this.#received >= initialWindow / 2) {
      this.sendWindowUpdate(0, this.#received)
      this.#received = 0
    }
    const stream = this.#streams.get(id)
    if (stream === undefined) {
      // Data still on its way to a stream that was given up is no fault of the sender.
      if (id % 2 === this.#remoteParity && id > this.#lastRemoteId) this.sendReset(id, resetCodes.invalidStream)
      return
    }
    stream.receive(bytes, isLast)
    await stream.roomFor(maxUnread)
  }

  async #handleSynStream(body: Buffer, frameFlags: number): Promise<void> {
    const id = wordOf(body, 0) & 0x7fff_ffff
    const headers = await this.#headerReader.read(body.subarray(10))
    if (id % 2 !== this.#remoteParity || id <= this.#lastRemoteId) {
      throw new StreamProtocolError(`the other side opened stream ${id} out of turn`)
    }
    this.#lastRemoteId = id
    if (this.#streams.size >= maxStreams) return this.sendReset(id, resetCodes.refusedStream)
    const stream = new SpdyStream(id, headers, this)
    this.#streams.set(id, stream)
    this.#send(controlFrame(frameTypes.synReply, 0, [id], this.#headerWriter.write({})))
    if ((frameFlags & flags.fin) !== 0) stream.receive(Buffer.alloc(0), true)
    if ((frameFlags & flags.unidirectional) !== 0) stream.end()
    if (this.#isClosed || !this.incoming.add(stream)) stream.destroy()
  }

  async #handleSynReply(body: Buffer, frameFlags: number): Promise<void> {
    const id = wordOf(body, 0) & 0x7fff_ffff
    await this.#headerReader.read(body.subarray(4))
    const opening = this.#opening.get(id)
    if (opening === undefined) return
    this.#opening.delete(id)
    if ((frameFlags & flags.fin) !== 0) opening.stream.receive(Buffer.alloc(0), true)
    opening.resolve(opening.stream)
  }

  #handleReset(id: number, code: number): void {
    const error = new StreamProtocolError(`the other side gave stream ${id} up (status ${code})`)
    const opening = this.#opening.get(id)
    this.#opening.delete(id)
    opening?.reject(error)
    this.#streams.get(id)?.receiveReset(error)
  }

  #handleSettings(body: Buffer): void {
    const count = wordOf(body, 0)
    for (let i = 0; i < count && body.length >= 12 + i * 8; i++) {
      const id = wordOf(body, 1 + i * 2) & 0xff_ffff
      if (id === settingInitialWindow) this.peerHasWindows = true
    }
  }

  #handleWindowUpdate(id: number, size: number): void {
    this.peerHasWindows = true
    if (id !== 0) return this.#streams.get(id)?.widen(size)
    this.#window += size
    for (const stream of this.#streams.values()) stream.proceed()
  }

  #dropStreams(error: Error): void {
    for (const { reject } of this.#opening.values()) reject(error)
    this.#opening.clear()
    for (const stream of this.#streams.values()) stream.receiveReset(error)
  }
}

function lowerCase(headers: StreamHeaders): StreamHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
