/** How many addresses and ports Services have, and how many are left (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Service } from '../../api/generated/core-v1.ts'
import type { Family } from '../../base/metrics/text.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { ApiServerOptions } from '../options.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import { addressRange } from './address-range.ts'

export interface Allotted {
  readonly services: WatchCache
  readonly addresses: WatchCache
}

const one = (name: string, help: string, value: number, labels = {}): Family => ({
  name: `kube_apiserver_${name}`,
  help: `Gauge measuring the number of ${help} for Services`,
  type: 'gauge',
  samples: [{ labels, value }],
})

/** Of the server's own range, and of its ports. */
export function allocatorFamilies(
  { services, addresses }: Allotted,
  { serviceRange, nodePortRange: { first, last } }: Pick<ApiServerOptions, 'serviceRange' | 'nodePortRange'>,
): readonly Family[] {
  const range = addressRange(serviceRange)
  const allocated = addresses.all().filter(({ name }) => range.has(name)).length
  const ports = services.all().reduce((sum, { object }) => sum + portsOf(object as DeepReadonly<Service>), 0)
  const cidr = { cidr: serviceRange }
  return [
    one('clusterip_allocator_allocated_ips', 'allocated IPs', allocated, cidr),
    one('clusterip_allocator_available_ips', 'available IPs', range.size - allocated, cidr),
    one('nodeport_allocator_allocated_ports', 'allocated NodePorts', ports),
    one('nodeport_allocator_available_ports', 'available NodePorts', last - first + 1 - ports),
  ]
}

function portsOf({ spec }: DeepReadonly<Service>): number {
  const taken = new Set((spec?.ports ?? []).flatMap(({ nodePort }) => nodePort ?? []))
  return taken.size + ((spec?.healthCheckNodePort ?? 0) > 0 ? 1 : 0)
}
