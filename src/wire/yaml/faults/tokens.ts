/** What a YAML text consists of, one after the other, and where it is no YAML before one knows what it would mean. */

import { passBlock, passPlain, passQuoted } from './scalars.ts'
import { isBlank, isBreak, isGap, Place } from './text.ts'

export type TokenKind =
  | 'block-list'
  | 'block-map'
  | 'block-end'
  | 'flow-list'
  | 'flow-list-end'
  | 'flow-map'
  | 'flow-map-end'
  | 'item'
  | 'comma'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'
  | 'directive'
  | 'document'
  | 'document-end'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly line: number
  /** Of an anchor, an alias or a directive; of a tag, its handle where it has one of its own. */
  readonly name?: string
  /** Of a directive that names it, the version of YAML. */
  readonly text?: string
}

/** What may turn out to be the key of a map, once a colon follows. */
interface OpenKey {
  /** Which token it is, counted from the beginning. */
  readonly token: number
  readonly at: number
  readonly line: number
  readonly column: number
  /** Nothing else can stand here. */
  readonly isRequired: boolean
}

/** A key ends in its line, and is no longer. */
const MAX_KEY = 1024
const FLOW: Readonly<Record<string, TokenKind>> = {
  '[': 'flow-list',
  ']': 'flow-list-end',
  '{': 'flow-map',
  '}': 'flow-map-end',
}
const NO_PLAIN: ReadonlySet<string> = new Set('-?:,[]{}#&*!|>\'"%@`')
const NAME = /^[0-9A-Za-z_-]$/
const AFTER_NAME: ReadonlySet<string> = new Set('?:,]}%@`')
const IN_TAG = /^[0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]$/

export class Tokens {
  readonly #place: Place
  readonly #queue: Token[] = []
  #taken = 0
  #flow = 0
  #indent = -1
  readonly #indents: number[] = []
  #mayBeKey = true
  /** One for each flow collection that is open, and one for what is around them. */
  readonly #keys: (OpenKey | undefined)[] = [undefined]
  /** At which of them a token stands. */
  readonly #levels = new Map<number, number>()

  constructor(text: string) {
    this.#place = new Place(text)
    if (this.#place.peek() === '\ufeff') this.#place.at++
  }

  /** The next token. Throws `YamlFault`. */
  peek(): Token {
    while (this.#queue.length === 0 || this.#isOpen()) this.#read()
    return this.#queue[0]!
  }

  take(): Token {
    const token = this.peek()
    this.#queue.shift()
    this.#taken++
    return token
  }

  /** Whether the next token may yet turn out to be a key. */
  #isOpen(): boolean {
    const level = this.#levels.get(this.#taken)
    return level !== undefined && this.#keyAt(level) !== undefined
  }

  /** The open key, unless it is past its line. */
  #keyAt(level: number): OpenKey | undefined {
    const key = this.#keys[level]
    if (key === undefined) return undefined
    const { line, at } = this.#place
    if (key.line === line && key.at + MAX_KEY >= at) return key
    this.#forget(level)
    return undefined
  }

  #forget(level = this.#keys.length - 1): void {
    if (this.#keys[level]?.isRequired === true) throw this.#place.fault("could not find expected ':'")
    this.#drop(level)
  }

  #drop(level: number): void {
    const key = this.#keys[level]
    if (key !== undefined) this.#levels.delete(key.token)
    this.#keys[level] = undefined
  }

  /** What begins here may be a key, and what follows it may not. */
  #open(): void {
    if (!this.#mayBeKey) return
    this.#mayBeKey = false
    this.#forget()
    const { at, line, column } = this.#place
    const token = this.#taken + this.#queue.length
    this.#levels.set(token, this.#keys.length - 1)
    this.#keys[this.#keys.length - 1] = {
      token,
      at,
      line,
      column,
      isRequired: this.#flow === 0 && this.#indent === column,
    }
  }

  #add(kind: TokenKind, name?: string): void {
    this.#queue.push({ kind, line: this.#place.line, ...(name === undefined ? {} : { name }) })
  }

  /** A block collection begins where something stands further in than all around it. */
  #indentTo(column: number, kind: 'block-list' | 'block-map', from: OpenKey | undefined): void {
    if (this.#flow > 0 || this.#indent >= column) return
    this.#indents.push(this.#indent)
    this.#indent = column
    if (from === undefined) this.#add(kind)
    else this.#queue.splice(from.token - this.#taken, 0, { kind, line: from.line })
  }

  #outdentTo(column: number): void {
    if (this.#flow > 0) return
    while (this.#indent > column) {
      this.#add('block-end')
      this.#indent = this.#indents.pop() ?? -1
    }
  }

  /** All that is open ends here, and no key begins. */
  #leaveAll(): void {
    this.#outdentTo(-1)
    this.#forget()
    this.#mayBeKey = false
  }

  #read(): void {
    const place = this.#place
    this.#passGaps()
    this.#outdentTo(place.column)
    if (place.isAtEnd) return this.#end()
    const char = place.peek()
    const isBeforeGap = isGap(place.peek(1))
    if (place.column === 0 && char === '%') return this.#directive()
    if (place.isAtMarker()) return this.#marker(char)
    if (char === '[' || char === '{') return this.#flowBegin(char)
    if (char === ']' || char === '}') return this.#flowEnd(char)
    if (char === ',') return this.#comma()
    if (char === '-' && isBeforeGap) return this.#item()
    if (char === '?' && (this.#flow > 0 || isBeforeGap)) return this.#key()
    if (char === ':' && (this.#flow > 0 || isBeforeGap)) return this.#value()
    if (char === '*' || char === '&') return this.#named(char)
    if (char === '!') return this.#tag()
    if ((char === '|' || char === '>') && this.#flow === 0) return this.#block()
    if (char === '"' || char === "'") return this.#quoted()
    const isPlain =
      (!isGap(char) && !NO_PLAIN.has(char)) ||
      (char === '-' && !isBlank(place.peek(1))) ||
      (this.#flow === 0 && (char === '?' || char === ':') && !isBeforeGap)
    if (!isPlain) throw place.fault('found character that cannot start any token')
    this.#plain()
  }

  #passGaps(): void {
    const place = this.#place
    for (;;) {
      const isTabFine = this.#flow > 0 || !this.#mayBeKey
      place.skipWhile((char) => char === ' ' || (char === '\t' && isTabFine))
      if (place.peek() === '#') place.skipWhile(() => true)
      if (!isBreak(place.peek())) return
      place.skipBreak()
      if (this.#flow === 0) this.#mayBeKey = true
    }
  }

  #end(): void {
    const place = this.#place
    if (place.column !== 0) {
      place.column = 0
      place.line++
    }
    this.#leaveAll()
    this.#add('end')
  }

  #marker(char: string): void {
    this.#leaveAll()
    this.#add(char === '-' ? 'document' : 'document-end')
    this.#place.skip(3)
  }

  #directive(): void {
    const place = this.#place
    this.#leaveAll()
    const { line } = place
    place.skip()
    const name = place.skipWhile((char) => NAME.test(char))
    if (name === '') throw place.fault('could not find expected directive name')
    if (!isGap(place.peek())) throw place.fault('found unexpected non-alphabetical character')
    if (name !== 'YAML' && name !== 'TAG') throw place.fault('found unknown directive name')
    const text = name === 'YAML' ? this.#version() : ''
    place.skipWhile((char) => char !== '#')
    place.skipWhile(() => true)
    this.#queue.push({ kind: 'directive', line, name, ...(text === '' ? {} : { text }) })
  }

  /** The version of YAML that a directive names. */
  #version(): string {
    const place = this.#place
    const digits = () => {
      const read = place.skipWhile((char) => char >= '0' && char <= '9')
      if (read === '') throw place.fault('did not find expected version number')
      return read
    }
    place.skipWhile(isBlank)
    const major = digits()
    if (place.peek() !== '.') throw place.fault("did not find expected digit or '.' character")
    place.skip()
    const minor = digits()
    place.skipWhile(isBlank)
    if (!isGap(place.peek()) && place.peek() !== '#') throw place.fault('did not find expected comment or line break')
    return `${Number(major)}.${Number(minor)}`
  }

  #flowBegin(char: string): void {
    this.#open()
    this.#keys.push(undefined)
    this.#flow++
    this.#mayBeKey = true
    this.#add(FLOW[char]!)
    this.#place.skip()
  }

  #flowEnd(char: string): void {
    this.#forget()
    if (this.#flow > 0) {
      this.#keys.pop()
      this.#flow--
    }
    this.#mayBeKey = false
    this.#add(FLOW[char]!)
    this.#place.skip()
  }

  #comma(): void {
    this.#forget()
    this.#mayBeKey = true
    this.#add('comma')
    this.#place.skip()
  }

  #item(): void {
    if (this.#flow === 0) {
      if (!this.#mayBeKey) throw this.#place.fault('block sequence entries are not allowed in this context')
      this.#indentTo(this.#place.column, 'block-list', undefined)
    }
    this.#forget()
    this.#mayBeKey = true
    this.#add('item')
    this.#place.skip()
  }

  #key(): void {
    if (this.#flow === 0) {
      if (!this.#mayBeKey) throw this.#place.fault('mapping keys are not allowed in this context')
      this.#indentTo(this.#place.column, 'block-map', undefined)
    }
    this.#forget()
    this.#mayBeKey = this.#flow === 0
    this.#add('key')
    this.#place.skip()
  }

  #value(): void {
    const level = this.#keys.length - 1
    const key = this.#keyAt(level)
    if (key !== undefined) {
      this.#queue.splice(key.token - this.#taken, 0, { kind: 'key', line: key.line })
      this.#indentTo(key.column, 'block-map', key)
      this.#drop(level)
      this.#mayBeKey = false
    } else {
      if (this.#flow === 0) {
        if (!this.#mayBeKey) throw this.#place.fault('mapping values are not allowed in this context')
        this.#indentTo(this.#place.column, 'block-map', undefined)
      }
      this.#mayBeKey = this.#flow === 0
    }
    this.#add('value')
    this.#place.skip()
  }

  #named(char: string): void {
    const place = this.#place
    this.#open()
    const { line } = place
    place.skip()
    const name = place.skipWhile((one) => NAME.test(one))
    if (name === '' || !(isGap(place.peek()) || AFTER_NAME.has(place.peek()))) {
      throw place.fault('did not find expected alphabetic or numeric character')
    }
    this.#queue.push({ kind: char === '*' ? 'alias' : 'anchor', line, name })
  }

  #tag(): void {
    const place = this.#place
    this.#open()
    const { line } = place
    place.skip()
    const isWhole = place.peek() === '<'
    if (isWhole) place.skip()
    const text = place.skipWhile((char) => IN_TAG.test(char))
    const [handle, word] = /^([0-9A-Za-z_-]*)!/.exec(isWhole ? '' : text) ?? []
    if (text === '' ? isWhole : text === handle) throw place.fault('did not find expected tag URI')
    if (isWhole) {
      if (place.peek() !== '>') throw place.fault("did not find the expected '>'")
      place.skip()
    }
    if (!isGap(place.peek())) throw place.fault('did not find expected whitespace or line break')
    this.#queue.push({ kind: 'tag', line, ...(word === undefined || word === '' ? {} : { name: `!${word}!` }) })
  }

  #block(): void {
    this.#forget()
    this.#mayBeKey = true
    this.#add('scalar')
    passBlock(this.#place, this.#indent)
  }

  #quoted(): void {
    this.#open()
    this.#add('scalar')
    passQuoted(this.#place)
  }

  #plain(): void {
    this.#open()
    this.#add('scalar')
    if (passPlain(this.#place, this.#indent, this.#flow > 0)) this.#mayBeKey = true
  }
}
