/** Whether a range of Service addresses may go (https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/#delete-a-servicecidr). Pure. */

import { BlockList, isIPv6 } from 'node:net'
import type { IPAddress, ServiceCIDR } from '../../api/generated/networking-v1.ts'
import { parseCidr } from '../../api/networking/v1/ip.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { nameOf } from '../kit/ownership.ts'

export type ReadRange = DeepReadonly<ServiceCIDR>
export type ReadAddress = DeepReadonly<IPAddress>

const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by'
const ALLOCATOR = 'ipallocator.k8s.io'

const cidrsOf = (range: ReadRange): readonly string[] => range.spec?.cidrs ?? []

function hasAddress(cidr: string, address: string): boolean {
  const parsed = parseCidr(cidr)
  if (parsed === undefined || (parsed.family === 6) !== isIPv6(address)) return false
  const family = parsed.family === 4 ? 'ipv4' : 'ipv6'
  const block = new BlockList()
  block.addSubnet(parsed.address, parsed.bits, family)
  return block.check(address, family)
}

/** Whether every address of `inner` is one of `outer`. */
export function contains(outer: string, inner: string): boolean {
  const [wide, narrow] = [parseCidr(outer), parseCidr(inner)]
  return wide !== undefined && narrow !== undefined && wide.bits <= narrow.bits && hasAddress(outer, narrow.address)
}

/** Whether nothing that is in use would be left without a range: others hold all of it, or no address in use needs it. */
export function mayGo(range: ReadRange, ranges: readonly ReadRange[], addresses: readonly ReadAddress[]): boolean {
  const others = ranges.filter((other) => nameOf(other) !== nameOf(range)).flatMap(cidrsOf)
  const isHeld = (cidr: string) => others.some((other) => contains(other, cidr))
  if (cidrsOf(range).every(isHeld)) return true
  return !addresses.some(({ metadata }) => {
    const address = metadata?.name ?? ''
    if (metadata?.labels?.[MANAGED_BY] !== ALLOCATOR) return false
    const isOurs = cidrsOf(range).some((cidr) => hasAddress(cidr, address))
    return isOurs && !others.some((cidr) => hasAddress(cidr, address))
  })
}
