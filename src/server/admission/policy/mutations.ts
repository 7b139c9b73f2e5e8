/** The changes that a MutatingAdmissionPolicy makes (https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/). */

import type { MutatingAdmissionPolicy } from '../../../api/generated/admissionregistration-v1.ts'
import { schemaOf, typeKeyOf } from '../../../api/schemas.ts'
import type { Steps } from '../../../base/async/steps.ts'
import type { CelValue } from '../../../meta/cel/values.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { internalError } from '../../../meta/errors.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { PatchError } from '../../../wire/patch/errors.ts'
import { applyJsonPatch } from '../../../wire/patch/json-patch.ts'
import { decodeBody } from '../../codec.ts'
import { faultsOf } from '../../fieldmanager/applied-set.ts'
import { isObject } from '../../fieldmanager/elements.ts'
import { type FieldType, typeOf } from '../../fieldmanager/field-type.ts'
import { merge } from '../../fieldmanager/merge.ts'
import { compileConditions } from './conditions.ts'
import {
  BudgetSpent,
  type Compiled,
  compileStored,
  compileVariables,
  evaluateAll,
  POLICY_BUDGET,
  type PolicyVariables,
  type Scope,
} from './expressions.ts'
import { PatchFault, toConfiguration, toJsonPatch } from './patches.ts'

/** One change: an expression that makes a configuration to apply, or a JSON patch. */
export interface CompiledMutation {
  readonly isApply: boolean
  readonly expression: Compiled
}

/** A policy ready to be followed. */
export interface MutatingProgram {
  readonly variables: PolicyVariables
  readonly conditions: readonly Compiled[]
  readonly mutations: readonly CompiledMutation[]
}

export function compileMutatingPolicy({ spec = {} }: DeepReadonly<MutatingAdmissionPolicy>): MutatingProgram {
  const params = spec.paramKind !== undefined
  const { compiled: variables, types } = compileVariables(spec.variables ?? [], params)
  const options = { params, variables: types }
  return {
    variables,
    conditions: compileConditions(spec.matchConditions, options),
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => {
      const isApply = patchType === 'ApplyConfiguration'
      const { expression = '' } = (isApply ? applyConfiguration : jsonPatch) ?? {}
      return { isApply, expression: compileStored(expression, { ...options, patches: true }) }
    }),
  }
}

/** The object with the change; the same where nothing changes. Throws `PatchFault`. */
export function* mutated(
  mutation: CompiledMutation,
  scope: Scope,
  object: DeepReadonly<KubeObject>,
): Steps<KubeObject> {
  const made = yield* valueOf(mutation.expression, scope)
  return mutation.isApply ? applied(object, toConfiguration(made)) : patched(object, toJsonPatch(made))
}

function* valueOf(expression: Compiled, scope: Scope): Steps<CelValue> {
  if ('fault' in expression.program) throw new PatchFault(expression.program.fault)
  try {
    const [result] = (yield* evaluateAll([expression], scope, POLICY_BUDGET)).results
    if (result === undefined || 'error' in result) throw new PatchFault(result?.error ?? 'there is no expression')
    return result.value
  } catch (error) {
    if (error instanceof BudgetSpent) throw new PatchFault(error.message)
    throw error
  }
}

type Live = DeepReadonly<KubeObject>

/** Kinds of subresources that no group tells the fields of. */
const UNTOLD: ReadonlySet<string> = new Set([
  'authentication.k8s.io/v1, Kind=TokenRequest',
  'autoscaling/v1, Kind=Scale',
  'policy/v1, Kind=Eviction',
])

function applied(live: Live, configuration: unknown): KubeObject {
  const { apiVersion = '', kind = '' } = live
  const known = `${apiVersion}, Kind=${kind}`
  const type = typeOf(typeKeyOf(apiVersion, kind), schemaOf)
  const named = { ...(isObject(configuration) ? configuration : {}), apiVersion, kind }
  const fail = (why: string) => new PatchFault(`error applying patch: ${why}`)
  if (UNTOLD.has(known))
    throw fail(`failed to convert patch object to typed object: no corresponding type for ${known}`)
  const faults = faultsOf(named, type)
  if (faults.length > 0) {
    const told = faults.length === 1 ? faults[0] : `errors:\n${faults.map((fault) => `  ${fault}`).join('\n')}`
    throw fail(`failed to convert patch object to typed object: ${told}`)
  }
  const atomics = atomicsOf(named, type, '')
  if (atomics.length > 0) {
    throw fail(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`)
  }
  return decoded(merge(live, named, type), live, 'Ignore')
}

/** The places that are owned as a whole: what a policy does not know of in them would be lost. */
function atomicsOf(value: unknown, type: FieldType, path: string): string[] {
  if (Array.isArray(value)) {
    if (type.kind !== 'list') return []
    const own = type.relation === 'atomic' ? [path] : []
    return [...own, ...value.flatMap((item, at) => atomicsOf(item, type.of, `${path}[${at}]`))]
  }
  if (!isObject(value) || (type.kind !== 'map' && type.kind !== 'struct')) return []
  const inner = Object.entries(value).flatMap(([name, item]) => {
    const member = type.kind === 'map' ? type.of : type.field(name)
    return member === undefined ? [] : atomicsOf(item, member, `${path}.${name}`)
  })
  return type.atomic ? [path, ...inner] : inner
}

function patched(live: Live, patch: readonly object[]): KubeObject {
  try {
    return decoded(applyJsonPatch(live, patch), live, 'Strict')
  } catch (error) {
    if (!(error instanceof PatchError)) throw error
    // A test that fails means that the patch is not for this object.
    if (/^testing value .* failed: test failed$/.test(error.detail)) return live as KubeObject // nobody changes it: it is the same
    throw new PatchFault(`JSON Patch: ${error.detail}`)
  }
}

/** What became of an object must be such an object still. */
function decoded(
  value: unknown,
  { apiVersion = '', kind = '' }: Live,
  fieldValidation: 'Ignore' | 'Strict',
): KubeObject {
  const type = typeKeyOf(apiVersion, kind) ?? ''
  return decodeBody(value, { apiVersion, kind, type }, { fieldValidation, refuse: (why) => internalError(why) })
}
