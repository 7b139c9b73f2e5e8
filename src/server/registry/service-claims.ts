/** The addresses and node ports that Services have, and need (https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport). Pure. */

import type { Service, ServicePort } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'

export type Draft = Service & KubeObject
/** What was stored before; undefined for a Service that is new. */
export type Stored = DeepReadonly<Service> | undefined
type Spec = NonNullable<Service['spec']>

export interface Claims {
  readonly address: string
  readonly ports: ReadonlySet<number>
}

/** What a stored Service has claimed. */
export function claimsOf(service: Stored): Claims {
  const { type, clusterIP = '', ports = [], healthCheckNodePort } = service?.spec ?? {}
  const numbers = ports.map(({ nodePort = 0 }) => nodePort).filter((port) => port > 0)
  if (healthCheckNodePort !== undefined && healthCheckNodePort > 0) numbers.push(healthCheckNodePort)
  return { address: type === 'ExternalName' || clusterIP === 'None' ? '' : clusterIP, ports: new Set(numbers) }
}

/** The ports that have, or must get, a node port, with their places. */
export function portsNeeding(spec: Spec): (readonly [number, ServicePort])[] {
  const ports = [...(spec.ports ?? []).entries()]
  if (spec.type === 'NodePort') return ports
  if (spec.type !== 'LoadBalancer') return []
  return spec.allocateLoadBalancerNodePorts === false ? ports.filter(([, { nodePort = 0 }]) => nodePort > 0) : ports
}

/** The node ports of all Services but this one. */
export function portsInUse(services: WatchCache, self: Draft): ReadonlySet<number> {
  const used = new Set<number>()
  for (const { object, name, namespace } of services.all()) {
    if (name === self.metadata.name && namespace === self.metadata.namespace) continue
    for (const port of claimsOf(object as DeepReadonly<Service>).ports) used.add(port)
  }
  return used
}
