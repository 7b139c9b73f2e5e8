/** ValidatingAdmissionPolicyBinding, admissionregistration.k8s.io/v1: where a policy holds (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#getting-started-with-validating-admission-policy). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsSubdomain } from '../../../../meta/names.ts'
import { selectorText } from '../../../../meta/selector-text.ts'
import {
  duplicate,
  invalidEach,
  invalidValue,
  notSupported,
  required,
  isRepeated,
} from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type {
  ParamRef,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBindingSpec,
} from '../../../generated/admissionregistration-v1.ts'
import { defineResource } from '../../../resource.ts'
import { defaultMatchResources, validateMatchResources, validateParamRef } from '../rules.ts'

const ACTIONS = ['Audit', 'Deny', 'Warn']

export const validatingAdmissionPolicyBindings = defineResource<ValidatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  {
    allowUnconditionalUpdate: false,
    setDefaults: ({ spec }) => {
      if (spec?.matchResources !== undefined) defaultMatchResources(spec.matchResources)
    },
    validate: ({ spec }, root) => validateSpec(spec, root.child('spec')),
    columns: [
      nameColumn(),
      textColumn('PolicyName', ({ spec }) => spec.policyName),
      textColumn('ParamRef', ({ spec }) => paramRefText(spec.paramRef)),
      ageColumn(),
    ],
  },
)

/** How a binding's parameters are shown. */
export function paramRefText(ref: DeepReadonly<ParamRef> | undefined): string {
  if (ref === undefined) return '<unset>'
  const { name = '', namespace = '', selector } = ref
  return selector === undefined ? `${namespace === '' ? '*' : namespace}/${name}` : selectorText(selector)
}

function validateSpec(
  spec: DeepReadonly<ValidatingAdmissionPolicyBindingSpec> | undefined,
  path: FieldPath,
): FieldError[] {
  const { policyName = '', paramRef, matchResources, validationActions: actions = [] } = spec ?? {}
  const name = path.child('policyName')
  const faults: FieldError[] =
    policyName === '' ? [required(name)] : invalidEach(name, policyName, dnsSubdomain(policyName))
  faults.push(...validateParamRef(paramRef, path.child('paramRef')))
  if (matchResources !== undefined) faults.push(...validateMatchResources(matchResources, path.child('matchResources')))
  const at = path.child('validationActions')
  if (actions.length === 0) faults.push(required(at, 'at least one validation action is required'))
  actions.forEach((action, position) => {
    if (!ACTIONS.includes(action)) faults.push(notSupported(at.index(position), action, ACTIONS))
    else if (isRepeated(actions, action, position)) faults.push(duplicate(at.index(position), action))
  })
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
    faults.push(invalidValue(at, actions, detail))
  }
  return faults
}
