/** A failure the user can mend: shown as a sentence with what to do, never as a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError'
  /** What to do about it. */
  readonly advice: string | undefined
  constructor(message: string, advice?: string, options?: ErrorOptions) {
    super(message, options)
    this.advice = advice
  }
}
