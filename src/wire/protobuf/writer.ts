/**
 * Writes protobuf from its end to its start, so that the length of a message is known when its header is written
 * and nothing is measured twice (https://protobuf.dev/programming-guides/encoding/).
 */

const initialSize = 4_096
/** Texts up to this length are cheaper to write here than in native code. */
const shortText = 48
const two32 = 4_294_967_296

export class ReverseWriter {
  #buffer = Buffer.allocUnsafeSlow(initialSize)
  #start = initialSize

  /** Bytes written so far. A message is as long as this grew while its fields were written. */
  get length(): number {
    return this.#buffer.length - this.#start
  }

  /** What was written, as a copy; the writer is empty afterwards. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(this.#start))
    this.reset()
    return bytes
  }

  reset(): void {
    this.#start = this.#buffer.length
  }

  byte(value: number): void {
    if (this.#start === 0) this.#grow(1)
    this.#buffer[--this.#start] = value
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    if (value < 128) return this.byte(value)
    let size = 1
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++
    this.#reserve(size)
    let at = this.#start
    let rest = value
    while (rest >= 128) {
      this.#buffer[at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#buffer[at] = rest
  }

  /** A signed whole number; a negative one takes ten bytes. */
  int(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) return this.varint(value)
    let rest = BigInt.asUintN(64, BigInt(value))
    const bytes: number[] = []
    while (rest >= 128n) {
      bytes.push(Number(rest & 127n) | 128)
      rest >>= 7n
    }
    bytes.push(Number(rest))
    for (let i = bytes.length - 1; i >= 0; i--) this.byte(bytes[i]!)
  }

  double(value: number): void {
    this.#reserve(8)
    this.#buffer.writeDoubleLE(value, this.#start)
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#buffer.set(value, this.#start)
  }

  /** The length of a text and, behind it, the text. */
  text(value: string): void {
    const { length } = value
    if (length <= shortText && this.#ascii(value)) return this.byte(length)
    const size = Buffer.byteLength(value)
    this.#reserve(size)
    this.#buffer.write(value, this.#start, size, 'utf8')
    this.varint(size)
  }

  #ascii(value: string): boolean {
    const { length } = value
    this.#reserve(length)
    for (let i = length - 1; i >= 0; i--) {
      const code = value.charCodeAt(i)
      if (code > 127) {
        this.#start += length
        return false
      }
      this.#buffer[this.#start + i] = code
    }
    return true
  }

  #reserve(size: number): void {
    if (this.#start < size) this.#grow(size)
    this.#start -= size
  }

  #grow(size: number): void {
    const used = this.length
    const wanted = used + size
    if (wanted >= two32) throw new RangeError('an object is too large for protobuf')
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, wanted))
    this.#buffer.copy(larger, larger.length - used, this.#start)
    this.#buffer = larger
    this.#start = larger.length - used
  }
}
