/**
 * The addresses and node ports of Services: allotted when a Service is written, in the very transaction that writes it, so
 * that no two Services can have the same (https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/).
 */

import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { Operation } from '../../storage/storage.ts'
import type { ApiServerOptions } from '../options.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import { addressKey, allot, type AllotDeps, portKey } from './service-allotment.ts'
import { checkService } from './service-checks.ts'
import { claimsOf, type Draft, type Stored } from './service-claims.ts'
import { serviceRanges } from './service-ranges.ts'
import type { StorageHook } from './storage-hooks.ts'

export interface ServiceAllocation {
  readonly services: WatchCache
  /** Each address in use is an object of its own: the claim. */
  readonly addresses: WatchCache
  /** The ServiceCIDRs. */
  readonly ranges: WatchCache
  readonly clock: Clock
  readonly random: Random
  readonly options: Pick<ApiServerOptions, 'serviceRange' | 'nodePortRange'>
}

export function serviceHook({ options, ranges, ...allocation }: ServiceAllocation): StorageHook {
  const range = serviceRanges(options.serviceRange, ranges)
  const { serviceRange, nodePortRange: nodePorts } = options
  const deps: AllotDeps = { ...allocation, range, serviceRange, nodePorts }
  return {
    check: (draft, old, isDryRun) => checkService(deps, draft as Draft, old as Stored, isDryRun),
    onCreate: (draft) => allot(deps, draft as Draft, undefined),
    onUpdate: (draft, old) => allot(deps, draft as Draft, old as Stored),
    onDelete(old) {
      const { address, ports } = claimsOf(old as Stored)
      const operations: Operation[] = [...ports].map((port) => ({ delete: portKey(port) }))
      if (address !== '') operations.push({ delete: addressKey(deps, address) })
      return operations.length === 0 ? undefined : { compare: [], operations }
    },
  }
}
