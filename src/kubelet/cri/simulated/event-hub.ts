/** Tells every listener what happens in the simulated runtime. */

import { type Channel, channel } from '../../../base/async/channel.ts'
import { RuntimeError, type RuntimeEvent } from '../runtime.ts'

/** A reader that lags by this many has stopped reading. */
const QUEUE = 4096

export class EventHub {
  readonly #listeners = new Set<Channel<RuntimeEvent>>()

  tell(event: RuntimeEvent): void {
    for (const listener of this.#listeners) {
      if (!listener.push(event))
        listener.close(new RuntimeError('ResourceExhausted', 'the reader of runtime events stalled'))
    }
  }

  /** From now on, until `signal` aborts or the hub closes. */
  listen(signal: AbortSignal): AsyncIterable<RuntimeEvent> {
    signal.throwIfAborted()
    const listener: Channel<RuntimeEvent> = channel(QUEUE, () => this.#listeners.delete(listener), signal)
    this.#listeners.add(listener)
    return listener
  }

  /** The runtime goes away. */
  close(): void {
    for (const listener of this.#listeners)
      listener.close(new RuntimeError('Unavailable', 'the runtime ended its event stream'))
    this.#listeners.clear()
  }
}
