/** For tests: what a user is told. */

import { UserError } from '../../base/user-error.ts'

/** What a check says, with its advice; empty where it says nothing. */
export function complaint(check: () => void): string {
  try {
    check()
    return ''
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return `${error.message}; ${error.advice ?? ''}`
  }
}
