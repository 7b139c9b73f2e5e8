/** What follows from a Service (https://kubernetes.io/docs/concepts/services-networking/service/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { Service } from '../../../generated/core-v1.ts'

type Shared = DeepReadonly<Service>

/** The clusterIP of a Service that wants none. */
export const HEADLESS = 'None'

/** Whether clients find the endpoints themselves. */
export function isHeadless({ spec }: Shared): boolean {
  return (spec?.clusterIPs?.[0] ?? spec?.clusterIP) === HEADLESS
}

export function typeOf({ spec }: Shared): string {
  return spec?.type ?? 'ClusterIP'
}

/** Whether the Service has an address, or says that it wants none. */
export const needsClusterIp = (service: Shared) => typeOf(service) !== 'ExternalName'

/** Whether each port may be open on every node. */
export function hasNodePorts(service: Shared): boolean {
  const type = typeOf(service)
  return type === 'NodePort' || type === 'LoadBalancer'
}

/** Whether a load balancer asks the nodes who of them has endpoints. */
export function needsHealthCheck(service: Shared): boolean {
  return typeOf(service) === 'LoadBalancer' && service.spec?.externalTrafficPolicy === 'Local'
}

/** Whether requests can come from outside the cluster. */
export function isExternallyAccessible(service: Shared): boolean {
  const type = typeOf(service)
  if (type === 'LoadBalancer' || type === 'NodePort') return true
  return type === 'ClusterIP' && (service.spec?.externalIPs?.length ?? 0) > 0
}

/** Whether proxies are told which zone each endpoint is for (`Auto`), and its name until 1.27, which comes first. */
export const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'
export const OLD_TOPOLOGY_MODE = 'service.kubernetes.io/topology-aware-hints'
