/**
 * A Pod's names inside: hostname, domain, hosts file, resolver
 * (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/).
 */

import type { PodDNSConfig } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { DnsConfig } from '../cri/runtime.ts'
import { isHostNetwork, namesOf, type PodView, specOf } from './pod-view.ts'

/** The longest name the kernel takes. */
const MAX_HOSTNAME = 64
/** The longest DNS label; longer Pod names are cut. */
const MAX_LABEL = 63

export interface ClusterDns {
  readonly clusterDomain: string
  /** Addresses of the cluster's DNS; empty: there is none. */
  readonly servers: readonly string[]
}

export interface PodHostname {
  readonly hostname: string
  /** The hostname with its domain, for Pods with a subdomain. */
  readonly fqdn: string | undefined
}

const cut = (name: string) => name.slice(0, MAX_LABEL).replace(/[-.]+$/, '')

/** Throws when `setHostnameAsFQDN` asks for more than the kernel takes. */
export function hostnameOf(pod: PodView, { clusterDomain }: Pick<ClusterDns, 'clusterDomain'>): PodHostname {
  const { hostname, hostnameOverride, subdomain, setHostnameAsFQDN } = specOf(pod)
  const { name, namespace } = namesOf(pod)
  if (hostnameOverride !== undefined) return { hostname: hostnameOverride, fqdn: undefined }
  const short = hostname ?? cut(name)
  const fqdn =
    subdomain === undefined || subdomain === '' ? undefined : `${short}.${subdomain}.${namespace}.svc.${clusterDomain}`
  if (setHostnameAsFQDN !== true || fqdn === undefined) return { hostname: short, fqdn }
  if (fqdn.length > MAX_HOSTNAME) {
    throw new Error(
      `Failed to construct FQDN from pod hostname and cluster domain, FQDN ${fqdn} is too long (${MAX_HOSTNAME} characters is the max, ${fqdn.length} characters requested)`,
    )
  }
  return { hostname: fqdn, fqdn }
}

const HOSTS_HEAD = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
]

/** The Pod's /etc/hosts. A Pod in the node's network gets the node's own, with its aliases. */
export function hostsFile(
  pod: PodView,
  facts: { readonly ips: readonly string[]; readonly names: PodHostname; readonly nodeHosts: string },
): string {
  const { hostname, fqdn } = facts.names
  const lines = isHostNetwork(pod)
    ? ['# Kubernetes-managed hosts file (host network).', facts.nodeHosts.trimEnd()]
    : [
        '# Kubernetes-managed hosts file.',
        ...HOSTS_HEAD,
        ...facts.ips.map((ip) => `${ip}\t${fqdn === undefined ? '' : `${fqdn}\t`}${hostname}`),
      ]
  const aliases = specOf(pod).hostAliases ?? []
  if (aliases.length > 0) {
    lines.push('', '# Entries added by HostAliases.')
    for (const alias of aliases) lines.push([alias.ip, ...(alias.hostnames ?? [])].join('\t'))
  }
  return `${lines.join('\n')}\n`
}

const distinct = (values: readonly string[]) => [...new Set(values)]

/** What the Pod resolves names with, by its `dnsPolicy` and `dnsConfig`. */
export function dnsConfigOf(pod: PodView, dns: ClusterDns, node: DnsConfig): DnsConfig {
  return withDnsConfig(byPolicy(pod, dns, node), specOf(pod).dnsConfig)
}

function byPolicy(pod: PodView, { clusterDomain, servers }: ClusterDns, node: DnsConfig): DnsConfig {
  const { dnsPolicy = 'ClusterFirst' } = specOf(pod)
  if (dnsPolicy === 'None') return { servers: [], searches: [], options: [] }
  const cluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !isHostNetwork(pod))
  if (!cluster || servers.length === 0) return node
  const { namespace } = namesOf(pod)
  const searches = [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
  return { servers, searches: distinct([...searches, ...node.searches]), options: ['ndots:5'] }
}

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
