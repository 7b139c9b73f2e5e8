/** Looks for the first place where tokens are no YAML document. */

import { maxDepth } from '../../json/careful.ts'
import { YamlFault } from './text.ts'
import type { Token, TokenKind, Tokens } from './tokens.ts'

type Kinds = ReadonlySet<TokenKind>

const kinds = (...all: TokenKind[]): Kinds => new Set(all)

const DOCUMENT_ENDS = kinds('directive', 'document', 'document-end', 'end')
const ENTRY_ENDS = kinds('item', 'block-end')
const BARE_ENTRY_ENDS = kinds('item', 'key', 'value', 'block-end')
const PART_ENDS = kinds('key', 'value', 'block-end')
const FLOW_KEY_ENDS = { list: kinds('value', 'comma', 'flow-list-end'), map: kinds('value', 'comma', 'flow-map-end') }
const FLOW_VALUE_ENDS = { list: kinds('comma', 'flow-list-end'), map: kinds('comma', 'flow-map-end') }

/** Throws `YamlFault` unless the tokens begin with a document. */
export function demandDocument(tokens: Tokens): void {
  new Grammar(tokens).document()
}

class Grammar {
  readonly #tokens: Tokens
  readonly #anchors = new Set<string>()
  #hasHandles = false
  #depth = 0

  constructor(tokens: Tokens) {
    this.#tokens = tokens
  }

  document(): void {
    const tokens = this.#tokens
    if (tokens.peek().kind === 'end') return
    let hasVersion = false
    const isExplicit = this.#is(kinds('directive', 'document'))
    while (tokens.peek().kind === 'directive') {
      const { name, line, text: version = '1.1' } = tokens.take()
      if (name === 'YAML' && hasVersion) throw new YamlFault('found duplicate %YAML directive', lineOf(line))
      if (version !== '1.1') throw new YamlFault('found incompatible YAML document', lineOf(line))
      hasVersion ||= name === 'YAML'
      this.#hasHandles ||= name === 'TAG'
    }
    if (isExplicit) {
      if (tokens.peek().kind !== 'document') throw this.#fault('did not find expected <document start>')
      tokens.take()
      if (this.#is(DOCUMENT_ENDS)) return
    }
    this.#node(true, false)
    tokens.peek() // a document ends where something else is
  }

  #is(some: Kinds): boolean {
    return some.has(this.#tokens.peek().kind)
  }

  #fault(message: string, { line }: Token = this.#tokens.peek()): YamlFault {
    return new YamlFault(message, lineOf(line))
  }

  /** A value, unless what comes is one of `ends`: then it is nothing. */
  #valueBefore(ends: Kinds, isBlock: boolean, mayBeBare = false): void {
    if (!this.#is(ends)) this.#node(isBlock, mayBeBare)
  }

  /** With `mayBeBare` the items of a list need not stand further in than its key. */
  #node(isBlock: boolean, mayBeBare: boolean): void {
    const tokens = this.#tokens
    if (this.#depth >= maxDepth) throw new YamlFault('exceeded max depth')
    const hasProperties = this.#properties()
    if (hasProperties === undefined) return
    const { kind } = tokens.peek()
    this.#depth++
    if (mayBeBare && kind === 'item') this.#items(BARE_ENTRY_ENDS)
    else if (kind === 'scalar') tokens.take()
    else if (kind === 'flow-list') this.#flow('list')
    else if (kind === 'flow-map') this.#flow('map')
    else if (isBlock && kind === 'block-list') this.#blockList()
    else if (isBlock && kind === 'block-map') this.#blockMap()
    else if (!hasProperties) throw this.#fault('did not find expected node content')
    this.#depth--
  }

  /** Whether there is an anchor or a tag; undefined where an alias is all there is. */
  #properties(): boolean | undefined {
    const tokens = this.#tokens
    const { kind, name = '' } = tokens.peek()
    if (kind === 'alias') {
      if (!this.#anchors.has(name)) throw new YamlFault(`unknown anchor '${name}' referenced`)
      tokens.take()
      return undefined
    }
    if (kind !== 'anchor' && kind !== 'tag') return false
    this.#note(tokens.take())
    const other = kind === 'anchor' ? 'tag' : 'anchor'
    if (tokens.peek().kind === other) this.#note(tokens.take())
    return true
  }

  #note(token: Token): void {
    const { kind, name } = token
    if (kind === 'anchor') this.#anchors.add(name ?? '')
    else if (name !== undefined && !this.#hasHandles) throw this.#fault('found undefined tag handle', token)
  }

  #blockList(): void {
    this.#tokens.take()
    this.#items(ENTRY_ENDS)
    this.#blockEnd("did not find expected '-' indicator")
  }

  #items(ends: Kinds): void {
    while (this.#tokens.peek().kind === 'item') {
      this.#tokens.take()
      this.#valueBefore(ends, true)
    }
  }

  #blockMap(): void {
    const tokens = this.#tokens
    tokens.take()
    while (tokens.peek().kind === 'key') {
      tokens.take()
      this.#valueBefore(PART_ENDS, true, true)
      if (tokens.peek().kind !== 'value') continue
      tokens.take()
      this.#valueBefore(PART_ENDS, true, true)
    }
    this.#blockEnd('did not find expected key')
  }

  #blockEnd(missing: string): void {
    if (this.#tokens.peek().kind !== 'block-end') throw this.#fault(missing)
    this.#tokens.take()
  }

  /** With what is in it, up to its end. */
  #flow(within: 'list' | 'map'): void {
    const tokens = this.#tokens
    const end = `flow-${within}-end` as const
    tokens.take()
    for (let isFirst = true; tokens.peek().kind !== end; isFirst = false) {
      if (!isFirst) {
        if (tokens.peek().kind !== 'comma') {
          throw this.#fault(`did not find expected ',' or '${within === 'list' ? ']' : '}'}'`)
        }
        tokens.take()
        if (tokens.peek().kind === end) break
      }
      if (tokens.peek().kind === 'key') this.#pair(within)
      else this.#node(false, false)
    }
    tokens.take()
  }

  /** A key in a flow collection, and what follows it. */
  #pair(within: 'list' | 'map'): void {
    const tokens = this.#tokens
    tokens.take()
    this.#valueBefore(FLOW_KEY_ENDS[within], false)
    if (tokens.peek().kind !== 'value') return
    tokens.take()
    this.#valueBefore(FLOW_VALUE_ENDS[within], false)
  }
}

/** The number that is told of a line; of the first none is. */
const lineOf = (line: number) => (line === 0 ? undefined : line)
