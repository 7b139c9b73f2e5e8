/** The endpoints of a Service, grouped as slices want them. Pure. */

import type { EndpointConditions } from '../../api/generated/discovery-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { isDeleting, nameOf, uidOf } from '../kit/ownership.ts'
import { isReady, type ReadPod } from '../kit/pods.ts'
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
import { type EndpointGroup, MANAGED_BY, type ReadEndpoint, SERVICE_NAME } from '../kit/slices/slices.ts'

export const MANAGER = 'endpointslice-controller.k8s.io'

/** The zone of a node, where it is known. */
export type ZoneOf = (nodeName: string | undefined) => string | undefined

type Family = 'IPv4' | 'IPv6'

/** A group for every address family and set of ports that some Pod offers. */
export function endpointGroups(
  service: ReadService,
  pods: readonly ReadPod[],
  zoneOf: ZoneOf,
): readonly EndpointGroup[] {
  const groups = new Map<string, { addressType: Family; ports: readonly OfferedPort[]; endpoints: ReadEndpoint[] }>()
  for (const pod of pods.filter((candidate) => mayServe(candidate, true))) {
    const ports = offeredPorts(service, pod)
    for (const addressType of families(service)) {
      const address = addressesOf(pod).find((candidate) => isIPv6(candidate) === (addressType === 'IPv6'))
      if (address === undefined) continue
      // Of one Service, and so with their keys in one order.
      const key = `${addressType}|${JSON.stringify(ports)}`
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] }
      group.endpoints.push(endpoint(service, pod, address, zoneOf))
      groups.set(key, group)
    }
  }
  return [...groups.values()]
}

function families({ spec }: ReadService): readonly Family[] {
  const { ipFamilies = [], clusterIP = '' } = spec ?? {}
  if (ipFamilies.length > 0) return ipFamilies.map((family) => (family === 'IPv6' ? 'IPv6' : 'IPv4'))
  return [isIPv6(clusterIP) ? 'IPv6' : 'IPv4']
}

function endpoint(service: ReadService, pod: ReadPod, address: string, zoneOf: ZoneOf): ReadEndpoint {
  const { nodeName } = pod.spec ?? {}
  const zone = zoneOf(nodeName)
  const hostname = hostnameIn(service, pod)
  const hints = hintsFor(service, nodeName, zone)
  return {
    addresses: [address],
    conditions: conditions(service, pod),
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: nameOf(pod), uid: uidOf(pod) },
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  }
}

function conditions(service: ReadService, pod: ReadPod): DeepReadonly<EndpointConditions> {
  const serving = isReady(pod)
  const terminating = isDeleting(pod)
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  return { ready, serving, terminating }
}

/** `trafficDistribution` asks proxies to stay near (https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-distribution). */
function hintsFor({ spec }: ReadService, nodeName: string | undefined, zone: string | undefined) {
  const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] }
  const wish = spec?.trafficDistribution
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
