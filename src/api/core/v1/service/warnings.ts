/** What Kubernetes warns of in Services: fields that do nothing, or are on their way out. */

import { cidrWarnings, ipWarnings } from '../../../../meta/addresses.ts'
import { fieldPath } from '../../../../meta/field-path.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { Service } from '../../../generated/core-v1.ts'
import { OLD_TOPOLOGY_MODE, TOPOLOGY_MODE } from './facts.ts'

/** For a new Service or a changed one. */
export function serviceWarnings({ metadata, spec }: DeepReadonly<Service>): string[] {
  const warnings: string[] = []
  if (Object.hasOwn(metadata.annotations ?? {}, OLD_TOPOLOGY_MODE)) {
    warnings.push(`annotation ${OLD_TOPOLOGY_MODE} is deprecated, please use ${TOPOLOGY_MODE} instead`)
  }
  if (spec === undefined) return warnings
  const { type, clusterIP, externalName = '', loadBalancerIP = '', sessionAffinity, trafficDistribution } = spec
  const hasExternal = (spec.externalIPs?.length ?? 0) > 0
  const isHeadless = type === 'ClusterIP' && clusterIP === 'None'
  const isAlias = type === 'ExternalName'
  const root = fieldPath('spec')
  const each = (field: 'clusterIPs' | 'externalIPs') =>
    warnings.push(...(spec[field] ?? []).flatMap((text, at) => ipWarnings(text, root.child(field).index(at))))
  if (clusterIP !== 'None' && !isAlias) each('clusterIPs')
  if (isHeadless && loadBalancerIP !== '') warnings.push('spec.loadBalancerIP is ignored for headless services')
  if (isHeadless && hasExternal) warnings.push('spec.externalIPs is ignored for headless services')
  if (isHeadless && sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  each('externalIPs')
  if (hasExternal && !isHeadless && !isAlias) {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  }
  warnings.push(...ipWarnings(loadBalancerIP, root.child('loadBalancerIP')))
  for (const [at, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    warnings.push(...cidrWarnings(range, root.child('loadBalancerSourceRanges').index(at)))
  }
  if (isAlias && hasExternal) warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (!isAlias && externalName !== '')
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  }
  return warnings
}

/** For the addresses that a load balancer tells of. */
export function balancerWarnings(ingress: DeepReadonly<readonly { readonly ip?: string }[]> = []): string[] {
  const path = fieldPath('status', 'loadBalancer', 'ingress')
  return ingress.flatMap(({ ip = '' }, at) => ipWarnings(ip, path.index(at)))
}
