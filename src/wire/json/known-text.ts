/** The JSON of parts that many objects share, or that was made before the object they are in: nothing is written twice. */

import { toJson } from './stringify.ts'

/** A text, or what makes it when it is asked for. */
export interface KnownText {
  /** Its characters. */
  readonly length: number
  toString(): string
}

const texts = new WeakMap<object, KnownText>()

/** Remembers the JSON of a part that is frozen, with all that is in it: nobody can change what was written. */
export function rememberText(part: object, text: KnownText): void {
  texts.set(part, text)
}

/** Parts whose text is of use only until the object they are in is written. */
const passing = new WeakSet<object>()

/** Remembers the JSON of a part until `forget`. */
export function rememberForNow(part: object, text: string): void {
  passing.add(part)
  texts.set(part, text)
}

/** Gives up the memory that the text of a part takes, if it was remembered for now. */
export function forget(part: unknown): void {
  if (typeof part === 'object' && part !== null && passing.delete(part)) texts.delete(part)
}

/** The JSON of a part, where it is known. */
export function knownText(part: unknown): KnownText | undefined {
  return typeof part === 'object' && part !== null ? texts.get(part) : undefined
}

/** The JSON of a part. */
export function textOf(part: unknown): string {
  return knownText(part)?.toString() ?? toJson(part)
}
