/**
 * Evaluates checked expressions within a budget: every step costs, and an expression that costs too much is stopped
 * (https://kubernetes.io/docs/reference/using-api/cel/#runtime-cost-budget).
 */

import type { Checked } from './checker.ts'
import { CostExceeded, Frame, programOf, type Variables } from './program.ts'
import { type CelValue, EvaluationError } from './values.ts'

export { CostExceeded, type Variables } from './program.ts'

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
  const program = programOf(checked)
  const frame = new Frame(variables, costLimit)
  try {
    return { value: program(frame), cost: frame.cost }
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof CostExceeded) return { error, cost: frame.cost }
    if (isOverflow(error)) return { error: new EvaluationError(TOO_DEEP), cost: frame.cost }
    throw error
  }
}

const TOO_DEEP = 'expression is nested too deeply to be evaluated'

/** A variable that needs another, which needs another, thousands of them: each alone is as deep as it may be. */
const isOverflow = (error: unknown) => error instanceof RangeError && error.message.includes('call stack')
