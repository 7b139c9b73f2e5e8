/**
 * Nothing is created in a namespace that is not there or that is going away, and some namespaces never go
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle).
 */

import type { Namespace } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { ApiError, forbidden, notFound } from '../../meta/errors.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin } from './admission.ts'

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public'])

export function namespaceLifecycle(namespaces: WatchCache): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    mutate({ operation, resource, subresource, namespace, name }) {
      const isNamespace = resource.group === '' && resource.resource === 'namespaces'
      if (operation === 'DELETE' && isNamespace && IMMORTAL.has(name)) {
        throw forbidden({ resource: 'namespaces', name }, 'this namespace may not be deleted')
      }
      if (isNamespace || namespace === '' || operation === 'DELETE') return
      if (resource.group === 'authorization.k8s.io') return // asking about access is no change
      const found = namespaces.get('', namespace)?.object as DeepReadonly<Namespace> | undefined
      if (found === undefined) throw notFound({ resource: 'namespaces', name: namespace })
      if (operation !== 'CREATE' || subresource !== '' || found.metadata?.deletionTimestamp === undefined) return
      const { group } = resource
      throw terminating(forbidden({ group, resource: resource.resource, name }, why(namespace)), namespace)
    },
  }
}

const why = (namespace: string) =>
  `unable to create new content in namespace ${namespace} because it is being terminated`

function terminating({ status }: ApiError, namespace: string): ApiError {
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  return new ApiError({ ...status, details: { ...status.details, causes: [cause] } })
}
