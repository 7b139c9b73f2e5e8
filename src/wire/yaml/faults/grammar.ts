/** Looks for the first place where tokens are no YAML document. */

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

/** Deeper than that no document is looked through. */
const MAX_DEPTH = 500

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
      const { name, line } = tokens.take()
      if (name === 'YAML' && hasVersion) throw new YamlFault('found duplicate %YAML directive', lineOf(line))
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
    if (this.#depth >= MAX_DEPTH) throw new YamlFault('exceeded max depth')
    const hasProperties = this.#properties()
    if (hasProperties === undefined) return
    const { kind } = tokens.peek()
    this.#depth++
    if (mayBeBare && kind === 'item') this.#bareItems()
    else if (kind === 'scalar') tokens.take()
    else if (kind === 'flow-list') this.#flowList()
    else if (kind === 'flow-map') this.#flowMap()
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
    const tokens = this.#tokens
    tokens.take()
    while (tokens.peek().kind === 'item') {
      tokens.take()
      this.#valueBefore(ENTRY_ENDS, true)
    }
    if (tokens.peek().kind !== 'block-end') throw this.#fault("did not find expected '-' indicator")
    tokens.take()
  }

  #bareItems(): void {
    while (this.#tokens.peek().kind === 'item') {
      this.#tokens.take()
      this.#valueBefore(BARE_ENTRY_ENDS, true)
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
    if (tokens.peek().kind !== 'block-end') throw this.#fault('did not find expected key')
    tokens.take()
  }

  #flowList(): void {
    const tokens = this.#tokens
    tokens.take()
    for (let isFirst = true; tokens.peek().kind !== 'flow-list-end'; isFirst = false) {
      if (!isFirst) {
        if (tokens.peek().kind !== 'comma') throw this.#fault("did not find expected ',' or ']'")
        tokens.take()
        if (tokens.peek().kind === 'flow-list-end') break
      }
      if (tokens.peek().kind === 'key') this.#pair('list')
      else this.#node(false, false)
    }
    tokens.take()
  }

  #flowMap(): void {
    const tokens = this.#tokens
    tokens.take()
    for (let isFirst = true; tokens.peek().kind !== 'flow-map-end'; isFirst = false) {
      if (!isFirst) {
        if (tokens.peek().kind !== 'comma') throw this.#fault("did not find expected ',' or '}'")
        tokens.take()
        if (tokens.peek().kind === 'flow-map-end') break
      }
      if (tokens.peek().kind === 'key') this.#pair('map')
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
