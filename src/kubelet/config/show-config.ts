/** A kubelet's configuration as /configz tells it (https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/#viewing-the-kubelet-configuration). */

import { formatMilliseconds } from '../../wire/decode/duration.ts'
import { configOf } from '../node/node-status.ts'
import type { NodeOptions } from '../options.ts'
import { FIXED } from './fixed-config.ts'
import type { KubeletConfig } from './kubelet-config.ts'

const DURATIONS = [
  'evictionPressureTransitionPeriod',
  'imageMinimumGCAge',
  'imageMaximumGCAge',
  'containerLogMonitorInterval',
  'shutdownGracePeriod',
  'shutdownGracePeriodCriticalPods',
  'nodeStatusUpdateFrequency',
  'nodeStatusReportFrequency',
  'httpCheckFrequency',
] as const satisfies readonly (keyof KubeletConfig)[]

/** The configuration in the form of its file, with every default. Empty lists and maps are left out. */
export function shownConfig(config: KubeletConfig) {
  const { crashLoopBackOff, ...plain } = config
  return {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    ...FIXED,
    ...Object.fromEntries(Object.entries(plain).filter(([, value]) => !isEmpty(value))),
    ...shownDurations(config),
    memorySwap: config.memorySwap,
    crashLoopBackOff: { maxContainerRestartPeriod: formatMilliseconds(crashLoopBackOff.maxContainerRestartPeriod) },
  }
}

const shownDurations = (config: KubeletConfig) =>
  Object.fromEntries(DURATIONS.map((name) => [name, formatMilliseconds(config[name])])) as Readonly<
    Record<(typeof DURATIONS)[number], string>
  >

const isEmpty = (value: unknown) =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

/** The same of a node that runs, with what it was told besides the file. */
export function shownNodeConfig(node: NodeOptions, address: string | undefined) {
  const { places } = node
  return {
    ...shownConfig(configOf(node)),
    ...(address !== undefined && { address }),
    port: node.port,
    clusterDomain: node.clusterDomain,
    ...(node.clusterDns.length > 0 && { clusterDNS: node.clusterDns }),
    ...(node.providerId !== undefined && { providerID: node.providerId }),
    authentication: { x509: {}, webhook: { enabled: true, cacheTTL: '2m0s' }, anonymous: { enabled: false } },
    authorization: {
      mode: 'Webhook',
      webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' },
    },
    ...places,
  }
}
