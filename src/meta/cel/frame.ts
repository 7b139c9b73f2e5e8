/** One evaluation of an expression: what it sees, what it has cost, and how far it has come. */

import type { Counted, Pace, Progress } from './pace.ts'
import { readType, TYPE_NAMES } from './types.ts'
import { type CelValue, EvaluationError, TypeValue } from './values.ts'

/** The values of the variables, by name; asked for where they are needed. */
export type Variables = (name: string) => CelValue | undefined

/** The expression cost more than it may. Nothing makes up for this. */
export class CostExceeded extends Error {
  override name = 'CostExceeded'

  constructor() {
    super('operation cancelled: actual cost limit exceeded')
  }
}

/** One evaluation of a program. */
export class Frame implements Counted {
  cost = 0
  began = 0
  /** What was reached where others may have their turn; absent: all is evaluated at once. */
  progress: Progress | undefined
  readonly pace: Pace | undefined
  /** The variables of loops, each at a place of its own. */
  readonly slots: (CelValue | Later)[] = []
  readonly #variables: Variables
  readonly #costLimit: number

  constructor(variables: Variables, costLimit: number, pace?: Pace) {
    this.#variables = variables
    this.#costLimit = costLimit
    this.pace = pace
    this.progress = pace && new Map()
  }

  pay(cost: number): void {
    this.cost += cost
    if (this.cost > this.#costLimit) throw new CostExceeded()
  }

  variable(name: string): CelValue {
    const value = this.#variables(name)
    if (value !== undefined) return value
    if (TYPE_NAMES.has(name)) return new TypeValue(readType(name).name)
    throw new EvaluationError(`no such attribute(s): ${name}`)
  }

  slot(at: number): CelValue {
    const value = this.slots[at] as CelValue | Later
    return typeof value === 'function' ? (this.slots[at] = value()) : value
  }
}

/** A value that is made when it is first needed, or a failure that is told then. */
export type Later = () => CelValue

/** Gives the value of an expression, or throws `EvaluationError` or `CostExceeded`. */
export type Program = (frame: Frame) => CelValue
