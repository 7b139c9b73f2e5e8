/**
 * Header blocks of SPDY/3.1: names and values, compressed with a dictionary, one zlib stream per direction for the
 * whole connection (https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/#TOC-2.6.10-Name-Value-Header-Block).
 */
import { constants, createInflate, type Inflate } from 'node:zlib'
import { StreamProtocolError, type StreamHeaders } from './stream-connection.ts'

/** A block that unfolds into more than this is refused. */
const maxBlock = 64 * 1024
const maxStored = 65_535

const dictionaryNames =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
  'authorization cache-control connection content-base content-encoding content-language content-length ' +
  'content-location content-md5 content-range content-type date etag expect expires from host if-match ' +
  'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma ' +
  'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade ' +
  'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie ' +
  'keep-alive origin'
const dictionaryText =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 ' +
  'Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden' +
  '404 Not Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug ' +
  'Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,' +
  'application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch' +
  'charset=utf-8charset=iso-8859-1,utf-,*,enq=0.'

/** The dictionary that the protocol fixes. */
export const dictionary: Buffer = Buffer.concat([
  ...dictionaryNames.split(' ').map((name) => lengthPrefixed(name.replace('_', ' '))),
  Buffer.from(dictionaryText),
])

/** Writes header blocks. They are stored, not squeezed: a handful of short headers a stream is not worth a window. */
export class HeaderWriter {
  #isFirst = true

  write(headers: StreamHeaders): Buffer {
    const entries = Object.entries(headers)
    const block = Buffer.concat([
      uint32(entries.length),
      ...entries.flatMap(([name, value]) => [lengthPrefixed(name.toLowerCase()), lengthPrefixed(value)]),
    ])
    const parts: Buffer[] = []
    if (this.#isFirst) parts.push(Buffer.from([0x78, 0x20]), uint32(adler32(dictionary)))
    this.#isFirst = false
    for (let at = 0; at < block.length; at += maxStored) {
      const part = block.subarray(at, at + maxStored)
      const head = Buffer.alloc(5) // a stored block that is not the last
      head.writeUInt16LE(part.length, 1)
      head.writeUInt16LE(part.length ^ 0xffff, 3)
      parts.push(head, part)
    }
    return Buffer.concat([...parts, flushMark])
  }
}

/** An empty stored block. Readers hand out what they have when they meet one, and some only then. */
const flushMark = Buffer.from([0, 0, 0, 0xff, 0xff])

/** Reads header blocks, which must be given in the order they came. */
export class HeaderReader {
  readonly #inflate: Inflate
  #chunks: Buffer[] = []
  #size = 0
  #failed: Error | undefined

  constructor() {
    this.#inflate = createInflate({ dictionary, flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH })
    this.#inflate.on('data', (chunk: Buffer) => {
      this.#size += chunk.length
      if (this.#size <= maxBlock) this.#chunks.push(chunk)
    })
    this.#inflate.on('error', (error) => (this.#failed = error))
  }

  async read(compressed: Buffer): Promise<StreamHeaders> {
    this.#chunks = []
    this.#size = 0
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => reject(new StreamProtocolError(`unreadable headers: ${error.message}`))
      if (this.#failed !== undefined) return fail(this.#failed)
      this.#inflate.once('error', fail)
      this.#inflate.write(compressed, () => {
        this.#inflate.removeListener('error', fail)
        resolve()
      })
    })
    while (this.#inflate.read() !== null); // hands what is left to the listener
    if (this.#size > maxBlock) throw new StreamProtocolError('headers are too large')
    return parseBlock(Buffer.concat(this.#chunks))
  }

  close(): void {
    this.#inflate.destroy()
  }
}

function parseBlock(block: Buffer): StreamHeaders {
  let at = 0
  const number = (): number => {
    if (at + 4 > block.length) throw new StreamProtocolError('a header block is cut short')
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const text = (): string => {
    const end = number() + at
    if (end > block.length) throw new StreamProtocolError('a header block is cut short')
    const value = block.toString('utf8', at, end)
    at = end
    return value
  }
  const headers = new Map<string, string>()
  for (let left = number(); left > 0; left--) {
    const name = text().toLowerCase()
    // Several values of one name are joined by a zero byte.
    headers.set(name, text().split('\0')[0]!)
  }
  headers.delete('__proto__')
  return Object.fromEntries(headers)
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** The checksum that names the dictionary in a zlib header (RFC 1950). */
function adler32(bytes: Buffer): number {
  let a = 1
  let b = 0
  for (const byte of bytes) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return (b * 65_536 + a) >>> 0
}
