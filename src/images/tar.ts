/**
 * tar archives, read as a stream and written byte for byte the same each time.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */

const BLOCK = 512

/** What a reader is told before the content of an entry. */
export interface TarHeader {
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other'
  readonly size: number
  readonly link: string
}

/** Receives an archive's entries in order; `content` has to be read to its end before the next comes. */
export type TarVisitor = (header: TarHeader, content: AsyncIterable<Buffer>) => Promise<void>

/** Names longer than this in an extended header are refused: no real archive has them. */
const MAX_EXTENDED = 1 << 20

/** Reads an archive. Throws when it is cut short or no tar. */
export async function readTar(source: AsyncIterable<Uint8Array>, visit: TarVisitor): Promise<void> {
  const reader = new ByteReader(source)
  let extended: Record<string, string> = {}
  for (;;) {
    const block = await reader.take(BLOCK)
    if (block === undefined || isZero(block)) return
    const header = parseHeader(block, extended)
    const kind = String.fromCharCode(block[156] ?? 0)
    if (kind === 'x' || kind === 'L' || kind === 'K' || kind === 'g') {
      if (header.size > MAX_EXTENDED) throw new Error('the archive has an extended header of unbelievable size')
      const content = await collect(reader.content(header.size))
      if (kind === 'x') extended = { ...extended, ...parsePax(content) }
      else if (kind === 'L') extended = { ...extended, path: cString(content) }
      else if (kind === 'K') extended = { ...extended, linkpath: cString(content) }
      continue
    }
    extended = {}
    const content = reader.content(header.size)
    await visit(header, content)
    for await (const _ of content); // what the visitor left unread
  }
}

/** One entry to write. Owner is root, time is the epoch: the same entries give the same bytes. */
export type TarEntry =
  | { readonly path: string; readonly type: 'directory'; readonly mode: number }
  | { readonly path: string; readonly type: 'file'; readonly mode: number; readonly content: Uint8Array }
  | { readonly path: string; readonly type: 'symlink'; readonly target: string }

/** The archive's bytes, entry by entry. */
export function* writeTar(entries: Iterable<TarEntry>): Generator<Buffer> {
  for (const entry of entries) {
    const size = entry.type === 'file' ? entry.content.length : 0
    const long = Object.entries({
      path: entry.path.length > 100 ? entry.path : undefined,
      linkpath: entry.type === 'symlink' && entry.target.length > 100 ? entry.target : undefined,
    }).flatMap(([key, value]) => (value === undefined ? [] : [paxRecord(key, value)]))
    if (long.length > 0) {
      const content = Buffer.from(long.join(''), 'utf8')
      yield headerBlock({ path: 'pax', kind: 'x', mode: 0o644, size: content.length, link: '' })
      yield padded(content)
    }
    yield headerBlock({
      path: entry.path,
      kind: { directory: '5', file: '0', symlink: '2' }[entry.type],
      mode: entry.type === 'symlink' ? 0o777 : entry.mode,
      size,
      link: entry.type === 'symlink' ? entry.target : '',
    })
    if (entry.type === 'file' && size > 0) yield padded(entry.content)
  }
  yield Buffer.alloc(2 * BLOCK)
}

function parseHeader(block: Buffer, extended: Readonly<Record<string, string>>): TarHeader {
  let sum = 0
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0)
  if (sum !== octal(block, 148, 8)) throw new Error('this is no tar archive, or it is damaged')
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? cString(block.subarray(345, 500)) : ''
  const name = cString(block.subarray(0, 100))
  const kinds: Readonly<Record<string, TarHeader['type']>> = {
    '0': 'file',
    '\0': 'file',
    '1': 'hardlink',
    '2': 'symlink',
    '5': 'directory',
  }
  const size = extended.size === undefined ? octal(block, 124, 12) : Number(extended.size)
  return {
    path: extended.path ?? (prefix === '' ? name : `${prefix}/${name}`),
    type: kinds[String.fromCharCode(block[156] ?? 0)] ?? 'other',
    size,
    link: extended.linkpath ?? cString(block.subarray(157, 257)),
  }
}

/** A number field: octal text, or big-endian binary when its first bit is set. */
function octal(block: Buffer, start: number, length: number): number {
  if (((block[start] ?? 0) & 0x80) !== 0) return block.readUIntBE(start + length - 6, 6)
  const text = cString(block.subarray(start, start + length)).trim()
  return text === '' ? 0 : Number.parseInt(text, 8)
}

function parsePax(content: Buffer): Record<string, string> {
  const records: Record<string, string> = {}
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at)
    const length = Number(content.toString('latin1', at, space))
    if (space < 0 || !Number.isInteger(length) || length <= 0) break
    const record = content.toString('utf8', space + 1, at + length - 1)
    const equals = record.indexOf('=')
    const key = record.slice(0, equals)
    if (key === 'path' || key === 'linkpath' || key === 'size') records[key] = record.slice(equals + 1)
    at += length
  }
  return records
}

function headerBlock(of: { path: string; kind: string; mode: number; size: number; link: string }): Buffer {
  const block = Buffer.alloc(BLOCK)
  const field = (value: number, start: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), start, 'latin1')
  block.write(of.path.slice(0, 100), 0, 100, 'utf8')
  field(of.mode, 100, 8)
  field(0, 108, 8)
  field(0, 116, 8)
  field(of.size, 124, 12)
  field(0, 136, 12)
  block.write('        ', 148, 'latin1')
  block.write(of.kind, 156, 'latin1')
  block.write(of.link.slice(0, 100), 157, 100, 'utf8')
  block.write('ustar\x0000', 257, 'latin1')
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + String(bytes).length
  if (bytes + String(length).length !== length) length = bytes + String(length).length
  return `${length}${rest}`
}

function padded(content: Uint8Array): Buffer {
  const rest = content.length % BLOCK
  return rest === 0 ? Buffer.from(content) : Buffer.concat([content, Buffer.alloc(BLOCK - rest)])
}

const isZero = (block: Buffer): boolean => block.every((byte) => byte === 0)

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

async function collect(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Hands out a stream's bytes in the portions asked for. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Exactly `count` bytes; undefined when the stream ends right before them. */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.#rest.length < count) {
      const next = await this.#source.next()
      if (next.done === true) {
        if (this.#rest.length === 0) return undefined
        throw new Error('the archive is cut short')
      }
      this.#rest = this.#rest.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#rest, next.value])
    }
    const taken = this.#rest.subarray(0, count)
    this.#rest = this.#rest.subarray(count)
    return taken
  }

  /** The next `size` bytes as they come, and then the padding after them. */
  async *content(size: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0;) {
      if (this.#rest.length === 0) {
        const next = await this.#source.next()
        if (next.done === true) throw new Error('the archive is cut short')
        this.#rest = Buffer.from(next.value)
      }
      const chunk = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(chunk.length)
      left -= chunk.length
      yield chunk
    }
    const padding = (BLOCK - (size % BLOCK)) % BLOCK
    if (padding > 0) await this.take(padding)
  }
}
