/** Values as Go prints them, for texts that quote what the user wrote. */

import { goQuote, goQuoteBytes } from '../base/go-quote.ts'
import { toJson } from '../wire/json/stringify.ts'

export { goQuote, goQuoteBytes }

/** A list of texts as Go's `%#v` writes it: `[]string{"a", "b"}`. */
export function goStrings(texts: readonly string[]): string {
  return `[]string{${texts.map(goQuote).join(', ')}}`
}

/** A list of texts as Go's `%q` writes it: `["a" "b"]`. */
export function goList(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`
}

/** A map as Go prints it: in the order of its keys. */
export function goMap<T>(map: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> | undefined {
  return map && Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A value in an `Invalid value: …` text: texts quoted, numbers plain, the rest as JSON. */
export function goValue(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return goQuote(value)
  return toJson(value)
}
