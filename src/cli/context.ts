/** What every command is given. */

import type { Clock } from '../base/clock.ts'
import type { Operations, Ui } from './operations.ts'

export interface CommandContext {
  readonly operations: Operations
  readonly clock: Clock
  readonly ui: Ui
  /** Aborts at Ctrl-C and when the process is asked to end. */
  readonly signal: AbortSignal
  readonly home: string
  readonly version: string
  /** Prints what the command was asked for. */
  readonly print: (text: string) => void
  /** Asks a question that is answered with yes or no; without a terminal the answer is `otherwise`. */
  confirm(question: string, otherwise: boolean): Promise<boolean>
}
