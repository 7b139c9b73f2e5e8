/** Expressions as tokens (https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax). */

import type { Issue } from './source.ts'

export type TokenKind = 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'identifier' | 'quoted' | 'operator' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As it was written; `<EOF>` for the end. */
  readonly text: string
  /** The code point it begins at. */
  readonly at: number
}

const WORDS: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null'])
const BLANK = /(?:[\t \r\n\f]|\/\/[^\n]*)+/y
const ESCAPE = String.raw`\\(?:[abfnrtv"'\\?${'`'}]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`
const TEXT = [
  String.raw`[rR]"""[^]*?"""`,
  String.raw`[rR]'''[^]*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
  String.raw`"""(?:${ESCAPE}|[^\\])*?"""`,
  String.raw`'''(?:${ESCAPE}|[^\\])*?'''`,
  String.raw`"(?:${ESCAPE}|[^\\"\n\r])*"`,
  String.raw`'(?:${ESCAPE}|[^\\'\n\r])*'`,
].join('|')
const SHAPES: readonly (readonly [kind: TokenKind, shape: RegExp])[] = [
  ['double', /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/y],
  ['uint', /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ['int', /0x[0-9a-fA-F]+|\d+/y],
  ['bytes', new RegExp(`[bB](?:${TEXT})`, 'uy')],
  ['string', new RegExp(TEXT, 'uy')],
  ['identifier', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['quoted', /`[A-Za-z0-9_.\-/ ]+`/y],
  ['operator', /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
]
/** Signs that nothing longer begins with. */
const ALONE: ReadonlySet<string> = new Set('[]{}(),-?:+*/%')
/** What was begun and could not be finished: told to its last character. */
const BROKEN =
  /[bBrR]{0,2}(?:"(?:\\[^]|[^\\"\n\r])*|'(?:\\[^]|[^\\'\n\r])*)(?:[\n\r]|$)?|`[A-Za-z0-9_.\-/ ]*[^]?|[&|=][^]?|[^]/uy
const BAD_ESCAPE = new RegExp(
  `^(?:[^\\\\]|${ESCAPE})*(?:\\\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?[^])`,
  'u',
)

/** Every token and the end; what is no token is told and left out. */
export function readTokens(text: string, issues: Issue[]): Token[] {
  const tokens: Token[] = []
  const points = codePointCounter(text)
  let place = 0
  for (;;) {
    place = after(BLANK, text, place) ?? place
    const at = points(place)
    if (place >= text.length) {
      tokens.push({ kind: 'end', text: '<EOF>', at })
      return tokens
    }
    const found = longest(text, place)
    if (found === undefined) {
      const broken = brokenPart(text, place)
      issues.push({ at, message: `Syntax error: token recognition error at: '${printable(broken)}'` })
      place += broken.length
      continue
    }
    const isWord = found.kind === 'identifier' && WORDS.has(found.text)
    tokens.push({ kind: isWord ? 'operator' : found.kind, text: found.text, at })
    place += found.text.length
  }
}

function longest(text: string, place: number): { kind: TokenKind; text: string } | undefined {
  const sign = text[place]!
  if (ALONE.has(sign)) return { kind: 'operator', text: sign }
  let best: { kind: TokenKind; text: string } | undefined
  for (const [kind, shape] of SHAPES) {
    const end = after(shape, text, place)
    if (end !== undefined && end - place > (best?.text.length ?? 0)) best = { kind, text: text.slice(place, end) }
  }
  return best
}

function brokenPart(text: string, place: number): string {
  const end = after(BROKEN, text, place) ?? place + 1
  const broken = text.slice(place, end)
  const first = broken.search(/["']/)
  if (first < 0 || first > 2) return broken
  // An escape that there is not ends the text where it stands.
  return BAD_ESCAPE.exec(text.slice(place, end + 1))?.[0] ?? broken
}

function after(shape: RegExp, text: string, place: number): number | undefined {
  shape.lastIndex = place
  return shape.test(text) ? shape.lastIndex : undefined
}

const printable = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')

/** How many code points a text has. */
export const codePoints = (text: string): number => codePointCounter(text)(text.length)

/** Places are counted in code points, and asked for in rising order. */
function codePointCounter(text: string): (place: number) => number {
  let seen = 0
  let points = 0
  return (place) => {
    for (; seen < place; points++) seen += (text.codePointAt(seen) ?? 0) > 0xffff ? 2 : 1
    return points
  }
}
