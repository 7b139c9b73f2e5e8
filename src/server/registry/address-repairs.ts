/**
 * What is wrong between Services and the objects that stand for their addresses: somebody may remove or make such
 * objects by hand (https://kubernetes.io/docs/reference/networking/virtual-ips/#ip-address-objects). Pure.
 */

import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import {
  addressesOf,
  familyOf,
  hasOwnLabels,
  isAllotted,
  type ReadAddress,
  type ReadService,
} from './service-address.ts'

/** So long an address may be there before its Service. */
const SERVICE_COMES_MS = 60_000
/** So long a Service may be there before it names an address that is newer. */
const SERVICE_NAMES_MS = 5_000

export interface AddressWorld {
  readonly services: readonly ReadService[]
  readonly addresses: readonly ReadAddress[]
  /** Whether an address is in the range of Services. */
  readonly isInRange: (address: string) => boolean
  readonly now: number
}

/** Something to be told of, and what is to be done about it. */
export interface Repair {
  readonly about: DeepReadonly<KubeObject>
  readonly address: string
  readonly notice?: { readonly reason: string; readonly action: string; readonly note: string }
  /** `make` also replaces what is there; absent: nobody but people can help. */
  readonly act?: 'make' | 'remove'
}

/** All that is wrong: first what Services lack, then addresses that nobody has. */
export function addressRepairs(world: AddressWorld): readonly Repair[] {
  const addresses = new Map(world.addresses.map((address) => [address.metadata?.name ?? '', address]))
  const services = new Map(world.services.map((service) => [keyOf(service.metadata), service]))
  const known: Known = { ...world, addressNamed: (name) => addresses.get(name), serviceAt: (key) => services.get(key) }
  return [
    ...world.services.flatMap((service) =>
      addressesOf(service).flatMap((address) => ofService(service, address, known) ?? []),
    ),
    ...world.addresses.flatMap((address) => ofAddress(address, known) ?? []),
  ]
}

interface Known extends AddressWorld {
  readonly addressNamed: (name: string) => ReadAddress | undefined
  readonly serviceAt: (key: string) => ReadService | undefined
}

const keyOf = (place: { readonly namespace?: string; readonly name?: string } | undefined) =>
  `${place?.namespace ?? ''}/${place?.name ?? ''}`

const standsForService = ({ spec }: ReadAddress) =>
  (spec?.parentRef?.group ?? '') === '' && spec?.parentRef?.resource === 'services'

function ofService(service: ReadService, address: string, known: Known): Repair | undefined {
  const about = service as DeepReadonly<KubeObject>
  const family = familyOf(address)
  const tell = (reason: string, note: string) => ({ reason, action: 'ClusterIPAllocation', note })
  if (!known.isInRange(address)) {
    const note = `Cluster IP [${family}]: ${address} is not within any configured Service CIDR; please recreate service`
    return { about, address, notice: tell('ClusterIPOutOfRange', note) }
  }
  const found = known.addressNamed(address)
  if (found === undefined) {
    const note = `Cluster IP [${family}]: ${address} is not allocated; repairing`
    return { about, address, notice: tell('ClusterIPNotAllocated', note), act: 'make' }
  }
  const holder = standsForService(found) ? known.serviceAt(keyOf(found.spec?.parentRef)) : undefined
  if (holder === undefined) {
    const note = `the ClusterIP [${family}]: ${address} for Service ${keyOf(service.metadata)} has a wrong reference; repairing`
    return { about, address, notice: tell('ClusterIPNotAllocated', note), act: 'make' }
  }
  if (holder !== service && addressesOf(holder).includes(address)) {
    const note = `Cluster IP [${family}]:${address} was assigned to multiple services; please recreate service`
    return { about, address, notice: tell('ClusterIPAlreadyAllocated', note) }
  }
  return hasOwnLabels(found) ? undefined : { about, address, act: 'make' }
}

function ofAddress(found: ReadAddress, { serviceAt, now }: Known): Repair | undefined {
  if (!isAllotted(found)) return undefined
  const about = found as DeepReadonly<KubeObject>
  const address = found.metadata?.name ?? ''
  const remove = (reason: string, note: string): Repair => ({
    about,
    address,
    notice: { reason, action: 'IPAddressAllocation', note },
    act: 'remove',
  })
  if (!standsForService(found)) {
    const { group = '', resource = '', namespace = '', name = '' } = found.spec?.parentRef ?? {}
    const parent = `&ParentReference{Group:${group},Resource:${resource},Namespace:${namespace},Name:${name},}`
    const note = `IPAddress ${address} appears to have been modified, not referencing a Service ${parent}: cleaning up`
    return remove('IPAddressNotAllocated', note)
  }
  const key = keyOf(found.spec?.parentRef)
  const service = serviceAt(key)
  const made = fromTime(found.metadata?.creationTimestamp) ?? 0
  if (service === undefined) {
    const note = `IPAddress: ${address} for Service ${key} appears to have leaked: cleaning up`
    return now - made > SERVICE_COMES_MS ? remove('IPAddressNotAllocated', note) : undefined
  }
  if (addressesOf(service).includes(address)) return undefined
  const isExpected = service.spec?.type === 'ExternalName' && now - made < SERVICE_COMES_MS
  const isNewer = made > (fromTime(service.metadata?.creationTimestamp) ?? 0) && now - made < SERVICE_NAMES_MS
  if (isExpected || isNewer) return undefined
  return remove(
    'IPAddressWrongReference',
    `IPAddress: ${address} for Service ${key} has a wrong reference; cleaning up`,
  )
}
