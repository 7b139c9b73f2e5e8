/** A YAML text as it is looked through for what is wrong with it, and where one is in it. */

/** What is wrong. `line` is the number that is told; absent: none is. */
export class YamlFault extends Error {
  override readonly name = 'YamlFault'
  readonly line: number | undefined

  constructor(message: string, line?: number) {
    super(message)
    this.line = line
  }
}

const BREAKS: ReadonlySet<string> = new Set(['\n', '\r', '\u0085', '\u2028', '\u2029'])

export const isBlank = (char: string) => char === ' ' || char === '\t'
export const isBreak = (char: string) => BREAKS.has(char)
/** Also the end of the text, which has no character. */
export const isGap = (char: string) => char === '' || isBlank(char) || isBreak(char)

/** A place in a text that only moves on. Lines and columns are counted from 0. */
export class Place {
  at = 0
  line = 0
  column = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The character so many further on; none past the end. */
  peek(ahead = 0): string {
    return this.#text.charAt(this.at + ahead)
  }

  get isAtEnd(): boolean {
    return this.at >= this.#text.length
  }

  /** Whether a line begins here with the marker of a document: `---` or `...`. */
  isAtMarker(): boolean {
    if (this.column !== 0) return false
    const three = this.#text.slice(this.at, this.at + 3)
    return (three === '---' || three === '...') && isGap(this.peek(3))
  }

  skip(count = 1): void {
    this.at += count
    this.column += count
  }

  skipBreak(): void {
    this.at += this.peek() === '\r' && this.peek(1) === '\n' ? 2 : 1
    this.line++
    this.column = 0
  }

  /** Goes on while `holds`, at most to the end of the line. Answers what it passed. */
  skipWhile(holds: (char: string) => boolean): string {
    const from = this.at
    for (let char = this.peek(); char !== '' && !isBreak(char) && holds(char); char = this.peek()) this.skip()
    return this.#text.slice(from, this.at)
  }

  /** A fault in what stands here. */
  fault(message: string): YamlFault {
    return new YamlFault(message, this.line === 0 ? undefined : this.line + 1)
  }
}
