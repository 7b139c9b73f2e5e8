/** MutatingAdmissionPolicy, admissionregistration.k8s.io/v1: changes to what is written, in CEL (https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { forbiddenField, notSupported, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { MutatingAdmissionPolicy, Mutation } from '../../../generated/admissionregistration-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validatePolicy } from '../policies.ts'
import { defaultMatchResources } from '../rules.ts'

const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch']
const REINVOCATION = ['IfNeeded', 'Never']

export const mutatingAdmissionPolicies = defineResource<MutatingAdmissionPolicy>(
  'admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
  {
    setDefaults: ({ spec }) => {
      if (spec === undefined) return
      spec.failurePolicy ??= 'Fail'
      if (spec.matchConstraints !== undefined) defaultMatchResources(spec.matchConstraints)
    },
    validate: validate,
    columns: [
      nameColumn(),
      { name: 'Mutations', type: 'integer', cell: ({ spec }) => (spec?.mutations ?? []).length },
      textColumn('ParamKind', ({ spec }) =>
        spec?.paramKind === undefined ? '<unset>' : `${spec.paramKind.apiVersion ?? ''}/${spec.paramKind.kind ?? ''}`,
      ),
      ageColumn(),
    ],
  },
)

function validate({ spec }: DeepReadonly<MutatingAdmissionPolicy>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const { mutations = [], reinvocationPolicy } = spec ?? {}
  const faults = validatePolicy(spec ?? {}, path)
  if (mutations.length === 0) faults.push(required(path.child('mutations'), 'mutations must contain at least one item'))
  mutations.forEach((mutation, at) => faults.push(...validateMutation(mutation, path.child('mutations').index(at))))
  if (reinvocationPolicy === undefined) faults.push(required(path.child('reinvocationPolicy')))
  else if (!REINVOCATION.includes(reinvocationPolicy)) {
    faults.push(notSupported(path.child('reinvocationPolicy'), reinvocationPolicy, REINVOCATION))
  }
  return faults
}

function validateMutation(mutation: DeepReadonly<Mutation>, path: FieldPath): FieldError[] {
  const { patchType, applyConfiguration, jsonPatch } = mutation
  if (patchType === undefined) return [required(path.child('patchType'))]
  if (!PATCH_TYPES.includes(patchType)) return [notSupported(path.child('patchType'), patchType, PATCH_TYPES)]
  const isApply = patchType === 'ApplyConfiguration'
  const [own, other] = isApply ? [applyConfiguration, jsonPatch] : [jsonPatch, applyConfiguration]
  const [name, otherName] = isApply ? ['applyConfiguration', 'jsonPatch'] : ['jsonPatch', 'applyConfiguration']
  const faults: FieldError[] = []
  if (own === undefined) faults.push(required(path.child(name), `must be specified when patchType is ${patchType}`))
  else if ((own.expression ?? '').trim() === '') {
    faults.push(required(path.child(name, 'expression'), 'expression is not specified'))
  }
  if (other !== undefined) {
    faults.push(forbiddenField(path.child(otherName), `must not be specified when patchType is ${patchType}`))
  }
  return faults
}
