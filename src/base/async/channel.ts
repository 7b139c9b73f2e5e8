/** A bounded queue between one writer and one reader, read as an AsyncIterable. */

/** What the writer holds. */
export interface Channel<T> extends AsyncIterable<T> {
  /** Adds a value. False when the channel is full or closed: the writer decides what that means. */
  push(value: T): boolean
  /** Ends the stream after the values already in it; with an error, the reader then throws it. */
  close(error?: unknown): void
  readonly size: number
}

/** A channel holding at most `capacity` unread values. Leaving the loop, or `signal`, closes it and calls `onLeave` once. */
export function channel<T>(capacity: number, onLeave?: () => void, signal?: AbortSignal): Channel<T> {
  let values: T[] = []
  let head = 0
  let closed: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined
  let left = false

  const leave = () => {
    if (left) return
    left = true
    signal?.removeEventListener('abort', onAbort)
    onLeave?.()
  }
  const close = (error?: unknown) => {
    closed ??= { error }
    wake?.()
  }
  const onAbort = () => {
    values = []
    head = 0
    close(signal?.reason)
    leave()
  }
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })

  async function* read(): AsyncGenerator<T> {
    try {
      for (;;) {
        while (head < values.length) {
          const value = values[head++] as T
          if (head > 1024 && head * 2 > values.length) {
            values = values.slice(head)
            head = 0
          }
          yield value
        }
        if (closed !== undefined) {
          if (closed.error !== undefined) throw closed.error
          return
        }
        await new Promise<void>((resolve) => (wake = resolve))
        wake = undefined
      }
    } finally {
      closed ??= { error: undefined }
      leave()
    }
  }
  const reader = read()
  return {
    push(value) {
      if (closed !== undefined || values.length - head >= capacity) return false
      values.push(value)
      wake?.()
      return true
    },
    close,
    get size() {
      return values.length - head
    },
    [Symbol.asyncIterator]: () => reader,
  }
}
