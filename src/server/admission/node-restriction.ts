/**
 * A node writes its own objects only: itself, its lease, the Pods bound to it
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction).
 */

import { MIRROR_POD } from '../../api/core/v1/pod/facts.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { UserInfo } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { goQuote } from '../../meta/go-quote.ts'
import { deepEqual } from '../../meta/validation.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { refusal } from './refuse.ts'

const NODES_GROUP = 'system:nodes'
const NODE_PREFIX = 'system:node:'
const LEASE_NAMESPACE = 'kube-node-lease'
/** Labels that only administrators give. */
const RESTRICTED_LABELS = 'node-restriction.kubernetes.io/'

type SharedPod = DeepReadonly<Pod>

export function nodeRestriction(pods: WatchCache): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    validate(request) {
      const node = nodeOf(request.user)
      if (node === undefined) return
      const why = forbiddenWhy(request, node, pods)
      if (why !== undefined) throw refusal(request, why)
    },
  }
}

/** The node that a user is. */
function nodeOf({ name, groups }: UserInfo): string | undefined {
  return groups.includes(NODES_GROUP) && name.startsWith(NODE_PREFIX) ? name.slice(NODE_PREFIX.length) : undefined
}

function forbiddenWhy(request: AdmissionRequest, node: string, pods: WatchCache): string | undefined {
  switch (request.resource.key) {
    case 'v1/nodes':
      return nodeWhy(request, node)
    case 'v1/pods':
      return podWhy(request, node, pods)
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
      return isRestricted && now?.[key] !== before?.[key]
    })
    .sort()
}

function podWhy(request: AdmissionRequest, node: string, pods: WatchCache): string | undefined {
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
    return isRelabelled ? `node ${quoted} cannot update labels through pod status` : undefined
  }
  if (subresource !== '') return `unexpected pod subresource ${goQuote(subresource)}`
  if (operation === 'DELETE') {
    if (stored === undefined || isBoundTo(stored, node)) return undefined
    return `node ${quoted} can only delete pods with spec.nodeName set to itself`
  }
  return operation === 'CREATE' ? mirrorWhy(object as Pod, node) : `unexpected operation ${goQuote(operation)}`
}

const isBoundTo = (pod: SharedPod | undefined, node: string) => pod?.spec?.nodeName === node

/** A node makes nothing but the mirrors of what it runs from files. */
function mirrorWhy({ metadata, spec }: Pod, node: string): string | undefined {
  const quoted = goQuote(node)
  if (metadata.annotations?.[MIRROR_POD] === undefined) {
    return `pod does not have ${goQuote(MIRROR_POD)} annotation, node ${quoted} can only create mirror pods`
  }
  if (spec?.nodeName !== node) return `node ${quoted} can only create pods with spec.nodeName set to itself`
  if ((spec.serviceAccountName ?? '') !== '')
    return `node ${quoted} can not create pods that reference a service account`
  for (const { secret, configMap, persistentVolumeClaim, projected } of spec.volumes ?? []) {
    if (secret !== undefined) return `node ${quoted} can not create pods that reference secrets`
    if (configMap !== undefined) return `node ${quoted} can not create pods that reference configmaps`
    if (persistentVolumeClaim !== undefined) {
      return `node ${quoted} can not create pods that reference persistentvolumeclaims`
    }
    if ((projected?.sources ?? []).some(({ serviceAccountToken }) => serviceAccountToken !== undefined)) {
      return `node ${quoted} can not create pods that reference projected service account tokens`
    }
  }
  return undefined
}
