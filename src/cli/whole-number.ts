/** Numbers that commands take. */

import { InvalidArgumentError } from 'commander'

/** The number that `text` says. Throws `InvalidArgumentError` for anything but digits. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.')
  return Number(text)
}
