/** What a JSON text says first of keys that it says twice: objects have the last value only, some readers need them all. */

/** Of objects with repeated keys, the values before the last, in order. */
export type EarlierValues = ReadonlyMap<object, ReadonlyMap<string, readonly unknown[]>>

const known = new WeakMap<object, EarlierValues>()

/** Remembers the values for the document that they were read with. */
export function rememberEarlier(document: unknown, values: EarlierValues): void {
  if (typeof document === 'object' && document !== null && values.size > 0) known.set(document, values)
}

/** The values before the last of a document that was just read; `undefined` where no key was repeated. */
export function earlierValues(document: unknown): EarlierValues | undefined {
  return typeof document === 'object' && document !== null ? known.get(document) : undefined
}
