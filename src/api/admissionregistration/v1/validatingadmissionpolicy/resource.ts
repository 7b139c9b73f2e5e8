/** ValidatingAdmissionPolicy, admissionregistration.k8s.io/v1: rules about writes, in CEL (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/). */

import { atOnce, type Steps } from '../../../../base/async/steps.ts'
import type { AdmissionOptions } from '../../../../meta/cel/admission.ts'
import { BOOL, NULL, STRING } from '../../../../meta/cel/types.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { byteLength, qualifiedName } from '../../../../meta/names.ts'
import { validateConditions } from '../../../../meta/validate-conditions.ts'
import {
  duplicate,
  invalidEach,
  invalidValue,
  isRepeated,
  judgeAll,
  judgeInSteps,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type {
  AuditAnnotation,
  TypeChecking,
  ValidatingAdmissionPolicy,
  Validation,
} from '../../../generated/admissionregistration-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus, keepStatus } from '../../../strategy.ts'
import { judgeExpression } from '../expressions.ts'
import { judgePolicy } from '../policies.ts'
import { defaultMatchResources } from '../rules.ts'

type Shared = DeepReadonly<ValidatingAdmissionPolicy>

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const MAX_AUDIT_EXPRESSION = 5 * 1024
const MAX_AUDIT_ANNOTATIONS = 20
const NOT_EMPTY = 'must be non-empty if specified'

export const validatingAdmissionPolicies = defineResource<ValidatingAdmissionPolicy>(
  'admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  {
    allowUnconditionalUpdate: false,
    setDefaults: ({ spec }) => {
      if (spec === undefined) return
      spec.failurePolicy ??= 'Fail'
      if (spec.matchConstraints !== undefined) defaultMatchResources(spec.matchConstraints)
    },
    prepareForCreate: dropStatus,
    prepareForUpdate: keepStatus,
    keptByStatus: 'metadata',
    allowCreateByStatus: true,
    validate: (policy, root) => atOnce(judge(policy, root)),
    validateInSteps: judge,
    validateStatusUpdate: ({ status }, _old, root) => [
      ...validateTypeChecking(status?.typeChecking, root.child('status', 'typeChecking')),
      ...validateConditions(status?.conditions, root.child('status', 'conditions')),
    ],
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

function* judge({ metadata, spec }: Shared, root: FieldPath): Steps<FieldError[]> {
  const path = root.child('spec')
  const { validations = [], auditAnnotations = [], variables = [] } = spec ?? {}
  const { faults, environment: whole } = yield* judgePolicy(spec ?? {}, path)
  const { variables: _none, ...plain } = whole
  const environment = variables.length === 0 ? plain : whole
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item'
    faults.push(required(path.child('validations'), detail), required(path.child('auditAnnotations'), detail))
    return faults
  }
  const judged = judgeInSteps(validations, sizeOfValidation, (each, at) =>
    validateValidation(each, environment, path.child('validations').index(at)),
  )
  faults.push(...(yield* judged))
  const rules = { name: metadata.name ?? '', environment }
  return [...faults, ...(yield* validateAnnotations(auditAnnotations, rules, path))]
}

const sizeOfValidation = ({ expression = '', messageExpression = '' }: DeepReadonly<Validation>) =>
  expression.length + messageExpression.length

function* validateValidation(
  validation: DeepReadonly<Validation>,
  environment: AdmissionOptions,
  path: FieldPath,
): Steps<FieldError[]> {
  const { expression = '', message, messageExpression = '', reason } = validation
  const faults: FieldError[] = []
  if (expression.trim() === '') faults.push(required(path.child('expression'), 'expression is not specified'))
  else {
    const written = { expression, environment, results: [BOOL] }
    faults.push(...(yield* judgeExpression(written, path.child('expression'))).faults)
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    faults.push(invalidValue(path.child('messageExpression'), messageExpression, NOT_EMPTY))
  } else if (messageExpression !== '') {
    const without = { ...environment, authorizer: false }
    const written = { expression: messageExpression, environment: without, results: [STRING] }
    faults.push(...(yield* judgeExpression(written, path.child('messageExpression'))).faults)
  }
  if (message !== undefined && message !== '') {
    const at = path.child('message')
    if (message.trim() === '') faults.push(invalidValue(at, message, NOT_EMPTY))
    else if (/[\n\r]/.test(message.trim())) faults.push(invalidValue(at, message, 'must not contain line breaks'))
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    faults.push(notSupported(path.child('reason'), reason, REASONS))
  }
  return faults
}

/** A warning says where the expression stands. */
function validateTypeChecking(checked: DeepReadonly<TypeChecking> | undefined, path: FieldPath): FieldError[] {
  return judgeAll(checked?.expressionWarnings, ({ warning = '', fieldRef = '' }, at) => {
    const each = path.child('expressionWarnings').index(at)
    const faults = warning === '' ? [required(each.child('warning'))] : []
    const where = fieldRef.trim()
    if (where === '') faults.push(required(each.child('fieldRef')))
    else if (where.lastIndexOf('[') > where.lastIndexOf(']'))
      faults.push(invalidValue(each.child('fieldRef'), where, 'invalid JSONPath: unterminated array'))
    return faults
  })
}

interface AnnotationRules {
  /** The policy's own name, which stands before every key. */
  readonly name: string
  readonly environment: AdmissionOptions
}

function* validateAnnotations(
  annotations: readonly DeepReadonly<AuditAnnotation>[],
  { name, environment }: AnnotationRules,
  spec: FieldPath,
): Steps<FieldError[]> {
  const path = spec.child('auditAnnotations')
  const faults: FieldError[] = []
  if (annotations.length > MAX_AUDIT_ANNOTATIONS) {
    const detail = `must not have more than ${MAX_AUDIT_ANNOTATIONS} auditAnnotations`
    faults.push(invalidValue(path, annotations, detail))
  }
  const keys = annotations.map(({ key }) => key ?? '')
  const judge = function* ({ key = '', valueExpression = '' }: DeepReadonly<AuditAnnotation>, at: number) {
    const each = path.index(at)
    const found =
      name === ''
        ? [invalidValue(each.child('key'), key, 'requires metadata.name be non-empty')]
        : invalidEach(each.child('key'), `${name}/${key}`, qualifiedName(`${name}/${key}`))
    found.push(...(yield* valueFaults(valueExpression, environment, each.child('valueExpression'))))
    const isAgain = isRepeated(keys, key, at)
    return isAgain ? [...found, duplicate(each.child('key'), key)] : found
  }
  const sizeOf = ({ valueExpression = '' }: DeepReadonly<AuditAnnotation>) => valueExpression.length
  return [...faults, ...(yield* judgeInSteps(annotations, sizeOf, judge))]
}

function* valueFaults(valueExpression: string, environment: AdmissionOptions, path: FieldPath): Steps<FieldError[]> {
  const expression = valueExpression.trim()
  if (expression === '') return [required(path, 'valueExpression is not specified')]
  if (byteLength(expression) > MAX_AUDIT_EXPRESSION) {
    return [required(path, `must not exceed ${MAX_AUDIT_EXPRESSION} bytes in length`)]
  }
  return (yield* judgeExpression({ expression, environment, results: [STRING, NULL] }, path, valueExpression)).faults
}
