/** MutatingAdmissionPolicy, admissionregistration.k8s.io/v1: changes to what is written, in CEL (https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/). */

import { atOnce, type Steps } from '../../../../base/async/steps.ts'
import type { AdmissionOptions } from '../../../../meta/cel/admission.ts'
import { listOf, objectType } from '../../../../meta/cel/types.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { invalidValue, judgeInSteps, notSupported, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { MutatingAdmissionPolicy, Mutation } from '../../../generated/admissionregistration-v1.ts'
import { defineResource } from '../../../resource.ts'
import { judgeExpression } from '../expressions.ts'
import { judgePolicy } from '../policies.ts'
import { defaultMatchResources } from '../rules.ts'

const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch']
/** What is deleted cannot be changed. */
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE']
const REINVOCATION = ['IfNeeded', 'Never']

export const mutatingAdmissionPolicies = defineResource<MutatingAdmissionPolicy>(
  'admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
  {
    allowUnconditionalUpdate: false,
    setDefaults: ({ spec }) => {
      if (spec === undefined) return
      spec.failurePolicy ??= 'Fail'
      if (spec.matchConstraints !== undefined) defaultMatchResources(spec.matchConstraints)
    },
    validate: (policy, root) => atOnce(judge(policy, root)),
    validateInSteps: judge,
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

function* judge({ spec }: DeepReadonly<MutatingAdmissionPolicy>, root: FieldPath): Steps<FieldError[]> {
  const path = root.child('spec')
  const { mutations = [], reinvocationPolicy } = spec ?? {}
  const { faults, environment } = yield* judgePolicy(spec ?? {}, path)
  const operations = (spec?.matchConstraints?.resourceRules ?? []).flatMap((rule) => rule.operations ?? [])
  const operationsPath = path.child('matchConstraints', 'resourceRules', 'operations')
  const unsupported = operations.filter((operation) => !OPERATIONS.includes(operation))
  faults.push(...unsupported.map((operation) => notSupported(operationsPath, operation, OPERATIONS)))
  if (mutations.length === 0) faults.push(required(path.child('mutations'), 'mutations must contain at least one item'))
  const judged = judgeInSteps(mutations, sizeOfMutation, (each, at) =>
    validateMutation(each, { ...environment, patches: true }, path.child('mutations').index(at)),
  )
  faults.push(...(yield* judged))
  if (reinvocationPolicy === undefined) faults.push(required(path.child('reinvocationPolicy')))
  else if (!REINVOCATION.includes(reinvocationPolicy)) {
    faults.push(notSupported(path.child('reinvocationPolicy'), reinvocationPolicy, REINVOCATION))
  }
  return faults
}

const sizeOfMutation = ({ applyConfiguration, jsonPatch }: DeepReadonly<Mutation>) =>
  (applyConfiguration?.expression ?? '').length + (jsonPatch?.expression ?? '').length

function* validateMutation(
  mutation: DeepReadonly<Mutation>,
  environment: AdmissionOptions,
  path: FieldPath,
): Steps<FieldError[]> {
  const { patchType, applyConfiguration, jsonPatch } = mutation
  if ((patchType ?? '').length === 0) return [required(path.child('patchType'))]
  if (!PATCH_TYPES.includes(patchType)) return [notSupported(path.child('patchType'), patchType, PATCH_TYPES)]
  const isApply = patchType === 'ApplyConfiguration'
  const [own, other] = isApply ? [applyConfiguration, jsonPatch] : [jsonPatch, applyConfiguration]
  const [name, otherName] = isApply ? ['applyConfiguration', 'jsonPatch'] : ['jsonPatch', 'applyConfiguration']
  const faults: FieldError[] = []
  if (own === undefined) faults.push(required(path.child(name), `must be specified when patchType is ${patchType}`))
  else {
    const at = path.child(name, 'expression')
    const expression = (own.expression ?? '').trim()
    const results = [isApply ? objectType('Object') : listOf(objectType('JSONPatch'))]
    if (expression === '') faults.push(required(at))
    else faults.push(...(yield* judgeExpression({ expression, environment, results }, at)).faults)
  }
  if (other !== undefined) {
    const detail = `must not be specified when patchType is ${patchType}`
    faults.push(invalidValue(path.child(otherName), `{${otherName}}`, detail))
  }
  return faults
}
