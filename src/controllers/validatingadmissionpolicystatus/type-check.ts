/** Checks the expressions of a policy against the types of the objects that it is about (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking). */

import { plainType } from '../../api/admissionregistration/v1/policies.ts'
import type {
  ExpressionWarning,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicy,
} from '../../api/generated/admissionregistration-v1.ts'
import { type ResourceFacts, resourceFacts } from '../../api/generated/resources.ts'
import { schemaOf, typeKeyOf } from '../../api/schemas.ts'
import { typedEnvironment, type TypedOptions } from '../../meta/cel/admission.ts'
import { compile, ProgramError } from '../../meta/cel/compile.ts'
import { CompileError } from '../../meta/cel/source.ts'
import { schemaObjects, typeOfSchema } from '../../meta/cel/typed-objects.ts'
import { type CelType, DYN } from '../../meta/cel/types.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

/** So many kinds of one rule are checked at most. */
const MAX_KINDS = 10

type Policy = DeepReadonly<ValidatingAdmissionPolicy>

/** What is wrong with a policy's validations and messages for the kinds that its rules name. Nothing is refused for it. */
export function expressionWarnings({ spec = {} }: Policy): ExpressionWarning[] {
  const kinds = kindsOf(spec.matchConstraints?.resourceRules ?? [])
  const check = (fieldRef: string, expression: string): ExpressionWarning[] => {
    const told = kinds.flatMap((kind) => faultOf(spec, kind, expression))
    return told.length === 0 ? [] : [{ fieldRef, warning: told.join('\n') }]
  }
  return (spec.validations ?? []).flatMap(({ expression, messageExpression = '' }, at) => [
    ...check(`spec.validations[${at}].expression`, expression),
    ...(messageExpression === '' ? [] : check(`spec.validations[${at}].messageExpression`, messageExpression)),
  ])
}

/** The kinds that rules name, in order; what is named by wildcards, and subresources, are not checked. */
function kindsOf(rules: readonly DeepReadonly<NamedRuleWithOperations>[]): readonly ResourceFacts[] {
  const kinds = new Map<string, ResourceFacts>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((text) => text.includes('*'))) continue
    const plain = resources.filter((text) => !text.includes('*') && !text.includes('/'))
    const found = apiGroups
      .toSorted()
      .flatMap((group) =>
        apiVersions
          .toSorted()
          .flatMap((version) => plain.toSorted().flatMap((resource) => factsOf(group, version, resource) ?? [])),
      )
    for (const facts of found.slice(0, MAX_KINDS)) kinds.set(shown(facts), facts)
    if (found.length >= MAX_KINDS) break
  }
  const order = ({ group, version, kind }: ResourceFacts) => [group, version, kind].join('\0')
  return [...kinds.values()].toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
}

function factsOf(group: string, version: string, resource: string): ResourceFacts | undefined {
  const key = group === '' ? `${version}/${resource}` : `${group}/${version}/${resource}`
  return Object.hasOwn(resourceFacts, key) ? resourceFacts[key] : undefined
}

const shown = ({ group, version, kind }: ResourceFacts): string => `${group}/${version}, Kind=${kind}`

const objects = schemaObjects(schemaOf)

/** What is wrong with an expression about one kind. */
function faultOf(spec: NonNullable<Policy['spec']>, kind: ResourceFacts, expression: string): string[] {
  const variables = new Map<string, CelType>()
  const types: TypedOptions = {
    object: typeOfSchema(kind.type),
    ...(spec.paramKind === undefined ? {} : { params: paramType(spec.paramKind) }),
    objects,
    variables,
  }
  for (const { name, expression: of } of spec.variables ?? []) variables.set(name, variableType(of, types))
  const fault = checked(expression, types)
  return typeof fault === 'string' ? [`${shown(kind)}: ${fault}\n`] : []
}

function paramType({ apiVersion = '', kind = '' }: { readonly apiVersion?: string; readonly kind?: string }): CelType {
  const key = typeKeyOf(apiVersion, kind)
  return key === undefined ? DYN : typeOfSchema(key)
}

function variableType(expression: string, types: TypedOptions): CelType {
  const type = checked(expression, types)
  return typeof type === 'string' ? DYN : plainType(type)
}

/** The type of what an expression gives, or its faults. */
function checked(expression: string, types: TypedOptions): CelType | string {
  try {
    return compile(expression, typedEnvironment(types)).type
  } catch (error) {
    if (error instanceof CompileError) return error.message
    if (error instanceof ProgramError) return DYN // evaluating is not tried here
    throw error
  }
}
