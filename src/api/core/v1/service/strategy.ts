/**
 * What becomes of a Service when it is written: its defaults, and what an update leaves out is kept
 * (https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/).
 */

import { isIP, isIPv6 } from 'node:net'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { deepEqual } from '../../../../meta/validation.ts'
import type { IPFamily, Service, ServicePort, ServiceSpec } from '../../../generated/core-v1.ts'
import { keepStatus } from '../../../strategy.ts'
import {
  hasNodePorts,
  HEADLESS,
  isExternallyAccessible,
  isHeadless,
  needsClusterIp,
  needsHealthCheck,
  typeOf,
} from './facts.ts'

type Shared = DeepReadonly<Service>

const AFFINITY_SECONDS = 10800

export function defaultService(service: Service): void {
  const spec = (service.spec ??= {})
  spec.sessionAffinity ??= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } }
  }
  spec.type ??= 'ClusterIP'
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP'
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port
  }
  if (isExternallyAccessible(service)) spec.externalTrafficPolicy ??= 'Cluster'
  if (['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type)) spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true
    for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
  }
}

export function prepareForCreate(service: Service): void {
  service.status = { loadBalancer: {} }
  const spec = service.spec
  if (spec === undefined) return
  const { clusterIP = '' } = spec
  if (clusterIP !== '' && (spec.clusterIPs?.length ?? 0) === 0) spec.clusterIPs = [clusterIP]
  defaultFamilies(service)
}

/** The families of a Service in a cluster of one family, unless it says otherwise. */
function defaultFamilies(service: Service, clusterFamily: IPFamily = 'IPv4'): void {
  const spec = service.spec
  if (spec === undefined || !needsClusterIp(service)) return
  const hasNoSelector = Object.keys(spec.selector ?? {}).length === 0
  if (isHeadless(service) && hasNoSelector) {
    // Nobody knows what the endpoints will be: both are welcome.
    spec.ipFamilyPolicy ??= 'RequireDualStack'
    const [first = clusterFamily, ...more] = spec.ipFamilies ?? []
    const isOne = spec.ipFamilyPolicy === 'SingleStack' || more.length > 0
    spec.ipFamilies = isOne ? [first, ...more] : [first, first === 'IPv4' ? 'IPv6' : 'IPv4']
    return
  }
  spec.ipFamilyPolicy ??= 'SingleStack'
  const given = (spec.clusterIPs ?? []).filter((address) => address !== HEADLESS)
  // Of addresses that nobody can read, or of two for one family, more is told than of their families.
  if (given.some((ip) => isIP(ip) === 0) || (spec.ipFamilyPolicy === 'SingleStack' && given.length > 1)) return
  const families = [...(spec.ipFamilies ?? [])]
  for (const address of given.slice(families.length)) {
    const family = isIPv6(address) ? 'IPv6' : 'IPv4'
    // The cluster has none of it: that is told of the address.
    if (family !== clusterFamily) break
    families.push(family)
  }
  if (given.length === 0 && families.length === 0) families.push(clusterFamily)
  if (families.length > 0) spec.ipFamilies = families
}

export function prepareForUpdate(service: Service, old: Shared): void {
  keepStatus(service, old)
  const spec = service.spec
  if (spec === undefined) return
  keepAllocated(service, spec, old)
  alignClusterIps(spec, old)
  if (spec.ipFamilies === undefined && needsClusterIp(old)) defaultFamilies(service)
  dropWhatTheTypeLacks(service, spec, old)
}

/** What the server once gave stays, unless the update says otherwise. */
function keepAllocated(service: Service, spec: ServiceSpec, old: Shared): void {
  const before = old.spec
  if (needsClusterIp(old) && needsClusterIp(service)) {
    if ((spec.clusterIP ?? '') === '' && before?.clusterIP !== undefined) spec.clusterIP = before.clusterIP
    const isSame = spec.clusterIP === before?.clusterIP
    if ((spec.clusterIPs?.length ?? 0) === 0 && isSame && before?.clusterIPs !== undefined) {
      spec.clusterIPs = [...before.clusterIPs]
    }
    if (spec.ipFamilyPolicy === undefined && before?.ipFamilyPolicy !== undefined) {
      spec.ipFamilyPolicy = before.ipFamilyPolicy
    }
    const isKept = isSame && (spec.clusterIPs?.[0] ?? '') === (before?.clusterIPs?.[0] ?? '')
    if (spec.ipFamilies === undefined && isKept && before?.ipFamilies !== undefined)
      spec.ipFamilies = [...before.ipFamilies]
  } else if (needsClusterIp(service)) defaultFamilies(service)
  if (hasNodePorts(old) && hasNodePorts(service)) keepNodePorts(spec.ports ?? [], before?.ports ?? [])
  if (needsHealthCheck(old) && needsHealthCheck(service)) {
    const port = spec.healthCheckNodePort ?? before?.healthCheckNodePort
    if (port !== undefined) spec.healthCheckNodePort = port
  }
}

function keepNodePorts(ports: ServicePort[], before: readonly DeepReadonly<ServicePort>[]): void {
  const taken = new Set(ports.map(({ nodePort, protocol }) => `${protocol}/${nodePort ?? 0}`))
  const earlier = new Map(before.toReversed().map(({ port, protocol, nodePort }) => [`${protocol}/${port}`, nodePort]))
  for (const port of ports) {
    if (port.nodePort !== undefined && port.nodePort !== 0) continue
    const was = earlier.get(`${port.protocol}/${port.port}`)
    if (was !== undefined && !taken.has(`${port.protocol}/${was}`)) port.nodePort = was
  }
}

/** The first of the addresses is the address: who changed one meant the other too. */
function alignClusterIps(spec: ServiceSpec, old: Shared): void {
  const before = old.spec
  const isListSame = deepEqual(spec.clusterIPs, before?.clusterIPs)
  if (spec.clusterIP === before?.clusterIP || !isListSame) {
    if ((spec.clusterIP ?? '') !== '' && (spec.clusterIPs?.length ?? 0) === 0 && spec.clusterIP !== before?.clusterIP) {
      spec.clusterIPs = [spec.clusterIP ?? '']
    }
    return
  }
  const { clusterIP = '' } = spec
  if (clusterIP === '') delete spec.clusterIPs
  else spec.clusterIPs = [clusterIP, ...(spec.clusterIPs ?? []).slice(1)]
}

/** Nothing inside the cluster leads to a name outside. What is no policy stays, to be told of. */
export function dropInternalPolicy(spec: ServiceSpec): void {
  if (spec.internalTrafficPolicy === 'Cluster' || spec.internalTrafficPolicy === 'Local') {
    delete spec.internalTrafficPolicy
  }
}

/** Changing the type drops what only the old type had, where the update left it as it was. */
function dropWhatTheTypeLacks(service: Service, spec: ServiceSpec, old: Shared): void {
  const before = old.spec
  const drop = (field: 'clusterIP' | 'clusterIPs' | 'ipFamilies' | 'ipFamilyPolicy' | Exclusive) => {
    if (deepEqual(spec[field], before?.[field])) delete spec[field]
  }
  if (needsClusterIp(old) && !needsClusterIp(service)) {
    drop('clusterIP')
    drop('clusterIPs')
    drop('ipFamilies')
    drop('ipFamilyPolicy')
  }
  if (typeOf(service) === 'ExternalName') dropInternalPolicy(spec)
  if (hasNodePorts(old) && !hasNodePorts(service)) {
    const numbers = (ports: readonly DeepReadonly<ServicePort>[] | undefined) =>
      (ports ?? []).map((port) => port.nodePort)
    if (deepEqual(numbers(spec.ports), numbers(before?.ports)))
      for (const port of spec.ports ?? []) delete port.nodePort
  }
  if (needsHealthCheck(old) && !needsHealthCheck(service)) drop('healthCheckNodePort')
  if (isExternallyAccessible(old) && !isExternallyAccessible(service)) drop('externalTrafficPolicy')
  if (typeOf(old) === 'LoadBalancer' && typeOf(service) !== 'LoadBalancer') {
    drop('allocateLoadBalancerNodePorts')
    drop('loadBalancerClass')
  }
}

type Exclusive = 'healthCheckNodePort' | 'externalTrafficPolicy' | 'allocateLoadBalancerNodePorts' | 'loadBalancerClass'
