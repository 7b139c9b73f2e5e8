/** What is wrong between the fields of a kubelet's configuration, each of which may be right by itself. Pure. */

import { parseThresholds } from '../eviction/thresholds.ts'
import type { KubeletConfig } from './kubelet-config.ts'

const SECOND = 1_000
const MAX_RESTART_PERIOD = 300 * SECOND

/** Every fault, in the order of the fields; none: the configuration is sound. */
export function configFaults(config: KubeletConfig): readonly string[] {
  return [...imageFaults(config), ...evictionFaults(config), ...shutdownFaults(config), ...otherFaults(config)]
}

function imageFaults(config: KubeletConfig): string[] {
  const { imageGCHighThresholdPercent: high, imageGCLowThresholdPercent: low } = config
  const { imageMinimumGCAge: least, imageMaximumGCAge: most, serializeImagePulls, maxParallelImagePulls = 1 } = config
  return [
    ...(low < high
      ? []
      : [`imageGCLowThresholdPercent: ${low} must be less than imageGCHighThresholdPercent, ${high}`]),
    ...(most === 0 || most > least ? [] : ['imageMaximumGCAge: must be greater than imageMinimumGCAge']),
    ...(serializeImagePulls && maxParallelImagePulls > 1
      ? ['maxParallelImagePulls: cannot be larger than 1 unless serializeImagePulls is false']
      : []),
  ]
}

function evictionFaults(config: KubeletConfig): string[] {
  const faults: string[] = []
  try {
    parseThresholds(config)
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error))
  }
  const valid = ['pods', 'none']
  const enforced = config.enforceNodeAllocatable
  if (!enforced.every((what) => valid.includes(what)) || enforced.length > 1) {
    faults.push('enforceNodeAllocatable: only ["pods"] and ["none"] are supported')
  }
  return faults
}

function shutdownFaults(config: KubeletConfig): string[] {
  const { shutdownGracePeriod: all, shutdownGracePeriodCriticalPods: critical } = config
  const isShort = (ms: number) => ms > 0 && ms < SECOND
  return [
    ...(isShort(all) ? ['shutdownGracePeriod: must be 0 or at least 1 s'] : []),
    ...(isShort(critical) ? ['shutdownGracePeriodCriticalPods: must be 0 or at least 1 s'] : []),
    ...(critical > all ? ['shutdownGracePeriodCriticalPods: must not be longer than shutdownGracePeriod'] : []),
    ...(config.shutdownGracePeriodByPodPriority.length > 0 && all > 0
      ? ['shutdownGracePeriodByPodPriority: cannot be stated together with shutdownGracePeriod']
      : []),
  ]
}

function otherFaults(config: KubeletConfig): string[] {
  const { crashLoopBackOff, podPidsLimit, memoryReservationPolicy: policy, featureGates: gates } = config
  return [
    ...(crashLoopBackOff.maxContainerRestartPeriod <= MAX_RESTART_PERIOD
      ? []
      : ['crashLoopBackOff.maxContainerRestartPeriod: must be from 1s to 300s']),
    ...(policy === 'None' || gates['MemoryQoS'] === true
      ? []
      : [`memoryReservationPolicy: "${policy}" requires MemoryQoS feature gate to be enabled`]),
    ...(gates['NodeLogQuery'] === false
      ? ['featureGates: cannot set feature gate NodeLogQuery to false, feature is locked to true']
      : []),
    ...(config.enableSystemLogQuery && !config.enableSystemLogHandler
      ? ['enableSystemLogHandler is required for enableSystemLogQuery']
      : []),
    ...(podPidsLimit === 0 ? ['podPidsLimit: 0 processes are too few; -1 is without limit'] : []),
  ]
}
