/** Reads protobuf's wire format from bytes that nobody vouches for. */

/** The bytes are no protobuf, or none that is accepted. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** Deeper nesting than this is refused. */
export const maxMessageDepth = 200
/** Texts up to this length are cheaper to read here than in native code. */
const shortText = 24
const two32 = 4_294_967_296

export class ProtobufReader {
  readonly buffer: Buffer
  at: number
  end: number
  depth = 0
  /** Values that were read, and how many there may be. */
  values = 0
  maxValues = Number.POSITIVE_INFINITY

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = 0
    this.end = this.buffer.length
  }

  /** The number and wire type of the next field; 0 at the end of the message. */
  tag(): number {
    if (this.at >= this.end) return 0
    const tag = this.varint()
    if (tag < 8 || tag >= two32) throw new ProtobufError('a field has an impossible number')
    return tag
  }

  /** Counts what was read, and throws when it is too much. */
  countValue(count = 1): void {
    this.values += count
    if (this.values > this.maxValues) throw new ProtobufError(`the body has more than ${this.maxValues} values`)
  }

  /** A text among many. */
  listed(): string {
    this.countValue()
    return this.text()
  }

  /** An unsigned number; inexact past 2^53. */
  varint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.end) throw cutShort()
      const byte = this.buffer[this.at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    throw new ProtobufError('a number is too long')
  }

  /** A signed number, a `bigint` only when a double cannot hold it. */
  int64(): number | bigint {
    const start = this.at
    const value = this.varint()
    if (value <= Number.MAX_SAFE_INTEGER) return value
    let exact = 0n
    for (let i = this.at - 1; i >= start; i--) exact = (exact << 7n) | BigInt(this.buffer[i]! & 127)
    exact = BigInt.asIntN(64, exact)
    const number = Number(exact)
    return Number.isSafeInteger(number) ? number : exact
  }

  int32(): number {
    const value = this.int64()
    return typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : value | 0
  }

  bool(): boolean {
    return this.varint() !== 0
  }

  double(): number {
    if (this.at + 8 > this.end) throw cutShort()
    const value = this.buffer.readDoubleLE(this.at)
    this.at += 8
    return value
  }

  text(): string {
    const end = this.#lengthEnd()
    const start = this.at
    this.at = end
    if (end - start > shortText) return this.buffer.toString('utf8', start, end)
    let text = ''
    for (let i = start; i < end; i++) {
      const byte = this.buffer[i]!
      if (byte > 127) return this.buffer.toString('utf8', start, end)
      text += String.fromCharCode(byte)
    }
    return text
  }

  /** A view, no copy. */
  bytes(): Buffer {
    const end = this.#lengthEnd()
    const bytes = this.buffer.subarray(this.at, end)
    this.at = end
    return bytes
  }

  /** Reads what stands inside a length-prefixed message. */
  message<T>(read: (reader: this) => T): T {
    const outer = this.end
    const end = this.#lengthEnd()
    if (++this.depth > maxMessageDepth) throw new ProtobufError('exceeded max depth')
    this.end = end
    const value = read(this)
    this.at = end
    this.end = outer
    this.depth--
    return value
  }

  skip(wireType: number): void {
    switch (wireType) {
      case wireTypes.varint:
        this.varint()
        return
      case wireTypes.fixed64:
        this.#advance(8)
        return
      case wireTypes.bytes:
        this.at = this.#lengthEnd()
        return
      case wireTypes.fixed32:
        this.#advance(4)
        return
      default:
        throw new ProtobufError(`the wire type ${wireType} is not used by Kubernetes`)
    }
  }

  #advance(size: number): void {
    if (this.at + size > this.end) throw cutShort()
    this.at += size
  }

  #lengthEnd(): number {
    const length = this.varint()
    const end = this.at + length
    if (end > this.end) throw cutShort()
    return end
  }
}

function cutShort(): ProtobufError {
  return new ProtobufError('unexpected EOF')
}
