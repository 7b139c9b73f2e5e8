/** A Pod as a template describes it (https://kubernetes.io/docs/concepts/workloads/pods/#pod-templates). */

import type { Pod, PodSpec, PodTemplateSpec } from '../../api/generated/core-v1.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import type { OwnerReference } from '../../meta/types.ts'

export interface PodMaking {
  readonly namespace: string
  readonly owner: OwnerReference
  readonly template: DeepReadonly<PodTemplateSpec>
  readonly finalizers?: readonly string[]
}

/** A Pod that the owner controls; it has no name yet. */
export function podFromTemplate({ namespace, owner, template, finalizers = [] }: PodMaking): Pod {
  const { metadata = {}, spec } = template
  const wanted = [...(metadata.finalizers ?? []), ...finalizers]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.name}-`,
      namespace,
      ...(metadata.labels === undefined ? {} : { labels: { ...metadata.labels } }),
      ...(metadata.annotations === undefined ? {} : { annotations: { ...metadata.annotations } }),
      ...(wanted.length === 0 ? {} : { finalizers: wanted }),
      ownerReferences: [owner],
    },
    ...(spec === undefined ? {} : { spec: draftOf<PodSpec>(spec) }),
  }
}
