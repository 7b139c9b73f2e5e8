/** ResourceClaimTemplate, resource.k8s.io/v1: a claim for each Pod that names it (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaimtemplate). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { validateTemplateMeta } from '../../../../meta/object-meta.ts'
import { forbiddenField, immutableField } from '../../../../meta/validation.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import { ageColumn, nameColumn } from '../../../columns.ts'
import type { ResourceClaimTemplate } from '../../../generated/resource-v1.ts'
import { defineResource } from '../../../resource.ts'
import { defaultClaimSpec, validateClaimSpec } from '../devices.ts'

export const resourceClaimTemplates = defineResource<ResourceClaimTemplate>(
  'resource.k8s.io/v1/resourceclaimtemplates',
  {
    countsGeneration: false,
    setDefaults: ({ spec }) => defaultClaimSpec(spec?.spec),
    validate,
    validateUpdate: (object, old, root) => [
      ...validate(object, root),
      ...immutableField(object.spec, old.spec, root.child('spec')),
    ],
    columns: [nameColumn(), ageColumn()],
  },
)

/** The fields of metadata in the order of their struct. */
const NOT_SET = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const

function validate({ spec }: DeepReadonly<ResourceClaimTemplate>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const at = path.child('metadata')
  const set = NOT_SET.filter((name) => (asGiven(spec?.metadata, name) ?? undefined) !== undefined)
  return [
    ...validateTemplateMeta(spec?.metadata, at),
    ...set.map((name) => forbiddenField(at.child(name === 'uid' ? 'uID' : name), 'cannot be set')),
    ...validateClaimSpec(spec?.spec, path.child('spec')),
  ]
}
