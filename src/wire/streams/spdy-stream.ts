/** One stream of a SPDY connection: a duplex whose two directions close on their own. */
import { Duplex } from 'node:stream'
import { initialWindow, resetCodes } from './spdy-frames.ts'
import { destroyWhenDone, StreamProtocolError, type ByteStream, type StreamHeaders } from './stream-connection.ts'

/** Data goes out in frames of at most this size, so that streams take turns. */
const maxFrame = 32 * 1024

/** What a stream needs of its connection. */
export interface SpdyLink {
  /** Sends data; calls back once the connection has taken it. */
  sendData(stream: number, bytes: Uint8Array, isLast: boolean, done: (error?: Error | null) => void): void
  sendReset(stream: number, code: number): void
  /** The reader took bytes: the other side may send as many more. */
  sendWindowUpdate(stream: number, size: number): void
  /** How much the connection as a whole may send now. */
  takeWindow(wanted: number): number
  /** Whether the other side keeps windows at all; many of Kubernetes's own do not, and never widen one. */
  readonly peerHasWindows: boolean
  forget(stream: number): void
}

export class SpdyStream extends Duplex implements ByteStream {
  readonly id: number
  readonly headers: StreamHeaders
  readonly #link: SpdyLink
  #window = initialWindow
  #untold = 0
  #remoteEnded = false
  #failure: Error | undefined
  #isReset = false
  #waiting: (() => void) | undefined
  #drained: (() => void) | undefined

  constructor(id: number, headers: StreamHeaders, link: SpdyLink) {
    super({
      allowHalfOpen: true,
      autoDestroy: false,
      readableHighWaterMark: initialWindow,
      writableHighWaterMark: initialWindow,
    })
    this.id = id
    this.headers = headers
    this.#link = link
    destroyWhenDone(this)
    this.on('error', () => {}) // who reads or writes hears of it; nobody has to
  }

  /** Data from the other side. */
  receive(bytes: Buffer, isLast: boolean): void {
    if (this.#remoteEnded || this.destroyed) return
    if (bytes.length > 0) {
      this.#untold += bytes.length
      this.push(bytes)
    }
    if (isLast) {
      this.#remoteEnded = true
      this.push(null)
    }
  }

  /** The other side gave the stream up, or is gone. What it had sent before can still be read, then reading fails. */
  receiveReset(error: Error): void {
    this.#isReset = true
    this.proceed()
    if (this.#remoteEnded && !this.readableEnded) this.once('end', () => this.destroy())
    else if (this.readableLength === 0) this.destroy(error)
    else this.#failure = error
  }

  /** We gave the whole connection up. */
  abandon(error: Error): void {
    this.#isReset = true
    this.destroy(error)
  }

  /** The connection ended in good order: nothing more will come. */
  receiveLast(error: Error): void {
    this.receive(Buffer.alloc(0), true)
    this.receiveReset(error)
  }

  widen(size: number): void {
    this.#window += size
    this.proceed()
  }

  /** Lets a write go on that waited for a window. */
  proceed(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  /** Resolves when a reader has taken enough that more may come. */
  async roomFor(limit: number): Promise<void> {
    while (this.readableLength > limit && !this.destroyed) {
      await new Promise<void>((resolve) => (this.#drained = resolve))
    }
  }

  /** Every way of reading comes through here: a failure waits until what came before it is taken. */
  override read(size?: number): Buffer | null {
    const chunk = super.read(size) as Buffer | null
    if (this.#failure !== undefined && this.readableLength === 0) process.nextTick(() => this.destroy(this.#failure))
    return chunk
  }

  override _read(): void {
    this.#drained?.()
    if (!this.#link.peerHasWindows) return
    if (this.#untold < initialWindow / 4 || this.#remoteEnded) return
    this.#link.sendWindowUpdate(this.id, this.#untold)
    this.#untold = 0
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error | null) => void): void {
    if (this.#isReset) return done(new StreamProtocolError('the other side takes no more'))
    const wanted = Math.min(chunk.length, maxFrame)
    const size = this.#link.peerHasWindows ? this.#link.takeWindow(Math.min(wanted, this.#window)) : wanted
    if (size <= 0 && chunk.length > 0) {
      this.#waiting = () => this._write(chunk, _, done)
      return
    }
    this.#window -= size
    this.#link.sendData(this.id, chunk.subarray(0, size), false, (error) => {
      if (error !== undefined && error !== null) done(error)
      else if (size === chunk.length) done()
      else this._write(chunk.subarray(size), _, done)
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#isReset) done()
    else this.#link.sendData(this.id, Buffer.alloc(0), true, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const isWhole = this.#remoteEnded && this.writableFinished
    if (!isWhole && !this.#isReset) this.#link.sendReset(this.id, resetCodes.cancel)
    this.#waiting = undefined
    this.#drained?.()
    this.#link.forget(this.id)
    done(error)
  }
}
