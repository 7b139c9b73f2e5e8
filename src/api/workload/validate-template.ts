/** What a Pod template may be in a workload that keeps its Pods alive for ever. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../meta/field-path.ts'
import { forbiddenField, notSupported } from '../../meta/validation.ts'
import { validatePodTemplate } from '../core/v1/pod/validation/spec.ts'
import type { PodTemplateSpec } from '../generated/core-v1.ts'

/** The template's own faults, then those of restart policy and deadline. */
export function validateReplicaTemplate(
  template: DeepReadonly<PodTemplateSpec>,
  path: FieldPath,
  kind = 'ReplicaSet',
): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {}
  const spec = path.child('spec')
  const faults = [...validatePodTemplate(template, path)]
  if (restartPolicy !== 'Always')
    faults.push(notSupported(spec.child('restartPolicy'), restartPolicy ?? '', ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    faults.push(
      forbiddenField(spec.child('activeDeadlineSeconds'), `activeDeadlineSeconds in ${kind} is not Supported`),
    )
  }
  return faults
}
