/**
 * Reads expressions (https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax). Faults are told in the
 * words of CEL's Go implementation, whose parser is made by ANTLR: clients of API servers see them.
 */

import type { Expr, ListItem, LiteralValue, MapEntry, StructField } from './ast.ts'
import { codePoints, readTokens, type Token } from './lexer.ts'
import { readBytes, readDouble, readInt, readText, readUint } from './literals.ts'
import { MacroError, type Macros, repetition } from './macros.ts'
import { CompileError, type Issue } from './source.ts'
import { startsExpression, Stop, TokenReader } from './token-reader.ts'

const MAX_CODE_POINTS = 100_000
const MAX_DEPTH = 250
const STARTS = "'.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
const EXPRESSION = `{'[', '{', '(', ${STARTS}`
const INDEX = EXPRESSION.replace("'!', ", "'!', '?', ")
const ARGUMENTS = `{'[', '{', '(', ')', ${STARTS}`
const RELATIONS: ReadonlySet<string> = new Set(['<', '<=', '>=', '>', '==', '!=', 'in'])
const SUMS: ReadonlySet<string> = new Set(['+', '-'])
const PRODUCTS: ReadonlySet<string> = new Set(['*', '/', '%'])
/** Words that other languages have a meaning for; no variable may be called so. */
export const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
)
const NULLARY = { true: true, false: false, null: null }

/** The tree of an expression, macros expanded. Throws `CompileError`. */
export function parseExpression(text: string, macros: Macros): Expr {
  const size = codePoints(text)
  if (size > MAX_CODE_POINTS) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${MAX_CODE_POINTS}`
    throw new CompileError(text, [{ at: 0, message }])
  }
  const issues: Issue[] = []
  try {
    const tree = new Parser(new TokenReader(readTokens(text, issues), issues), macros).whole()
    if (issues.length === 0) return tree
  } catch (error) {
    if (!(error instanceof Stop)) throw error
  }
  throw new CompileError(text, issues)
}

class Parser {
  readonly #reader: TokenReader
  readonly #macros: Macros
  readonly #again = repetition()
  #depth = 0

  constructor(reader: TokenReader, macros: Macros) {
    this.#reader = reader
    this.#macros = macros
  }

  whole(): Expr {
    const tree = this.#expression()
    if (this.#reader.next().kind === 'end') return tree
    const isOneTooMany = this.#reader.next(1).kind === 'end' && !this.#reader.isOperator('(', ':')
    this.#reader.syntax(
      this.#reader.next(),
      `${isOneTooMany ? 'extraneous' : 'mismatched'} input '${this.#reader.next().text}' expecting <EOF>`,
    )
    throw new Stop()
  }

  #expression(): Expr {
    if (++this.#depth > MAX_DEPTH) {
      this.#reader.fault(0, `expression recursion limit exceeded: ${MAX_DEPTH}`)
      throw new Stop()
    }
    const condition = this.#chain('||', '_||_', () => this.#chain('&&', '_&&_', () => this.#relation()))
    const mark = this.#reader.takeIf('?')
    this.#depth--
    if (mark === undefined) return condition
    const whenTrue = this.#chain('||', '_||_', () => this.#chain('&&', '_&&_', () => this.#relation()))
    this.#reader.expect(':')
    this.#depth++
    const whenFalse = this.#expression()
    this.#depth--
    return call(mark.at, '_?_:_', condition, whenTrue, whenFalse)
  }

  /** `a && b && c`: a tree as flat as can be, so that long chains are no deep ones. */
  #chain(sign: string, name: string, operand: () => Expr): Expr {
    const terms = [operand()]
    const places: number[] = []
    for (let found = this.#reader.takeIf(sign); found !== undefined; found = this.#reader.takeIf(sign)) {
      places.push(found.at)
      terms.push(operand())
    }
    const balance = (low: number, high: number): Expr => {
      const middle = Math.floor((low + high + 1) / 2)
      const left = middle === low ? terms[middle] : balance(low, middle - 1)
      const right = middle === high ? terms[middle + 1] : balance(middle + 1, high)
      return call(places[middle] as number, name, left as Expr, right as Expr)
    }
    return places.length === 0 ? (terms[0] as Expr) : balance(0, places.length - 1)
  }

  #relation(): Expr {
    return this.#binary(
      RELATIONS,
      (sign) => (sign === 'in' ? '@in' : `_${sign}_`),
      () => this.#binary(SUMS, infix, () => this.#binary(PRODUCTS, infix, () => this.#unary())),
    )
  }

  #binary(signs: ReadonlySet<string>, nameOf: (sign: string) => string, operand: () => Expr): Expr {
    let left = operand()
    for (let height = 1; this.#reader.next().kind === 'operator' && signs.has(this.#reader.next().text); height++) {
      if (height > MAX_DEPTH) this.#tooDeep()
      const sign = this.#reader.take()
      left = call(sign.at, nameOf(sign.text), left, operand())
    }
    return left
  }

  #tooDeep(): never {
    this.#reader.fault(0, `expression recursion limit exceeded: ${MAX_DEPTH}`)
    throw new Stop()
  }

  #unary(): Expr {
    if (!startsExpression(this.#reader.next())) {
      if (!startsExpression(this.#reader.next(1))) this.#reader.mismatch(EXPRESSION)
      this.#reader.syntax(this.#reader.next(), `extraneous input '${this.#reader.next().text}' expecting ${EXPRESSION}`)
      this.#reader.skip(1)
    }
    const sign = this.#reader.next()
    if (!this.#reader.isOperator('!', '-')) return this.#member()
    if (sign.text === '-' && (this.#reader.next(1).kind === 'int' || this.#reader.next(1).kind === 'double'))
      return this.#member()
    let count = 0
    while (this.#reader.takeIf(sign.text) !== undefined) count++
    if (!startsExpression(this.#reader.next()) && sign.text === '!' && this.#reader.next().kind === 'end') {
      this.#reader.syntax(this.#reader.next(), `extraneous input '<EOF>' expecting ${EXPRESSION}`)
      throw new Stop()
    }
    const operand = this.#reader.next().kind === 'end' ? this.#noAlternative('-') : this.#member()
    return count % 2 === 0 ? operand : call(sign.at, sign.text === '!' ? '!_' : '-_', operand)
  }

  #noAlternative(text: string): never {
    this.#reader.syntax(this.#reader.next(), `no viable alternative at input '${text}'`)
    if (text === '-') this.#reader.mismatch(EXPRESSION)
    throw new Stop()
  }

  #member(): Expr {
    let tree = this.#primary()
    for (let height = 1; ; height++) {
      if (height > MAX_DEPTH) this.#tooDeep()
      const dot = this.#reader.takeIf('.')
      if (dot !== undefined) {
        tree = this.#selection(tree, dot)
        continue
      }
      const bracket = this.#reader.takeIf('[')
      if (bracket === undefined) return tree
      const name = this.#reader.takeIf('?') === undefined ? '_[_]' : '_[?_]'
      if (this.#reader.next().kind === 'end') this.#reader.mismatch(INDEX)
      const index = this.#expression()
      this.#reader.expect(']')
      tree = call(bracket.at, name, tree, index)
    }
  }

  #selection(operand: Expr, dot: Token): Expr {
    const isOptional = this.#reader.takeIf('?') !== undefined
    const field = this.#reader.next()
    if (field.kind === 'quoted') {
      this.#reader.take()
      this.#reader.fault(field.at, "unsupported syntax: '`'")
      return { kind: 'select', at: dot.at, operand, field: field.text.slice(1, -1), testOnly: false }
    }
    if (field.kind !== 'identifier') this.#noField(isOptional)
    this.#reader.take()
    if (isOptional) {
      return call(dot.at, '_?._', operand, { kind: 'literal', at: field.at, value: field.text })
    }
    const open = this.#reader.takeIf('(')
    if (open === undefined) return { kind: 'select', at: dot.at, operand, field: field.text, testOnly: false }
    return this.#expand(open.at, field.text, this.#arguments(), operand)
  }

  #noField(isOptional: boolean): never {
    const found = this.#reader.next()
    const dot = isOptional ? '.?' : '.'
    const shown = found.kind === 'end' ? dot : `${dot}${this.#reader.next(-0).text}`
    const blank =
      found.kind !== 'end' && this.#reader.next(-1).at + dot.length < found.at ? `${dot} ${found.text}` : shown
    // CEL's parser points at the last thing it read.
    const at = found.kind === 'end' ? found : this.#reader.next()
    this.#reader.syntax(at, `no viable alternative at input '${blank}'`)
    if (found.kind === 'operator' && /^[a-z]/.test(found.text)) {
      this.#reader.skip(1)
      if (this.#reader.next().kind === 'end') this.#reader.mismatch(EXPRESSION)
    }
    throw new Stop()
  }

  #arguments(): Expr[] {
    if (this.#reader.takeIf(')') !== undefined) return []
    if (!startsExpression(this.#reader.next()) && !startsExpression(this.#reader.next(1)))
      this.#reader.mismatch(ARGUMENTS)
    const args = [this.#expression()]
    while (this.#reader.takeIf(',') !== undefined) args.push(this.#expression())
    this.#reader.expect(')')
    return args
  }

  /** A call, or what the macro of that name makes of it. */
  #expand(at: number, name: string, args: readonly Expr[], target?: Expr): Expr {
    const macro = this.#macros.get(`${target === undefined ? '' : '.'}${name}:${args.length}`)
    const plain: Expr =
      target === undefined ? { kind: 'call', at, name, args } : { kind: 'call', at, name, args, target }
    if (macro === undefined) return plain
    try {
      return macro({ at, args, again: this.#again, ...(target !== undefined && { target }) }) ?? plain
    } catch (error) {
      if (!(error instanceof MacroError)) throw error
      this.#reader.fault(error.at, error.message)
      return plain
    }
  }

  #primary(): Expr {
    const token = this.#reader.next()
    switch (token.kind) {
      case 'identifier':
        return this.#named(undefined)
      case 'int':
      case 'uint':
      case 'double':
      case 'string':
      case 'bytes':
        return this.#literal(this.#reader.take(), '')
      case 'quoted':
      case 'end':
        return this.#reader.mismatch(EXPRESSION)
      case 'operator':
        return this.#punctuated(token)
    }
  }

  #punctuated(token: Token): Expr {
    switch (token.text) {
      case '(': {
        this.#reader.take()
        const inner = this.#expression()
        this.#reader.expect(')')
        return inner
      }
      case '[':
        this.#reader.take()
        return { kind: 'list', at: token.at, items: this.#items() }
      case '{':
        this.#reader.take()
        return { kind: 'map', at: token.at, entries: this.#entries() }
      case '.':
        this.#reader.take()
        if (this.#reader.next().kind !== 'identifier') this.#noField(false)
        return this.#named(token)
      case '-':
        this.#reader.take()
        return this.#literal({ ...this.#reader.take(), at: token.at }, '-')
      case 'true':
      case 'false':
      case 'null':
        this.#reader.take()
        return { kind: 'literal', at: token.at, value: NULLARY[token.text] }
      default:
        return this.#reader.mismatch(EXPRESSION)
    }
  }

  #literal({ kind, text, at }: Token, sign: string): Expr {
    const value = this.#valueOf(kind, sign + text, at)
    return { kind: 'literal', at, value: value ?? null }
  }

  #valueOf(kind: Token['kind'], text: string, at: number): LiteralValue | undefined {
    try {
      if (kind === 'string') return readText(text)
      if (kind === 'bytes') return readBytes(text)
    } catch (error) {
      this.#reader.fault(at, (error as Error).message)
      return undefined
    }
    const value = kind === 'int' ? readInt(text) : kind === 'uint' ? readUint(text) : readDouble(text)
    if (value === undefined) this.#reader.fault(at, `invalid ${kind} literal`)
    return value
  }

  /** A variable, a function, or an object of a named type. */
  #named(dot: Token | undefined): Expr {
    const token = this.#reader.take()
    const name = `${dot === undefined ? '' : '.'}${token.text}`
    const struct = this.#structName(name)
    if (struct !== undefined) {
      const open = this.#reader.take()
      return { kind: 'struct', at: open.at, name: struct, fields: this.#fields() }
    }
    if (RESERVED.has(token.text)) this.#reader.fault(token.at, `reserved identifier: ${token.text}`)
    const open = this.#reader.takeIf('(')
    if (open === undefined) return { kind: 'ident', at: token.at, name }
    return this.#expand(open.at, name, this.#arguments())
  }

  /** `a.b.C` before a brace; the brace is next then. */
  #structName(first: string): string | undefined {
    let ahead = 0
    let name = first
    while (this.#reader.next(ahead).text === '.' && this.#reader.next(ahead + 1).kind === 'identifier') {
      name += `.${this.#reader.next(ahead + 1).text}`
      ahead += 2
    }
    const brace = this.#reader.next(ahead)
    if (brace.kind !== 'operator' || brace.text !== '{') return undefined
    this.#reader.skip(ahead)
    return name
  }

  #items(): ListItem[] {
    const items: ListItem[] = []
    while (!this.#reader.isOperator(']', ',')) {
      const optional = this.#reader.takeIf('?') !== undefined
      items.push({ optional, value: this.#expression() })
      if (this.#reader.takeIf(',') === undefined) {
        this.#reader.closeList(']')
        return items
      }
    }
    this.#reader.takeIf(',')
    this.#reader.closeList(']')
    return items
  }

  #entries(): MapEntry[] {
    const entries: MapEntry[] = []
    while (!this.#reader.isOperator('}', ',')) {
      const optional = this.#reader.takeIf('?') !== undefined
      const key = this.#expression()
      this.#reader.expect(':')
      entries.push({ optional, key, value: this.#expression() })
      if (this.#reader.takeIf(',') === undefined) {
        this.#reader.closeList('}')
        return entries
      }
    }
    this.#reader.takeIf(',')
    this.#reader.closeList('}')
    return entries
  }

  #fields(): StructField[] {
    const fields: StructField[] = []
    while (!this.#reader.isOperator('}', ',')) {
      const optional = this.#reader.takeIf('?') !== undefined
      const name = this.#reader.next()
      if (name.kind !== 'identifier') this.#reader.mismatch("{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}")
      this.#reader.take()
      const colon = this.#reader.next()
      this.#reader.expect(':')
      fields.push({ at: colon.at, name: name.text, optional, value: this.#expression() })
      if (this.#reader.takeIf(',') === undefined) {
        this.#reader.closeList('}')
        return fields
      }
    }
    this.#reader.takeIf(',')
    this.#reader.closeList('}')
    return fields
  }
}

const infix = (sign: string): string => `_${sign}_`

function call(at: number, name: string, ...args: readonly Expr[]): Expr {
  return { kind: 'call', at, name, args }
}
