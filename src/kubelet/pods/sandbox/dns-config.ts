/**
 * What a Pod resolves names with
 * (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy).
 */

import type { PodDNSConfig } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { DnsConfig } from '../../cri/runtime.ts'
import { isHostNetwork, namesOf, podText, type PodView, specOf } from '../pod-view.ts'

/** What resolvers take; the rest is left out, and an event says so. */
const MAX_NAMESERVERS = 3
const MAX_SEARCHES = 32
const MAX_SEARCH_LENGTH = 253
const MAX_SEARCH_LINE = 2048

export interface ClusterDns {
  readonly clusterDomain: string
  /** Addresses of the cluster's DNS; empty: there is none. */
  readonly servers: readonly string[]
}

/** A warning about a Pod's resolver. */
export interface DnsWarning {
  readonly reason: 'DNSConfigForming' | 'MissingClusterDNS'
  readonly message: string
}

export interface PodDns {
  readonly config: DnsConfig
  readonly warnings: readonly DnsWarning[]
}

/** By its `dnsPolicy` and `dnsConfig`, as much as resolvers take. */
export function dnsOf(pod: PodView, dns: ClusterDns, node: DnsConfig): PodDns {
  const { config, missing } = byPolicy(pod, dns, node)
  const { config: fitting, warnings } = fit(withDnsConfig(config, specOf(pod).dnsConfig))
  return { config: fitting, warnings: missing ? [missingClusterDns(pod), ...warnings] : warnings }
}

const distinct = (values: readonly string[]) => [...new Set(values)]

function byPolicy(pod: PodView, { clusterDomain, servers }: ClusterDns, node: DnsConfig) {
  const { dnsPolicy = 'ClusterFirst' } = specOf(pod)
  if (dnsPolicy === 'None') return { config: { servers: [], searches: [], options: [] }, missing: false }
  const cluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !isHostNetwork(pod))
  if (!cluster || servers.length === 0) return { config: node, missing: cluster }
  const { namespace } = namesOf(pod)
  const searches = [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
  const config = { servers, searches: distinct([...searches, ...node.searches]), options: ['ndots:5'] }
  return { config, missing: false }
}

const missingClusterDns = (pod: PodView): DnsWarning => ({
  reason: 'MissingClusterDNS',
  message: `pod: "${podText(pod)}". kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.`,
})

function withDnsConfig(base: DnsConfig, config: DeepReadonly<PodDNSConfig> | undefined): DnsConfig {
  if (config === undefined) return base
  const options = new Map(base.options.map((option) => [option.split(':')[0] ?? option, option]))
  for (const { name = '', value } of config.options ?? []) {
    options.set(name, value === undefined || value === '' ? name : `${name}:${value}`)
  }
  return {
    servers: distinct([...base.servers, ...(config.nameservers ?? [])]),
    searches: distinct([...base.searches, ...(config.searches ?? [])]),
    options: [...options.values()],
  }
}

function fit({ servers, searches, options }: DnsConfig): PodDns {
  const warnings: DnsWarning[] = []
  const warn = (message: string) => warnings.push({ reason: 'DNSConfigForming', message })
  const fewServers = servers.slice(0, MAX_NAMESERVERS)
  if (fewServers.length < servers.length) {
    warn(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${fewServers.join(' ')}`,
    )
  }
  const fewSearches = searches.slice(0, MAX_SEARCHES).filter((search) => search.length <= MAX_SEARCH_LENGTH)
  while (fewSearches.join(' ').length > MAX_SEARCH_LINE) fewSearches.pop()
  if (fewSearches.length < searches.length) {
    warn(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${fewSearches.join(' ')}`,
    )
  }
  return { config: { servers: fewServers, searches: fewSearches, options }, warnings }
}
