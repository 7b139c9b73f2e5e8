/**
 * What a node may do: read and write itself, what its Pods name and what they lead to, and nothing of other nodes
 * (https://kubernetes.io/docs/reference/access-authn-authz/node/). What a node writes is narrowed further by admission.
 */

import type { PolicyRule } from '../../api/generated/rbac-v1.ts'
import type { UserInfo } from '../../client/user.ts'
import type { Authorizer, Decision, ResourceAttributes } from './authorizer.ts'
import type { NodeGraph, RelatedKind } from './node-graph.ts'
import { nodeOf } from './node-identity.ts'
import { allowsResource } from './rbac.ts'

const LEASE_NAMESPACE = 'kube-node-lease'
const OWN_VERBS: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete'])
const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

const allowed: Decision = { isAllowed: true }
const denied = (reason?: string): Decision =>
  reason === undefined ? { isAllowed: false } : { isAllowed: false, reason }

interface Asked extends ResourceAttributes {
  readonly node: string
}

export class NodeAuthorizer implements Authorizer {
  readonly #graph: NodeGraph
  /** For all that is not told apart by node. */
  readonly #rules: readonly PolicyRule[]

  constructor(graph: NodeGraph, rules: readonly PolicyRule[]) {
    this.#graph = graph
    this.#rules = rules
  }

  onPath(): Decision {
    return denied()
  }

  onResource(user: UserInfo, attributes: ResourceAttributes): Decision {
    const node = nodeOf(user)
    if (node === undefined) return denied()
    if (node === '') return denied(`unknown node for user ${JSON.stringify(user.name)}`)
    const asked = { ...attributes, node }
    const { group, resource } = attributes
    switch (group === '' ? resource : `${resource}.${group}`) {
      case 'secrets':
        return this.#readNamespaced(asked, 'secrets')
      case 'configmaps':
        return this.#readNamespaced(asked, 'configmaps')
      case 'persistentvolumeclaims':
        return asked.subresource === 'status' ? this.#claimStatus(asked) : this.#get(asked, 'persistentvolumeclaims')
      case 'persistentvolumes':
        return this.#get(asked, 'persistentvolumes')
      case 'resourceclaims.resource.k8s.io':
        return this.#get(asked, 'resourceclaims')
      case 'volumeattachments.storage.k8s.io':
        return this.#get(asked, 'volumeattachments')
      case 'serviceaccounts':
        return this.#serviceAccount(asked)
      case 'leases.coordination.k8s.io':
        return onLease(asked)
      case 'csinodes.storage.k8s.io':
        return onCsiNode(asked)
      case 'resourceslices.resource.k8s.io':
        return this.#slice(asked)
      case 'nodes':
        return onNode(asked)
      case 'pods':
        return this.#pod(asked)
      case 'podcertificaterequests.certificates.k8s.io':
        return denied()
      default:
        return this.#rules.some((rule) => allowsResource(rule, attributes)) ? allowed : denied()
    }
  }

  #related({ node, namespace, name }: Asked, kind: RelatedKind): Decision {
    if (name === '') return denied('No Object name found')
    if (this.#graph.isRelated(node, kind, namespace, name)) return allowed
    return denied(`no relationship found between node '${node}' and this object`)
  }

  #get(asked: Asked, kind: RelatedKind): Decision {
    if (asked.verb !== 'get') return denied('can only get individual resources of this type')
    if (asked.subresource !== '') return denied('cannot get subresource')
    return this.#related(asked, kind)
  }

  #readNamespaced(asked: Asked, kind: RelatedKind): Decision {
    if (!READS.has(asked.verb)) return denied('can only read resources of this type')
    if (asked.subresource !== '') return denied('cannot read subresource')
    if (asked.namespace === '') return denied('can only read namespaced object of this type')
    return this.#related(asked, kind)
  }

  #claimStatus(asked: Asked): Decision {
    if (asked.verb !== 'update' && asked.verb !== 'patch') return denied('can only get/update/patch this type')
    return this.#related(asked, 'persistentvolumeclaims')
  }

  /** A node asks for tokens of the accounts of its Pods. */
  #serviceAccount(asked: Asked): Decision {
    const { verb, subresource, name } = asked
    if (verb === 'get' && subresource === '') return this.#readNamespaced(asked, 'serviceaccounts')
    if (verb !== 'create' || name === '') return denied('can only create tokens for individual service accounts')
    if (subresource !== 'token') return denied('can only create token subresource of serviceaccount')
    return this.#related(asked, 'serviceaccounts')
  }

  #slice(asked: Asked): Decision {
    if (asked.subresource !== '') return denied('cannot authorize ResourceSlice subresources')
    switch (asked.verb) {
      case 'create':
        return allowed
      case 'get':
      case 'update':
      case 'patch':
      case 'delete':
        return this.#related(asked, 'resourceslices')
      case 'watch':
      case 'list':
      case 'deletecollection':
        return selectsNode(asked, 'spec.nodeName')
          ? allowed
          : denied('can only list/watch/deletecollection resourceslices with nodeName field selector')
      default:
        return denied(
          'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
        )
    }
  }

  #pod(asked: Asked): Decision {
    const { verb, subresource, name } = asked
    switch (subresource) {
      case '':
        if (verb === 'get') return this.#get(asked, 'pods')
        if (verb === 'create' || verb === 'delete') return allowed
        if (verb !== 'list' && verb !== 'watch') return denied()
        if (selectsNode(asked, 'spec.nodeName')) return allowed
        if (name !== '') return this.#related(asked, 'pods')
        return denied('can only list/watch pods with spec.nodeName field selector')
      case 'status':
        return verb === 'update' || verb === 'patch' ? allowed : denied()
      case 'eviction':
        return verb === 'create' ? allowed : denied()
      default:
        return denied()
    }
  }
}

/** Whether a list is limited to what is on the node. */
function selectsNode({ fields = [], node }: Asked, field: string): boolean {
  return fields.some(
    (requirement) => requirement.field === field && requirement.op === '=' && requirement.value === node,
  )
}

function onNode({ node, verb, subresource, name }: Asked): Decision {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allowed : denied()
  if (subresource !== '') return denied()
  if (verb === 'create' || verb === 'update' || verb === 'patch') return allowed
  if (!READS.has(verb)) return denied()
  if (name === node) return allowed
  const what = name === '' ? 'all nodes' : `'${name}'`
  return denied(`node '${node}' cannot read ${what}, only its own Node object`)
}

function onLease({ node, verb, namespace, name }: Asked): Decision {
  if (!OWN_VERBS.has(verb)) return denied('can only get, create, update, patch, or delete a node lease')
  if (namespace !== LEASE_NAMESPACE) {
    return denied(`can only access leases in the "${LEASE_NAMESPACE}" system namespace`)
  }
  // The name of what is created is admission's to judge.
  if (verb === 'create' || name === node) return allowed
  return denied('can only access node lease with the same name as the requesting node')
}

function onCsiNode({ node, verb, subresource, name }: Asked): Decision {
  if (!OWN_VERBS.has(verb)) return denied('can only get, create, update, patch, or delete a CSINode')
  if (subresource !== '') return denied('cannot authorize CSINode subresources')
  if (verb === 'create' || name === node) return allowed
  return denied('can only access CSINode with the same name as the requesting node')
}
