/** The Endpoints object of a Service: its addresses by the ports they offer (https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/). Pure. */

import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../api/generated/core-v1.ts'
import { canonicalJson } from '../kit/equal.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'
import { isReady, type ReadPod } from '../kit/pods.ts'
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
  readonly ports: Set<string>
}

/** Addresses with the same ports share a subset; everything is in a fixed order, so that equal states are equal texts. */
export function endpointSubsets(service: ReadService, pods: readonly ReadPod[]): readonly EndpointSubset[] {
  const publishAll = service.spec?.publishNotReadyAddresses === true
  const portsByKey = new Map<string, EndpointPort>()
  const subsets = new Map<string, { readonly ports: readonly EndpointPort[]; readonly entries: Entry[] }>()
  for (const pod of pods.filter((candidate) => mayServe(candidate, publishAll))) {
    const address = addressFor(service, pod)
    if (address === undefined) continue
    const offered = offeredPorts(service, pod).map(portOf)
    const isPortless = isHeadless(service) && (service.spec?.ports ?? []).length === 0
    if (offered.length === 0 && !isPortless) continue
    const keys = offered.map((port) => canonicalJson(port))
    for (const [index, key] of keys.entries()) portsByKey.set(key, offered[index] as EndpointPort)
    const entry = { address, isReady: publishAll || isReady(pod), ports: new Set(keys) }
    const key = keys.toSorted().join('|')
    const subset = subsets.get(key) ?? { ports: offered.toSorted(comparePorts), entries: [] }
    subset.entries.push(entry)
    subsets.set(key, subset)
  }
  return [...subsets].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { ports, entries }]) => subsetOf(ports, entries))
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
