/**
 * A checked expression as functions, made once: what a node is, which variable a name means and which overloads are left is
 * then known, and an evaluation asks none of it again
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md#evaluation).
 */

import type { Call, Expr, Fold, ListLiteral, MapLiteral, Select, StructLiteral } from './ast.ts'
import type { Checked } from './checker.ts'
import { actualCallCost } from './costs/actual.ts'
import type { Overload } from './environment.ts'
import type { Frame, Program } from './frame.ts'
import { find } from './libraries/optionals.ts'
import { valueAt } from './libraries/operators.ts'
import {
  failingOnce,
  goOver,
  goOverInTurns,
  inserted,
  isCarry,
  type Loop,
  longer,
  type Round,
  roundOver,
} from './loops.ts'
import { COSTLY_CALL } from './pace.ts'
import type { CelType } from './types.ts'
import { type CelValue, EvaluationError, isList, isMap, LiteralMap, Optional, typeNameOf, TypeValue } from './values.ts'

const programs = new WeakMap<Checked, Program>()

/** The program of an expression: the same each time. */
export function programOf(checked: Checked): Program {
  let program = programs.get(checked)
  if (program === undefined) programs.set(checked, (program = new Builder(checked).build(checked.tree)))
  return program
}

const LIST_COST = 10
const MAP_COST = 30
const STRUCT_COST = 40

class Builder {
  readonly #checked: Checked
  /** The variables of the loops around a node, innermost last, and their places. */
  readonly #scope: [name: string, slot: number][] = []
  #slots = 0
  /** Of what is remembered when an evaluation is broken off. */
  #parts = 0

  constructor(checked: Checked) {
    this.#checked = checked
  }

  build(node: Expr): Program {
    switch (node.kind) {
      case 'literal': {
        const { value } = node
        return () => value
      }
      case 'ident':
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

  #variable(written: string): Program {
    const name = written.startsWith('.') ? written.slice(1) : written
    const own = this.#scope.findLast(([each]) => each === name)
    if (own === undefined) {
      return (frame) => {
        frame.pay(1)
        return frame.variable(name)
      }
    }
    const [, at] = own
    return (frame) => {
      frame.pay(1)
      return frame.slot(at)
    }
  }

  #select(node: Select): Program {
    const { field, testOnly } = node
    const name = this.#checked.names.get(node)
    if (name !== undefined) return this.#variable(name)
    const operand = this.build(node.operand)
    if (testOnly) return (frame) => hasField(operand(frame), field)
    return (frame) => {
      const holder = operand(frame)
      frame.pay(1)
      return holder instanceof Optional ? find(holder, field) : fieldOf(holder, field)
    }
  }

  #list({ items }: ListLiteral): Program {
    const parts = items.map(({ value, optional }) => ({ value: this.build(value), optional }))
    return (frame) => {
      const values: CelValue[] = []
      for (const { value, optional } of parts) {
        const item = given(value(frame), optional)
        if (item !== undefined) values.push(item)
      }
      frame.pay(LIST_COST)
      return values
    }
  }

  #map({ entries }: MapLiteral): Program {
    const parts = entries.map(({ key, value, optional }) => ({
      key: this.build(key),
      value: this.build(value),
      optional,
    }))
    return (frame) => {
      const made: [CelValue, CelValue][] = []
      for (const { key, value, optional } of parts) {
        const [name, item] = [key(frame), given(value(frame), optional)]
        if (item !== undefined) made.push([name, item])
      }
      frame.pay(MAP_COST)
      return new LiteralMap(made)
    }
  }

  #struct({ name, fields }: StructLiteral): Program {
    const parts = fields.map((field) => ({ ...field, value: this.build(field.value) }))
    const typeName = name.startsWith('.') ? name.slice(1) : name
    return (frame) => {
      const made: [CelValue, CelValue][] = []
      for (const { name: field, value, optional } of parts) {
        const item = given(value(frame), optional)
        if (item !== undefined) made.push([field, item])
      }
      frame.pay(STRUCT_COST)
      return new LiteralMap(made, typeName)
    }
  }

  #fold(node: Fold): Program {
    const range = this.build(node.range)
    const start = this.build(node.start)
    const depth = this.#scope.length
    const carry = this.#place(node.carry)
    const result = this.build(node.result)
    const item = this.#place(node.item)
    const item2 = node.item2 === undefined ? undefined : this.#place(node.item2)
    const loop: Loop = { carry, item, item2, goesOn: this.build(node.while), step: this.build(node.step) }
    const part = this.#parts++
    this.#scope.length = depth
    return (frame) => {
      const { pace, progress } = frame
      if (pace === undefined || progress === undefined) {
        const over = range(frame)
        // What is bound is evaluated when it is first needed.
        const isBinding = isList(over) && over.length === 0
        frame.slots[carry] = isBinding ? () => start(frame) : start(frame)
        if (!isBinding) goOver(loop, over, frame)
        return result(frame)
      }
      let round = progress.get(part) as Round | undefined
      if (round === undefined) {
        const over = range(frame)
        const isBinding = isList(over) && over.length === 0
        frame.slots[carry] = isBinding ? failingOnce(start, frame) : start(frame)
        round = roundOver(over)
        progress.set(part, round)
      }
      frame.progress = round.inner
      try {
        goOverInTurns(loop, round, frame, pace)
      } finally {
        frame.progress = progress
      }
      return result(frame)
    }
  }

  #place(name: string): number {
    const at = this.#slots++
    this.#scope.push([name, at])
    return at
  }

  #call(node: Call): Program {
    const { name } = node
    switch (name) {
      case '_+_': {
        const [carry, added] = node.args as [Expr, Expr]
        return isCarry(carry) && added.kind === 'list'
          ? longer(this.build(carry), this.build(added))
          : this.#apply(node)
      }
      case 'cel.@mapInsert':
        return isCarry(node.args[0]) ? inserted(this.#all(node.args)) : this.#apply(node)
      case '_&&_':
        return logic(this.#all(node.args), false)
      case '_||_':
        return logic(this.#all(node.args), true)
      case '_?_:_':
        return conditional(this.#all(node.args) as [Program, Program, Program])
      case '@not_strictly_false':
        return notFalse(this.build(node.args[0] as Expr))
      case '_?._': {
        const [operand, field] = node.args as [Expr, Expr]
        const holder = this.build(operand)
        const key = field.kind === 'literal' ? (field.value as CelValue) : ''
        return (frame) => {
          const inside = holder(frame)
          frame.pay(1)
          return find(inside, key)
        }
      }
      case 'type': {
        const value = this.build(node.args[0] as Expr)
        return (frame) => new TypeValue(typeNameOf(value(frame)))
      }
      case 'or':
      case 'orValue':
        return otherwise(this.build(node.target as Expr), this.build(node.args[0] as Expr), name)
      default:
        return this.#apply(node)
    }
  }

  #all(nodes: readonly Expr[]): Program[] {
    return nodes.map((node) => this.build(node))
  }

  #apply(node: Call): Program {
    const isNamespaced = this.#checked.names.has(node)
    const args = this.#all(node.target === undefined || isNamespaced ? node.args : [node.target, ...node.args])
    const overloads = this.#checked.overloads.get(node) ?? []
    const part = this.#parts++
    const call = (frame: Frame): { readonly value: CelValue; readonly cost: number } => {
      const values: CelValue[] = []
      for (const arg of args) values.push(arg(frame))
      const overload = chooseOverload(overloads, values)
      if (overload?.apply === undefined) throw new EvaluationError('no such overload')
      const value = overload.apply(...values)
      const cost = actualCallCost(overload, values, value)
      frame.pay(cost)
      return { value, cost }
    }
    return (frame) => {
      const { pace, progress } = frame
      if (pace === undefined || progress === undefined) return call(frame).value
      const known = progress.get(part) as { readonly value: CelValue } | undefined
      if (known !== undefined) {
        pace.reach(known)
        return known.value
      }
      const called = call(frame)
      if (called.cost >= COSTLY_CALL) {
        progress.set(part, called)
        pace.pauseAfter(called, frame)
      }
      return called.value
    }
  }
}

/** `&&` is decided by `false`, `||` by `true`, whatever fails beside it. */
function logic(args: readonly Program[], decisive: boolean): Program {
  return (frame) => {
    let failure: EvaluationError | undefined
    for (const arg of args) {
      try {
        const value = arg(frame)
        if (value === decisive) return decisive
        if (typeof value !== 'boolean') failure ??= new EvaluationError('no such overload')
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    return !decisive
  }
}

function conditional([condition, whenTrue, whenFalse]: readonly [Program, Program, Program]): Program {
  return (frame) => {
    const value = condition(frame)
    if (typeof value !== 'boolean') throw new EvaluationError('no such overload')
    return value ? whenTrue(frame) : whenFalse(frame)
  }
}

function notFalse(arg: Program): Program {
  return (frame) => {
    frame.pay(1)
    try {
      return arg(frame) !== false
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      return true
    }
  }
}

function otherwise(target: Program, other: Program, name: 'or' | 'orValue'): Program {
  return (frame) => {
    const value = target(frame)
    if (!(value instanceof Optional)) throw new EvaluationError('no such overload')
    frame.pay(1)
    if (value.value === undefined) return other(frame)
    return name === 'or' ? value : value.value
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
