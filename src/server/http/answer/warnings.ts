/** The Warning headers of an answer (https://kubernetes.io/blog/2020/09/03/warnings/). */

/** All of them together have no more characters; where they would, each is cut. */
const MAX_TOTAL = 4 * 1024
const MAX_CUT = 256

/** What an answer warns of, each thing once. */
export class Warnings {
  #known = new Set<string>()
  #texts: string[] = []
  #length = 0
  #isCutting = false

  add(text: string): void {
    if (text === '' || this.#known.has(text) || (this.#isCutting && this.#length >= MAX_TOTAL)) return
    this.#known.add(text)
    // A header cannot hold these.
    if (/[\p{Cc}\p{Cs}]/u.test(text)) return
    const told = this.#isCutting ? cut(text) : text
    if (this.#isCutting || this.#length + lengthOf(told) <= MAX_TOTAL) {
      this.#tell(told)
      return
    }
    const all = [...this.#texts, text]
    this.#isCutting = true
    this.#texts = []
    this.#length = 0
    for (const each of all) this.#tell(cut(each))
  }

  /** The headers' values. */
  headers(): string[] {
    return this.#texts.map((text) => `299 - ${quoted(text)}`)
  }

  #tell(text: string): void {
    this.#texts.push(text)
    this.#length += lengthOf(text)
  }
}

const lengthOf = (text: string) => Array.from(text).length
const cut = (text: string) => (text.length <= MAX_CUT ? text : Array.from(text).slice(0, MAX_CUT).join(''))

/** In quotes, as the bytes of its UTF-8: Node writes headers as Latin-1. */
const quoted = (text: string) =>
  `"${Buffer.from(text, 'utf8')
    .toString('latin1')
    .replaceAll(/[\\"]/g, (char) => `\\${char}`)}"`
