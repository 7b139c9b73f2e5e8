/** The `scale` subresource of workloads that count replicas (https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/scale-v1/). */

import { selectorOf } from '../../meta/label-selector.ts'
import type { KubeObject, LabelSelector } from '../../meta/types.ts'
import type { ScaleMapping } from '../resource.ts'

interface Replicated extends KubeObject {
  spec?: { replicas?: number; selector: LabelSelector }
  status?: { replicas?: number }
}

/** Reads and writes `spec.replicas`. */
export function replicasScale<T extends Replicated>(): ScaleMapping<T> {
  return {
    replicas: (object) => object.spec?.replicas ?? 0,
    currentReplicas: (object) => object.status?.replicas ?? 0,
    selector: (object) => selectorOf(object.spec?.selector).toString(),
    setReplicas: (draft, replicas) => {
      if (draft.spec !== undefined) draft.spec.replicas = replicas
    },
  }
}
