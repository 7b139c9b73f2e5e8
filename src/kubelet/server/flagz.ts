/**
 * What /flagz tells of the kubelet: its settings in force, under the names of Kubernetes's flags
 * (https://kubernetes.io/docs/reference/instrumentation/zpages/). Pure.
 */

import { shownConfig } from '../config/show-config.ts'
import { configOf } from '../node/node-status.ts'
import type { NodeOptions } from '../options.ts'

type Texts = Readonly<Record<string, string>>

const list = (items: readonly string[]) => `[${items.join(',')}]`

const pairs = (texts: Texts, sign: '=' | '<' = '=') =>
  Object.entries(texts)
    .map(([name, value]) => `${name}${sign}${value}`)
    .toSorted()
    .join(',')

/** In alphabetical order. */
export function flagsOf(node: NodeOptions): Texts {
  const config = configOf(node)
  const shown = shownConfig(config)
  const taints = config.registerWithTaints.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`)
  return {
    'allowed-unsafe-sysctls': list(config.allowedUnsafeSysctls),
    'cluster-dns': list(node.clusterDns),
    'cluster-domain': node.clusterDomain,
    'container-log-max-files': String(config.containerLogMaxFiles),
    'container-log-max-size': config.containerLogMaxSize,
    'enforce-node-allocatable': list(config.enforceNodeAllocatable),
    'eviction-hard': pairs(config.evictionHard, '<'),
    'eviction-max-pod-grace-period': String(config.evictionMaxPodGracePeriod),
    'eviction-minimum-reclaim': pairs(config.evictionMinimumReclaim),
    'eviction-pressure-transition-period': String(shown.evictionPressureTransitionPeriod),
    'eviction-soft': pairs(config.evictionSoft, '<'),
    'eviction-soft-grace-period': pairs(config.evictionSoftGracePeriod),
    'hostname-override': node.name,
    'image-gc-high-threshold': String(config.imageGCHighThresholdPercent),
    'image-gc-low-threshold': String(config.imageGCLowThresholdPercent),
    'kube-reserved': pairs(config.kubeReserved),
    'max-pods': String(config.maxPods),
    'minimum-image-ttl-duration': String(shown.imageMinimumGCAge),
    'node-ip': node.addresses.join(','),
    'node-labels': pairs(node.labels ?? {}),
    'node-status-max-images': String(config.nodeStatusMaxImages),
    'node-status-update-frequency': String(shown.nodeStatusUpdateFrequency),
    'pod-cidr': (node.podCidrs ?? []).join(','),
    'pod-manifest-path': node.places?.staticPodPath ?? '',
    'pod-max-pids': String(config.podPidsLimit),
    port: String(node.port),
    'provider-id': node.providerId ?? '',
    'register-with-taints': taints.join(','),
    'registry-burst': String(config.registryBurst),
    'registry-qps': String(config.registryPullQPS),
    'serialize-image-pulls': String(config.serializeImagePulls),
    'system-reserved': pairs(config.systemReserved),
  }
}
