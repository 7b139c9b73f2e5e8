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

/** The JSON of a part, where it is known. */
export function knownText(part: unknown): KnownText | undefined {
  return typeof part === 'object' && part !== null ? texts.get(part) : undefined
}

/** The JSON of a part. */
export function textOf(part: unknown): string {
  return knownText(part)?.toString() ?? toJson(part)
}
