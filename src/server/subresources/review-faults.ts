/** What is wrong with a question about access (https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/). */

import type { SubjectAccessReview } from '../../api/generated/authorization-v1.ts'
import { type FieldError, fieldPath, type FieldPath } from '../../meta/field-path.ts'
import { qualifiedName } from '../../meta/names.ts'
import type { ObjectMeta } from '../../meta/types.ts'
import { validateOperator, validateRequirement } from '../../meta/validate-label-selector.ts'
import { invalidEach, invalidValue, required } from '../../meta/validation.ts'

type Spec = SubjectAccessReview['spec']
type ResourceAttributes = NonNullable<Spec['resourceAttributes']>
type Selector<Name extends 'labelSelector' | 'fieldSelector'> = NonNullable<ResourceAttributes[Name]>

/** What is asked: one question, about somebody. */
export interface AccessSpec {
  readonly resourceAttributes?: ResourceAttributes
  readonly nonResourceAttributes?: NonNullable<Spec['nonResourceAttributes']>
}

const SPEC = fieldPath('spec')

/** Exactly one of the two kinds of questions must be asked. */
export function questionFaults({ resourceAttributes: asked, nonResourceAttributes: path }: AccessSpec): FieldError[] {
  const faults: FieldError[] = []
  if (asked !== undefined && path !== undefined) {
    const words = 'cannot be specified in combination with resourceAttributes'
    faults.push(invalidValue(SPEC.child('nonResourceAttributes'), goPath(path), words))
  }
  const here = SPEC.child('resourceAttributes')
  if (asked === undefined && path === undefined) {
    const words = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    faults.push(invalidValue(here, null, words))
  }
  if (asked?.fieldSelector !== undefined) faults.push(...fieldFaults(asked.fieldSelector, here.child('fieldSelector')))
  if (asked?.labelSelector !== undefined) faults.push(...labelFaults(asked.labelSelector, here.child('labelSelector')))
  return faults
}

/** A question about others says who they are. */
export function subjectFaults({ user = '', groups = [] }: Spec): FieldError[] {
  if (user !== '' || groups.length > 0) return []
  return [invalidValue(SPEC.child('user'), '', 'at least one of user or group must be specified')]
}

/** A question has no metadata but what the server notes, and, of one about a namespace, that namespace. */
export function metadataFaults(metadata: ObjectMeta, mayHaveNamespace = false): FieldError[] {
  const given = Object.keys(metadata).filter((name) => name !== 'managedFields')
  if (given.every((name) => mayHaveNamespace && name === 'namespace')) return []
  const words = mayHaveNamespace ? 'must be empty except for namespace' : 'must be empty'
  return [invalidValue(fieldPath('metadata'), metadata, words)]
}

/** What is asked in a namespace is about that namespace. */
export function localFaults(
  { resourceAttributes: asked, nonResourceAttributes: path }: AccessSpec,
  namespace: string,
): FieldError[] {
  const faults: FieldError[] = []
  if (asked !== undefined && (asked.namespace ?? '') !== namespace) {
    const words = 'must match metadata.namespace'
    faults.push(invalidValue(SPEC.child('resourceAttributes', 'namespace'), asked.namespace ?? '', words))
  }
  if (path !== undefined) {
    faults.push(invalidValue(SPEC.child('nonResourceAttributes'), goPath(path), 'disallowed on this kind of request'))
  }
  return faults
}

/** As faults show it. */
const goPath = ({ path = '', verb = '' }: NonNullable<AccessSpec['nonResourceAttributes']>) => ({
  Path: path,
  Verb: verb,
})

function fieldFaults(selector: Selector<'fieldSelector'>, path: FieldPath): FieldError[] {
  const faults = rawFaults(selector, path)
  for (const [at, { key = '', operator = '', values = [] }] of (selector.requirements ?? []).entries()) {
    const here = path.child('requirements').index(at)
    if (key === '') faults.push(required(here.child('key'), 'must be specified'))
    if (isKnown(operator)) faults.push(...validateOperator(operator, values.length, here))
  }
  return faults
}

function labelFaults(selector: Selector<'labelSelector'>, path: FieldPath): FieldError[] {
  const faults = rawFaults(selector, path)
  for (const [at, { key = '', operator, values = [] }] of (selector.requirements ?? []).entries()) {
    const here = path.child('requirements').index(at)
    if (isKnown(operator)) faults.push(...validateRequirement({ key, operator, values }, here))
    else faults.push(...invalidEach(here.child('key'), key, qualifiedName(key)))
  }
  return faults
}

/** What other operators mean may be known to later servers. */
const isKnown = (operator: string | undefined) => ['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator ?? '')

function rawFaults(
  { rawSelector: raw = '', requirements = [] }: Selector<'labelSelector'> | Selector<'fieldSelector'>,
  path: FieldPath,
): FieldError[] {
  if (raw !== '' && requirements.length > 0) {
    return [invalidValue(path.child('rawSelector'), raw, 'may not specified at the same time as requirements')]
  }
  if (raw !== '' || requirements.length > 0) return []
  const words = `when ${path.toString()} is specified, requirements or rawSelector is required`
  return [required(path.child('requirements'), words)]
}
