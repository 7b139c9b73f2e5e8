/**
 * A runtime that makes few sandboxes at once. Many Pods that start together then get ready one after the other, the first
 * as soon as if it were alone; made all at once, all of them are ready when the last is.
 */

import { Turnstile, type TurnstileWidth } from '../../base/async/turnstile.ts'
import type { Clock } from '../../base/clock.ts'
import type { RuntimeService } from './runtime.ts'

export function pacedRuntime(runtime: RuntimeService, clock: Clock, width: TurnstileWidth): RuntimeService {
  const turnstile = new Turnstile(clock, width)
  return {
    ...runtime,
    runPodSandbox: (config, handler, signal) =>
      turnstile.run(() => runtime.runPodSandbox(config, handler, signal), signal),
  }
}
