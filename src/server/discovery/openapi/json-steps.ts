/** A large document as JSON, piece by piece. */
import type { Steps } from '../../../base/async/steps.ts'

/** Others have their turn after so many characters. */
const PIECE = 16_384
/** Members this deep are written one by one: `components`, `schemas`, and each schema. */
const DEPTH = 2

/** The same bytes as `JSON.stringify` has them. */
export function* jsonInSteps(document: object): Steps<Buffer> {
  const parts: Buffer[] = []
  let text = ''
  for (const piece of piecesOf(document, DEPTH)) {
    text += piece
    if (text.length < PIECE) continue
    parts.push(Buffer.from(text))
    text = ''
    yield
  }
  return Buffer.concat([...parts, Buffer.from(text)])
}

function* piecesOf(value: object, depth: number): Generator<string> {
  let before = '{'
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    if (member === undefined) continue
    yield `${before}${JSON.stringify(name)}:`
    before = ','
    if (depth > 0 && isMap(member)) yield* piecesOf(member, depth - 1)
    else yield JSON.stringify(member)
  }
  yield before === '{' ? '{}' : '}'
}

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('toJSON' in value)
