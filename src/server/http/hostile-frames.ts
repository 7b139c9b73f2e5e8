/** For tests: HTTP/2, frame by frame (https://www.rfc-editor.org/rfc/rfc9113#section-4.1). */

export const types = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const
export const flags = { endStream: 1, endHeaders: 4 } as const

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export function frame(type: number, flag: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flag
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** How a connection begins. */
export const START = Buffer.concat([PREFACE, frame(types.settings, 0, 0)])

/** A header as HPACK has it that has no table in mind, but for the names that everybody knows. */
export const literal = (index: number, text: string) =>
  Buffer.concat([Buffer.from([index, text.length]), Buffer.from(text, 'latin1')])

/** The headers of a request for a path that all servers know how to answer. */
export const requestOf = (method: 'GET' | 'POST', path: string) =>
  Buffer.concat([Buffer.from([method === 'GET' ? 0x82 : 0x83, 0x87]), literal(0x04, path), literal(0x01, 'server')])

/** The frames that are there whole: their types, payloads and flags. */
export function framesOf(bytes: Buffer): (readonly [type: number, payload: Buffer, flags: number])[] {
  const frames: (readonly [number, Buffer, number])[] = []
  for (let at = 0; at + 9 <= bytes.length;) {
    const end = at + 9 + bytes.readUIntBE(at, 3)
    if (end > bytes.length) break
    frames.push([bytes[at + 3]!, bytes.subarray(at + 9, end), bytes[at + 4]!])
    at = end
  }
  return frames
}
