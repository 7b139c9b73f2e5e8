/**
 * Writes large bodies: in blocks that are used again and again, for fresh memory of megabytes costs more than the copy,
 * and each only when the one before has left, so that a client that reads slowly holds one block and not the whole.
 */

import type { ServerResponse } from 'node:http'
import type { Parts } from './encode.ts'

const BLOCK = 128 * 1024
/** Copied byte by byte. */
const TINY = 4
const MAX_SPARE = 16
const spare: Buffer[] = []

/** Ends `out`, whose head is written, with these bytes. Resolves when they are sent, or the client is gone. */
export async function writeParts(out: ServerResponse, { parts, length }: Parts): Promise<void> {
  if (length <= BLOCK) {
    out.end(parts.length === 1 ? parts[0] : Buffer.concat(parts, length))
    return
  }
  const block = spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK)
  let filled = 0
  let left = length
  for (const part of parts) {
    // What stands between items is not worth a call.
    if (part.length <= TINY && filled + part.length < BLOCK && part.length < left) {
      for (const byte of part) block[filled++] = byte
      left -= part.length
      continue
    }
    for (let at = 0; at < part.length;) {
      const count = part.copy(block, filled, at, Math.min(part.length, at + BLOCK - filled))
      at += count
      filled += count
      left -= count
      if (filled < BLOCK && left > 0) continue
      // oxlint-disable-next-line no-await-in-loop -- the block is free again only when it has been written
      if (!(await written(out, block.subarray(0, filled), left === 0))) return
      filled = 0
    }
  }
  if (spare.length < MAX_SPARE) spare.push(block)
}

/** False: the client is gone, and who knows what still reads the bytes. */
function written(out: ServerResponse, bytes: Buffer, isLast: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const onClose = () => resolve(false)
    const done = (error?: Error | null) => {
      out.off('close', onClose)
      resolve(error === undefined || error === null)
    }
    if (out.destroyed) return resolve(false)
    out.once('close', onClose)
    out.write(bytes, done)
    if (isLast) out.end()
  })
}
