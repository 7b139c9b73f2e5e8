/**
 * Compiles the expressions of policies and webhooks, so that what can never be evaluated is refused when it is written
 * (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking).
 */

import type { Steps } from '../../../base/async/steps.ts'
import { type AdmissionOptions, admissionEnvironment } from '../../../meta/cel/admission.ts'
import { compileInSteps, ProgramError } from '../../../meta/cel/compile.ts'
import { CompileError } from '../../../meta/cel/source.ts'
import { type CelType, DYN, sameType, typeName } from '../../../meta/cel/types.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { internalFault, invalidValue } from '../../../meta/validation.ts'

/** An expression that was written, and where it may be used. */
export interface Written {
  readonly expression: string
  readonly environment: AdmissionOptions
  /** What it must give; absent for anything. */
  readonly results?: readonly CelType[]
}

/** The faults of an expression, and the type of what it gives. */
export function* judgeExpression(
  { expression, environment, results }: Written,
  path: FieldPath,
  shown = expression,
): Steps<{ readonly faults: FieldError[]; readonly type: CelType }> {
  const refuse = (detail: string) => ({ faults: [invalidValue(path, shown, detail)], type: DYN })
  try {
    const { type } = yield* compileInSteps(expression, admissionEnvironment(environment))
    if (results === undefined || results.some((result) => sameType(result, type))) return { faults: [], type }
    const names = results.map(typeName)
    const wanted = names.length === 1 ? names.join('') : `one of [${names.join(' ')}]`
    return refuse(`must evaluate to ${wanted} but got ${typeName(type)}`)
  } catch (error) {
    if (error instanceof CompileError) return refuse(`compilation failed: ${error.message}`)
    if (error instanceof ProgramError) return { faults: [internalFault(path, error.message)], type: DYN }
    throw error
  }
}
