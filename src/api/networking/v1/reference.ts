/** References of the networking kinds to objects that they know by group, kind and name. */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { dnsSubdomain, pathSegmentName } from '../../../meta/names.ts'
import { invalidEach, required } from '../../../meta/validation.ts'

interface Reference {
  readonly apiGroup?: string
  readonly kind?: string
  readonly name?: string
}

/** Every fault of a reference: a group may lack, but not be empty; kind and name must be given. */
export function validateLocalReference(reference: DeepReadonly<Reference>, path: FieldPath): FieldError[] {
  const { apiGroup } = reference
  const faults = apiGroup === undefined ? [] : invalidEach(path.child('apiGroup'), apiGroup, dnsSubdomain(apiGroup))
  for (const field of ['kind', 'name'] as const) {
    const value = reference[field] ?? ''
    const here = path.child(field)
    if (value === '') faults.push(required(here))
    else faults.push(...invalidEach(here, value, pathSegmentName(value)))
  }
  return faults
}
