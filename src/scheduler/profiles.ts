/** Makes the profiles that a configuration describes. */

import { readSchedulerConfig } from './config/read.ts'
import { resolveProfile } from './config/resolve.ts'
import { PLUGIN_POINTS } from './config/default-plugins.ts'
import type { PluginChoice, Point, ProfileConfig, SchedulerConfig } from './config/types.ts'
import type { EnabledPlugin, SchedulerPlugin } from './framework/plugin.ts'
import type { Profile } from './framework/profile.ts'
import { makePlugins, type PluginDeps } from './plugins/index.ts'

/** What runs without a configuration: all defaults. */
export const defaultConfig = (): SchedulerConfig =>
  readSchedulerConfig('apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n')

const isAt = (plugin: string, point: Point) => PLUGIN_POINTS.get(plugin)?.includes(point) === true

/** One Profile for each that the configuration has. `depsOf` gives what the plugins of a scheduler name act through. */
export function profilesOf(config: SchedulerConfig, depsOf: (schedulerName: string) => PluginDeps): readonly Profile[] {
  return config.profiles.map((profile) => profileOf(profile, config, depsOf(profile.schedulerName)))
}

function profileOf(profile: ProfileConfig, config: SchedulerConfig, deps: PluginDeps): Profile {
  const plugins = makePlugins(profile.args, deps)
  const resolved = resolveProfile(profile)
  const enabled = (choices: readonly PluginChoice[]): readonly EnabledPlugin[] =>
    choices.flatMap(({ name, weight }) => {
      const plugin = plugins.get(name)
      return plugin === undefined ? [] : [{ plugin, weight }]
    })
  // Some of ours need no hook where Kubernetes's own have one.
  const at = (point: keyof typeof resolved, ...hooks: (keyof SchedulerPlugin)[]) =>
    enabled(resolved[point])
      .map(({ plugin }) => plugin)
      .filter((plugin) => hooks.some((hook) => plugin[hook] !== undefined))
  // And some of ours prepare their scores where Kubernetes's do not.
  const preparing = at('score', 'preScore').filter(({ name }) => !isAt(name, 'preScore'))
  return {
    schedulerName: profile.schedulerName,
    percentageOfNodesToScore: profile.percentageOfNodesToScore ?? config.percentageOfNodesToScore,
    points: {
      queueSort: at('queueSort', 'isBefore'),
      preEnqueue: at('preEnqueue', 'preEnqueue'),
      preFilter: at('preFilter', 'preFilter'),
      filter: at('filter', 'filter'),
      postFilter: at('postFilter', 'postFilter'),
      preScore: [...new Set([...at('preScore', 'preScore'), ...preparing])],
      score: enabled(resolved.score).filter(({ plugin }) => plugin.score !== undefined),
      reserve: at('reserve', 'reserve', 'unreserve'),
      permit: at('permit', 'permit'),
      preBind: at('preBind', 'preBind'),
      bind: at('bind', 'bind'),
      postBind: [...at('postBind', 'postBind'), ...at('reserve', 'postBind')],
    },
  }
}
