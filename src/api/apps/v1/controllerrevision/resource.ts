/** ControllerRevision, apps/v1: a snapshot of a workload's template (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/). */

import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { controllerOf } from '../../../../meta/owner.ts'
import { immutableField, nonNegative, required } from '../../../../meta/validation.ts'
import type { ControllerRevision } from '../../../generated/apps-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'

export const controllerRevisions = defineResource<ControllerRevision>('apps/v1/controllerrevisions', {
  validate: (object, root) => [
    ...nonNegative(object.revision, root.child('revision')),
    ...validateData(object.data, root.child('data')),
  ],
  validateUpdate: (object, old, root) => [
    ...nonNegative(object.revision, root.child('revision')),
    ...immutableField(object.data, old.data, root.child('data')),
  ],
  columns: [
    nameColumn(),
    {
      name: 'Controller',
      type: 'string',
      cell: (object) => {
        const owner = controllerOf(object)
        if (owner === undefined) return '<none>'
        const [group] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : ['']
        return `${owner.kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${owner.name}`
      },
    },
    { name: 'Revision', type: 'string', cell: (object) => object.revision },
    ageColumn(),
  ],
})

function validateData(data: unknown, path: FieldPath): FieldError[] {
  if (data === undefined || data === null) return [required(path, 'data is mandatory')]
  return typeof data === 'object' && !Array.isArray(data) ? [] : [required(path, 'data must be a valid JSON object')]
}
