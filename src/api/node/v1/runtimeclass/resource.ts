/** RuntimeClass, node.k8s.io/v1 (https://kubernetes.io/docs/concepts/containers/runtime-class/). */

import { dnsLabel } from '../../../../meta/names.ts'
import { validateLabels } from '../../../../meta/object-meta.ts'
import { immutableField, invalidEach } from '../../../../meta/validation.ts'
import type { RuntimeClass } from '../../../generated/node-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'

export const runtimeClasses = defineResource<RuntimeClass>('node.k8s.io/v1/runtimeclasses', {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate: ({ handler, scheduling }, root) => [
    ...invalidEach(root.child('handler'), handler, dnsLabel(handler)),
    ...validateLabels(scheduling?.nodeSelector, root.child('scheduling', 'nodeSelector')),
  ],
  validateUpdate: (object, old, root) => immutableField(object.handler, old.handler, root.child('handler')),
  columns: [nameColumn(), { name: 'Handler', type: 'string', cell: ({ handler }) => handler }, ageColumn()],
})
