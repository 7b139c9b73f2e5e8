/** What validating and mutating admission policies share (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/). */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { cIdentifier, dns1035Label, dnsSubdomain } from '../../../meta/names.ts'
import { duplicate, invalidEach, invalidValue, notSupported, required } from '../../../meta/validation.ts'
import type { MatchResources, ParamKind, Variable } from '../../generated/admissionregistration-v1.ts'
import { FAILURE_POLICIES, validateMatchConditions, validateMatchResources } from './rules.ts'

interface PolicySpec {
  readonly paramKind?: DeepReadonly<ParamKind>
  readonly matchConstraints?: DeepReadonly<MatchResources>
  readonly failurePolicy?: string
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[]
  readonly variables?: readonly DeepReadonly<Variable>[]
}

/** Every fault of what all policies have. */
export function validatePolicy(spec: PolicySpec, path: FieldPath): FieldError[] {
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
  faults.push(...validateMatchConditions(matchConditions, path.child('matchConditions')))
  return [...faults, ...validateVariables(spec.variables ?? [], path.child('variables'))]
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
      faults.push(...invalidEach(path.child('apiVersion'), version, dns1035Label(version)))
    }
  }
  if (kind === '') return [...faults, required(path.child('kind'))]
  const mixed = dns1035Label(kind.toLowerCase()).map(
    (fault) => `may have mixed case, but should otherwise match: ${fault}`,
  )
  return [...faults, ...invalidEach(path.child('kind'), kind, mixed)]
}

function validateVariables(variables: readonly DeepReadonly<Variable>[], path: FieldPath): FieldError[] {
  return variables.flatMap(({ name = '', expression = '' }, at) => {
    const each = path.index(at)
    const faults: FieldError[] = []
    if (name === '') faults.push(required(each.child('name'), 'name is not specified'))
    else faults.push(...invalidEach(each.child('name'), name, cIdentifier(name)))
    if (name !== '' && variables.findIndex((other) => other.name === name) < at) {
      faults.push(duplicate(each.child('name'), name))
    }
    if (expression.trim() === '') faults.push(required(each.child('expression'), 'expression is not specified'))
    return faults
  })
}
