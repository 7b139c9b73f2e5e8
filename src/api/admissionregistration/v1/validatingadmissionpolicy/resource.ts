/** ValidatingAdmissionPolicy, admissionregistration.k8s.io/v1: rules about writes, in CEL (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { byteLength, qualifiedName } from '../../../../meta/names.ts'
import { duplicate, invalidEach, invalidValue, notSupported, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  Validation,
} from '../../../generated/admissionregistration-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus, keepStatus } from '../../../strategy.ts'
import { validatePolicy } from '../policies.ts'
import { defaultMatchResources } from '../rules.ts'

type Shared = DeepReadonly<ValidatingAdmissionPolicy>

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized']
const MAX_AUDIT_EXPRESSION = 5 * 1024

export const validatingAdmissionPolicies = defineResource<ValidatingAdmissionPolicy>(
  'admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  {
    setDefaults: ({ spec }) => {
      if (spec === undefined) return
      spec.failurePolicy ??= 'Fail'
      if (spec.matchConstraints !== undefined) defaultMatchResources(spec.matchConstraints)
    },
    prepareForCreate: dropStatus,
    prepareForUpdate: keepStatus,
    validate: validate,
    columns: [
      nameColumn(),
      {
        name: 'Validations',
        type: 'integer',
        cell: ({ spec }) => (spec?.validations ?? []).length,
      },
      textColumn('ParamKind', ({ spec }) =>
        spec?.paramKind === undefined ? '<unset>' : `${spec.paramKind.apiVersion ?? ''}/${spec.paramKind.kind ?? ''}`,
      ),
      ageColumn(),
    ],
  },
)

function validate({ spec }: Shared, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const { validations = [], auditAnnotations = [] } = spec ?? {}
  const faults = validatePolicy(spec ?? {}, path)
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item'
    faults.push(required(path.child('validations'), detail), required(path.child('auditAnnotations'), detail))
  }
  validations.forEach((each, at) => faults.push(...validateExpression(each, path.child('validations').index(at))))
  return [...faults, ...validateAnnotations(auditAnnotations, path.child('auditAnnotations'))]
}

function validateExpression(validation: DeepReadonly<Validation>, path: FieldPath): FieldError[] {
  const { expression = '', message, messageExpression, reason } = validation
  const faults: FieldError[] = []
  if (expression.trim() === '') faults.push(required(path.child('expression'), 'expression is not specified'))
  if (messageExpression !== undefined && messageExpression.trim() === '') {
    const detail = 'must be non-empty if specified'
    faults.push(invalidValue(path.child('messageExpression'), messageExpression, detail))
  }
  if (message !== undefined) {
    const at = path.child('message')
    if (message.trim() === '') faults.push(invalidValue(at, message, 'message must be non-empty if specified'))
    else if (message.trim().includes('\n'))
      faults.push(invalidValue(at, message, 'message must not contain line breaks'))
  } else if (expression.trim().includes('\n')) {
    faults.push(required(path.child('message'), 'message must be specified if expression contains line breaks'))
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    faults.push(notSupported(path.child('reason'), reason, REASONS))
  }
  return faults
}

function validateAnnotations(annotations: readonly DeepReadonly<AuditAnnotation>[], path: FieldPath): FieldError[] {
  return annotations.flatMap(({ key = '', valueExpression = '' }, at) => {
    const each = path.index(at)
    const faults: FieldError[] = []
    if (key === '') faults.push(required(each.child('key')))
    else faults.push(...invalidEach(each.child('key'), key, qualifiedName(key)))
    if (key !== '' && annotations.findIndex((other) => other.key === key) < at) {
      faults.push(duplicate(each.child('key'), key))
    }
    const text = valueExpression.trim()
    if (text === '') faults.push(required(each.child('valueExpression'), 'valueExpression is not specified'))
    else if (byteLength(text) > MAX_AUDIT_EXPRESSION) {
      const detail = `must not exceed ${MAX_AUDIT_EXPRESSION} bytes in length`
      faults.push(required(each.child('valueExpression'), detail))
    }
    return faults
  })
}
