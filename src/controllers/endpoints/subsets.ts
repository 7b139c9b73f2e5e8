/** The Endpoints object of a Service: its addresses by the ports they offer (https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/). Pure. */

import { isPodReady } from '../../api/core/v1/pod/facts.ts'
import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../api/generated/core-v1.ts'
import { canonicalJson } from '../kit/equal.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { remembered } from '../kit/remembered.ts'
import {
  addressesOf,
  hostnameIn,
  isHeadless,
  isIPv6,
  mayServe,
  offeredPorts,
  type OfferedPort,
  type ReadService,
} from '../kit/slices/service-pods.ts'

/** The most addresses in one object; ready ones are kept first. */
export const MAX_ADDRESSES = 1000

interface Entry {
  readonly address: EndpointAddress
  readonly isReady: boolean
  /** The address and its state, in one text. */
  readonly who: string
}

/** What one Pod adds, under the keys of the ports that it offers. */
interface PodOffer {
  readonly entry: Entry
  readonly keyed: readonly (readonly [string, EndpointPort?])[]
}

/** The key of a Service without ports: its addresses stand alone. */
const NO_PORT = ''
const NOTHING: PodOffer = { entry: { address: { ip: '' }, isReady: false, who: '' }, keyed: [] }

/** Services and Pods never change: of a Service of thousands only what is new is worked out. */
const entriesBy = remembered((_service: ReadService) => new WeakMap<ReadPod, PodOffer>())

function offerOf(service: ReadService, pod: ReadPod, publishAll: boolean): PodOffer {
  if (!mayServe(pod, publishAll)) return NOTHING
  const address = addressFor(service, pod)
  if (address === undefined) return NOTHING
  const ready = publishAll || isPodReady(pod)
  const entry = { address, isReady: ready, who: `${address.ip}|${address.targetRef?.uid}|${ready}` }
  const isPortless = isHeadless(service) && (service.spec?.ports ?? []).length === 0
  return { entry, keyed: isPortless ? [[NO_PORT]] : keyedPorts(service, pod) }
}

/** Ports that the same addresses offer share a subset; everything is in a fixed order, so that equal states are equal texts. */
export function endpointSubsets(service: ReadService, pods: readonly ReadPod[]): readonly EndpointSubset[] {
  const publishAll = service.spec?.publishNotReadyAddresses === true
  const ports = new Map<string, EndpointPort>()
  const offers = new Map<string, Entry[]>()
  const known = entriesBy(service)
  for (const pod of pods) {
    let found = known.get(pod)
    if (found === undefined) known.set(pod, (found = offerOf(service, pod, publishAll)))
    const { entry, keyed } = found
    for (const [key, port] of keyed) {
      if (port !== undefined) ports.set(key, port)
      const others = offers.get(key)
      if (others === undefined) offers.set(key, [entry])
      else others.push(entry)
    }
  }
  const subsets = new Map<string, { readonly keys: string[]; readonly entries: readonly Entry[] }>()
  for (const [key, entries] of offers) {
    const whoKey = entries.map(({ who }) => who).join(',')
    const subset = subsets.get(whoKey) ?? { keys: [], entries }
    subset.keys.push(key)
    subsets.set(whoKey, subset)
  }
  return [...subsets.values()]
    .map(({ keys, entries }) => ({ order: keys.toSorted().join('|'), keys, entries }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ keys, entries }) => subsetOf(keys.flatMap((key) => ports.get(key) ?? []).toSorted(comparePorts), entries))
}

function keyedPorts(service: ReadService, pod: ReadPod): readonly (readonly [string, EndpointPort])[] {
  return offeredPorts(service, pod).map((offered) => {
    const port = portOf(offered)
    return [canonicalJson(port), port]
  })
}

function subsetOf(ports: readonly EndpointPort[], entries: readonly Entry[]): EndpointSubset {
  const addresses = (ready: boolean) =>
    entries
      .filter((entry) => entry.isReady === ready)
      .map(({ address }) => address)
      .toSorted(compareAddresses)
  const ready = addresses(true)
  const notReady = addresses(false)
  return {
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
    ...(ports.length === 0 ? {} : { ports: [...ports] }),
  }
}

function addressFor(service: ReadService, pod: ReadPod): EndpointAddress | undefined {
  const [family] = service.spec?.ipFamilies ?? []
  const wantsIPv6 = family === undefined ? isIPv6(service.spec?.clusterIP ?? '') : family === 'IPv6'
  const ip = addressesOf(pod).find((candidate) => isIPv6(candidate) === wantsIPv6)
  if (ip === undefined) return undefined
  const hostname = hostnameIn(service, pod)
  const { nodeName } = pod.spec ?? {}
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: nameOf(pod), uid: uidOf(pod) },
  }
}

function portOf({ name, protocol, port, appProtocol }: OfferedPort): EndpointPort {
  return {
    ...(name === '' ? {} : { name }),
    port,
    protocol,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }
}

function comparePorts(a: EndpointPort, b: EndpointPort): number {
  const [left, right] = [a.name ?? '', b.name ?? '']
  if (left !== right) return left < right ? -1 : 1
  return a.port - b.port
}

function compareAddresses(a: EndpointAddress, b: EndpointAddress): number {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1
  return (a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1
}

/** The subsets within the limit, and whether something was left out. */
export function withinLimit(subsets: readonly EndpointSubset[]): {
  readonly subsets: readonly EndpointSubset[]
  readonly isTruncated: boolean
} {
  const count = (pick: (subset: EndpointSubset) => number) => subsets.reduce((total, subset) => total + pick(subset), 0)
  const total = count(({ addresses = [], notReadyAddresses = [] }) => addresses.length + notReadyAddresses.length)
  if (total <= MAX_ADDRESSES) return { subsets, isTruncated: false }
  let room = MAX_ADDRESSES
  const take = (addresses: readonly EndpointAddress[]) => {
    const taken = addresses.slice(0, room)
    room -= taken.length
    return taken
  }
  const ready = subsets.map(({ addresses = [] }) => take(addresses))
  const notReady = subsets.map(({ notReadyAddresses = [] }) => take(notReadyAddresses))
  const cut = subsets.map(({ ports }, index) => ({
    ...((ready[index] ?? []).length === 0 ? {} : { addresses: ready[index] ?? [] }),
    ...((notReady[index] ?? []).length === 0 ? {} : { notReadyAddresses: notReady[index] ?? [] }),
    ...(ports === undefined ? {} : { ports }),
  }))
  return { subsets: cut.filter((subset) => 'addresses' in subset || 'notReadyAddresses' in subset), isTruncated: true }
}
