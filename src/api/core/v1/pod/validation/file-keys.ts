/** Variables from files: the files are in a volume that the Pod has for itself (https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-via-file/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { ENOUGH, invalidValue, notFoundValue } from '../../../../../meta/validation.ts'
import type { PodSpec } from '../../../../generated/core-v1.ts'

/** The volumes that variables are read from must be there, and empty directories. */
export function validateFileKeyVolumes(spec: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]))
  const faults: FieldError[] = []
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [at, { env }] of (spec[list] ?? []).entries()) {
      for (const [position, { valueFrom }] of (env ?? []).entries()) {
        const name = valueFrom?.fileKeyRef?.volumeName
        if (name === undefined || faults.length > ENOUGH) continue
        const from = path.child(list).index(at).child('env').index(position)
        const here = from.child('valueFrom', 'fileKeyRef', 'volumeName')
        const volume = volumes.get(name)
        if (volume === undefined) faults.push(notFoundValue(here, name))
        else if (volume.emptyDir === undefined) {
          faults.push(invalidValue(here, name, 'referenced volume must be of type emptyDir'))
        }
      }
    }
  }
  return faults
}
