/** The configuration in force, as /configz has it (https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/). Pure. */

import { formatMilliseconds } from '../../wire/decode/duration.ts'
import type { ExtenderConfig, PluginArgs, PluginSets, ProfileConfig, SchedulerConfig, TlsFiles } from './types.ts'

const API_VERSION = 'kubescheduler.config.k8s.io/v1'

/** Settings under their names; secrets of extenders stay out. */
export function shownConfig(config: SchedulerConfig): object {
  const { parallelism, percentageOfNodesToScore, podInitialBackoffSeconds, podMaxBackoffSeconds } = config
  const extenders = config.extenders.map(shownExtender)
  return {
    kind: 'KubeSchedulerConfiguration',
    apiVersion: API_VERSION,
    parallelism,
    percentageOfNodesToScore,
    podInitialBackoffSeconds,
    podMaxBackoffSeconds,
    profiles: config.profiles.map(shownProfile),
    ...(extenders.length === 0 ? {} : { extenders }),
  }
}

function shownExtender({ httpTimeoutMs, ...shown }: ExtenderConfig): object {
  delete (shown as { tls?: TlsFiles }).tls
  return { ...shown, httpTimeout: formatMilliseconds(httpTimeoutMs) }
}

function shownProfile({ schedulerName, percentageOfNodesToScore, plugins, args }: ProfileConfig): object {
  const pluginConfig = Object.entries(shownArgs(args)).map(([name, own]) => ({
    name,
    args: { kind: `${name}Args`, apiVersion: API_VERSION, ...own },
  }))
  return {
    schedulerName,
    ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }),
    plugins: shownPlugins(plugins),
    pluginConfig,
  }
}

function shownPlugins(sets: PluginSets): object {
  return Object.fromEntries(
    Object.entries(sets).map(([point, { enabled, disabled }]) => {
      const chosen = enabled.map(({ name, weight }) => (weight === 0 ? { name } : { name, weight }))
      const off = disabled.map((name) => ({ name }))
      return [
        point,
        { ...(chosen.length === 0 ? {} : { enabled: chosen }), ...(off.length === 0 ? {} : { disabled: off }) },
      ]
    }),
  )
}

function shownArgs({ DynamicResources, PodTopologySpread, ...rest }: PluginArgs): Readonly<Record<string, object>> {
  const { filterTimeoutMs, bindingTimeoutMs } = DynamicResources
  const { defaultConstraints, defaultingType } = PodTopologySpread
  return {
    ...rest,
    DynamicResources: {
      filterTimeout: formatMilliseconds(filterTimeoutMs),
      bindingTimeout: formatMilliseconds(bindingTimeoutMs),
    },
    PodTopologySpread: { ...(defaultConstraints.length === 0 ? {} : { defaultConstraints }), defaultingType },
  }
}
