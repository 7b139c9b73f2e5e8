/**
 * A node writes its own objects only: itself, its lease, the Pods bound to it
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction).
 */

import { MIRROR_POD } from '../../api/core/v1/pod/facts.ts'
import { podConfigMapNames, podSecretNames } from '../../api/core/v1/pod/references.ts'
import type { TokenRequest } from '../../api/generated/authentication-v1.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { ResourceSlice } from '../../api/generated/resource-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { notFound } from '../../meta/errors.ts'
import { goQuote } from '../../meta/go-quote.ts'
import { deepEqual } from '../../meta/validation.ts'
import { nodeOf } from '../authz/node-identity.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { refusal } from './refuse.ts'

const LEASE_NAMESPACE = 'kube-node-lease'
/** Labels that only administrators give. */
const RESTRICTED_LABELS = 'node-restriction.kubernetes.io/'
/** Of Kubernetes's own labels a node gives itself these. */
const KUBERNETES_LABEL = /^(.*\.)?(kubernetes|k8s)\.io\/$/
const KUBELET_PREFIX = /^(.*\.)?(kubelet|node)\.kubernetes\.io\/$/
const KUBELET_LABELS: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
])

type SharedPod = DeepReadonly<Pod>

/** Where the objects are found that a node's requests name. */
interface Named {
  readonly pods: WatchCache
  readonly nodes: WatchCache
}

export function nodeRestriction(named: Named): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    validate(request) {
      const node = nodeOf(request.user)
      if (node === undefined) return
      const why =
        node === ''
          ? `could not determine node from user ${goQuote(request.user.name)}`
          : forbiddenWhy(request, node, named)
      if (why !== undefined) throw refusal(request, why)
    },
  }
}

function forbiddenWhy(request: AdmissionRequest, node: string, named: Named): string | undefined {
  switch (request.resource.key) {
    case 'v1/nodes':
      return nodeWhy(request, node)
    case 'v1/pods':
      return podWhy(request, node, named)
    case 'v1/serviceaccounts':
      return request.operation === 'CREATE' && request.subresource === 'token'
        ? tokenWhy(request, node, named.pods)
        : undefined
    case 'v1/persistentvolumeclaims':
      return request.subresource === 'status' ? undefined : 'may only update PVC status'
    case 'resource.k8s.io/v1/resourceslices':
      return sliceWhy(request, node)
    case 'coordination.k8s.io/v1/leases':
      if (request.namespace !== LEASE_NAMESPACE) {
        return `can only access leases in the ${goQuote(LEASE_NAMESPACE)} system namespace`
      }
      return ownName(request) === node
        ? undefined
        : 'can only access node lease with the same name as the requesting node'
    case 'storage.k8s.io/v1/csinodes':
      return ownName(request) === node ? undefined : 'can only access CSINode with the same name as the requesting node'
    default:
      return undefined
  }
}

const ownName = ({ name, object }: AdmissionRequest) => (name === '' ? (object?.metadata.name ?? '') : name)

function nodeWhy(request: AdmissionRequest, node: string): string | undefined {
  const name = ownName(request)
  if (name !== node) return `node ${goQuote(node)} is not allowed to modify node ${goQuote(name)}`
  const { object, old, operation } = request
  if (object === undefined) return undefined
  const before = old as DeepReadonly<Node> | undefined
  const labels = restrictedLabels(object.metadata.labels, before?.metadata.labels)
  if (operation === 'CREATE') {
    return labels.length === 0
      ? undefined
      : `node ${goQuote(node)} is not allowed to set the following labels: ${labels.join(', ')}`
  }
  if (before === undefined) return undefined
  if (!deepEqual((object as Node).spec?.taints, before.spec?.taints)) {
    return `node ${goQuote(node)} is not allowed to modify taints`
  }
  if (!deepEqual(object.metadata.ownerReferences, before.metadata.ownerReferences)) {
    return `node ${goQuote(node)} is not allowed to modify ownerReferences`
  }
  if (labels.length === 0) return undefined
  return `is not allowed to modify labels: ${labels.join(', ')}`
}

type Labels = Readonly<Record<string, string>> | undefined

/** The labels of administrators that differ, sorted. */
function restrictedLabels(now: Labels, before: Labels): string[] {
  const keys = new Set([...Object.keys(now ?? {}), ...Object.keys(before ?? {})])
  return [...keys]
    .filter((key) => {
      const prefix = key.includes('/') ? key.slice(0, key.indexOf('/') + 1) : ''
      const isRestricted = prefix === RESTRICTED_LABELS || prefix.endsWith(`.${RESTRICTED_LABELS}`)
      const isForbidden =
        isRestricted || (KUBERNETES_LABEL.test(prefix) && !KUBELET_LABELS.has(key) && !KUBELET_PREFIX.test(prefix))
      return isForbidden && now?.[key] !== before?.[key]
    })
    .sort()
}

/** A token for a Pod of the node's own, bound to it. */
function tokenWhy({ object, namespace }: AdmissionRequest, node: string, pods: WatchCache): string | undefined {
  const { apiVersion, kind, name = '', uid = '' } = (object as TokenRequest).spec?.boundObjectRef ?? {}
  if (apiVersion !== 'v1' || kind !== 'Pod' || name === '') return 'node requested token not bound to a pod'
  if (uid === '') return 'node requested token with a pod binding without a uid'
  const pod = pods.get(namespace, name)?.object as SharedPod | undefined
  if (pod === undefined) throw notFound({ resource: 'pods', name })
  if (pod.metadata.uid !== uid) {
    return `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
  }
  return isBoundTo(pod, node) ? undefined : 'node requested token bound to a pod scheduled on a different node'
}

function sliceWhy({ operation, object, old }: AdmissionRequest, node: string): string | undefined {
  if (operation !== 'CREATE' && operation !== 'DELETE') return undefined
  const slice = (operation === 'CREATE' ? object : old) as DeepReadonly<ResourceSlice> | undefined
  if (slice?.spec.nodeName === node) return undefined
  return `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`
}

function podWhy(request: AdmissionRequest, node: string, { pods, nodes }: Named): string | undefined {
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

const isBoundTo = (pod: SharedPod | undefined, node: string) => pod?.spec?.nodeName === node

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
