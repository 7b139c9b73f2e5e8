/**
 * Macros: calls that become loops and bindings when an expression is read
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md#macros).
 */

import { CARRY, type Expr, type Fold } from './ast.ts'
import { walk } from './walk.ts'

/** A call that a macro may rewrite. */
export interface MacroCall {
  readonly at: number
  readonly args: readonly Expr[]
  readonly target?: Expr
  /** For what stands in the expansion once more. Throws `MacroError` when that is more than an expression may have. */
  readonly again: (node: Expr) => Expr
}

/** Gives what stands for the call; `undefined` leaves it a call. Throws `MacroError`. */
export type Macro = (call: MacroCall) => Expr | undefined
/** By name and number of arguments, with a dot in front where the macro is called on something: `.all:2`. */
export type Macros = ReadonlyMap<string, Macro>

/** What is wrong with a macro's arguments. */
export class MacroError extends Error {
  readonly at: number

  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

/** The tools that macros build with: every node is told of at the call's place. */
function tools(at: number) {
  const ident = (name: string): Expr => ({ kind: 'ident', at, name })
  const literal = (value: boolean | bigint): Expr => ({ kind: 'literal', at, value })
  const call = (name: string, ...args: readonly Expr[]): Expr => ({ kind: 'call', at, name, args })
  const method = (target: Expr, name: string, ...args: readonly Expr[]): Expr => ({
    kind: 'call',
    at,
    name,
    args,
    target,
  })
  const list = (...values: readonly Expr[]): Expr => ({
    kind: 'list',
    at,
    items: values.map((value) => ({ value, optional: false })),
  })
  const fold = (parts: Omit<Fold, 'kind' | 'at'>): Expr => ({ kind: 'fold', at, ...parts })
  return { ident, literal, call, method, list, fold, carry: ident(CARRY), yes: literal(true), no: literal(false) }
}

/** The variables of a loop and what is computed in it. */
interface Loop {
  readonly range: Expr
  readonly item: string
  readonly item2?: string
  readonly carry: typeof CARRY
}

type Body = (at: number, loop: Loop, ...rest: readonly Expr[]) => Expr

function oneVariable(words: string, body: Body): (call: Omit<MacroCall, 'again'>) => Expr | undefined {
  return ({ at, target, args }: Omit<MacroCall, 'again'>) => {
    const [variable, ...rest] = args
    if (target === undefined || variable === undefined) return undefined
    if (variable.kind !== 'ident' || variable.name.startsWith('.')) throw new MacroError(variable.at, words)
    if (variable.name === '__result__') {
      throw new MacroError(variable.at, 'iteration variable overwrites accumulator variable')
    }
    return body(at, { range: target, item: variable.name, carry: CARRY }, ...rest)
  }
}

function twoVariables(body: Body): Macro {
  return ({ at, target, args }) => {
    const [first, second, ...rest] = args
    if (target === undefined || first === undefined || second === undefined) return undefined
    for (const each of [first, second]) {
      if (each.kind !== 'ident' || each.name.startsWith('.')) {
        throw new MacroError(each.at, 'argument must be a simple name')
      }
      if (each.name === '__result__') {
        throw new MacroError(each.at, 'iteration variable overwrites accumulator variable')
      }
    }
    const [item, item2] = [first, second].map((each) => (each.kind === 'ident' ? each.name : ''))
    if (item === item2) throw new MacroError(second.at, `duplicate variable name: ${item}`)
    return body(at, { range: target, item: item ?? '', item2: item2 ?? '', carry: CARRY }, ...rest)
  }
}

const all: Body = (at, loop, test) => {
  const { call, fold, carry, yes } = tools(at)
  const still = call('@not_strictly_false', carry)
  return fold({ ...loop, start: yes, while: still, step: call('_&&_', carry, test as Expr), result: carry })
}

const exists: Body = (at, loop, test) => {
  const { call, fold, carry, no } = tools(at)
  const still = call('@not_strictly_false', call('!_', carry))
  return fold({ ...loop, start: no, while: still, step: call('_||_', carry, test as Expr), result: carry })
}

const existsOne: Body = (at, loop, test) => {
  const { call, fold, carry, yes, literal } = tools(at)
  const step = call('_?_:_', test as Expr, call('_+_', carry, literal(1n)), carry)
  return fold({ ...loop, start: literal(0n), while: yes, step, result: call('_==_', carry, literal(1n)) })
}

/** Gathers `value` of every item that passes the test. */
function gather(at: number, loop: Loop, test: Expr | undefined, value: Expr): Expr {
  const { call, fold, carry, yes, list } = tools(at)
  const longer = call('_+_', carry, list(value))
  const step = test === undefined ? longer : call('_?_:_', test, longer, carry)
  return fold({ ...loop, start: list(), while: yes, step, result: carry })
}

const map: Body = (at, loop, ...rest) => {
  const [test, value] = rest.length === 2 ? rest : [undefined, rest[0]]
  return gather(at, loop, test, value as Expr)
}

const filter: Body = (at, loop, test) => gather(at, loop, test, { kind: 'ident', at, name: loop.item })

/** Gathers a map: the value of each key, or whole maps where `keyed` is false. */
function gatherMap(keyed: boolean): Body {
  return (at, loop, ...rest) => {
    const { call, fold, carry, yes, ident } = tools(at)
    const [test, value] = rest.length === 2 ? rest : [undefined, rest[0]]
    const added = keyed
      ? call('cel.@mapInsert', carry, ident(loop.item), value as Expr)
      : call('cel.@mapInsert', carry, value as Expr)
    const step = test === undefined ? added : call('_?_:_', test, added, carry)
    return fold({ ...loop, start: { kind: 'map', at, entries: [] }, while: yes, step, result: carry })
  }
}

/** `name` stands for `value` inside `body`. */
function binding(at: number, name: string, value: Expr, body: Expr): Expr {
  const { fold, list, no, ident } = tools(at)
  return fold({ range: list(), item: '#unused', carry: name, start: value, while: no, step: ident(name), result: body })
}

/** The most nodes that macros may repeat in one expression: where each repeats the one before it, they double every time. */
const MAX_REPEATED = 20_000

/** Counts what the macros of one expression repeat. */
export function repetition(): (node: Expr) => Expr {
  let repeated = 0
  return (node) => {
    walk(node, (part) => {
      repeated++
      if (repeated > MAX_REPEATED) throw new MacroError(part.at, 'expression is too large when its macros are expanded')
    })
    return node
  }
}

const has: Macro = ({ at, args: [field] }) => {
  if (field?.kind === 'select') return { ...field, at, testOnly: true }
  throw new MacroError(field?.at ?? 0, 'invalid argument to has() macro')
}

/** `optMap` wraps what the body gives; `optFlatMap`'s body gives an optional itself. */
function whenPresent(name: string, isWrapped: boolean): Macro {
  return ({ at, target, args: [variable, body], again }) => {
    if (target === undefined || variable === undefined || body === undefined) return undefined
    if (variable.kind !== 'ident') {
      throw new MacroError(variable.at, `${name}() variable name must be a simple identifier`)
    }
    const { call, method, ident } = tools(at)
    const optional = (which: string, ...args: readonly Expr[]) => method(ident('optional'), which, ...args)
    const bound = binding(at, variable.name, method(again(target), 'value'), body)
    return call('_?_:_', method(target, 'hasValue'), isWrapped ? optional('of', bound) : bound, optional('none'))
  }
}

const celBind: Macro = ({ at, target, args: [variable, value, body] }) => {
  if (target?.kind !== 'ident' || target.name !== 'cel') return undefined
  if (variable?.kind !== 'ident') {
    throw new MacroError(variable?.at ?? at, 'cel.bind() variable names must be simple identifiers')
  }
  return binding(at, variable.name, value as Expr, body as Expr)
}

const sortBy: Macro = ({ at, target, args: [variable, key] }) => {
  if (target === undefined || variable === undefined || key === undefined) return undefined
  const kinds = ['ident', 'select', 'list', 'fold', 'call']
  if (!kinds.includes(target.kind)) {
    const words = 'sortBy can only be applied to a list, identifier, comprehension, call or select expression'
    throw new MacroError(target.at, words)
  }
  const input = '@__sortBy_input__'
  const { ident, method } = tools(at)
  const keys = oneVariable('argument is not an identifier', map)({ at, target: ident(input), args: [variable, key] })
  return binding(at, input, target, method(ident(input), '@sortByAssociatedKeys', keys as Expr))
}

const SIMPLE_NAME = 'argument must be a simple name'
const IDENTIFIER = 'argument is not an identifier'

/** What every expression may use. */
export const STANDARD_MACROS: Macros = new Map<string, Macro>([
  ['has:1', has],
  ['.all:2', oneVariable(SIMPLE_NAME, all)],
  ['.exists:2', oneVariable(SIMPLE_NAME, exists)],
  ['.exists_one:2', oneVariable(SIMPLE_NAME, existsOne)],
  ['.existsOne:2', oneVariable(SIMPLE_NAME, existsOne)],
  ['.map:2', oneVariable(IDENTIFIER, map)],
  ['.map:3', oneVariable(IDENTIFIER, map)],
  ['.filter:2', oneVariable(IDENTIFIER, filter)],
])

export const OPTIONAL_MACROS: Macros = new Map<string, Macro>([
  ['.optMap:2', whenPresent('optMap', true)],
  ['.optFlatMap:2', whenPresent('optFlatMap', false)],
])

/** Loops that see the index or key beside the value. */
export const TWO_VARIABLE_MACROS: Macros = new Map<string, Macro>([
  ['.all:3', twoVariables(all)],
  ['.exists:3', twoVariables(exists)],
  ['.existsOne:3', twoVariables(existsOne)],
  ['.exists_one:3', twoVariables(existsOne)],
  ['.transformList:3', twoVariables(map)],
  ['.transformList:4', twoVariables(map)],
  ['.transformMap:3', twoVariables(gatherMap(true))],
  ['.transformMap:4', twoVariables(gatherMap(true))],
  ['.transformMapEntry:3', twoVariables(gatherMap(false))],
  ['.transformMapEntry:4', twoVariables(gatherMap(false))],
])

export const BIND_MACROS: Macros = new Map<string, Macro>([['.bind:3', celBind]])
export const SORT_MACROS: Macros = new Map<string, Macro>([['.sortBy:2', sortBy]])
