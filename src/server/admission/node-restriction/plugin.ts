/**
 * A node writes its own objects only: itself, its lease, the Pods bound to it
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction).
 */

import { parseRequest } from '../../../api/certificates/v1/certificatesigningrequest/validate.ts'
import type { CertificateSigningRequest } from '../../../api/generated/certificates-v1.ts'
import type { ResourceSlice } from '../../../api/generated/resource-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { goQuote } from '../../../meta/go-quote.ts'
import { nodeOf } from '../../authz/node-identity.ts'
import { type AdmissionPlugin, type AdmissionRequest, ownName } from '../admission.ts'
import { refusal } from '../refuse.ts'
import { claimWhy } from './claims.ts'
import { nodeWhy } from './node.ts'
import { type PodSources, podWhy } from './pods.ts'
import { type TokenSources, tokenWhy } from './tokens.ts'

const LEASE_NAMESPACE = 'kube-node-lease'
/** Those who sign what nodes show to others. */
const NODE_SIGNERS: ReadonlySet<string> = new Set([
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/kube-apiserver-client-kubelet',
])

/** Where the objects are found that a node's requests name. */
export interface NodeRestrictionSources extends PodSources, TokenSources {}

export function nodeRestriction(sources: NodeRestrictionSources): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    // Before the object itself is judged, as Kubernetes does.
    mutate(request) {
      const node = nodeOf(request.user)
      if (node === undefined) return
      const why =
        node === ''
          ? `could not determine node from user ${goQuote(request.user.name)}`
          : forbiddenWhy(request, node, sources)
      if (why !== undefined) throw refusal(request, why)
    },
  }
}

function forbiddenWhy(request: AdmissionRequest, node: string, sources: NodeRestrictionSources): string | undefined {
  switch (request.resource.key) {
    case 'v1/nodes':
      return nodeWhy(request, node)
    case 'v1/pods':
      return podWhy(request, node, sources)
    case 'v1/serviceaccounts':
      return request.operation === 'CREATE' && request.subresource === 'token'
        ? tokenWhy(request, node, sources)
        : undefined
    case 'v1/persistentvolumeclaims':
      return claimWhy(request, node)
    case 'resource.k8s.io/v1/resourceslices':
      return sliceWhy(request, node)
    case 'certificates.k8s.io/v1/certificatesigningrequests':
      return certificateWhy(request, node)
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

function sliceWhy({ operation, object, old }: AdmissionRequest, node: string): string | undefined {
  if (operation !== 'CREATE' && operation !== 'DELETE') return undefined
  const slice = (operation === 'CREATE' ? object : old) as DeepReadonly<ResourceSlice> | undefined
  if (slice?.spec.nodeName === node) return undefined
  return `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`
}

/** A node asks for certificates of its own name. */
function certificateWhy({ operation, object }: AdmissionRequest, node: string): string | undefined {
  if (operation !== 'CREATE') return undefined
  const { signerName, request } = (object as CertificateSigningRequest).spec
  if (!NODE_SIGNERS.has(signerName)) return undefined
  const subject = parseRequest(request)
  if (typeof subject === 'string') return `unable to parse csr: ${subject}`
  if (subject.commonName === `system:node:${node}`) return undefined
  return `can only create a node CSR with CN=system:node:${node}`
}
