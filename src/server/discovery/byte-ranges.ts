/** Parts of a document, as a client asks for them (https://www.rfc-editor.org/rfc/rfc9110#name-range-requests). */

export interface ByteRange {
  readonly start: number
  readonly length: number
}

/** More are not served one by one: the document is sent whole. */
const MAX_RANGES = 100

/**
 * The parts that a Range header names of `size` bytes; none: the whole. `malformed`: it is no such header;
 * `beyond`: what it names is not there.
 */
export function parseRanges(header: string, size: number): readonly ByteRange[] | 'malformed' | 'beyond' {
  if (!header.startsWith('bytes=')) return 'malformed'
  const ranges: ByteRange[] = []
  let isBeyond = false
  const texts = header
    .slice('bytes='.length)
    .split(',', MAX_RANGES + 1)
    .map((text) => text.trim())
  if (texts.length > MAX_RANGES) return []
  for (const text of texts) {
    if (text === '') continue
    const found = parseRange(text, size)
    if (found === 'malformed') return found
    if (found === 'beyond') isBeyond = true
    else ranges.push(found)
  }
  if (ranges.length === 0 && isBeyond) return 'beyond'
  // Parts that make more than the whole are an attack, or a mistake.
  return ranges.reduce((sum, { length }) => sum + length, 0) > size ? [] : ranges
}

function parseRange(text: string, size: number): ByteRange | 'malformed' | 'beyond' {
  const [, first, last] = /^(\d{0,15})\s*-\s*(\d{0,15})$/.exec(text) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'malformed'
  if (first === '') {
    const length = Math.min(Number(last), size)
    return { start: size - length, length }
  }
  const start = Number(first)
  if (start >= size) return 'beyond'
  if (last === '') return { start, length: size - start }
  if (Number(last) < start) return 'malformed'
  return { start, length: Math.min(Number(last), size - 1) - start + 1 }
}

export const contentRange = ({ start, length }: ByteRange, size: number): string =>
  `bytes ${start}-${start + length - 1}/${size}`

/** Several parts in one body. */
export function multipart(body: Buffer, ranges: readonly ByteRange[], parts: MultipartHead): Buffer {
  const { boundary, contentType } = parts
  const pieces = ranges.flatMap((range, i) => [
    Buffer.from(
      `${i === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Range: ${contentRange(range, body.length)}\r\n` +
        `Content-Type: ${contentType}\r\n\r\n`,
    ),
    body.subarray(range.start, range.start + range.length),
  ])
  return Buffer.concat([...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)])
}

export interface MultipartHead {
  /** What no part has in it. */
  readonly boundary: string
  readonly contentType: string
}
