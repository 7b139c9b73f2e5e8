/**
 * What a kubelet may be told by a file of kind KubeletConfiguration, kubelet.config.k8s.io/v1beta1, with Kubernetes's
 * names and defaults (https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/).
 */

import type { Taint } from '../../api/generated/core-v1.ts'

type Texts = Readonly<Record<string, string>>

/** Pods of this priority and above, up to the next entry's, get so long when the node shuts down. */
export interface ShutdownPriority {
  readonly priority: number
  readonly shutdownGracePeriodSeconds: number
}

/** Who may use the machine's swap; empty: nobody. */
export type SwapBehavior = '' | 'NoSwap' | 'LimitedSwap'

/** Durations are milliseconds; where the file says seconds, seconds. */
export interface KubeletConfig {
  readonly maxPods: number
  /** Processes of one Pod; -1: as many as the node can have. */
  readonly podPidsLimit: number
  readonly systemReserved: Texts
  readonly kubeReserved: Texts
  readonly enforceNodeAllocatable: readonly string[]

  readonly evictionHard: Texts
  readonly evictionSoft: Texts
  readonly evictionSoftGracePeriod: Texts
  readonly evictionMinimumReclaim: Texts
  readonly evictionPressureTransitionPeriod: number
  /** Seconds that a Pod may take at most after a soft threshold was crossed. */
  readonly evictionMaxPodGracePeriod: number
  readonly mergeDefaultEvictionSettings: boolean

  readonly imageGCHighThresholdPercent: number
  readonly imageGCLowThresholdPercent: number
  readonly imageMinimumGCAge: number
  /** 0: an image that nobody uses may stay for ever. */
  readonly imageMaximumGCAge: number
  readonly serializeImagePulls: boolean
  /** Absent: without limit when pulls are not one after the other. */
  readonly maxParallelImagePulls: number | undefined
  /** Pulls a second; 0: without limit. */
  readonly registryPullQPS: number
  readonly registryBurst: number

  readonly containerLogMaxSize: string
  readonly containerLogMaxFiles: number
  readonly containerLogMonitorInterval: number

  readonly shutdownGracePeriod: number
  readonly shutdownGracePeriodCriticalPods: number
  readonly shutdownGracePeriodByPodPriority: readonly ShutdownPriority[]

  readonly crashLoopBackOff: { readonly maxContainerRestartPeriod: number }
  readonly nodeStatusUpdateFrequency: number
  readonly nodeStatusReportFrequency: number
  readonly nodeStatusMaxImages: number
  readonly nodeLeaseDurationSeconds: number
  readonly registerWithTaints: readonly Taint[]
  /** Kernel parameters that Pods may set besides the safe ones; a name may end in `*`. */
  readonly allowedUnsafeSysctls: readonly string[]
  /** Whether only the process that finds no memory is killed, and not all of its container. Absent: as the kernel has it. */
  readonly singleProcessOOMKill: boolean | undefined
  readonly memorySwap: { readonly swapBehavior?: SwapBehavior }
  /** How far between its request and its limit a container's memory is throttled, with the gate MemoryQoS. */
  readonly memoryThrottlingFactor: number
  readonly memoryReservationPolicy: 'None' | 'TieredReservation'
  readonly featureGates: Readonly<Record<string, boolean>>
  readonly clusterDomain: string
  /** Empty: as the cluster has it. */
  readonly clusterDNS: readonly string[]
  /** An address that answers with manifests of static Pods; empty: none does. */
  readonly staticPodURL: string
  /** What it is asked with. */
  readonly staticPodURLHeader: Readonly<Record<string, readonly string[]>>
  readonly httpCheckFrequency: number
  /** Whether the machine's logs can be read below /logs/. */
  readonly enableSystemLogHandler: boolean
  /** Whether they can be searched there, those of the machine's services as well. */
  readonly enableSystemLogQuery: boolean
  /** Where /healthz is answered to everybody on the node, without TLS; 0: nowhere. */
  readonly healthzPort: number
  readonly healthzBindAddress: string
}

/** What Kubernetes evicts for unless told otherwise. */
export const DEFAULT_EVICTION_HARD: Texts = {
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
}

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Kubernetes's own, but for pulls: five at once rather than one after the other. */
export const DEFAULT_KUBELET_CONFIG: KubeletConfig = {
  maxPods: 110,
  podPidsLimit: -1,
  systemReserved: {},
  kubeReserved: {},
  enforceNodeAllocatable: ['pods'],
  evictionHard: DEFAULT_EVICTION_HARD,
  evictionSoft: {},
  evictionSoftGracePeriod: {},
  evictionMinimumReclaim: {},
  evictionPressureTransitionPeriod: 5 * MINUTE,
  evictionMaxPodGracePeriod: 0,
  mergeDefaultEvictionSettings: false,
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  imageMinimumGCAge: 2 * MINUTE,
  imageMaximumGCAge: 0,
  serializeImagePulls: false,
  maxParallelImagePulls: 5,
  registryPullQPS: 5,
  registryBurst: 10,
  containerLogMaxSize: '10Mi',
  containerLogMaxFiles: 5,
  containerLogMonitorInterval: 10 * SECOND,
  shutdownGracePeriod: 0,
  shutdownGracePeriodCriticalPods: 0,
  shutdownGracePeriodByPodPriority: [],
  crashLoopBackOff: { maxContainerRestartPeriod: 5 * MINUTE },
  nodeStatusUpdateFrequency: 10 * SECOND,
  nodeStatusReportFrequency: 5 * MINUTE,
  nodeStatusMaxImages: 50,
  nodeLeaseDurationSeconds: 40,
  registerWithTaints: [],
  allowedUnsafeSysctls: [],
  singleProcessOOMKill: undefined,
  memorySwap: {},
  memoryThrottlingFactor: 0.9,
  memoryReservationPolicy: 'None',
  featureGates: {},
  clusterDomain: 'cluster.local',
  clusterDNS: [],
  staticPodURL: '',
  staticPodURLHeader: {},
  httpCheckFrequency: 20 * SECOND,
  enableSystemLogHandler: true,
  enableSystemLogQuery: false,
  healthzPort: 10_248,
  healthzBindAddress: '127.0.0.1',
}

/** How many images may be pulled at once. */
export const parallelPulls = ({ serializeImagePulls, maxParallelImagePulls }: KubeletConfig): number =>
  serializeImagePulls ? 1 : (maxParallelImagePulls ?? Infinity)

/** Whether Pods end by themselves, in order, before the node goes down. */
export const endsGracefully = (config: KubeletConfig): boolean => shutdownSteps(config).length > 0

/**
 * How long Pods of which priority get when the node shuts down, lowest priority first. Nothing: none gets any time
 * (https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/).
 */
export function shutdownSteps(config: KubeletConfig): readonly ShutdownPriority[] {
  const byPriority = config.shutdownGracePeriodByPodPriority
  if (byPriority.length > 0) return byPriority.toSorted((a, b) => a.priority - b.priority)
  const { shutdownGracePeriod: all, shutdownGracePeriodCriticalPods: critical } = config
  if (all === 0) return []
  const seconds = (ms: number) => Math.floor(ms / SECOND)
  return [
    { priority: 0, shutdownGracePeriodSeconds: seconds(all - critical) },
    { priority: SYSTEM_CRITICAL, shutdownGracePeriodSeconds: seconds(critical) },
  ]
}

/** How many milliseconds all of them may take, one step after the other. */
export const shutdownMs = (config: KubeletConfig): number =>
  shutdownSteps(config).reduce((sum, { shutdownGracePeriodSeconds: seconds }) => sum + seconds * SECOND, 0)

/** Pods of this priority and above hold the cluster together. */
export const SYSTEM_CRITICAL = 2_000_000_000
