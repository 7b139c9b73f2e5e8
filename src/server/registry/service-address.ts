/** The objects that stand for the addresses of Services (https://kubernetes.io/docs/reference/kubernetes-api/networking/ip-address-v1/). */

import { HEADLESS } from '../../api/core/v1/service/facts.ts'
import type { Service } from '../../api/generated/core-v1.ts'
import type { IPAddress } from '../../api/generated/networking-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

const FAMILY = 'ipaddress.kubernetes.io/ip-family'
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by'
const MANAGER = 'ipallocator.k8s.io'

export type ReadService = DeepReadonly<Service>
export type ReadAddress = DeepReadonly<IPAddress>

export const familyOf = (address: string): 'IPv4' | 'IPv6' => (address.includes(':') ? 'IPv6' : 'IPv4')

/** What an address says that belongs to a Service. */
export function addressClaim(address: string, { name = '', namespace = '' }: NonNullable<ReadService['metadata']>) {
  return {
    labels: { [FAMILY]: familyOf(address), [MANAGED_BY]: MANAGER },
    spec: { parentRef: { resource: 'services', namespace, name } },
  }
}

/** Whether the server itself made the object, and not somebody with addresses of their own. */
export const isAllotted = ({ metadata }: ReadAddress) => metadata?.labels?.[MANAGED_BY] === MANAGER

export const hasOwnLabels = (address: ReadAddress) =>
  isAllotted(address) && address.metadata?.labels?.[FAMILY] === familyOf(address.metadata.name ?? '')

/** The addresses that a Service has of its own. */
export function addressesOf({ spec }: ReadService): readonly string[] {
  const { type, clusterIP = '', clusterIPs } = spec ?? {}
  if (type === 'ExternalName' || clusterIP === '' || clusterIP === HEADLESS) return []
  return clusterIPs ?? [clusterIP]
}
