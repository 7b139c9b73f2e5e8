/** What a node may write of Pods: the mirrors of what it runs from files, and the status of those bound to it. */

import { MIRROR_POD } from '../../../api/core/v1/pod/facts.ts'
import { podConfigMapNames, podSecretNames } from '../../../api/core/v1/pod/references.ts'
import type { Pod } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { notFound } from '../../../meta/errors.ts'
import { goQuote } from '../../../meta/go-quote.ts'
import { deepEqual } from '../../../meta/validation.ts'
import type { WatchCache } from '../../watchcache/watch-cache.ts'
import type { AdmissionRequest } from '../admission.ts'

type SharedPod = DeepReadonly<Pod>

/** Where the objects are found that a node's Pods name. */
export interface PodSources {
  readonly pods: WatchCache
  readonly nodes: WatchCache
}

/** Why `node` may not write a Pod so; undefined where it may. */
export function podWhy(request: AdmissionRequest, node: string, { pods, nodes }: PodSources): string | undefined {
  const { operation, subresource, object, namespace } = request
  const quoted = goQuote(node)
  const stored = (request.old ?? pods.get(namespace, request.name)?.object) as SharedPod | undefined
  if (subresource === 'eviction') {
    if (operation !== 'CREATE') return `unexpected operation ${goQuote(operation)}`
    return isBoundTo(stored, node) ? undefined : `node ${node} can only evict pods with spec.nodeName set to itself`
  }
  if (subresource === 'status') {
    if (!isBoundTo(stored, node))
      return `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`
    const isRelabelled = !deepEqual(object?.metadata.labels, stored?.metadata.labels)
    if (isRelabelled) return `node ${quoted} cannot update labels through pod status`
    const { resourceClaimStatuses, extendedResourceClaimStatus } = stored?.status ?? {}
    const { status } = object as Pod
    if (!deepEqual(status?.resourceClaimStatuses ?? [], resourceClaimStatuses ?? [])) {
      return `node ${quoted} cannot update resource claim statues`
    }
    if (deepEqual(status?.extendedResourceClaimStatus, extendedResourceClaimStatus)) return undefined
    return `node ${quoted} cannot update extended resource claim status`
  }
  if (subresource !== '') {
    return `unexpected pod subresource ${goQuote(subresource)}, only 'status' and 'eviction' are allowed`
  }
  if (operation === 'DELETE') {
    if (stored === undefined || isBoundTo(stored, node)) return undefined
    return `node ${quoted} can only delete pods with spec.nodeName set to itself`
  }
  if (operation === 'CREATE')
    return mirrorWhy(object as Pod, node) ?? ownerWhy(object as Pod, node, nodes) ?? referenceWhy(object as Pod, node)
  return `unexpected operation ${goQuote(operation)}, node ${quoted} can only create and delete mirror pods`
}

/** Whether the Pod runs on the node. */
export const isBoundTo = (pod: SharedPod | undefined, node: string) => pod?.spec?.nodeName === node

/** A node makes nothing but the mirrors of what it runs from files. */
function mirrorWhy({ metadata, spec }: Pod, node: string): string | undefined {
  const quoted = goQuote(node)
  if (metadata.annotations?.[MIRROR_POD] === undefined) {
    return `pod does not have ${goQuote(MIRROR_POD)} annotation, node ${quoted} can only create mirror pods`
  }
  if (spec?.nodeName !== node) return `node ${quoted} can only create pods with spec.nodeName set to itself`
  return undefined
}

/** A mirror is its node's, and of nobody else. */
function ownerWhy({ metadata }: Pod, node: string, nodes: WatchCache): string | undefined {
  const quoted = goQuote(node)
  const [owner, ...more] = metadata.ownerReferences ?? []
  if (more.length > 0) return `node ${quoted} can only create pods with a single owner reference set to itself`
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    return `node ${quoted} can only create pods with an owner reference set to itself`
  }
  if (owner.controller !== true) {
    return `node ${quoted} can only create pods with a controller owner reference set to itself`
  }
  if (owner.blockOwnerDeletion === true) return `node ${quoted} must not set blockOwnerDeletion on an owner reference`
  const stored = nodes.get('', node)
  if (stored === undefined) throw notFound({ resource: 'nodes', name: node })
  const { uid = '' } = stored.object.metadata
  return owner.uid === uid ? undefined : `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`
}

/** A mirror that named other objects would let its node read them. */
function referenceWhy(pod: Pod, node: string): string | undefined {
  const { spec } = pod
  const references: readonly (readonly [string, boolean])[] = [
    ['serviceaccounts', (spec?.serviceAccountName ?? '') !== ''],
    ['secrets', podSecretNames(pod).length > 0],
    ['configmaps', podConfigMapNames(pod).length > 0],
    ['resourceclaims', (spec?.resourceClaims ?? []).length > 0],
    ...(spec?.volumes ?? []).flatMap(({ csi, glusterfs, persistentVolumeClaim, ephemeral, projected }) => [
      ['csidrivers (via CSI volumes)', csi !== undefined] as const,
      ['endpoints (via glusterFS volumes)', glusterfs !== undefined] as const,
      ['persistentvolumeclaims', persistentVolumeClaim !== undefined] as const,
      ['persistentvolumeclaims (via ephemeral volumes)', ephemeral !== undefined] as const,
      ...(projected?.sources ?? []).flatMap(({ serviceAccountToken, clusterTrustBundle, podCertificate }) => [
        ['serviceaccounts (via projected volumes)', serviceAccountToken !== undefined] as const,
        ['clustertrustbundles', clusterTrustBundle !== undefined] as const,
        ['podcertificates', podCertificate !== undefined] as const,
      ]),
    ]),
  ]
  const found = references.find(([, isNamed]) => isNamed)
  return found && `node ${goQuote(node)} can not create pods that reference ${found[0]}`
}
