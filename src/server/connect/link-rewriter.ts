/** Replaces the links of an HTML page (https://html.spec.whatwg.org/multipage/indices.html#attributes-3, those that hold URLs). */

import { type Duplex, Transform } from 'node:stream'
import { RewritingStream } from 'parse5-html-rewriting-stream'

/** By element. */
const LINK_ATTRIBUTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['a', ['href']],
  ['applet', ['codebase']],
  ['area', ['href']],
  ['audio', ['src']],
  ['base', ['href']],
  ['blockquote', ['cite']],
  ['body', ['background']],
  ['button', ['formaction']],
  ['command', ['icon']],
  ['del', ['cite']],
  ['embed', ['src']],
  ['form', ['action']],
  ['frame', ['longdesc', 'src']],
  ['head', ['profile']],
  ['html', ['manifest']],
  ['iframe', ['longdesc', 'src']],
  ['img', ['longdesc', 'src', 'usemap']],
  ['input', ['src', 'usemap', 'formaction']],
  ['ins', ['cite']],
  ['link', ['href']],
  ['object', ['classid', 'codebase', 'data', 'usemap']],
  ['q', ['cite']],
  ['script', ['src']],
  ['source', ['src']],
  ['video', ['poster', 'src']],
])

/** Streams, one into the next, that put `rewrite(link)` in the place of each link. The page may have any encoding that has ASCII in it. */
export function linkRewriter(rewrite: (link: string) => string): readonly Duplex[] {
  const page = new RewritingStream()
  page.on('startTag', (tag, raw) => {
    const names = LINK_ATTRIBUTES.get(tag.tagName) ?? []
    const attrs = tag.attrs.map(({ name, value }) => ({ name, value: names.includes(name) ? rewrite(value) : value }))
    if (attrs.every(({ value }, at) => value === tag.attrs[at]?.value)) {
      page.emitRaw(raw)
      return
    }
    const written = attrs.map(({ name, value }) => ` ${name}="${value.replaceAll(UNSAFE, escaped)}"`)
    page.emitRaw(`<${tag.tagName}${written.join('')}${tag.selfClosing ? '/' : ''}>`)
  })
  return [asText(), page, asBytes()]
}

/** Every byte a character: what is not ASCII comes out as it went in, whatever it means. */
const asText = () =>
  new Transform({
    readableObjectMode: true,
    transform: (chunk: Buffer, _encoding, done) => done(null, chunk.toString('latin1')),
  })

const asBytes = () =>
  new Transform({
    decodeStrings: false,
    transform: (text: string | Buffer, _encoding, done) =>
      done(null, typeof text === 'string' ? Buffer.from(text, 'latin1') : text),
  })

const UNSAFE = /[&<>"'\r]|[^\0-\xff]/gu

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

const escaped = (char: string) => NAMED[char] ?? `&#${char.codePointAt(0)};`
