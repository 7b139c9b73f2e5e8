/** Looks now and then whether Services have their addresses, and mends what is wrong (https://kubernetes.io/docs/reference/networking/virtual-ips/#ip-address-objects). */

import type { ServiceCIDR } from '../../api/generated/networking-v1.ts'
import { parseCidr } from '../../api/networking/v1/ip.ts'
import { withGroup } from '../../base/async/group.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { createSeriesEvents, type SeriesRecorder } from '../../client/event-series.ts'
import { IP_ADDRESSES } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import { addressRepairs, type Repair } from './address-repairs.ts'
import { addressClaim, type ReadAddress, type ReadService } from './service-address.ts'
import { addressRange } from './address-range.ts'

/** So often everything is looked at. */
const LOOK_MS = 180_000
/** Wrong is what is wrong twice, so far apart: a Service and its address may become visible one after the other. */
const SURE_MS = 2_000

export interface AddressRepairDeps {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly services: WatchCache
  readonly addresses: WatchCache
  /** The ServiceCIDRs. */
  readonly ranges: WatchCache
  /** The server's own range. */
  readonly serviceRange: string
}

/** Looks and mends until `signal` aborts. */
export async function repairAddresses(deps: AddressRepairDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, services, addresses } = deps
  const events = createSeriesEvents(deps)
  const recorder = events.recorder('ipallocator-repair-controller', '')
  const look = () =>
    addressRepairs({
      services: services.all().map(({ object }) => object as ReadService),
      addresses: addresses.all().map(({ object }) => object as ReadAddress),
      isInRange: inAnyRange(deps),
      now: clock.now(),
    })
  await withGroup(async (group) => {
    group.start((inner) => events.run(inner))
    for (;;) {
      await clock.sleep(LOOK_MS, group.signal)
      const suspects = new Set(look().map(idOf))
      if (suspects.size === 0) continue
      await clock.sleep(SURE_MS, group.signal)
      for (const repair of look().filter((each) => suspects.has(idOf(each)))) {
        try {
          await mend(repair, deps.client, recorder)
        } catch (error) {
          log.warn('an address of a Service was not mended', { address: repair.address, error })
        }
      }
    }
  }, signal)
}

/** Ranges that give no addresses yet, or no more, count as well. */
function inAnyRange({ ranges, serviceRange }: AddressRepairDeps): (address: string) => boolean {
  const cidrs = ranges.all().flatMap(({ object }) => (object as DeepReadonly<ServiceCIDR>).spec?.cidrs ?? [])
  const all = [serviceRange, ...cidrs].filter((cidr) => parseCidr(cidr)?.family === 4).map(addressRange)
  return (address) => all.some((range) => range.has(address))
}

const idOf = ({ about, address, notice }: Repair) => `${about.metadata.uid} ${address} ${notice?.reason}`

async function mend({ about, address, notice, act }: Repair, client: Client, recorder: SeriesRecorder): Promise<void> {
  if (notice !== undefined) recorder.event({ regarding: about, type: 'Warning', ...notice })
  if (act === undefined) return
  await client.delete(IP_ADDRESSES, { name: address }).catch((error: unknown) => {
    if (!hasReason(error, 'NotFound')) throw error
  })
  if (act === 'remove') return
  const { labels, spec } = addressClaim(address, about.metadata)
  await client.create(IP_ADDRESSES, { metadata: { name: address, labels }, spec })
}
