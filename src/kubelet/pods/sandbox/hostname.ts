/**
 * A Pod's names inside: hostname, domain, hosts file
 * (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/).
 */

import type { ClusterDns } from './dns-config.ts'
import { isHostNetwork, namesOf, type PodView, specOf } from '../pod-view.ts'

/** The longest name the kernel takes. */
const MAX_HOSTNAME = 64
/** The longest DNS label; longer Pod names are cut. */
const MAX_LABEL = 63

export interface PodHostname {
  readonly hostname: string
  /** The hostname with its domain, for Pods with a subdomain. */
  readonly fqdn: string | undefined
  /** What the kernel is told, and `hostname` prints. */
  readonly kernelName: string
}

const cut = (name: string) => (name.length <= MAX_LABEL ? name : name.slice(0, MAX_LABEL).replace(/[-.]+$/, ''))

const isGiven = (text: string | undefined): text is string => text !== undefined && text !== ''

/** Throws when `setHostnameAsFQDN` asks for more than the kernel takes. */
export function hostnameOf(pod: PodView, { clusterDomain }: Pick<ClusterDns, 'clusterDomain'>): PodHostname {
  const { hostname: given, hostnameOverride, subdomain, setHostnameAsFQDN } = specOf(pod)
  const { name, namespace } = namesOf(pod)
  if (hostnameOverride !== undefined) {
    const hostname = cut(hostnameOverride)
    return { hostname, fqdn: undefined, kernelName: hostname }
  }
  const hostname = cut(isGiven(given) ? given : name)
  const fqdn = isGiven(subdomain) ? `${hostname}.${subdomain}.${namespace}.svc.${clusterDomain}` : undefined
  if (setHostnameAsFQDN !== true || fqdn === undefined) return { hostname, fqdn, kernelName: hostname }
  if (fqdn.length > MAX_HOSTNAME) {
    throw new Error(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${fqdn} is too long (${MAX_HOSTNAME} characters is the max, ${fqdn.length} characters requested)`,
    )
  }
  return { hostname, fqdn, kernelName: fqdn }
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
