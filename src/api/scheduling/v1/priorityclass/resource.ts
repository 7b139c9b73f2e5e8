/** PriorityClass, scheduling.k8s.io/v1 (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, fieldPath, type FieldPath } from '../../../../meta/field-path.ts'
import { forbiddenField, immutableField, notSupported, required } from '../../../../meta/validation.ts'
import type { PriorityClass } from '../../../generated/scheduling-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'

/** The largest value a user may give; the system's own classes are above it. */
const HIGHEST_USER_PRIORITY = 1_000_000_000
const SYSTEM_PREFIX = 'system-'
const SYSTEM_CLUSTER_CRITICAL = 2_000_000_000
const SYSTEM_NODE_CRITICAL = SYSTEM_CLUSTER_CRITICAL + 1000

/** The classes that every cluster has. */
export const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-node-critical': SYSTEM_NODE_CRITICAL,
  'system-cluster-critical': SYSTEM_CLUSTER_CRITICAL,
}

export const priorityClasses = defineResource<PriorityClass>('scheduling.k8s.io/v1/priorityclasses', {
  countsGeneration: 'created',
  setDefaults: (draft) => {
    draft.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  validate: validatePriorityClass,
  validateUpdate: (object, old, root) => [
    ...(object.value === old.value ? [] : [forbiddenField(root.child('value'), 'may not be changed in an update.')]),
    ...immutableField(object.preemptionPolicy, old.preemptionPolicy, root.child('preemptionPolicy')),
  ],
  columns: [
    nameColumn(),
    { name: 'Value', type: 'integer', cell: ({ value }) => value },
    { name: 'Global-Default', type: 'boolean', cell: ({ globalDefault }) => globalDefault === true },
    ageColumn(),
    { name: 'PreemptionPolicy', type: 'string', cell: ({ preemptionPolicy }) => preemptionPolicy },
  ],
})

function validatePriorityClass(object: DeepReadonly<PriorityClass>, root: FieldPath): FieldError[] {
  const { metadata, value = 0, globalDefault = false, preemptionPolicy: policy } = object
  const name = metadata.name ?? ''
  const faults: FieldError[] = []
  if (name.startsWith(SYSTEM_PREFIX)) {
    const known = Object.hasOwn(SYSTEM_CLASSES, name) ? SYSTEM_CLASSES[name] : undefined
    const at = fieldPath('metadata', 'name')
    const prefix = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: `
    if (known === undefined) faults.push(forbiddenField(at, `${prefix}${name} is not a known system priority class`))
    else if (value !== known)
      faults.push(forbiddenField(at, `${prefix}value of ${name} PriorityClass must be ${known}`))
    else if (globalDefault)
      faults.push(forbiddenField(at, `${prefix}globalDefault of ${name} PriorityClass must be false`))
  } else if (value > HIGHEST_USER_PRIORITY) {
    faults.push(
      forbiddenField(
        root.child('value'),
        `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`,
      ),
    )
  }
  if (policy !== undefined && policy !== 'PreemptLowerPriority' && policy !== 'Never') {
    const path = root.child('preemptionPolicy')
    const stated: string = policy
    faults.push(stated === '' ? required(path) : notSupported(path, policy, ['PreemptLowerPriority', 'Never']))
  }
  return faults
}
