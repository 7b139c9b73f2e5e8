/**
 * Evaluates checked expressions (https://github.com/google/cel-spec/blob/master/doc/langdef.md#evaluation), within a
 * budget: every step costs, and an expression that costs too much is stopped
 * (https://kubernetes.io/docs/reference/using-api/cel/#runtime-cost-budget).
 */

import type { Call, Expr, Fold, ListLiteral, MapLiteral, Select, StructLiteral } from './ast.ts'
import type { Checked } from './checker.ts'
import { actualCallCost } from './costs/actual.ts'
import type { Overload } from './environment.ts'
import { find } from './libraries/optionals.ts'
import { valueAt } from './libraries/operators.ts'
import { type CelType, readType, TYPE_NAMES } from './types.ts'
import { type CelValue, EvaluationError, isList, isMap, LiteralMap, Optional, typeNameOf, TypeValue } from './values.ts'

/** The values of the variables, by name; asked for where they are needed. */
export type Variables = (name: string) => CelValue | undefined

/** The expression cost more than it may. Nothing makes up for this. */
export class CostExceeded extends Error {
  override name = 'CostExceeded'

  constructor() {
    super('operation cancelled: actual cost limit exceeded')
  }
}

export interface Evaluation {
  readonly value: CelValue
  readonly cost: number
}

const LIST_COST = 10
const MAP_COST = 30
const STRUCT_COST = 40

/** What came of an expression; also one that failed has cost something. */
export type Outcome = Evaluation | { readonly error: EvaluationError | CostExceeded; readonly cost: number }

/** The value of an expression and what it cost. Throws `EvaluationError` and `CostExceeded`. */
export function evaluate(checked: Checked, variables: Variables, costLimit: number): Evaluation {
  const outcome = tryEvaluate(checked, variables, costLimit)
  if ('error' in outcome) throw outcome.error
  return outcome
}

/** The same for those who count what failures cost. */
export function tryEvaluate(checked: Checked, variables: Variables, costLimit: number): Outcome {
  const evaluator = new Evaluator(checked, variables, costLimit)
  try {
    return { value: evaluator.value(checked.tree), cost: evaluator.cost }
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof CostExceeded) return { error, cost: evaluator.cost }
    throw error
  }
}

class Evaluator {
  readonly #checked: Checked
  readonly #variables: Variables
  readonly #costLimit: number
  /** The variables of loops, innermost last. */
  readonly #scopes: [name: string, value: CelValue | (() => CelValue)][] = []
  cost = 0

  constructor(checked: Checked, variables: Variables, costLimit: number) {
    this.#checked = checked
    this.#variables = variables
    this.#costLimit = costLimit
  }

  value(node: Expr): CelValue {
    switch (node.kind) {
      case 'literal':
        return node.value
      case 'ident':
        this.#pay(1)
        return this.#variable(node.name)
      case 'select':
        return this.#select(node)
      case 'call':
        return this.#call(node)
      case 'list':
        return this.#list(node)
      case 'map':
        return this.#map(node)
      case 'struct':
        return this.#struct(node)
      case 'fold':
        return this.#fold(node)
    }
  }

  #pay(cost: number): void {
    this.cost += cost
    if (this.cost > this.#costLimit) throw new CostExceeded()
  }

  #variable(written: string): CelValue {
    const name = written.startsWith('.') ? written.slice(1) : written
    for (let at = this.#scopes.length - 1; at >= 0; at--) {
      const scope = this.#scopes[at] as [string, CelValue | (() => CelValue)]
      if (scope[0] !== name) continue
      if (typeof scope[1] === 'function') scope[1] = scope[1]()
      return scope[1]
    }
    const value = this.#variables(name)
    if (value !== undefined) return value
    if (TYPE_NAMES.has(name)) return new TypeValue(readType(name).name)
    throw new EvaluationError(`no such attribute(s): ${name}`)
  }

  #select(node: Select): CelValue {
    const name = this.#checked.names.get(node)
    if (name !== undefined) {
      this.#pay(1)
      return this.#variable(name)
    }
    const operand = this.value(node.operand)
    if (node.testOnly) return hasField(operand, node.field)
    this.#pay(1)
    if (operand instanceof Optional) return find(operand, node.field)
    return fieldOf(operand, node.field)
  }

  #list({ items }: ListLiteral): CelValue {
    const values: CelValue[] = []
    for (const { value, optional } of items) {
      const item = given(this.value(value), optional)
      if (item !== undefined) values.push(item)
    }
    this.#pay(LIST_COST)
    return values
  }

  #map({ entries }: MapLiteral): CelValue {
    const made: [CelValue, CelValue][] = []
    for (const { key, value, optional } of entries) {
      const [name, item] = [this.value(key), given(this.value(value), optional)]
      if (item !== undefined) made.push([name, item])
    }
    this.#pay(MAP_COST)
    return new LiteralMap(made)
  }

  #struct({ name, fields }: StructLiteral): CelValue {
    const made: [CelValue, CelValue][] = []
    for (const { name: field, value, optional } of fields) {
      const item = given(this.value(value), optional)
      if (item !== undefined) made.push([field, item])
    }
    this.#pay(STRUCT_COST)
    return new LiteralMap(made, name.startsWith('.') ? name.slice(1) : name)
  }

  #fold(node: Fold): CelValue {
    const range = this.value(node.range)
    const isBinding = isList(range) && range.length === 0
    // What is bound is evaluated when it is first needed.
    const start = isBinding ? () => this.value(node.start) : this.value(node.start)
    const carry: [string, CelValue | (() => CelValue)] = [node.carry, start]
    this.#scopes.push(carry)
    if (!isBinding) this.#loop(node, range, carry)
    const result = this.value(node.result)
    this.#scopes.pop()
    return result
  }

  #loop(node: Fold, range: CelValue, carry: [string, CelValue | (() => CelValue)]): void {
    if (!isList(range) && !isMap(range)) throw new EvaluationError('no such overload')
    const depth = this.#scopes.length
    let at = 0
    // Items, or keys; with two variables indexes and items, or keys and values.
    for (const item of isList(range) ? range : range.keys()) {
      if (node.item2 === undefined) this.#scopes.push([node.item, item])
      else if (isList(range)) this.#scopes.push([node.item, BigInt(at)], [node.item2, item])
      else this.#scopes.push([node.item, item], [node.item2, range.get(item) ?? null])
      at++
      const goesOn = this.value(node.while)
      if (goesOn === true) carry[1] = this.#step(node.step)
      this.#scopes.length = depth
      if (goesOn !== true) return
    }
  }

  /** A step that failed is carried as a failure: a later one may make up for it. */
  #step(step: Expr): CelValue | (() => CelValue) {
    const depth = this.#scopes.length
    try {
      return this.value(step)
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      this.#scopes.length = depth
      return () => {
        throw error
      }
    }
  }

  #call(node: Call): CelValue {
    switch (node.name) {
      case '_&&_':
        return this.#logic(node, false)
      case '_||_':
        return this.#logic(node, true)
      case '_?_:_':
        return this.#conditional(node)
      case '@not_strictly_false':
        return this.#notFalse(node)
      case '_?._': {
        const [operand, field] = node.args as [Expr, Expr]
        const holder = this.value(operand)
        this.#pay(1)
        return find(holder, field.kind === 'literal' ? (field.value as CelValue) : '')
      }
      case 'type':
        return new TypeValue(typeNameOf(this.value(node.args[0] as Expr)))
      case 'or':
      case 'orValue':
        return this.#otherwise(node)
      default:
        return this.#apply(node)
    }
  }

  /** `&&` is decided by `false`, `||` by `true`, whatever fails beside it. */
  #logic({ args }: Call, decisive: boolean): boolean {
    let failure: EvaluationError | undefined
    for (const arg of args) {
      const depth = this.#scopes.length
      try {
        const value = this.value(arg)
        if (value === decisive) return decisive
        if (typeof value !== 'boolean') failure ??= new EvaluationError('no such overload')
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error
        this.#scopes.length = depth
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    return !decisive
  }

  #conditional({ args }: Call): CelValue {
    const [condition, whenTrue, whenFalse] = args as [Expr, Expr, Expr]
    const value = this.value(condition)
    if (typeof value !== 'boolean') throw new EvaluationError('no such overload')
    return this.value(value ? whenTrue : whenFalse)
  }

  #notFalse({ args }: Call): boolean {
    const depth = this.#scopes.length
    this.#pay(1)
    try {
      return this.value(args[0] as Expr) !== false
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      this.#scopes.length = depth
      return true
    }
  }

  #otherwise(node: Call): CelValue {
    const target = this.value(node.target as Expr)
    if (!(target instanceof Optional)) throw new EvaluationError('no such overload')
    this.#pay(1)
    if (target.value === undefined) return this.value(node.args[0] as Expr)
    return node.name === 'or' ? target : target.value
  }

  #apply(node: Call): CelValue {
    const values: CelValue[] = []
    if (node.target !== undefined && !this.#checked.names.has(node)) values.push(this.value(node.target))
    for (const arg of node.args) values.push(this.value(arg))
    const overload = chooseOverload(this.#checked.overloads.get(node) ?? [], values)
    if (overload?.apply === undefined) throw new EvaluationError('no such overload')
    const value = overload.apply(...values)
    this.#pay(actualCallCost(overload, values, value))
    return value
  }
}

/** What an item of a literal gives: one written with `?` gives what it holds, or nothing. */
function given(value: CelValue, optional: boolean): CelValue | undefined {
  if (!optional) return value
  return value instanceof Optional ? value.value : undefined
}

function hasField(operand: CelValue, field: string): boolean {
  const inside = operand instanceof Optional ? operand.value : operand
  if (inside === undefined) return false
  if (!isMap(inside)) throw new EvaluationError(`no such key: ${field}`)
  return inside.get(field) !== undefined
}

function fieldOf(operand: CelValue, field: string): CelValue {
  if (!isMap(operand)) throw new EvaluationError(`no such key: ${field}`)
  return valueAt(operand, field)
}

/** The way to call that the values fit. */
function chooseOverload(overloads: readonly Overload[], values: readonly CelValue[]): Overload | undefined {
  for (const overload of overloads) if (areOf(values, overload.parameters)) return overload
  return undefined
}

function areOf(values: readonly CelValue[], types: readonly CelType[]): boolean {
  for (let at = 0; at < types.length; at++) if (!isOf(values[at] as CelValue, types[at] as CelType)) return false
  return true
}

const isAny = ({ kind }: CelType): boolean => kind === 'dyn' || kind === 'any' || kind === 'param'

function isOf(value: CelValue, type: CelType): boolean {
  if (isAny(type)) return true
  const name = typeNameOf(value)
  if (type.kind !== 'list' || !isList(value)) {
    return name === type.name || (type.kind === 'map' && isMap(value)) || (value === null && type.kind === 'null')
  }
  const [item] = type.parameters
  return item === undefined || isAny(item) || value.every((each) => isOf(each, item))
}
