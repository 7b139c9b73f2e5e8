/**
 * Reads JSON as Kubernetes does: whole numbers past 2^53 keep their value (as a `bigint`, only then), repeated keys
 * are told, and nothing in the text can reach a prototype. The built-in parser does the work where it can.
 */
import { atOnce, type Steps } from '../../base/async/steps.ts'
import { JsonError, maxDepth, parseCarefully, parseCarefullyInSteps } from './careful.ts'
import { scanJson } from './scan.ts'

/** A body as read. */
export interface JsonBody {
  readonly value: unknown
  /** The paths of repeated keys, such as `spec.replicas`. The last value of each won. */
  readonly duplicates: readonly string[]
  /** The same where the bytes are YAML: sentences that tell the line of each. Absent: there are none. */
  readonly repeated?: readonly string[]
  /** Whole numbers that were written otherwise, such as `1.0` and `1e3`: their texts by their paths. Absent: there are none. */
  readonly fractions?: ReadonlyMap<string, string>
}

/** No sound object comes near so many values, and each costs the event loop its time at every step. */
export const maxValues = 50_000

const noDuplicates: readonly string[] = []

/**
 * Reads bytes that a client sent. Throws `JsonError` in the words of Kubernetes when they are no JSON, when
 * they nest too deeply, or when an object has the key `__proto__`.
 */
export const readJsonBody = (bytes: Uint8Array): JsonBody => atOnce(readInSteps(bytes))

/** The same for what is large, so that others have their turn. */
export function* readInSteps(bytes: Uint8Array): Steps<JsonBody> {
  const read = begin(bytes)
  yield
  const made = read.isPlain ? builtIn(read.text) : undefined
  if (made !== undefined) {
    yield
    if (countMembers(made.value) === read.members) return { value: made.value, duplicates: noDuplicates }
    yield
  }
  return yield* parseCarefullyInSteps(read.text)
}

interface Begun {
  readonly text: string
  /** The members that objects have in the text. */
  readonly members: number
  /** The built-in parser reads all of it as it should be. */
  readonly isPlain: boolean
}

function begin(bytes: Uint8Array): Begun {
  const text = textOf(bytes)
  const scan = scanJson(bytes)
  if (scan.values > maxValues) throw new JsonError(`the body has more than ${maxValues} values`)
  const isPlain = scan.depth <= maxDepth && !scan.hasLongNumber && !scan.hasFraction
  return { text, members: scan.members, isPlain }
}

/** What the built-in parser makes of it; undefined: the careful one finds the same fault, in the words that clients know. */
function builtIn(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

/** Reads bytes that this program wrote itself, big whole numbers included. */
export function readJson(bytes: Uint8Array): unknown {
  return scanJson(bytes).hasLongNumber ? parseCarefully(textOf(bytes)).value : JSON.parse(textOf(bytes))
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** The members of all objects within. Refuses what is no plain data to us: `__proto__` and numbers without end. */
function countMembers(value: unknown): number {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new JsonError('a number is too large for a double')
    return 0
  }
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) members += countMembers(item)
    return members
  }
  // A list of keys: asking a large object for one key after the other takes ten times as long.
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw new JsonError('the key "__proto__" is not accepted')
    members += 1 + countMembers((value as Record<string, unknown>)[key])
  }
  return members
}
