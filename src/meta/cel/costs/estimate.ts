/**
 * The most that an expression can cost, told before it is ever evaluated
 * (https://kubernetes.io/docs/reference/using-api/cel/#estimated-cost-limits): the sizes of what it works on are those
 * that the environment promises, or without end.
 */

import type { Call, Expr, Fold } from '../ast.ts'
import type { Checked } from '../checker.ts'
import type { CelType } from '../types.ts'
import { codePoints } from '../values.ts'
import { FORMAT_PATTERN, PER_CHARACTER, PER_PATTERN_CHARACTER, selectorCost } from './actual.ts'

/** How big a value can be, and what is in it. */
export interface Shape {
  readonly size: number
  readonly key?: Shape
  /** What lists hold, what keys lead to. */
  readonly item?: Shape
  readonly fields?: Readonly<Record<string, Shape>>
}

const ENDLESS: Shape = { size: Infinity }
const SINGLE: Shape = { size: 1 }
const LIST_COST = 10
const MAP_COST = 30
const STRUCT_COST = 40
const AUTHORIZATION = 350_000
/** An address has 16 bytes at most. */
const ADDRESS = 16
const SINGLE_TYPES: ReadonlySet<string> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'])

/** The most that evaluating can cost; `shapeOf` tells of the variables. */
export function worstCost(checked: Checked, shapeOf: (variable: string) => Shape | undefined): number {
  return new Estimator(checked, shapeOf).cost(checked.tree)
}

/** No count of anything costs nothing, however big it is. */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b)
const scan = (size: number, factor = PER_CHARACTER): number => Math.ceil(times(size, factor))

/** What a call is given, as far as its cost goes. */
interface Given {
  readonly node: Call
  readonly isMethod: boolean
  /** Target first. */
  readonly shapes: readonly Shape[]
  readonly types: readonly CelType[]
}

interface Estimate {
  readonly cost: number
  readonly shape?: Shape
}

type Rule = (given: Given) => Estimate

class Estimator {
  readonly #checked: Checked
  readonly #shapeOf: (variable: string) => Shape | undefined
  readonly #shapes = new Map<Expr, Shape>()
  readonly #scopes: (readonly [name: string, shape: Shape])[] = []

  constructor(checked: Checked, shapeOf: (variable: string) => Shape | undefined) {
    this.#checked = checked
    this.#shapeOf = shapeOf
  }

  /** The most that a part can cost. Finds its shape on the way. */
  cost(node: Expr): number {
    switch (node.kind) {
      case 'literal':
        this.#shapes.set(node, literalShape(node.value))
        return 0
      case 'ident':
        this.#shapes.set(node, this.#variable(node.name) ?? this.#byType(node))
        return 1
      case 'select':
        return this.#selection(node)
      case 'call':
        return this.#call(node)
      case 'list': {
        const cost = sum(node.items.map(({ value }) => this.cost(value)))
        const item = largest(node.items.map(({ value }) => this.#shape(value)))
        this.#shapes.set(node, { size: node.items.length, item })
        return cost + LIST_COST
      }
      case 'map': {
        const cost = sum(node.entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]))
        const key = largest(node.entries.map((entry) => this.#shape(entry.key)))
        const item = largest(node.entries.map(({ value }) => this.#shape(value)))
        this.#shapes.set(node, { size: node.entries.length, key, item })
        return cost + MAP_COST
      }
      case 'struct':
        return sum(node.fields.map(({ value }) => this.cost(value))) + STRUCT_COST
      case 'fold':
        return this.#fold(node)
    }
  }

  #shape(node: Expr): Shape {
    return this.#shapes.get(node) ?? this.#byType(node)
  }

  #byType(node: Expr): Shape {
    const kind = this.#checked.types.get(node)?.kind ?? 'dyn'
    return SINGLE_TYPES.has(kind) ? SINGLE : ENDLESS
  }

  #variable(name: string): Shape | undefined {
    for (let at = this.#scopes.length - 1; at >= 0; at--) {
      const scope = this.#scopes[at]
      if (scope?.[0] === name) return scope[1]
    }
    return this.#shapeOf(name)
  }

  #selection(node: Expr & { kind: 'select' }): number {
    const name = this.#checked.names.get(node)
    if (name !== undefined) return 1
    const cost = this.cost(node.operand)
    if (node.testOnly) {
      this.#shapes.set(node, SINGLE)
      return cost
    }
    const { fields, item } = this.#shape(node.operand)
    const shape = fields !== undefined && Object.hasOwn(fields, node.field) ? fields[node.field] : item
    if (shape !== undefined) this.#shapes.set(node, shape)
    const kind = this.#checked.types.get(node.operand)?.kind
    return kind === 'map' || kind === 'object' || kind === 'param' ? cost + 1 : cost
  }

  #fold(node: Fold): number {
    const before = this.cost(node.range) + this.cost(node.start)
    const isBinding = node.range.kind === 'list' && node.range.items.length === 0
    const range = this.#shape(node.range)
    this.#scopes.push([node.carry, this.#shape(node.start)])
    if (isBinding) {
      const bound = before + this.cost(node.result)
      this.#scopes.pop()
      this.#shapes.set(node, this.#shape(node.result))
      return bound
    }
    const isMap = this.#checked.types.get(node.range)?.kind === 'map'
    const [key, item] = [range.key ?? ENDLESS, range.item ?? ENDLESS]
    if (node.item2 === undefined) this.#scopes.push([node.item, isMap ? key : item])
    else this.#scopes.push([node.item, isMap ? key : SINGLE], [node.item2, item])
    const each = this.cost(node.while) + this.cost(node.step)
    this.#scopes.length -= node.item2 === undefined ? 1 : 2
    const after = this.cost(node.result)
    this.#scopes.pop()
    const isGathering = node.start.kind === 'list' || node.start.kind === 'map'
    this.#shapes.set(node, isGathering ? { ...this.#shape(node.step), size: range.size } : this.#shape(node.start))
    return before + times(range.size, each) + after
  }

  #call(node: Call): number {
    const isNamespaced = this.#checked.names.has(node)
    const isMethod = node.target !== undefined && !isNamespaced
    const args = isMethod && node.target !== undefined ? [node.target, ...node.args] : node.args
    const costs = args.map((arg) => this.cost(arg))
    const name = this.#checked.names.get(node) ?? node.name
    const types = args.map((arg) => this.#checked.types.get(arg) as CelType)
    const given = { node, isMethod, types, shapes: args.map((arg) => this.#shape(arg)) }
    if (name === '_?:_' || name === '_?_:_') {
      this.#shapes.set(node, largest(given.shapes.slice(1)))
      return (costs[0] ?? 0) + Math.max(costs[1] ?? 0, costs[2] ?? 0)
    }
    const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined
    const { cost, shape } = rule?.(given) ?? { cost: 1 }
    this.#shapes.set(node, shape ?? this.#byType(node))
    return sum(costs) + cost
  }
}

function literalShape(value: unknown): Shape {
  if (typeof value === 'string') return { size: codePoints(value) }
  return value instanceof Uint8Array ? { size: value.length } : SINGLE
}

const sum = (costs: readonly number[]): number => costs.reduce((all, cost) => all + cost, 0)

function largest(shapes: readonly Shape[]): Shape {
  const [first, ...rest] = shapes
  if (first === undefined) return { size: 0 }
  return rest.reduce(union, first)
}

function union(a: Shape, b: Shape): Shape {
  const key = a.key !== undefined && b.key !== undefined ? union(a.key, b.key) : undefined
  const item = a.item !== undefined && b.item !== undefined ? union(a.item, b.item) : undefined
  return { size: Math.max(a.size, b.size), ...(key !== undefined && { key }), ...(item !== undefined && { item }) }
}

const sized = ({ shapes }: Given, at: number): number => shapes[at]?.size ?? 0
const free: Rule = () => ({ cost: 0 })
const authorization: Rule = () => ({ cost: AUTHORIZATION })
/** Reads its first argument; what it gives is as big. */
const scanned: Rule = (given) => ({ cost: scan(sized(given, 0)), shape: { size: sized(given, 0) } })
const parsed: Rule = (given) => ({ cost: scan(sized(given, 0)) })
const parsedTwice: Rule = (given) => ({ cost: scan(sized(given, 0), 2 * PER_CHARACTER) })
const readsArgument: Rule = (given) => ({ cost: scan(sized(given, 1)) })
const selector: Rule = (given) => ({ cost: selectorCost(sized(given, 1)) })
const least: Rule = (given) => ({ cost: scan(Math.min(sized(given, 0), sized(given, 1))) })

const equality: Rule = (given) => {
  const [left] = given.types
  const isOpaque = left?.kind === 'opaque' || left?.kind === 'object'
  return isOpaque && left.name !== 'optional_type' ? { cost: 1 } : least(given)
}

const pattern: Rule = (given) => {
  const text = scan(sized(given, 0) + 1)
  return { cost: times(text, scan(sized(given, 1), PER_PATTERN_CHARACTER)), shape: { size: sized(given, 0) } }
}

const addition: Rule = (given) => {
  const kind = given.types[0]?.kind
  const size = sized(given, 0) + sized(given, 1)
  if (kind === 'list')
    return { cost: 1, shape: { ...union(given.shapes[0] ?? ENDLESS, given.shapes[1] ?? ENDLESS), size } }
  const isText = kind === 'string' || kind === 'bytes' || kind === 'dyn'
  return isText ? { cost: Math.max(1, scan(size)), shape: { size } } : { cost: 1 }
}

/** Looks at every item of a list, or at a text. */
const traversed: Rule = ({ shapes: [list], types: [type] }) => {
  const size = list?.size ?? 0
  const item = type?.kind === 'list' ? type.parameters[0]?.kind : undefined
  if (item === undefined) return { cost: scan(size) }
  const isText = item === 'string' || item === 'bytes'
  return { cost: times(size, isText ? 1 + scan(list?.item?.size ?? Infinity) : 1) }
}

const replaced: Rule = (given) => {
  const [text, by] = [sized(given, 0), sized(given, 2)]
  const [part] = given.node.args
  const shortest = part?.kind === 'literal' ? sized(given, 1) : 0
  const longer =
    shortest === 0 ? times(text + 1, by) + text : by <= shortest ? text : times(Math.ceil(text / shortest), by)
  return { cost: scan(text, 2 * PER_CHARACTER), shape: { size: longer } }
}

const joined: Rule = ({ shapes: [list, separator] }) => {
  const count = list?.size ?? 0
  const size = times(count, list?.item?.size ?? Infinity) + times(Math.max(0, count - 1), separator?.size ?? 0)
  return { cost: scan(size), shape: { size } }
}

const indexed: Rule = ({ shapes: [holder] }) => ({ cost: 1, ...(holder?.item !== undefined && { shape: holder.item }) })

const containsAddress: Rule = (given) => {
  const isText = given.types[1]?.kind === 'string'
  return { cost: scan(2 * ADDRESS) + (isText ? scan(sized(given, 1)) : 0) }
}

const RULES: Readonly<Record<string, Rule>> = {
  '_&&_': free,
  '_||_': free,
  check: authorization,
  fieldSelector: selector,
  labelSelector: selector,
  isSorted: traversed,
  sum: traversed,
  max: traversed,
  min: traversed,
  indexOf: traversed,
  lastIndexOf: traversed,
  url: scanned,
  'jsonpatch.escapeKey': scanned,
  lowerAscii: scanned,
  upperAscii: scanned,
  substring: scanned,
  trim: scanned,
  replace: replaced,
  split: (given) => ({ cost: scan(sized(given, 0), 2 * PER_CHARACTER), shape: { size: sized(given, 0) } }),
  join: joined,
  find: pattern,
  findAll: pattern,
  matches: pattern,
  cidr: parsed,
  isIP: parsed,
  isCIDR: parsed,
  ip: (given) => (given.isMethod ? { cost: 1 } : parsed(given)),
  'ip.isCanonical': parsedTwice,
  containsIP: containsAddress,
  containsCIDR: (given) => ({ cost: containsAddress(given).cost + scan(ADDRESS) + 1 }),
  quantity: parsed,
  isQuantity: parsed,
  semver: parsed,
  isSemver: parsed,
  validate: (given) => ({ cost: scan(scan(sized(given, 1)), FORMAT_PATTERN * PER_PATTERN_CHARACTER) }),
  format: parsed,
  bytes: (given) => ({ cost: scan(sized(given, 0)), shape: { size: times(sized(given, 0), 4) } }),
  'strings.quote': (given) => ({ cost: scan(sized(given, 0)), shape: { size: times(sized(given, 0), 2) + 2 } }),
  startsWith: readsArgument,
  endsWith: readsArgument,
  contains: (given) => ({ cost: times(scan(sized(given, 0)), scan(sized(given, 1))) }),
  '@in': (given) => ({ cost: given.types[1]?.kind === 'map' ? 1 : sized(given, 1) }),
  '_==_': equality,
  '_!=_': least,
  '_<_': least,
  '_<=_': least,
  '_>_': least,
  '_>=_': least,
  '_+_': addition,
  '_[_]': indexed,
  dyn: ({ shapes: [shape] }) => ({ cost: 1, ...(shape !== undefined && { shape }) }),
  includes: () => ({ cost: 64 }),
}
