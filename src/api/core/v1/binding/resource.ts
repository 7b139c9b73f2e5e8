/** Binding, v1: the scheduler's verdict on a Pod (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/binding-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { notSupported, required } from '../../../../meta/validation.ts'
import type { Binding } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'

export const bindings = defineResource<Binding>('v1/bindings', { validate: validateBinding })

/** A Pod is bound to a node, by name. */
export function validateBinding({ target }: DeepReadonly<Binding>, root: FieldPath): FieldError[] {
  const { kind = '', name = '' } = target
  const path = root.child('target')
  const faults = kind === '' || kind === 'Node' ? [] : [notSupported(path.child('kind'), kind, ['Node', '<empty>'])]
  return name === '' ? [...faults, required(path.child('name'))] : faults
}
