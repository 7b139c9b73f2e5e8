/** Why a container could not be started, as its status and its events tell it. */

/**
 * `reason` and `message` become the container's waiting state. `shown` is what the event `Error: …` says; absent: the
 * message.
 */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
  readonly reason: string
  readonly shown: string
  /** When to try again; absent: as the worker does by itself. */
  readonly retryMs: number | undefined

  constructor(
    reason: string,
    message: string,
    options: { readonly shown?: string; readonly retryMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.reason = reason
    this.shown = options.shown ?? message
    this.retryMs = options.retryMs
  }
}
