/** What a Pod template may be in a workload that keeps its Pods alive for ever. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../meta/field-path.ts'
import { forbiddenField, notSupported } from '../../meta/validation.ts'
import { validatePodTemplate } from '../core/v1/pod/validation/spec.ts'
import type { PodTemplateSpec } from '../generated/core-v1.ts'

type Template = DeepReadonly<PodTemplateSpec>

/** Whose template it is, and what it was where it is changed. */
interface TemplateContext {
  readonly kind?: string
  readonly old?: Template | undefined
}

/** The template's own faults, then those of restart policy and deadline. */
export function validateReplicaTemplate(
  template: Template,
  path: FieldPath,
  { kind = 'ReplicaSet', old }: TemplateContext = {},
): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {}
  const spec = path.child('spec')
  const faults = [...validatePodTemplate(template, path, old)]
  if (restartPolicy !== 'Always')
    faults.push(notSupported(spec.child('restartPolicy'), restartPolicy ?? '', ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    faults.push(
      forbiddenField(spec.child('activeDeadlineSeconds'), `activeDeadlineSeconds in ${kind} is not Supported`),
    )
  }
  return faults
}
