/** What validating and mutating admission policies share (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/). */

import type { Steps } from '../../../base/async/steps.ts'
import type { AdmissionOptions } from '../../../meta/cel/admission.ts'
import { RESERVED } from '../../../meta/cel/parser.ts'
import { type CelType, DYN } from '../../../meta/cel/types.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { dns1035Label, dnsSubdomain } from '../../../meta/names.ts'
import { invalidEach, invalidValue, judgeInSteps, notSupported, required } from '../../../meta/validation.ts'
import type { MatchResources, ParamKind, Variable } from '../../generated/admissionregistration-v1.ts'
import { judgeExpression } from './expressions.ts'
import { FAILURE_POLICIES, validateMatchConditions, validateMatchResources } from './rules.ts'

interface PolicySpec {
  readonly paramKind?: DeepReadonly<ParamKind>
  readonly matchConstraints?: DeepReadonly<MatchResources>
  readonly failurePolicy?: string
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[]
  readonly variables?: readonly DeepReadonly<Variable>[]
}

/** The faults of what all policies have, and what their own expressions may name. */
export interface JudgedPolicy {
  readonly faults: FieldError[]
  readonly environment: AdmissionOptions
}

export function* judgePolicy(spec: PolicySpec, path: FieldPath): Steps<JudgedPolicy> {
  const { failurePolicy, paramKind, matchConstraints, matchConditions } = spec
  const faults: FieldError[] = []
  if (failurePolicy === undefined) faults.push(required(path.child('failurePolicy')))
  else if (!FAILURE_POLICIES.includes(failurePolicy)) {
    faults.push(notSupported(path.child('failurePolicy'), failurePolicy, FAILURE_POLICIES))
  }
  if (paramKind !== undefined) faults.push(...validateParamKind(paramKind, path.child('paramKind')))
  const match = path.child('matchConstraints')
  if (matchConstraints === undefined) faults.push(required(match))
  else {
    faults.push(...validateMatchResources(matchConstraints, match))
    if ((matchConstraints.resourceRules ?? []).length === 0) faults.push(required(match.child('resourceRules')))
  }
  const params = paramKind !== undefined
  faults.push(...validateMatchConditions(matchConditions, path.child('matchConditions'), { params }))
  const variables = yield* judgeVariables(spec.variables ?? [], params, path.child('variables'))
  return { faults: [...faults, ...variables.faults], environment: { params, variables: variables.types } }
}

function validateParamKind({ apiVersion = '', kind = '' }: DeepReadonly<ParamKind>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (apiVersion === '') faults.push(required(path.child('apiVersion')))
  else {
    const [version = '', group = '', ...rest] = apiVersion.split('/').reverse()
    if (rest.length > 0) {
      faults.push(invalidValue(path.child('apiVersion'), apiVersion, 'unexpected GroupVersion string: ' + apiVersion))
    } else {
      if (group !== '') faults.push(...invalidEach(path.child('apiVersion'), group, dnsSubdomain(group)))
      if (version === '') faults.push(invalidValue(path.child('apiVersion'), apiVersion, 'version must be specified'))
      else faults.push(...invalidEach(path.child('apiVersion'), version, dns1035Label(version)))
    }
  }
  if (kind === '') return [...faults, required(path.child('kind'))]
  const mixed = dns1035Label(kind.toLowerCase()).map(
    (fault) => `may have mixed case, but should otherwise match: ${fault}`,
  )
  return [...faults, ...invalidEach(path.child('kind'), kind, mixed)]
}

/** Each variable may name those before it. */
function* judgeVariables(
  variables: readonly DeepReadonly<Variable>[],
  params: boolean,
  path: FieldPath,
): Steps<{ readonly faults: FieldError[]; readonly types: ReadonlyMap<string, CelType> }> {
  const types = new Map<string, CelType>()
  const sizeOf = ({ expression = '' }: DeepReadonly<Variable>) => expression.length
  const faults = yield* judgeInSteps(variables, sizeOf, function* ({ name = '', expression = '' }, at) {
    const each = path.index(at)
    const found: FieldError[] = []
    if (name.trim() === '') found.push(required(each.child('name'), 'name is not specified'))
    else if (!isIdentifier(name)) found.push(invalidValue(each.child('name'), name, 'must be a valid CEL identifier'))
    if (expression.trim() === '') {
      return [...found, required(each.child('expression'), 'expression is not specified')]
    }
    const written = { expression, environment: { params, variables: types } }
    const judged = yield* judgeExpression(written, each.child('expression'))
    types.set(name, plainType(judged.type))
    return [...found, ...judged.faults]
  })
  return { faults, types }
}

const isIdentifier = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !RESERVED.has(name)

/** A variable's type as other expressions see it: of objects they know nothing. */
export function plainType(type: CelType): CelType {
  if (type.kind === 'list' || type.kind === 'map') return { ...type, parameters: type.parameters.map(plainType) }
  return type.kind === 'object' || type.kind === 'opaque' || type.kind === 'type' ? DYN : type
}
