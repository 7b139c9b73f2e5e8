/**
 * The ranges that Services get addresses from: the server's own, and those of every ServiceCIDR that is ready
 * (https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/).
 */

import type { ServiceCIDR } from '../../api/generated/networking-v1.ts'
import { parseCidr } from '../../api/networking/v1/ip.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import { type AddressRange, addressRange } from './address-range.ts'

/** All ranges as one; addresses are picked from the server's own as long as it has any. */
export function serviceRanges(own: string, serviceCidrs: WatchCache): AddressRange {
  const known = new Map<string, AddressRange>([[own, addressRange(own)]])
  const rangeOf = (cidr: string) => {
    const range = known.get(cidr) ?? addressRange(cidr)
    known.set(cidr, range)
    return range
  }
  const ranges = (): readonly AddressRange[] => {
    const cidrs = new Set([
      own,
      ...serviceCidrs.all().flatMap(({ object }) => usable(object as DeepReadonly<ServiceCIDR>)),
    ])
    for (const cidr of known.keys()) if (!cidrs.has(cidr)) known.delete(cidr)
    return [...cidrs].map(rangeOf)
  }
  return {
    get size() {
      return ranges().reduce((sum, { size }) => sum + size, 0)
    },
    has: (address) => ranges().some((range) => range.has(address)),
    pick(random, isTaken) {
      for (const range of ranges()) {
        const address = range.pick(random, isTaken)
        if (address !== undefined) return address
      }
      return undefined
    },
  }
}

/** What may be allotted from: one that is being deleted gives nothing any more. */
function usable({ metadata, spec, status }: DeepReadonly<ServiceCIDR>): readonly string[] {
  const isReady = status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  if (!isReady || metadata?.deletionTimestamp !== undefined) return []
  return (spec?.cidrs ?? []).filter((cidr) => parseCidr(cidr)?.family === 4)
}
