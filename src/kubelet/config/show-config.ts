/** A kubelet's configuration as /configz tells it (https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/#viewing-the-kubelet-configuration). */

import { formatDuration } from '../../wire/decode/duration.ts'
import type { KubeletConfig } from './kubelet-config.ts'

const durationText = (ms: number) => formatDuration(BigInt(Math.round(ms * 1_000_000)))

const DURATIONS = [
  'evictionPressureTransitionPeriod',
  'imageMinimumGCAge',
  'imageMaximumGCAge',
  'containerLogMonitorInterval',
  'shutdownGracePeriod',
  'shutdownGracePeriodCriticalPods',
  'nodeStatusUpdateFrequency',
  'nodeStatusReportFrequency',
] as const satisfies readonly (keyof KubeletConfig)[]

/** The configuration in the form of its file, with every default. */
export function shownConfig(config: KubeletConfig) {
  const { crashLoopBackOff, ...plain } = config
  return {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    ...plain,
    ...Object.fromEntries(DURATIONS.map((name) => [name, durationText(config[name])])),
    crashLoopBackOff: { maxContainerRestartPeriod: durationText(crashLoopBackOff.maxContainerRestartPeriod) },
    cgroupDriver: 'cgroupfs',
  }
}
