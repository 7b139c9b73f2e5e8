/** MutatingAdmissionPolicyBinding, admissionregistration.k8s.io/v1: where a policy's changes are made (https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsSubdomain } from '../../../../meta/names.ts'
import { invalidEach, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { MutatingAdmissionPolicyBinding } from '../../../generated/admissionregistration-v1.ts'
import { defineResource } from '../../../resource.ts'
import { defaultMatchResources, validateMatchResources, validateParamRef } from '../rules.ts'
import { paramRefText } from '../validatingadmissionpolicybinding/resource.ts'

export const mutatingAdmissionPolicyBindings = defineResource<MutatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings',
  {
    allowUnconditionalUpdate: false,
    setDefaults: ({ spec }) => {
      if (spec?.matchResources !== undefined) defaultMatchResources(spec.matchResources)
    },
    validate: validate,
    columns: [
      nameColumn(),
      textColumn('PolicyName', ({ spec }) => spec?.policyName ?? ''),
      textColumn('ParamRef', ({ spec }) => paramRefText(spec?.paramRef)),
      ageColumn(),
    ],
  },
)

function validate({ spec }: DeepReadonly<MutatingAdmissionPolicyBinding>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const { policyName = '', paramRef, matchResources } = spec ?? {}
  const name = path.child('policyName')
  const faults: FieldError[] =
    policyName === '' ? [required(name)] : invalidEach(name, policyName, dnsSubdomain(policyName))
  faults.push(...validateParamRef(paramRef, path.child('paramRef')))
  if (matchResources === undefined) return faults
  return [...faults, ...validateMatchResources(matchResources, path.child('matchResources'))]
}
