/** The objects of bookmarks (https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks). */

import { TEMPLATE_GENERATION } from '../../../api/apps/v1/daemonset/resource.ts'
import { schemaOf } from '../../../api/schemas.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { zeroOf } from '../../fieldmanager/zero.ts'
import type { ServedResource } from '../../registry/served-resource.ts'

/** What a bookmark of the resource says it is about: an object with what none of its kind can be without, all of it empty. */
export function bookmarkObject(resource: ServedResource, metadata: DeepReadonly<KubeObject['metadata']>): KubeObject {
  const { apiVersion, kind, facts, key } = resource
  const empty = { ...zeroOf(facts.type, schemaOf), apiVersion, kind, metadata } as unknown as KubeObject
  return { ...empty, ...FILLED[key]?.(empty) }
}

type Fill = (empty: KubeObject & { spec?: object }) => object

const withoutReplicas: Fill = ({ spec }) => ({ spec: { ...spec, replicas: 0 } })

/** Numbers that may be absent, but not inside Kubernetes. */
const FILLED: Readonly<Record<string, Fill>> = {
  'apps/v1/deployments': withoutReplicas,
  'apps/v1/replicasets': withoutReplicas,
  'apps/v1/statefulsets': withoutReplicas,
  'apps/v1/daemonsets': ({ metadata }) => ({
    metadata: { ...metadata, annotations: { [TEMPLATE_GENERATION]: '0', ...metadata.annotations } },
  }),
}
