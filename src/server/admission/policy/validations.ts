/** What a ValidatingAdmissionPolicy says about a request (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/). */

import type { ValidatingAdmissionPolicy, Validation } from '../../../api/generated/admissionregistration-v1.ts'
import type { Steps } from '../../../base/async/steps.ts'
import type { Clock } from '../../../base/clock.ts'
import type { AdmissionOptions } from '../../../meta/cel/admission.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { byteLength } from '../../../meta/names.ts'
import type { KubeObject, StatusReason } from '../../../meta/types.ts'
import { compileConditions, conditionsHold } from './conditions.ts'
import {
  BudgetSpent,
  type Compiled,
  compileStored,
  compileVariables,
  evaluateAll,
  POLICY_BUDGET,
  type PolicyVariables,
  type Result,
  type Scope,
} from './expressions.ts'
import type { RequestScope } from './scope.ts'

/** A policy ready to be asked. */
export interface ValidatingProgram {
  readonly variables: PolicyVariables
  readonly conditions: readonly Compiled[]
  readonly validations: readonly Compiled[]
  /** By validation; nothing where it has no message expression. */
  readonly messages: readonly (Compiled | undefined)[]
  readonly annotations: readonly Compiled[]
}

/** What speaks against a request. Failures of audit annotations refuse it whatever the binding's actions are. */
export interface Objection {
  readonly message: string
  readonly reason: StatusReason
  readonly isFinal?: boolean
  /** Which validation it is; absent: none of them. */
  readonly index?: number
  /** How long the expression took. */
  readonly ms?: number
}

/** What a policy says of a request. */
export interface Judgement {
  readonly objections: readonly Objection[]
  /** What failed, and is let pass by the policy. */
  readonly ignored: readonly Objection[]
  /** What the audit log is to tell, by the policy's own keys. */
  readonly annotations: readonly (readonly [key: string, value: string])[]
}

const MAX_MESSAGE = 5 * 1024

type Policy = DeepReadonly<ValidatingAdmissionPolicy>

export function compileValidatingPolicy({ spec = {} }: Policy): ValidatingProgram {
  const { validations = [], auditAnnotations = [], paramKind } = spec
  const params = paramKind !== undefined
  const { compiled: variables, types } = compileVariables(spec.variables ?? [], params)
  const options: AdmissionOptions = { params, variables: types }
  return {
    variables,
    conditions: compileConditions(spec.matchConditions, options),
    validations: validations.map(({ expression }) => compileStored(expression, options)),
    messages: validations.map(({ messageExpression = '' }) =>
      messageExpression === '' ? undefined : compileStored(messageExpression, { ...options, authorizer: false }),
    ),
    annotations: auditAnnotations.map(({ valueExpression }) => compileStored(valueExpression, options)),
  }
}

const MAX_ANNOTATION = 10 * 1024

/** What a policy has against a request, validation by validation, and what it notes. */
export function* judgement(
  { spec = {} }: Policy,
  program: ValidatingProgram,
  scope: RequestScope,
  params: DeepReadonly<KubeObject> | null,
  clock?: Pick<Clock, 'monotonic'>,
): Steps<Judgement> {
  const ignored: Objection[] = []
  const only = (objections: readonly Objection[]): Judgement => ({ objections, ignored, annotations: [] })
  const fails = (message: string, ms = 0): Objection[] => {
    const failure = { message, reason: 'Invalid', ms } as const
    if (spec.failurePolicy !== 'Ignore') return [failure]
    ignored.push(failure)
    return []
  }
  const own = program.variables
  const unplaced = { variables: scope.variables(params, { namespace: false }), own }
  const holds = yield* conditionsHold(program.conditions, unplaced, spec.failurePolicy)
  if (typeof holds === 'object') return only(fails(holds.error))
  if (!holds) return only([])
  const unasking = { variables: scope.variables(params, { authorizer: false }), own }
  try {
    const placed = { variables: scope.variables(params), own, clock }
    const judged = yield* evaluateAll(program.validations, placed, POLICY_BUDGET)
    const messages = yield* messagesOf(program, unasking, judged.left)
    const found = judged.results.flatMap((result, at): Objection[] => {
      if (result === undefined) return []
      const { ms = 0 } = result
      if ('error' in result) return fails(result.error, ms).map((one) => ({ ...one, index: at }))
      if (typeof messages === 'string') return fails(messages)
      if (result.value === true) return []
      const validation = spec.validations?.[at] ?? { expression: '' }
      return [{ message: failureText(validation, messages[at]), reason: validation.reason ?? 'Invalid', index: at, ms }]
    })
    const { results: audits } = yield* evaluateAll(program.annotations, unasking, POLICY_BUDGET)
    const failed = audits.flatMap((result) => (result !== undefined && 'error' in result ? fails(result.error) : []))
    const annotations = (spec.auditAnnotations ?? []).flatMap(({ key }, at) => {
      const value = noted(audits[at])
      return value === '' ? [] : [[key, value] as const]
    })
    const objections = [...found, ...failed.map((objection) => ({ ...objection, isFinal: true }))]
    return { objections, ignored, annotations }
  } catch (error) {
    if (error instanceof BudgetSpent) return only(fails(error.message))
    throw error
  }
}

/** What an annotation's expression says; nothing where that is no text. */
function noted(result: Result | undefined): string {
  const value = result !== undefined && 'value' in result ? result.value : undefined
  return typeof value === 'string' ? value.trim().slice(0, MAX_ANNOTATION) : ''
}

/** The messages that expressions make, or why there are none. */
function* messagesOf(
  { messages }: ValidatingProgram,
  scope: Scope,
  budget: number,
): Steps<readonly (Result | undefined)[] | string> {
  try {
    return (yield* evaluateAll(messages, scope, budget)).results
  } catch (error) {
    if (error instanceof BudgetSpent) return `failed messageExpression: ${error.message}`
    throw error
  }
}

/** The message of a validation that did not hold: made by its expression, its own, or the expression itself. */
function failureText({ expression, message = '' }: DeepReadonly<Validation>, made: Result | undefined): string {
  const text = made !== undefined && 'value' in made && typeof made.value === 'string' ? made.value.trim() : ''
  if (text !== '' && byteLength(text) <= MAX_MESSAGE && !text.includes('\n')) return text
  const own = message.trim()
  return own === '' ? `failed expression: ${expression.trim()}` : own
}
