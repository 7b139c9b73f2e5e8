/** Completes a KubeSchedulerConfiguration: what is left out gets its default. */

import { parseDuration } from '../../wire/decode/duration.ts'
import { DEFAULT_PLUGINS } from './default-plugins.ts'
import { mergePlugins } from './merge-plugins.ts'
import type { RawArgs, RawConfig, RawExtender, RawPlugin, RawProfile, RawShapePoint } from './raw.ts'
import type { ExtenderConfig, PluginArgs, ProfileConfig, ResourceSpec, SchedulerConfig, ShapePoint } from './types.ts'

/** A completed profile, with the arguments in the order they were written. */
export interface CompleteProfile extends ProfileConfig {
  readonly pluginConfig: readonly { readonly name: string; readonly args: RawArgs }[]
}

/** A complete configuration that nobody has judged yet. */
export interface CompleteConfig extends SchedulerConfig {
  readonly profiles: readonly CompleteProfile[]
  readonly leaderElection: NonNullable<RawConfig['leaderElection']>
  readonly clientConnection: NonNullable<RawConfig['clientConnection']>
}

const DEFAULT_SCHEDULER_NAME = 'default-scheduler'

export function completed(raw: RawConfig): CompleteConfig {
  const profiles = raw.profiles === undefined || raw.profiles.length === 0 ? [{}] : raw.profiles
  const onlyName = profiles.length === 1 ? DEFAULT_SCHEDULER_NAME : ''
  const extenders = (raw.extenders ?? []).map(completeExtender)
  const ignored = extenders.flatMap(({ managedResources }) =>
    managedResources.filter((resource) => resource.ignoredByScheduler).map(({ name }) => name),
  )
  return {
    parallelism: raw.parallelism ?? 16,
    percentageOfNodesToScore: raw.percentageOfNodesToScore ?? 0,
    podInitialBackoffSeconds: raw.podInitialBackoffSeconds ?? 1,
    podMaxBackoffSeconds: raw.podMaxBackoffSeconds ?? 10,
    profiles: profiles.map((profile) => completeProfile(profile, onlyName, ignored)),
    extenders,
    leaderElection: raw.leaderElection ?? {},
    clientConnection: raw.clientConnection ?? {},
  }
}

function completeProfile(profile: RawProfile, defaultName: string, ignored: readonly string[]): CompleteProfile {
  const pluginConfig = (profile.pluginConfig ?? []).map(({ name = '', args = {} }) => ({ name, args }))
  const of = (name: string) => pluginConfig.find((entry) => entry.name === name)?.args ?? {}
  const args = completeArgs(of)
  const fit = args.NodeResourcesFit
  return {
    schedulerName: profile.schedulerName ?? defaultName,
    percentageOfNodesToScore: profile.percentageOfNodesToScore,
    plugins: mergePlugins(DEFAULT_PLUGINS, profile.plugins),
    pluginConfig,
    // What extenders look after themselves is not looked at here.
    args: ignored.length === 0 ? args : { ...args, NodeResourcesFit: { ...fit, ignoredResources: ignored } },
  }
}

const milliseconds = (duration: string) => Number(parseDuration(duration)) / 1_000_000

const resourcesOf = (given: readonly RawPlugin[] | undefined): readonly ResourceSpec[] =>
  given === undefined || given.length === 0
    ? [
        { name: 'cpu', weight: 1 },
        { name: 'memory', weight: 1 },
      ]
    : given.map(({ name = '', weight = 0 }) => ({ name, weight: weight === 0 ? 1 : weight }))

const shapeOf = (shape: readonly RawShapePoint[] = []): readonly ShapePoint[] =>
  shape.map(({ utilization = 0, score = 0 }) => ({ utilization, score }))

/** The arguments of all plugins. Values that only some texts may have are taken as they are: validation judges them. */
export function completeArgs(of: (plugin: string) => RawArgs): PluginArgs {
  const preemption = of('DefaultPreemption')
  const affinity = of('InterPodAffinity')
  const fit = of('NodeResourcesFit')
  const strategy = fit.scoringStrategy ?? { type: 'LeastAllocated' }
  const spread = of('PodTopologySpread')
  const volumes = of('VolumeBinding')
  const devices = of('DynamicResources')
  const { addedAffinity } = of('NodeAffinity')
  return {
    DefaultPreemption: {
      minCandidateNodesPercentage: preemption.minCandidateNodesPercentage ?? 10,
      minCandidateNodesAbsolute: preemption.minCandidateNodesAbsolute ?? 100,
    },
    DynamicResources: {
      filterTimeoutMs: milliseconds(devices.filterTimeout ?? '10s'),
      bindingTimeoutMs: milliseconds(devices.bindingTimeout ?? '10m'),
    },
    InterPodAffinity: {
      hardPodAffinityWeight: affinity.hardPodAffinityWeight ?? 1,
      ignorePreferredTermsOfExistingPods: affinity.ignorePreferredTermsOfExistingPods ?? false,
    },
    NodeAffinity: addedAffinity === undefined ? {} : { addedAffinity },
    NodeResourcesBalancedAllocation: { resources: resourcesOf(of('NodeResourcesBalancedAllocation').resources) },
    NodeResourcesFit: {
      ignoredResources: fit.ignoredResources ?? [],
      ignoredResourceGroups: fit.ignoredResourceGroups ?? [],
      scoringStrategy: {
        type: (strategy.type ?? '') as PluginArgs['NodeResourcesFit']['scoringStrategy']['type'],
        resources: resourcesOf(strategy.resources),
        ...(strategy.requestedToCapacityRatio === undefined
          ? {}
          : { requestedToCapacityRatio: { shape: shapeOf(strategy.requestedToCapacityRatio.shape) } }),
      },
    },
    PodTopologySpread: {
      defaultConstraints: spread.defaultConstraints ?? [],
      defaultingType: (spread.defaultingType || 'System') as 'System' | 'List',
    },
    VolumeBinding: {
      bindTimeoutSeconds: volumes.bindTimeoutSeconds ?? 600,
      ...(volumes.shape === undefined ? {} : { shape: shapeOf(volumes.shape) }),
    },
  }
}

function completeExtender(raw: RawExtender): ExtenderConfig {
  const { tlsConfig: tls } = raw
  const bytes = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text, 'base64'))
  const given = <T extends object>(fields: T) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as {
      [Key in keyof T]?: Exclude<T[Key], undefined>
    }
  return {
    urlPrefix: raw.urlPrefix ?? '',
    filterVerb: raw.filterVerb ?? '',
    preemptVerb: raw.preemptVerb ?? '',
    prioritizeVerb: raw.prioritizeVerb ?? '',
    bindVerb: raw.bindVerb ?? '',
    weight: raw.weight ?? 0,
    enableHttps: raw.enableHTTPS ?? false,
    ...(tls === undefined
      ? {}
      : {
          tls: {
            insecure: tls.insecure ?? false,
            ...given({
              serverName: tls.serverName,
              certFile: tls.certFile,
              keyFile: tls.keyFile,
              caFile: tls.caFile,
              certData: bytes(tls.certData),
              keyData: bytes(tls.keyData),
              caData: bytes(tls.caData),
            }),
          },
        }),
    httpTimeoutMs: milliseconds(raw.httpTimeout ?? '0s'),
    nodeCacheCapable: raw.nodeCacheCapable ?? false,
    managedResources: (raw.managedResources ?? []).map(({ name = '', ignoredByScheduler = false }) => ({
      name,
      ignoredByScheduler,
    })),
    ignorable: raw.ignorable ?? false,
  }
}
