/**
 * Evaluates checked expressions within a budget: every step costs, and an expression that costs too much is stopped
 * (https://kubernetes.io/docs/reference/using-api/cel/#runtime-cost-budget).
 */

import type { Steps } from '../../base/async/steps.ts'
import type { Checked } from './checker.ts'
import { CostExceeded, Frame, type Program, type Variables } from './frame.ts'
import { type Pace, Pause } from './pace.ts'
import { programOf } from './program.ts'
import { type CelValue, EvaluationError } from './values.ts'

export { Pace } from './pace.ts'
export { CostExceeded, type Variables } from './frame.ts'

export interface Evaluation {
  readonly value: CelValue
  readonly cost: number
}

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
  return new Evaluator(checked, variables, costLimit).run()
}

/** The same for what may take long, such as loops over something large: others may have their turn between its steps. */
export function* evaluateInSteps(evaluator: Evaluator): Steps<Outcome> {
  for (;;) {
    try {
      return evaluator.run()
    } catch (error) {
      if (!(error instanceof Pause)) throw error
    }
    yield
  }
}

/** One evaluation of an expression. With a pace others may have their turn. */
export class Evaluator {
  readonly #program: Program
  readonly #frame: Frame

  constructor(checked: Checked, variables: Variables, costLimit: number, pace?: Pace) {
    this.#program = programOf(checked)
    this.#frame = new Frame(variables, costLimit, pace)
  }

  /** What comes of it. Throws `Pause` when others are to have their turn: it is to be run again then, and goes on. */
  run(): Outcome {
    const frame = this.#frame
    try {
      const value = this.#program(frame)
      frame.pace?.ended(frame)
      return { value, cost: frame.cost }
    } catch (error) {
      if (error instanceof Pause) {
        frame.pace?.paused(frame)
        throw error
      }
      frame.pace?.ended(frame)
      if (error instanceof EvaluationError || error instanceof CostExceeded) return { error, cost: frame.cost }
      if (isOverflow(error)) return { error: new EvaluationError(TOO_DEEP), cost: frame.cost }
      throw error
    }
  }
}

const TOO_DEEP = 'expression is nested too deeply to be evaluated'

/** A variable that needs another, which needs another, thousands of them: each alone is as deep as it may be. */
const isOverflow = (error: unknown) => error instanceof RangeError && error.message.includes('call stack')
