/** A KubeSchedulerConfiguration as written: anything may be left out. */

import type { NodeAffinity, TopologySpreadConstraint } from '../../api/generated/core-v1.ts'
import type { Point } from './types.ts'

export interface RawPlugin {
  readonly name?: string
  readonly weight?: number
}

export interface RawPluginSet {
  readonly enabled?: readonly RawPlugin[]
  readonly disabled?: readonly RawPlugin[]
}

export type RawPlugins = Readonly<Partial<Record<Point | 'multiPoint', RawPluginSet>>>

/** The fields of all kinds of arguments. */
export interface RawArgs {
  readonly kind?: string
  readonly minCandidateNodesPercentage?: number
  readonly minCandidateNodesAbsolute?: number
  readonly hardPodAffinityWeight?: number
  readonly ignorePreferredTermsOfExistingPods?: boolean
  readonly addedAffinity?: NodeAffinity
  readonly resources?: readonly RawPlugin[]
  readonly ignoredResources?: readonly string[]
  readonly ignoredResourceGroups?: readonly string[]
  readonly scoringStrategy?: {
    readonly type?: string
    readonly resources?: readonly RawPlugin[]
    readonly requestedToCapacityRatio?: { readonly shape?: readonly RawShapePoint[] }
  }
  readonly defaultConstraints?: readonly TopologySpreadConstraint[]
  readonly defaultingType?: string
  readonly bindTimeoutSeconds?: number
  readonly filterTimeout?: string
  readonly bindingTimeout?: string
  readonly shape?: readonly RawShapePoint[]
}

export interface RawShapePoint {
  readonly utilization?: number
  readonly score?: number
}

export interface RawProfile {
  readonly schedulerName?: string
  readonly percentageOfNodesToScore?: number
  readonly plugins?: RawPlugins
  readonly pluginConfig?: readonly { readonly name?: string; args?: RawArgs }[]
}

export interface RawExtender {
  readonly urlPrefix?: string
  readonly filterVerb?: string
  readonly preemptVerb?: string
  readonly prioritizeVerb?: string
  readonly bindVerb?: string
  readonly weight?: number
  readonly enableHTTPS?: boolean
  readonly tlsConfig?: {
    readonly insecure?: boolean
    readonly serverName?: string
    readonly certFile?: string
    readonly keyFile?: string
    readonly caFile?: string
    readonly certData?: string
    readonly keyData?: string
    readonly caData?: string
  }
  readonly httpTimeout?: string
  readonly nodeCacheCapable?: boolean
  readonly managedResources?: readonly { readonly name?: string; readonly ignoredByScheduler?: boolean }[]
  readonly ignorable?: boolean
}

export interface RawConfig {
  readonly parallelism?: number
  readonly leaderElection?: {
    readonly leaderElect?: boolean
    readonly leaseDuration?: string
    readonly renewDeadline?: string
    readonly retryPeriod?: string
    readonly resourceLock?: string
  }
  readonly clientConnection?: { readonly burst?: number }
  readonly percentageOfNodesToScore?: number
  readonly podInitialBackoffSeconds?: number
  readonly podMaxBackoffSeconds?: number
  readonly profiles?: readonly RawProfile[]
  readonly extenders?: readonly RawExtender[]
}
