/** The endpoints of a Service, grouped as slices want them. Pure. */

import { isPodReady } from '../../api/core/v1/pod/facts.ts'
import type { EndpointConditions } from '../../api/generated/discovery-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { isDeleting, nameOf, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { remembered } from '../kit/remembered.ts'
import {
  addressesOf,
  HEADLESS,
  hostnameIn,
  isHeadless,
  isIPv6,
  mayServe,
  offeredPorts,
  type OfferedPort,
  type ReadService,
} from '../kit/slices/service-pods.ts'
import {
  type AddressFamily,
  type EndpointGroup,
  MANAGED_BY,
  type ReadEndpoint,
  SERVICE_NAME,
} from '../kit/slices/slices.ts'
import { isTopologyAware } from './zone-hints.ts'

export const MANAGER = 'endpointslice-controller.k8s.io'

/** The zone of a node, where it is known. */
export type ZoneOf = (nodeName: string | undefined) => string | undefined

/** What one Pod adds to one group. */
interface Offer {
  readonly key: string
  readonly addressType: AddressFamily
  readonly ports: readonly OfferedPort[]
  readonly endpoint: ReadEndpoint
}

interface Offers {
  readonly zone: string | undefined
  readonly offers: readonly Offer[]
}

/** Services and Pods never change: of a Service of thousands only what is new is worked out. */
const offersBy = remembered((_service: ReadService) => new WeakMap<ReadPod, Offers>())

/** A group for every address family and set of ports that some Pod offers. */
export function endpointGroups(
  service: ReadService,
  pods: readonly ReadPod[],
  zoneOf: ZoneOf,
): readonly EndpointGroup[] {
  const groups = new Map<
    string,
    { addressType: AddressFamily; ports: readonly OfferedPort[]; endpoints: ReadEndpoint[] }
  >()
  const known = offersBy(service)
  for (const pod of pods) {
    const zone = zoneOf(pod.spec?.nodeName)
    let found = known.get(pod)
    if (found === undefined || found.zone !== zone)
      known.set(pod, (found = { zone, offers: offersOf(service, pod, zone) }))
    for (const { key, addressType, ports, endpoint } of found.offers) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { addressType, ports, endpoints: [endpoint] })
      else group.endpoints.push(endpoint)
    }
  }
  return [...groups.values()]
}

function offersOf(service: ReadService, pod: ReadPod, zone: string | undefined): readonly Offer[] {
  if (!mayServe(pod, true)) return []
  const ports = offeredPorts(service, pod)
  return families(service).flatMap((addressType) => {
    const address = addressesOf(pod).find((candidate) => isIPv6(candidate) === (addressType === 'IPv6'))
    if (address === undefined) return []
    // Of one Service, and so with their keys in one order.
    const key = `${addressType}|${JSON.stringify(ports)}`
    return [{ key, addressType, ports, endpoint: endpointOf(service, pod, address, zone) }]
  })
}

/** The address families a Service is reached by. */
export function families({ spec }: ReadService): readonly AddressFamily[] {
  const { ipFamilies = [], clusterIP = '' } = spec ?? {}
  if (ipFamilies.length > 0) return ipFamilies.map((family) => (family === 'IPv6' ? 'IPv6' : 'IPv4'))
  return [isIPv6(clusterIP) ? 'IPv6' : 'IPv4']
}

function endpointOf(service: ReadService, pod: ReadPod, address: string, zone: string | undefined): ReadEndpoint {
  const { nodeName } = pod.spec ?? {}
  const hostname = hostnameIn(service, pod)
  const told = conditions(service, pod)
  const hints = told.ready === true ? hintsFor(service, nodeName, zone) : undefined
  return {
    addresses: [address],
    conditions: told,
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: nameOf(pod), uid: uidOf(pod) },
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  }
}

function conditions(service: ReadService, pod: ReadPod): DeepReadonly<EndpointConditions> {
  const serving = isPodReady(pod)
  const terminating = isDeleting(pod)
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  return { ready, serving, terminating }
}

/** `trafficDistribution` asks proxies to stay near (https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-distribution). */
function hintsFor(service: ReadService, nodeName: string | undefined, zone: string | undefined) {
  const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] }
  const wish = isTopologyAware(service) ? undefined : service.spec?.trafficDistribution
  if (wish === 'PreferClose' || wish === 'PreferSameZone') return zone === undefined ? undefined : forZones
  if (wish !== 'PreferSameNode' || nodeName === undefined) return undefined
  return { ...forZones, forNodes: [{ name: nodeName }] }
}

/** What every slice of the Service is labelled with: the Service's labels and our own. */
export function sliceLabels(service: ReadService): Readonly<Record<string, string>> {
  const { [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {}
  return {
    ...labels,
    [SERVICE_NAME]: nameOf(service),
    [MANAGED_BY]: MANAGER,
    ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
  }
}
