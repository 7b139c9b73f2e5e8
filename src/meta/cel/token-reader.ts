/** Goes through the tokens of an expression, and tells what is wrong with them as ANTLR's parsers do (https://www.antlr.org). */

import type { Token } from './lexer.ts'
import type { Issue } from './source.ts'

const STARTING_OPERATORS: ReadonlySet<string> = new Set(['[', '{', '(', '.', '-', '!', 'true', 'false', 'null'])

/** Ends the reading; what was wrong is among the issues. */
export class Stop extends Error {}

export class TokenReader {
  readonly #tokens: readonly Token[]
  readonly #issues: Issue[]
  #place = 0

  constructor(tokens: readonly Token[], issues: Issue[]) {
    this.#tokens = tokens
    this.#issues = issues
  }

  /** Goes on without looking. */
  skip(count: number): void {
    this.#place += count
  }

  next(ahead = 0): Token {
    return this.#tokens[Math.min(this.#place + ahead, this.#tokens.length - 1)] as Token
  }

  take(): Token {
    const token = this.next()
    this.#place++
    return token
  }

  isOperator(...texts: readonly string[]): boolean {
    const { kind, text } = this.next()
    return kind === 'operator' && texts.includes(text)
  }

  takeIf(text: string): Token | undefined {
    return this.isOperator(text) ? this.take() : undefined
  }

  syntax(token: Token, message: string): void {
    this.#issues.push({ at: token.at, message: `Syntax error: ${message}` })
  }

  fault(at: number, message: string): void {
    this.#issues.push({ at, message })
  }

  /** Something else was expected: ends the reading. */
  mismatch(expected: string): never {
    this.syntax(this.next(), `mismatched input '${this.next().text}' expecting ${expected}`)
    throw new Stop()
  }

  /** One closing or dividing sign; one thing too many before it is passed over. */
  expect(text: string): void {
    if (this.takeIf(text) !== undefined) return
    const after = this.next(1)
    if (after.kind === 'operator' && after.text === text) {
      this.syntax(this.next(), `extraneous input '${this.next().text}' expecting '${text}'`)
      this.#place += 2
      return
    }
    const isMissing = text === ':' ? startsExpression(this.next()) : this.next().kind === 'end'
    if (!isMissing) this.mismatch(`'${text}'`)
    this.syntax(this.next(), `missing '${text}' at '${this.next().text}'`)
    throw new Stop()
  }

  /** The end of a list with commas. */
  closeList(text: string): void {
    if (this.takeIf(text) !== undefined) return
    const after = this.next(1)
    const isExtra = after.kind === 'operator' && (after.text === text || after.text === ',')
    const expected = `{'${text}', ','}`
    if (!isExtra) this.mismatch(expected)
    this.syntax(this.next(), `extraneous input '${this.next().text}' expecting ${expected}`)
    throw new Stop()
  }
}

/** Whether an expression may begin with the token. */
export function startsExpression({ kind, text }: Token): boolean {
  return kind === 'operator' ? STARTING_OPERATORS.has(text) : kind !== 'quoted' && kind !== 'end'
}
