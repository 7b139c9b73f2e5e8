/** The metadata of an object without the rest (https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches). */

import { TEMPLATE_GENERATION } from '../../../api/apps/v1/daemonset/resource.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { AUTOSCALER_FIELDS } from '../../registry/view-autoscalers.ts'

type Described = Partial<Pick<KubeObject, 'apiVersion' | 'kind'>> & Pick<KubeObject, 'metadata'>

/** The object's metadata alone, as an object of this version of `meta.k8s.io`. */
export function partialOf(object: DeepReadonly<Described>, version: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: metadataOf(object) }
}

function metadataOf({ apiVersion, kind, metadata }: DeepReadonly<Described>): DeepReadonly<KubeObject['metadata']> {
  const hidden = HIDDEN[`${apiVersion}/${kind}`]
  if (hidden === undefined || metadata.annotations === undefined) return metadata
  const { annotations, ...rest } = metadata
  const shown = Object.entries(annotations).filter(([name]) => !hidden.has(name))
  return shown.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(shown) }
}

/** Annotations that are fields inside Kubernetes: who asks for metadata alone is not told them. */
const HIDDEN: Readonly<Record<string, ReadonlySet<string>>> = {
  'apps/v1/DaemonSet': new Set([TEMPLATE_GENERATION]),
  'autoscaling/v1/HorizontalPodAutoscaler': AUTOSCALER_FIELDS,
}
