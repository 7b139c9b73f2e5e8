/**
 * The expressions of one policy: compiled once, evaluated together within a budget, with the policy's own variables
 * evaluated when they are first named
 * (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#variable-composition).
 */

import { plainType } from '../../../api/admissionregistration/v1/policies.ts'
import type { Steps } from '../../../base/async/steps.ts'
import type { Clock } from '../../../base/clock.ts'
import { type AdmissionOptions, admissionEnvironment } from '../../../meta/cel/admission.ts'
import type { Checked } from '../../../meta/cel/checker.ts'
import { compile, ProgramError } from '../../../meta/cel/compile.ts'
import { evaluateInSteps, Evaluator, Pace, type Variables } from '../../../meta/cel/evaluate.ts'
import { CompileError } from '../../../meta/cel/source.ts'
import type { CelType } from '../../../meta/cel/types.ts'
import { type CelMap, type CelValue, EvaluationError } from '../../../meta/cel/values.ts'

/** The most that one expression may cost. */
const MAX_COST = 1_000_000
/** The most that the expressions of a policy may cost together, for one request and binding. */
export const POLICY_BUDGET = 10_000_000
/** The same for its match conditions. */
export const CONDITIONS_BUDGET = 2_500_000

const SPENT = 'validation failed due to running out of cost budget, no further validation rules will be run'

/** An expression ready to be evaluated, or why it cannot be. */
export interface Compiled {
  readonly text: string
  readonly program: Checked | { readonly fault: string }
}

/** What came of one expression. */
export type Result = ({ readonly value: CelValue } | { readonly error: string }) & { readonly ms?: number }

/** The variables of a policy, in their order. */
export type PolicyVariables = ReadonlyMap<string, Compiled>

/** Together the expressions cost more than they may. */
export class BudgetSpent extends Error {
  constructor() {
    super(SPENT)
  }
}

/**
 * An expression as it was stored; one that cannot be compiled (any more) fails when it is evaluated. It is compiled when
 * it is first needed: a policy may have tens of thousands.
 */
export function compileStored(text: string, options: AdmissionOptions): Compiled {
  let program: Compiled['program'] | undefined
  return {
    text,
    get program() {
      return (program ??= compiled(text, options))
    },
  }
}

function compiled(text: string, options: AdmissionOptions): Compiled['program'] {
  try {
    return compile(text, admissionEnvironment(options))
  } catch (error) {
    if (error instanceof CompileError) return { fault: `compilation failed: ${error.message}` }
    if (error instanceof ProgramError) return { fault: error.message }
    throw error
  }
}

/** The variables of a policy, and what other expressions may name for them. */
export function compileVariables(
  variables: readonly { readonly name: string; readonly expression: string }[],
  params: boolean,
): { readonly compiled: PolicyVariables; readonly types: ReadonlyMap<string, CelType> } {
  const compiled = new Map<string, Compiled>()
  const types = new Map<string, CelType>()
  for (const { name, expression } of variables) {
    const one = compileStored(expression, { params, variables: types })
    compiled.set(name, one)
    if (!('fault' in one.program)) types.set(name, plainType(one.program.type))
  }
  return { compiled, types }
}

/** What expressions are evaluated in: what they see, and the policy's variables. */
export interface Scope {
  readonly variables: Variables
  readonly own: PolicyVariables
  /** What each expression is timed by; absent: none is. */
  readonly clock?: Pick<Clock, 'monotonic'> | undefined
}

/** After so much of the budget others have their turn. */
const STEP_COST = 50_000
/** What an expression takes besides what it costs: it may have to be compiled. */
const EACH_COST = 100
const CHARACTER_COST = 5

/**
 * The results of expressions, in their order, and what is left of the budget; nothing stands where there is no
 * expression. Throws `BudgetSpent`.
 */
export function* evaluateAll(
  expressions: readonly (Compiled | undefined)[],
  scope: Scope,
  budget: number,
): Steps<{ readonly results: readonly (Result | undefined)[]; readonly left: number }> {
  const own = new OwnVariables(scope)
  let left = budget
  let step = 0
  function* evaluated(expression: Compiled | undefined): Steps<Result | undefined> {
    if (expression === undefined) return undefined
    const { text, program } = expression
    step += EACH_COST + CHARACTER_COST * text.length
    if ('fault' in program) return { error: `compilation error: ${program.fault}` }
    const began = scope.clock?.monotonic() ?? 0
    const outcome = yield* evaluateInSteps(new Evaluator(program, own.visible, MAX_COST, own.pace))
    const cost = own.takeCost() + outcome.cost
    step += cost
    left -= cost
    if (left < 0) throw new BudgetSpent()
    const ms = (scope.clock?.monotonic() ?? 0) - began
    if ('value' in outcome) return { value: outcome.value, ms }
    return { ms, error: `expression '${text}' resulted in error: ${outcome.error.message}` }
  }
  const results: (Result | undefined)[] = []
  for (const expression of expressions) {
    if (step > STEP_COST) {
      yield
      step = 0
    }
    results.push(yield* evaluated(expression))
  }
  if (step > STEP_COST / 4) yield
  return { results, left }
}

/** The value of `variables`: each is evaluated once, when it is first asked for. */
class OwnVariables implements CelMap {
  readonly typeName = 'kubernetes.variables'
  /** What expressions see: the scope's variables, and these. */
  readonly visible: Variables
  readonly #compiled: PolicyVariables
  /** Of all expressions that are evaluated together. */
  readonly pace = new Pace()
  readonly #known = new Map<string, Result>()
  /** Variables that others were let go before. */
  readonly #begun = new Map<string, Evaluator>()
  #cost = 0

  constructor({ variables, own }: Scope) {
    this.#compiled = own
    this.visible = (name) => (name === 'variables' ? this : variables(name))
  }

  get size(): number {
    return this.#compiled.size
  }

  keys(): Iterable<CelValue> {
    return this.#compiled.keys()
  }

  get(key: CelValue): CelValue | undefined {
    const compiled = typeof key === 'string' ? this.#compiled.get(key) : undefined
    if (typeof key !== 'string' || compiled === undefined) return undefined
    const result = this.#known.get(key) ?? this.#evaluate(key, compiled)
    this.#known.set(key, result)
    if ('error' in result) throw new EvaluationError(result.error)
    return result.value
  }

  /** What variables have cost since this was last asked. */
  takeCost(): number {
    const cost = this.#cost
    this.#cost = 0
    return cost
  }

  #evaluate(name: string, { program }: Compiled): Result {
    const fails = (how: string, why: string) => ({ error: `composited variable "${name}" fails to ${how}: ${why}` })
    if ('fault' in program) return fails('compile', program.fault)
    const evaluator = this.#begun.get(name) ?? new Evaluator(program, this.visible, MAX_COST, this.pace)
    this.#begun.set(name, evaluator)
    const outcome = evaluator.run()
    this.#begun.delete(name)
    this.#cost += outcome.cost
    return 'value' in outcome ? { value: outcome.value } : fails('evaluate', outcome.error.message)
  }
}
