/** From nothing to a running Pod: what `npm start` does. */

import type { Clock } from '../base/clock.ts'
import type { Operations, Ui } from '../cli/operations.ts'

export interface StartOptions {
  readonly home: string
  /** The Pod's manifest; empty: the example. */
  readonly manifest: string
}

export interface StartDeps {
  readonly clock: Clock
  readonly ui: Ui
  readonly operations: Operations
}

export async function start({ home }: StartOptions, { ui, operations }: StartDeps, signal: AbortSignal): Promise<void> {
  const diagnosis = await operations.diagnose()
  await operations.install(diagnosis, ui, signal)
  await operations.up({ home, name: 'default', mergeKubeconfig: true }, ui, signal)
}
