/** JSON for people to read: an indent of two spaces, as Go's `json.MarshalIndent` writes it (https://pkg.go.dev/encoding/json#Indent). */

import { atOnce, type Steps } from '../../base/async/steps.ts'

const newline = 0x0a
const space = 0x20
const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c
const WIDTH = 2

/** Others have their turn after so many bytes. */
const PIECE = 256 * 1024

/** The same JSON with each member and each element on a line of its own. Numbers and strings keep their bytes. */
export function indentJson(json: Uint8Array): Buffer {
  return atOnce(indentInSteps(json))
}

/** The same, in steps. */
export function* indentInSteps(json: Uint8Array): Steps<Buffer> {
  const indented = Buffer.allocUnsafe(yield* indentedLength(json))
  let at = 0
  yield* walk(json, {
    copy: (from, to) => {
      indented.set(json.subarray(from, to), at)
      at += to - from
    },
    breakLine: (depth) => {
      indented[at++] = newline
      indented.fill(space, at, (at += depth * WIDTH))
    },
    addSpace: () => {
      indented[at++] = space
    },
  })
  return indented
}

function* indentedLength(json: Uint8Array): Steps<number> {
  let length = 0
  yield* walk(json, {
    copy: (from, to) => {
      length += to - from
    },
    breakLine: (depth) => {
      length += 1 + depth * WIDTH
    },
    addSpace: () => {
      length += 1
    },
  })
  return length
}

/** What an indented text is made of, in order. */
interface Pieces {
  /** These bytes of the source. */
  readonly copy: (from: number, to: number) => void
  readonly breakLine: (depth: number) => void
  readonly addSpace: () => void
}

function* walk(json: Uint8Array, { copy, breakLine, addSpace }: Pieces): Steps<void> {
  let depth = 0
  let copied = 0
  const copyUntil = (end: number) => {
    if (end > copied) copy(copied, end)
    copied = end
  }
  let turnAt = PIECE
  for (let i = 0; i < json.length; i++) {
    if (i >= turnAt) {
      yield
      turnAt = i + PIECE
    }
    const byte = json[i]!
    if (byte === quote) i = endOfString(json, i)
    else if (byte === comma || isOpen(byte)) {
      copyUntil(i + 1)
      if (isOpen(byte) && isClose(json[nextOf(json, i)])) {
        copied = nextOf(json, i)
        i = copied
        continue
      }
      if (isOpen(byte)) depth++
      breakLine(depth)
    } else if (isClose(byte)) {
      copyUntil(i)
      breakLine(--depth)
    } else if (byte === colon) {
      copyUntil(i + 1)
      addSpace()
    } else if (isBlank(byte)) {
      copyUntil(i)
      copied = i + 1
    }
  }
  copyUntil(json.length)
}

function endOfString(json: Uint8Array, start: number): number {
  let i = start + 1
  while (i < json.length && json[i] !== quote) i += json[i] === backslash ? 2 : 1
  return i
}

/** Where the next byte that is no blank stands. */
function nextOf(json: Uint8Array, at: number): number {
  let i = at + 1
  while (isBlank(json[i])) i++
  return i
}

const isOpen = (byte: number | undefined) => byte === 0x7b || byte === 0x5b
const isClose = (byte: number | undefined) => byte === 0x7d || byte === 0x5d
const isBlank = (byte: number | undefined) => byte === space || byte === newline || byte === 0x0d || byte === 0x09
