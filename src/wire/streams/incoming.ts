/** The streams the other side opened and nobody has taken yet. */
import type { ByteStream } from './stream-connection.ts'

export class Incoming implements AsyncIterable<ByteStream> {
  readonly #waiting: ByteStream[] = []
  #wake: (() => void) | undefined
  #ended = false

  /** False after the end: the caller refuses the stream. */
  add(stream: ByteStream): boolean {
    if (this.#ended) return false
    this.#waiting.push(stream)
    this.#wake?.()
    return true
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<ByteStream> {
    for (;;) {
      for (let stream = this.#waiting.shift(); stream !== undefined; stream = this.#waiting.shift()) yield stream
      if (this.#ended) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
  }
}
