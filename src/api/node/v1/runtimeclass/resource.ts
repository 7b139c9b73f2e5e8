/** RuntimeClass, node.k8s.io/v1 (https://kubernetes.io/docs/concepts/containers/runtime-class/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel } from '../../../../meta/names.ts'
import { validateLabels } from '../../../../meta/object-meta.ts'
import { duplicate, immutableField, invalidEach, required } from '../../../../meta/validation.ts'
import { validateOverhead } from '../../../core/v1/pod/validation/resources.ts'
import { validateTolerations } from '../../../core/v1/pod/validation/scheduling.ts'
import type { Toleration } from '../../../generated/core-v1.ts'
import type { RuntimeClass } from '../../../generated/node-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'

export const runtimeClasses = defineResource<RuntimeClass>('node.k8s.io/v1/runtimeclasses', {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate: validateClass,
  validateUpdate: (object, old, root) => [
    ...validateClass(object, root),
    ...immutableField(object.handler, old.handler, root.child('handler')),
  ],
  columns: [nameColumn(), { name: 'Handler', type: 'string', cell: ({ handler }) => handler }, ageColumn()],
})

function validateClass({ handler, overhead, scheduling }: DeepReadonly<RuntimeClass>, root: FieldPath): FieldError[] {
  return [
    ...(handler === ''
      ? [required(root.child('handler'))]
      : invalidEach(root.child('handler'), handler, dnsLabel(handler))),
    ...validateOverhead(overhead?.podFixed ?? {}, root.child('overhead')),
    ...validateLabels(scheduling?.nodeSelector, root.child('scheduling', 'nodeSelector')),
    ...validateClassTolerations(scheduling?.tolerations ?? [], root.child('scheduling', 'tolerations')),
  ]
}

/** The rules of a Pod's tolerations, and none twice; times do not tell them apart. */
function validateClassTolerations(tolerations: readonly DeepReadonly<Toleration>[], path: FieldPath): FieldError[] {
  const faults = validateTolerations(tolerations, path)
  const seen = new Set<string>()
  tolerations.forEach(({ key = '', operator = '', value = '', effect = '', tolerationSeconds = null }, at) => {
    const identity = JSON.stringify([key, operator, value, effect])
    const shown = { Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds }
    if (seen.has(identity)) faults.push(duplicate(path.index(at), shown))
    seen.add(identity)
  })
  return faults
}
