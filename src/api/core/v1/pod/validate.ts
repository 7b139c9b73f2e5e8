/** What a Pod must be to be accepted; templates are checked by `validate-spec.ts` alone. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { ENOUGH, forbiddenField, judgeAll } from '../../../../meta/validation.ts'
import type { Pod, PodSpec } from '../../../generated/core-v1.ts'
import { isLikeFine, rememberFine } from './alike.ts'
import { isGated, isScheduled } from './facts.ts'
import { validatePodAnnotations } from './validation/annotations.ts'
import { validateImagePadding } from './validation/containers.ts'
import { validatePodSpec } from './validation/spec.ts'
import { specWarnings } from './warnings.ts'

const EMPTY: DeepReadonly<PodSpec> = { containers: [] }

/** Every fault of a new Pod, in field order. */
export function validatePod(pod: DeepReadonly<Pod>, root: FieldPath): FieldError[] {
  const faults = validatePodAtAnyTime(pod, root)
  const spec = root.child('spec')
  if ((pod.spec?.ephemeralContainers?.length ?? 0) > 0) {
    faults.push(forbiddenField(spec.child('ephemeralContainers'), 'cannot be set on create'))
  }
  if (isScheduled(pod) && isGated(pod)) {
    const words = 'cannot be set until all schedulingGates have been cleared'
    faults.push(forbiddenField(spec.child('nodeName'), words))
  }
  return faults
}

/** What holds for a Pod when it is made and whenever it is changed; `old` is what it was then. */
export function validatePodAtAnyTime(pod: DeepReadonly<Pod>, root: FieldPath, old?: DeepReadonly<Pod>): FieldError[] {
  // What is fine for this Pod alone is not remembered for others like it.
  if (old?.spec?.securityContext?.seLinuxChangePolicy !== undefined) return judge(pod, root, old.spec)
  if (isLikeFine(pod)) return []
  const faults = judge(pod, root)
  if (faults.length === 0 && specWarnings(pod).length === 0) rememberFine(pod)
  return faults
}

function judge(pod: DeepReadonly<Pod>, root: FieldPath, old?: DeepReadonly<PodSpec>): FieldError[] {
  const spec = pod.spec ?? EMPTY
  const path = root.child('spec')
  const faults = [
    ...validatePodAnnotations(pod.metadata.annotations, spec, root.child('metadata', 'annotations')),
    ...validatePodSpec(spec, path, { isPod: true, podName: pod.metadata.name, old }),
  ]
  if ((spec.serviceAccountName ?? '') === '') faults.push(...withoutTokens(spec, path.child('volumes')))
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [at, container] of (spec[list] ?? []).entries()) {
      if (faults.length > ENOUGH) break
      faults.push(...validateImagePadding(container, path.child(list).index(at)))
    }
  }
  return faults
}

/** A Pod without a service account has no token to project. */
function withoutTokens(spec: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  return judgeAll(spec.volumes, ({ projected }, at) =>
    judgeAll(projected?.sources, ({ serviceAccountToken }, sourceAt) => {
      if (serviceAccountToken === undefined) return []
      const here = path.index(at).child('projected', 'sources').index(sourceAt).child('serviceAccountToken')
      return [forbiddenField(here, 'must not be specified when serviceAccountName is not set')]
    }),
  )
}
