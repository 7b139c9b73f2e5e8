/** The frames of SPDY/3.1 (https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/). */
import { StreamProtocolError } from './stream-connection.ts'

export const frameTypes = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const

export const flags = { fin: 1, unidirectional: 2 } as const

/** Why a stream is given up. */
export const resetCodes = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  flowControlError: 7,
} as const

/** Bytes a side may send on a stream, and on the whole connection, before it hears back. */
export const initialWindow = 64 * 1024

const spdyVersion = 3
/** Control frames are small; what claims to be larger is an attack or another protocol. */
const maxControl = 128 * 1024

/** A piece of what came. The data of one frame may come in several pieces; only the last carries `isLast`. */
export type SpdyPiece =
  | { readonly kind: 'data'; readonly stream: number; readonly bytes: Buffer; readonly isLast: boolean }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly body: Buffer }

/** Cuts a byte stream into frames, without waiting for the whole of a data frame. */
export class FrameCutter {
  #buffer: Buffer = Buffer.alloc(0)
  #data: { readonly stream: number; left: number; readonly isFin: boolean } | undefined

  /** Whether a frame has begun and not ended. */
  get isInside(): boolean {
    return this.#buffer.length > 0 || this.#data !== undefined
  }

  *cut(chunk: Buffer): Generator<SpdyPiece> {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    for (;;) {
      if (this.#data !== undefined) {
        const { stream, left, isFin } = this.#data
        if (this.#buffer.length === 0 && left > 0) return
        const bytes = this.#take(Math.min(left, this.#buffer.length))
        this.#data.left -= bytes.length
        const isWhole = this.#data.left === 0
        if (isWhole) this.#data = undefined
        yield { kind: 'data', stream, bytes, isLast: isWhole && isFin }
        continue
      }
      if (this.#buffer.length < 8) return
      const length = this.#buffer.readUIntBE(5, 3)
      const word = this.#buffer.readUInt32BE(0)
      const frameFlags = this.#buffer[4]!
      if (word < 0x8000_0000) {
        this.#take(8)
        this.#data = { stream: word, left: length, isFin: (frameFlags & flags.fin) !== 0 }
        continue
      }
      const version = (word >>> 16) & 0x7fff
      if (version !== spdyVersion) throw new StreamProtocolError(`SPDY version ${version} is not spoken`)
      if (length > maxControl) throw new StreamProtocolError('a control frame is too large')
      if (this.#buffer.length < 8 + length) return
      this.#take(8)
      yield { kind: 'control', type: word & 0xffff, flags: frameFlags, body: this.#take(length) }
    }
  }

  #take(size: number): Buffer {
    const taken = this.#buffer.subarray(0, size)
    this.#buffer = this.#buffer.subarray(size)
    return taken
  }
}

export function dataFrame(stream: number, bytes: Uint8Array, isLast: boolean): Buffer {
  const frame = Buffer.allocUnsafe(8 + bytes.length)
  frame.writeUInt32BE(stream, 0)
  frame.writeUInt32BE(((isLast ? flags.fin : 0) * 0x100_0000 + bytes.length) >>> 0, 4)
  frame.set(bytes, 8)
  return frame
}

/** `words` are 32-bit numbers at the start of the body. */
export function controlFrame(type: number, frameFlags: number, words: readonly number[], rest?: Buffer): Buffer {
  const length = words.length * 4 + (rest?.length ?? 0)
  const frame = Buffer.alloc(8 + length)
  frame.writeUInt16BE(0x8000 | spdyVersion, 0)
  frame.writeUInt16BE(type, 2)
  frame.writeUInt32BE((frameFlags * 0x100_0000 + length) >>> 0, 4)
  words.forEach((word, i) => frame.writeUInt32BE(word, 8 + i * 4))
  rest?.copy(frame, 8 + words.length * 4)
  return frame
}

/** SYN_STREAM: stream, no associated stream, lowest priority, slot 0, headers. */
export function synStreamFrame(stream: number, headers: Buffer): Buffer {
  return controlFrame(frameTypes.synStream, 0, [stream, 0], Buffer.concat([Buffer.from([0, 0]), headers]))
}

/** The 32-bit number at `index` of a control frame's body. */
export function wordOf(body: Buffer, index: number): number {
  if (body.length < index * 4 + 4) throw new StreamProtocolError('a control frame is cut short')
  return body.readUInt32BE(index * 4)
}
