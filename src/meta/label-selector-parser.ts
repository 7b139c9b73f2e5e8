/**
 * Reads label selectors as text. The grammar and the words of its complaints are the API's
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#list-and-watch-filtering).
 */

import { goQuoteBytes } from './go-quote.ts'
import type { LabelRequirement } from './label-selector.ts'
import { labelValue, qualifiedName } from './names.ts'

/** Words are names, values, and the operators `in` and `notin`, depending on where they stand. */
interface Token {
  readonly kind: 'word' | 'symbol' | 'end'
  readonly text: string
}

type Parsed = { readonly requirements: readonly LabelRequirement[] } | { readonly fault: string }

const SYMBOLS = ['==', '!=', '=', '!', '<', '>', '(', ')', ',']
const BREAKS = new Set(['=', '!', '<', '>', '(', ')', ',', ' ', '\t', '\r', '\n'])
const BINARY: Readonly<Record<string, LabelRequirement['operator']>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '=',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
}

/** Why reading stopped; never leaves this file. */
class Misread extends Error {}

/** The requirements of a selector text, or what is wrong with it. */
export function parseRequirements(text: string): Parsed {
  try {
    return { requirements: readAll(new Tokens(text)) }
  } catch (error) {
    // What is no text cannot be told as it was.
    if (error instanceof Misread) return { fault: error.message.replace(/[\u{d800}-\u{dfff}]/gu, '\ufffd') }
    throw error
  }
}

class Tokens {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
  }

  peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' }
  }

  next(): Token {
    const token = this.peek()
    this.#at++
    return token
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const char = text.charAt(at)
    const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at))
    if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol })
      at += symbol.length
    } else if (BREAKS.has(char)) {
      at++
    } else {
      const start = at
      while (at < text.length && !BREAKS.has(text.charAt(at))) at++
      tokens.push({ kind: 'word', text: text.slice(start, at) })
    }
  }
  return tokens
}

function readAll(tokens: Tokens): LabelRequirement[] {
  const requirements: LabelRequirement[] = []
  for (;;) {
    const first = tokens.peek()
    if (first.kind === 'end') return requirements
    if (!startsRequirement(first))
      throw new Misread(`found '${first.text}', expected: !, identifier, or 'end of string'`)
    requirements.push(readWithContext(tokens))
    const after = tokens.next()
    if (after.kind === 'end') return requirements
    if (after.text !== ',') throw new Misread(`found '${after.text}', expected: ',' or 'end of string'`)
    const following = tokens.peek()
    if (!startsRequirement(following)) throw new Misread(`found '${following.text}', expected: identifier after ','`)
  }
}

const startsRequirement = ({ kind, text }: Token) => kind === 'word' || (kind === 'symbol' && text === '!')

function readWithContext(tokens: Tokens): LabelRequirement {
  try {
    return readRequirement(tokens)
  } catch (error) {
    if (error instanceof Misread) throw new Misread(`unable to parse requirement: ${error.message}`)
    throw error
  }
}

function readRequirement(tokens: Tokens): LabelRequirement {
  let token = tokens.next()
  const negated = token.text === '!' && token.kind === 'symbol'
  if (negated) token = tokens.next()
  if (token.kind !== 'word') throw new Misread(`found '${token.text}', expected: identifier`)
  const key = token.text
  checkKey(key)
  const following = tokens.peek()
  if (following.kind === 'end' || following.text === ',') {
    return { key, operator: negated ? '!' : 'exists', values: [] }
  }
  if (negated) return { key, operator: '!', values: [] }
  const operator = readOperator(tokens)
  const values = operator === 'in' || operator === 'notin' ? readSet(tokens) : [readExact(tokens)]
  checkValues(key, operator, values)
  return { key, operator, values }
}

function readOperator(tokens: Tokens): LabelRequirement['operator'] {
  const { text } = tokens.next()
  const operator = Object.hasOwn(BINARY, text) ? BINARY[text] : undefined
  if (operator === undefined) throw new Misread(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`)
  return operator
}

function readExact(tokens: Tokens): string {
  const following = tokens.peek()
  if (following.kind === 'end' || following.text === ',') return ''
  const { kind, text } = tokens.next()
  if (kind !== 'word') throw new Misread(`found '${text}', expected: identifier`)
  return text
}

/** `(a,b)`; a missing value between commas is the empty value. */
function readSet(tokens: Tokens): string[] {
  const open = tokens.next()
  if (open.text !== '(') throw new Misread(`found '${open.text}' expected: '('`)
  const values = new Set<string>()
  let expectsValue = true
  for (;;) {
    const token = tokens.next()
    if (token.kind === 'word' && expectsValue) {
      values.add(token.text)
      expectsValue = false
    } else if (token.text === ',' && token.kind === 'symbol') {
      if (expectsValue) values.add('')
      expectsValue = true
    } else if (token.text === ')' && token.kind === 'symbol') {
      if (expectsValue) values.add('')
      return [...values].sort()
    } else {
      throw new Misread(setComplaint(token, values.size === 0, expectsValue))
    }
  }
}

function setComplaint({ text }: Token, isFirst: boolean, expectsValue: boolean): string {
  if (isFirst) return `found '${text}', expected: ',', ')' or identifier`
  return expectsValue ? `found '${text}', expected: ',', or identifier` : `found '${text}', expected: ',' or ')'`
}

function checkKey(key: string): void {
  const faults = qualifiedName(key)
  if (faults.length > 0) throw new Misread(`<nil>: Invalid value: ${goQuoteBytes(key)}: ${faults.join('; ')}`)
}

function checkValues(key: string, operator: LabelRequirement['operator'], values: readonly string[]): void {
  for (const [at, value] of values.entries()) {
    const faults = labelValue(value)
    if (faults.length > 0) {
      throw new Misread(`values[${at}][${key}]: Invalid value: ${goQuoteBytes(value)}: ${faults.join('; ')}`)
    }
    if ((operator === 'gt' || operator === 'lt') && !/^[+-]?\d{1,19}$/.test(value)) {
      throw new Misread(
        `values[${at}]: Invalid value: ${goQuoteBytes(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      )
    }
  }
}
