/** A KubeSchedulerConfiguration, complete: what is left out has its default (https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/). */

import type { NodeAffinity, TopologySpreadConstraint } from '../../api/generated/core-v1.ts'

/** Where plugins can be enabled and disabled, `multiPoint` apart. */
export const POINTS = [
  'preFilter',
  'filter',
  'postFilter',
  'reserve',
  'preScore',
  'score',
  'preBind',
  'bind',
  'postBind',
  'permit',
  'preEnqueue',
  'queueSort',
  'placementGenerate',
  'placementScore',
] as const

export type Point = (typeof POINTS)[number]

/** A plugin by its name, with its weight where it scores; 0: none was given. */
export interface PluginChoice {
  readonly name: string
  readonly weight: number
}

export interface PluginSet {
  readonly enabled: readonly PluginChoice[]
  readonly disabled: readonly string[]
}

export type PluginSets = Readonly<Record<Point | 'multiPoint', PluginSet>>

export interface ProfileConfig {
  readonly schedulerName: string
  readonly percentageOfNodesToScore: number | undefined
  readonly plugins: PluginSets
  readonly args: PluginArgs
}

export interface ResourceSpec {
  readonly name: string
  readonly weight: number
}

/** One point of a shape: utilization in percent, score 0 to 10. */
export interface ShapePoint {
  readonly utilization: number
  readonly score: number
}

export interface FitArgs {
  readonly ignoredResources: readonly string[]
  readonly ignoredResourceGroups: readonly string[]
  readonly scoringStrategy: {
    readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio'
    readonly resources: readonly ResourceSpec[]
    readonly requestedToCapacityRatio?: { readonly shape: readonly ShapePoint[] }
  }
}

/** The arguments of every plugin that has some. */
export interface PluginArgs {
  readonly DefaultPreemption: {
    readonly minCandidateNodesPercentage: number
    readonly minCandidateNodesAbsolute: number
  }
  readonly DynamicResources: {
    /** How long a node may be looked at for devices; 0: as long as it takes. */
    readonly filterTimeoutMs: number
    /** How long a device may take to be ready for its Pod. */
    readonly bindingTimeoutMs: number
  }
  readonly InterPodAffinity: {
    readonly hardPodAffinityWeight: number
    readonly ignorePreferredTermsOfExistingPods: boolean
  }
  readonly NodeAffinity: { readonly addedAffinity?: NodeAffinity }
  readonly NodeResourcesBalancedAllocation: { readonly resources: readonly ResourceSpec[] }
  readonly NodeResourcesFit: FitArgs
  readonly PodTopologySpread: {
    readonly defaultConstraints: readonly TopologySpreadConstraint[]
    readonly defaultingType: 'System' | 'List'
  }
  readonly VolumeBinding: { readonly bindTimeoutSeconds: number; readonly shape?: readonly ShapePoint[] }
}

export interface TlsFiles {
  readonly insecure: boolean
  readonly serverName?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly caFile?: string
  readonly certData?: Uint8Array
  readonly keyData?: Uint8Array
  readonly caData?: Uint8Array
}

export interface ExtenderConfig {
  readonly urlPrefix: string
  readonly filterVerb: string
  readonly preemptVerb: string
  readonly prioritizeVerb: string
  readonly bindVerb: string
  readonly weight: number
  readonly enableHttps: boolean
  readonly tls?: TlsFiles
  /** 0: the default of five seconds. */
  readonly httpTimeoutMs: number
  readonly nodeCacheCapable: boolean
  readonly managedResources: readonly { readonly name: string; readonly ignoredByScheduler: boolean }[]
  readonly ignorable: boolean
}

export interface SchedulerConfig {
  readonly parallelism: number
  readonly percentageOfNodesToScore: number
  readonly podInitialBackoffSeconds: number
  readonly podMaxBackoffSeconds: number
  readonly profiles: readonly ProfileConfig[]
  readonly extenders: readonly ExtenderConfig[]
}
