/**
 * Reads YAML bodies as Kubernetes does: as JSON in another dress, YAML 1.1 words for true and false included, without
 * dates, and safe from aliases that unfold without end (https://pkg.go.dev/sigs.k8s.io/yaml).
 */
import {
  CST,
  isAlias,
  isCollection,
  isNode,
  isScalar,
  Lexer,
  parseAllDocuments,
  parseDocument,
  visit,
  type Document,
  type ScalarTag,
  type Tags,
} from 'yaml'
import { goQuote } from '../../base/go-quote.ts'
import { JsonError, maxDepth } from '../json/careful.ts'
import { atOnce, type Steps } from '../../base/async/steps.ts'
import { type JsonBody, readInSteps } from '../json/parse.ts'
import { repeatedKeys } from './repeated-keys.ts'
import { followTags, nameKeys } from './tags.ts'
import { toJson } from '../json/stringify.ts'
import { explainFault } from './faults/explain.ts'

/** Values that aliases may unfold into, in all. */
const maxUnfolded = 100_000
/** What a body may be made of. */
export interface YamlLimits {
  readonly tokens: number
  /** Every alias is looked for in the whole document: so many looks in all. */
  readonly looks: number
}

/** Reading this much takes a tenth of a second. */
const usualLimits: YamlLimits = { tokens: 30_000, looks: 500_000 }
/** Reading this much takes some seconds, and some hundred megabytes: for a thread of its own. */
export const besideLimits: YamlLimits = { tokens: 400_000, looks: 5_000_000 }

/** Kinds of scalars that YAML 1.1 has and Kubernetes does not: a date stays text, `22:30` is no number. */
const unknownTags = new Set(['intTime', 'floatTime', 'timestamp', 'binary', 'omap', 'pairs', 'set'])

const options = {
  version: '1.1',
  schema: 'yaml-1.1',
  intAsBigInt: true,
  merge: true,
  strict: false,
  uniqueKeys: false, // told by repeatedKeys()
  logLevel: 'silent',
  // Lines are counted only for the error that is told: a text can have a hundred thousand.
  prettifyErrors: false,
  customTags: (tags: Tags) => [
    octal,
    ...tags.filter((tag) => typeof tag === 'string' || !unknownTags.has(nameOf(tag))).map(withDigits),
  ],
} as const

/** A number has a digit: a mere dot, as the owners of fields have it, is a text. So is one too large to be one. */
function withDigits(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || nameOf(tag) !== 'float' || tag.collection !== undefined) return tag
  const float = tag as ScalarTag
  const resolve: ScalarTag['resolve'] = (text, onError, how) => {
    if (/inf$|nan$/i.test(text)) return float.resolve(text, onError, how)
    const value: unknown = /^[^e]*\d/i.test(text) ? float.resolve(text, onError, how) : text
    return typeof value === 'number' && !Number.isFinite(value) ? text : value
  }
  return { ...float, resolve }
}

/** Octal digits as YAML 1.2 has them, which Kubernetes reads as well. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  format: 'OCT12',
  test: /^-?0o[0-7_]*[0-7]$/,
  resolve: (text) => {
    const value = BigInt(text.replaceAll(/[-_]/g, ''))
    return text.startsWith('-') ? -value : value
  },
}

/** Reads the first document. Throws `JsonError` for what is no YAML or unfolds into too much. */
export function readYamlBody(bytes: Uint8Array, limits = usualLimits): JsonBody {
  return (
    atOnce(asJson(bytes)) ??
    guarded(() => {
      const text = textOf(bytes)
      refuseEndless(text, limits)
      // Before the parser, which lets much pass that Kubernetes's reader does not.
      const fault = explainFault(text)
      if (fault !== undefined) throw new JsonError(UNREADABLE + fault)
      return bodyOf(parseDocument(text, options), text)
    })
  )
}

const UNREADABLE = 'error converting YAML to JSON: yaml: '

const READ_AGAIN = 64 * 1024

/** What most clients call YAML is JSON, which is read thirty times as fast. Undefined: it is none. */
export function* asJson(bytes: Uint8Array): Steps<JsonBody | undefined> {
  let at = 0
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d) at++
  if (bytes[at] !== 0x7b) return undefined
  try {
    const body = yield* readInSteps(bytes)
    // Of keys that are there twice the lines are told: they are read again, unless that is much.
    return body.duplicates.length > 0 && bytes.length <= READ_AGAIN ? undefined : body
  } catch (error) {
    if (error instanceof JsonError && /^(?:invalid character|unexpected end)/.test(error.message)) return undefined
    throw error
  }
}

/** Reads every document of a manifest; empty ones are left out. Throws `JsonError` as `readYamlBody` does. */
export function readYamlDocuments(text: string): unknown[] {
  return guarded(() => {
    const documents = parseAllDocuments(text, options)
    if (!Array.isArray(documents)) return []
    return (documents as Document[]).map((document) => bodyOf(document, text).value).filter((value) => value !== null)
  })
}

function bodyOf(document: Document, source: string): JsonBody {
  for (const error of document.errors) {
    if (error.code === 'MULTIPLE_DOCS') continue
    if (error.code === 'RESOURCE_EXHAUSTION') throw new JsonError('exceeded max depth')
    const line = lineAt(source, error.pos[0])
    const text = error.message.split('\n')[0]!
    throw new JsonError(`${UNREADABLE}line ${line}: ${text}`)
  }
  refuseAliasBombs(document)
  followTags(document)
  refuseOddKeys(document)
  const { paths: duplicates, sentences: repeated } = repeatedKeys(document, source)
  nameKeys(document)
  const value = plain(valueOf(document) ?? null, 0)
  return repeated.length === 0 ? { value, duplicates } : { value, duplicates, repeated }
}

function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: -1 })
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof RangeError) throw error
    throw new JsonError(`${UNREADABLE}map merge requires map or sequence of maps as the value`, { cause: error })
  }
}

function lineAt(source: string, offset: number): number {
  let line = 1
  for (let at = source.indexOf('\n'); at >= 0 && at < offset; at = source.indexOf('\n', at + 1)) line++
  return line
}

const BLOCK_STEPS: ReadonlySet<string> = new Set(['seq-item-ind', 'explicit-key-ind', 'map-value-ind'])
/** What lies beyond these is no deeper than what lies before. */
const LINE_ENDS: ReadonlySet<string> = new Set(['newline', 'comma', 'flow-map-end', 'flow-seq-end'])

/** Refuses, before anything is built, what would take the parser seconds or all memory. */
function refuseEndless(text: string, limits: YamlLimits): void {
  let tokens = 0
  let flow = 0
  let block = 0
  let aliases = 0
  for (const token of new Lexer().lex(text)) {
    if (++tokens > limits.tokens) {
      throw new JsonError('error converting YAML to JSON: yaml: document is too complex; as JSON it may be as large')
    }
    const kind = CST.tokenType(token) ?? ''
    if (kind === 'alias') aliases++
    else if (BLOCK_STEPS.has(kind)) block++
    else if (kind === 'flow-map-start' || kind === 'flow-seq-start') flow++
    else if (kind === 'flow-map-end' || kind === 'flow-seq-end') flow--
    if (LINE_ENDS.has(kind)) block = 0
    if (flow > maxDepth || block > maxDepth) throw new JsonError('exceeded max depth')
  }
  if (aliases * tokens > limits.looks) throw excessiveAliasing()
}

const excessiveAliasing = () =>
  new JsonError('error converting YAML to JSON: yaml: document contains excessive aliasing')

/** Keys are texts; an object for a key is no JSON, and writing it out as a text can take forever. */
function refuseOddKeys(document: Document): void {
  visit(document, {
    Pair(_, { key, value }) {
      if (isCollection(key)) throw new JsonError(`${UNREADABLE}invalid map key: ${asGoValue(key.toJS(document))}`)
      const odd = isScalar(key) ? oddKey(key.value) : undefined
      if (odd === undefined) return
      const held: unknown = isNode(value) ? value.toJS(document) : value
      const shown = held === null ? '<nil>' : asGoValue(held)
      const message = `unsupported map key of type: ${odd}, value: ${shown}`
      throw new JsonError(`error converting YAML to JSON: ${message}`)
    },
  })
}

/** The type and the value of a key that no JSON key is made of; undefined: one is. */
function oddKey(key: unknown): string | undefined {
  if (key === null) return '%!s(<nil>), key: <nil>'
  if (typeof key !== 'bigint' || key < 2n ** 63n || key >= 2n ** 64n) return undefined
  return `uint64, key: 0x${key.toString(16)}`
}

/** A value as Go writes one of a type that it does not know: `map[interface {}]interface {}{"a":1}`. */
function asGoValue(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(asGoValue).join(', ')}}`
  if (typeof value === 'string') return goQuote(value)
  if (typeof value !== 'object') return toJson(value)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const texts = members.map(([key, member]) => `${goQuote(key)}:${asGoValue(member)}`)
  return `map[interface {}]interface {}{${texts.join(', ')}}`
}

/** Counts what the document holds once its aliases are unfolded, without unfolding them. */
function refuseAliasBombs(document: Document): void {
  const sizes = new Map<unknown, number>()
  let hasAlias = false
  visit(document, {
    Alias() {
      hasAlias = true
      return visit.BREAK
    },
  })
  if (!hasAlias) return
  const sizeOf = (node: unknown, depth: number): number => {
    if (depth > maxDepth) throw new JsonError('exceeded max depth')
    if (typeof node !== 'object' || node === null) return 0
    const known = sizes.get(node)
    if (known !== undefined) return known
    sizes.set(node, 1) // an alias to what contains it unfolds no further
    let size = 1
    if (isAlias(node)) size += sizeOf(node.resolve(document), depth + 1)
    else if ('items' in node) for (const item of node.items as unknown[]) size += sizeOf(item, depth + 1)
    else if ('value' in node && 'key' in node) size += sizeOf(node.key, depth + 1) + sizeOf(node.value, depth + 1)
    sizes.set(node, size)
    return size
  }
  if (sizeOf(document.contents, 0) > maxUnfolded) {
    throw excessiveAliasing()
  }
}

/** JSON's kinds only: a whole number is a `bigint` only when a double cannot hold it, and keys are texts. */
function plain(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw new JsonError('exceeded max depth')
  if (typeof value === 'bigint') return wholeNumber(value)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    const shown = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
    throw new JsonError(`error converting YAML to JSON: json: unsupported value: ${shown}`)
  }
  if (typeof value !== 'object' || value === null) return value === undefined ? null : value
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1))
  const object: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') throw new JsonError('the key "__proto__" is not accepted')
    object[key] = plain(member, depth + 1)
  }
  return object
}

function wholeNumber(value: bigint): number | bigint {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  return BigInt.asIntN(64, value) === value ? value : number
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) throw new JsonError('exceeded max depth', { cause: error })
    if (error instanceof ReferenceError) {
      throw new JsonError(`error converting YAML to JSON: yaml: ${error.message}`, { cause: error })
    }
    throw error
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function nameOf(tag: Exclude<Tags[number], string>): string {
  const short = tag.tag.replace('tag:yaml.org,2002:', '')
  if (tag.format === 'TIME') return short === 'int' ? 'intTime' : 'floatTime'
  return short
}
