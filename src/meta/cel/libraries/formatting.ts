/** `'%s is %d'.format([…])` (https://pkg.go.dev/github.com/google/cel-go/ext#Strings). */

import type { Expr, ListLiteral } from '../ast.ts'
import type { Validator } from '../environment.ts'
import type { Issue } from '../source.ts'
import type { CelType } from '../types.ts'
import { formatDuration, formatTimestamp } from '../times.ts'
import { walk } from '../walk.ts'
import {
  type CelValue,
  Duration,
  EvaluationError,
  isList,
  isMap,
  Timestamp,
  typeNameOf,
  TypeValue,
  Uint,
} from '../values.ts'
import { showDouble } from './conversions.ts'

interface Clause {
  readonly verb: string
  readonly precision: number | undefined
}

const MAX_PRECISION = 1_000
const VERBS = 'sdbxXofe'

/** What stands between the clauses, and the clauses. */
function readFormat(format: string): { texts: string[]; clauses: Clause[] } {
  const texts = ['']
  const clauses: Clause[] = []
  for (let at = 0; at < format.length; at++) {
    const char = format[at] as string
    if (char !== '%') {
      texts.push(`${texts.pop() ?? ''}${char}`)
      continue
    }
    if (at + 1 === format.length) throw new EvaluationError('unexpected end of string')
    if (format[at + 1] === '%') {
      texts.push(`${texts.pop() ?? ''}%`)
      at++
      continue
    }
    const [written = '', digits] = /^(?:\.(\d*))?/.exec(format.slice(at + 1)) ?? []
    const precision = digits === undefined ? undefined : readPrecision(digits)
    const verb = format[at + 1 + written.length] ?? ''
    if (!VERBS.includes(verb) || verb === '') throw badClause(`unrecognized formatting clause "${verb}"`)
    clauses.push({ verb, precision })
    texts.push('')
    at += written.length + 1
  }
  return { texts, clauses }
}

const badClause = (detail: string) => new EvaluationError(`could not parse formatting clause: ${detail}`)

function readPrecision(digits: string): number {
  if (digits !== '' && Number(digits) <= MAX_PRECISION) return Number(digits)
  const why =
    digits === ''
      ? 'error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax'
      : 'precision too large'
  throw badClause(`error while parsing precision: ${why}`)
}

export function formatText(format: string, args: readonly CelValue[]): string {
  const { texts, clauses } = readFormat(format)
  if (clauses.length > args.length) throw new EvaluationError(`index ${args.length} out of range`)
  if (clauses.length < args.length) {
    const words = `too many arguments supplied to string.format (expected ${clauses.length}, got ${args.length})`
    throw new EvaluationError(words)
  }
  return texts
    .map((text, at) => text + (at < clauses.length ? formatOne(clauses[at] as Clause, args[at] as CelValue) : ''))
    .join('')
}

function formatOne({ verb, precision }: Clause, value: CelValue): string {
  switch (verb) {
    case 's':
      return show(value)
    case 'd':
      if (typeof value === 'number' && !Number.isFinite(value)) return show(value)
      return String(integerOf(value, 'decimal clause can only be used on integers'))
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0'
      return integerOf(value, 'only integers and bools can be formatted as binary').toString(2)
    case 'o':
      return integerOf(value, 'octal clause can only be used on integers').toString(8)
    case 'x':
      return hex(value)
    case 'X':
      return hex(value).toUpperCase()
    default:
      return decimal(verb, value, precision ?? 6)
  }
}

function wrong(words: string, value: CelValue): EvaluationError {
  return new EvaluationError(`error during formatting: ${words}, was given ${typeNameOf(value)}`)
}

function integerOf(value: CelValue, words: string): bigint {
  if (typeof value === 'bigint') return value
  if (value instanceof Uint) return value.value
  throw wrong(words, value)
}

function hex(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex')
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return integerOf(value, 'only integers, byte buffers, and strings can be formatted as hex').toString(16)
}

/** Numbers, and the texts that stand for those that JSON has none for. */
function numberOf(value: CelValue): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint) return Number(value.value)
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined
}

function decimal(verb: string, value: CelValue, precision: number): string {
  const number = numberOf(value)
  if (number === undefined) {
    throw wrong(`${verb === 'f' ? 'fixed-point' : 'scientific'} clause can only be used on doubles`, value)
  }
  if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : number < 0 ? '-\u221e' : '\u221e'
  if (verb === 'f') return number.toFixed(Math.min(precision, 100))
  const [digits = '', exponent = '+0'] = number.toExponential(Math.min(precision, 100)).split('e')
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
}

/** A value as `%s` prints it. */
function show(value: CelValue): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return showDouble(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Duration) return formatDuration(value)
  if (value instanceof TypeValue) return value.name
  if (isList(value)) return `[${value.map(show).join(', ')}]`
  if (!isMap(value)) {
    throw wrong(
      'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
      value,
    )
  }
  const entries = [...value.keys()].map((key) => [show(key), show(value.get(key) ?? null)] as const)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, shown]) => `${key}: ${shown}`).join(', ')}}`
}

/** Formats whose arguments stand there can be judged before they are evaluated. */
export const formatValidator: Validator = (tree, typeOf) => {
  const issues: Issue[] = []
  walk(tree, (node) => {
    if (node.kind !== 'call' || node.name !== 'format' || node.target?.kind !== 'literal') return
    const [args] = node.args
    if (args?.kind !== 'list' || typeof node.target.value !== 'string') return
    const issue = judge(node.target.value, { call: node, args }, typeOf)
    if (issue !== undefined) issues.push(issue)
  })
  return issues
}

/** A value of each type, which stands for one that is not known yet. */
const SAMPLES: Readonly<Record<string, CelValue>> = {
  bool: true,
  bytes: new Uint8Array(),
  double: 1.5,
  duration: new Duration(0n),
  int: 1n,
  list: [],
  null: null,
  string: 'a',
  timestamp: new Timestamp(0n),
  uint: new Uint(1n),
}

function sampleOf({ kind, name }: CelType, clause: Clause | undefined): CelValue | undefined {
  if (kind === 'string' && (clause?.verb === 'f' || clause?.verb === 'e')) return 'NaN'
  return kind === 'object' || kind === 'opaque' ? { celType: name, equals: () => false } : SAMPLES[kind]
}

interface Formatted {
  readonly call: Expr
  readonly args: ListLiteral
}

function judge(format: string, { call, args }: Formatted, typeOf: Parameters<Validator>[1]): Issue | undefined {
  let clauses: Clause[]
  try {
    clauses = readFormat(format).clauses
  } catch (error) {
    return { at: call.at, message: (error as Error).message }
  }
  for (const [at, { value }] of args.items.entries()) {
    const clause = clauses[at]
    const sample = sampleOf(typeOf(value), clause)
    if (clause === undefined || sample === undefined) continue
    try {
      formatOne(clause, sample)
    } catch (error) {
      return { at: value.at, message: (error as Error).message }
    }
  }
  if (clauses.length > args.items.length) return { at: call.at, message: `index ${args.items.length} out of range` }
  if (clauses.length === args.items.length) return undefined
  const message = `too many arguments supplied to string.format (expected ${clauses.length}, got ${args.items.length})`
  return { at: call.at, message }
}
