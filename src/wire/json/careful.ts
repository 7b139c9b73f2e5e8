/**
 * A JSON parser for the rare texts that the built-in one cannot serve: it keeps whole 64-bit numbers, notes repeated
 * keys, and words its errors as Go's encoding/json does, which is what clients of Kubernetes know
 * (https://pkg.go.dev/encoding/json#SyntaxError).
 */
import { atOnce, type Steps } from '../../base/async/steps.ts'
import { goQuote } from '../../base/go-quote.ts'
import type { JsonBody } from './parse.ts'
import { rememberEarlier } from './repeated.ts'

/** The text is no JSON, or none that is accepted. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
}

/** Deeper nesting than this is refused. */
export const maxDepth = 1_000
/** So many characters are read at once. */
const STEP = 128 * 1024
/** No more repeated keys than this are told. */
const maxDuplicates = 100

const int64Max = 2n ** 63n - 1n
const int64Min = -(2n ** 63n)
const escapes: ReadonlySet<string> = new Set(['"', '\\', '/', 'b', 'f', 'n', 'r', 't'])

/** Parses the whole text or throws `JsonError`. */
export const parseCarefully = (text: string): JsonBody => atOnce(parseCarefullyInSteps(text))

/** The same, so that others have their turn while much is read. */
export function* parseCarefullyInSteps(text: string): Steps<JsonBody> {
  const parser = new Parser(text)
  const value = yield* parser.document()
  const { duplicates, fractions, earlier } = parser
  rememberEarlier(value, earlier)
  return { value, duplicates, ...(fractions.size === 0 ? {} : { fractions }) }
}

/** Where keys stand in a JSON text, by their paths: of `first` the first time, of `repeated` the second. */
export function keyPlaces(
  text: string,
  { first, repeated }: { readonly first: readonly string[]; readonly repeated: readonly string[] },
): ReadonlyMap<string, number> {
  const parser = new Parser(text, new Set(first), new Set(repeated))
  atOnce(parser.document())
  return parser.places
}

const noPaths: ReadonlySet<string> = new Set()

class Parser {
  readonly places = new Map<string, number>()
  readonly duplicates: string[] = []
  readonly fractions = new Map<string, string>()
  readonly earlier = new Map<object, Map<string, unknown[]>>()
  readonly #text: string
  readonly #first: ReadonlySet<string>
  readonly #repeated: ReadonlySet<string>
  #at = 0
  #step = STEP
  readonly #path: string[] = []
  #depth = 0

  constructor(text: string, first = noPaths, repeated = noPaths) {
    this.#text = text
    this.#first = first
    this.#repeated = repeated
  }

  *document(): Steps<unknown> {
    this.#space()
    const value = this.#isContainer() ? yield* this.#container() : this.#scalar()
    this.#space()
    if (this.#at < this.#text.length) throw this.#invalid('after top-level value')
    return value
  }

  #isContainer(): boolean {
    const char = this.#text[this.#at]
    return char === '{' || char === '['
  }

  #scalar(): unknown {
    const char = this.#text[this.#at]
    if (char === '"') return this.#string()
    if (char === 't') return this.#literal('true', true)
    if (char === 'f') return this.#literal('false', false)
    if (char === 'n') return this.#literal('null', null)
    if (char === '-' || isDigit(char)) return this.#number()
    throw this.#invalid('looking for beginning of value')
  }

  *#container(): Steps<unknown> {
    if (++this.#depth > maxDepth) throw new JsonError('exceeded max depth')
    const isObject = this.#text[this.#at++] === '{'
    const value = yield* isObject ? this.#object() : this.#array()
    this.#depth--
    return value
  }

  /** Whether it is time that others have their turn. */
  #isStep(): boolean {
    if (this.#at < this.#step) return false
    this.#step = this.#at + STEP
    return true
  }

  *#object(): Steps<Record<string, unknown>> {
    const object: Record<string, unknown> = {}
    this.#space()
    if (this.#take('}')) return object
    for (;;) {
      this.#space()
      if (this.#text[this.#at] !== '"') throw this.#invalid('looking for beginning of object key string')
      const key = this.#string()
      if (key === '__proto__') throw new JsonError('the key "__proto__" is not accepted')
      this.#path.push(this.#path.length === 0 ? key : `.${key}`)
      const isRepeated = Object.hasOwn(object, key)
      if (isRepeated) this.#noteDuplicate(object, key)
      const wanted = isRepeated ? this.#repeated : this.#first
      if (wanted.size > 0) this.#notePlace(wanted)
      this.#space()
      if (!this.#take(':')) throw this.#invalid('after object key')
      this.#space()
      object[key] = this.#isContainer() ? yield* this.#container() : this.#scalar()
      if (this.#isStep()) yield
      this.#path.pop()
      this.#space()
      if (this.#take('}')) return object
      if (!this.#take(',')) throw this.#invalid('after object key:value pair')
    }
  }

  *#array(): Steps<unknown[]> {
    const items: unknown[] = []
    this.#space()
    if (this.#take(']')) return items
    for (;;) {
      this.#space()
      this.#path.push(`[${items.length}]`)
      items.push(this.#isContainer() ? yield* this.#container() : this.#scalar())
      if (this.#isStep()) yield
      this.#path.pop()
      this.#space()
      if (this.#take(']')) return items
      if (!this.#take(',')) throw this.#invalid('after array element')
    }
  }

  #noteDuplicate(object: Record<string, unknown>, key: string): void {
    const before = this.earlier.get(object) ?? new Map<string, unknown[]>()
    const values = before.get(key) ?? []
    values.push(object[key])
    this.earlier.set(object, before.set(key, values))
    const path = this.#path.join('')
    if (this.duplicates.length < maxDuplicates && !this.duplicates.includes(path)) this.duplicates.push(path)
  }

  #notePlace(wanted: ReadonlySet<string>): void {
    const path = this.#path.join('')
    if (wanted.has(path) && !this.places.has(path)) this.places.set(path, this.#at)
  }

  #string(): string {
    const start = ++this.#at
    let plain = true
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      if (Number.isNaN(code)) throw this.#invalid('')
      if (code === 0x22) break
      if (code < 0x20) throw this.#invalid('in string literal')
      if (code === 0x5c) {
        plain = false
        this.#escape()
      }
    }
    const raw = this.#text.slice(start, this.#at++)
    // It is known to be one: the built-in parser reads it as fast as it can be.
    return plain ? raw : (JSON.parse(`"${raw}"`) as string)
  }

  /** Steps onto the last character of an escape, and sees that it is one. */
  #escape(): void {
    const char = this.#text[++this.#at]
    if (char !== 'u') {
      if (char === undefined || !escapes.has(char)) throw this.#invalid('in string escape code')
      return
    }
    for (let i = 0; i < 4; i++) {
      if (!isHex(this.#text.charCodeAt(++this.#at))) throw this.#invalid('in \\u hexadecimal character escape')
    }
  }

  #literal<T>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) {
      this.#at++
      if (this.#text[this.#at] !== word[i]) throw this.#invalid(`in literal ${word} (expecting '${word[i]}')`)
    }
    this.#at++
    return value
  }

  #number(): number | bigint {
    const start = this.#at
    if (this.#text[this.#at] === '-') this.#at++
    if (!this.#take('0')) this.#digits('in numeric literal')
    const isWhole = !/[.eE]/.test(this.#text[this.#at] ?? '')
    if (this.#take('.')) this.#digits('after decimal point in numeric literal')
    if (/^[eE]$/.test(this.#text[this.#at] ?? '')) {
      this.#at++
      if (/^[+-]$/.test(this.#text[this.#at] ?? '')) this.#at++
      this.#digits('in exponent of numeric literal')
    }
    const text = this.#text.slice(start, this.#at)
    const value = numberOf(text, isWhole)
    if (!isWhole && Number.isInteger(value)) this.fractions.set(this.#path.join(''), text)
    return value
  }

  #digits(where: string): void {
    if (!isDigit(this.#text[this.#at])) throw this.#invalid(where)
    while (isDigit(this.#text[this.#at])) this.#at++
  }

  #space(): void {
    for (;;) {
      const char = this.#text[this.#at]
      if (char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') return
      this.#at++
    }
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  #invalid(where: string): JsonError {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) return new JsonError('unexpected end of JSON input')
    // Go's reader looks at bytes, and tells the first of a character as one of its own.
    const byte = code < 0x80 ? code : Buffer.from(String.fromCodePoint(code))[0]!
    return new JsonError(`invalid character ${quoteChar(String.fromCharCode(byte))} ${where}`)
  }
}

/** A number when a double holds it, a `bigint` when only 64 bits do. */
function numberOf(text: string, isWhole: boolean): number | bigint {
  const value = Number(text)
  if (!Number.isFinite(value)) throw new JsonError('a number is too large for a double')
  if (!isWhole || Number.isSafeInteger(value)) return value
  if (text.length > 20) return value
  const whole = BigInt(text)
  return whole >= int64Min && whole <= int64Max ? whole : value
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9'
}

const isHex = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)

function quoteChar(char: string): string {
  if (char === "'") return `'\\''`
  if (char === '"') return `'"'`
  return `'${goQuote(char).slice(1, -1)}'`
}
