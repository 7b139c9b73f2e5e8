/**
 * A profile: which plugins act at which extension point, in which order
 * (https://kubernetes.io/docs/reference/scheduling/config/#profiles).
 */

import type { EnabledPlugin, SchedulerPlugin } from './plugin.ts'

/** The plugins of each extension point, in the order they are asked. */
export interface ExtensionPoints {
  readonly queueSort: readonly SchedulerPlugin[]
  readonly preEnqueue: readonly SchedulerPlugin[]
  readonly preFilter: readonly SchedulerPlugin[]
  readonly filter: readonly SchedulerPlugin[]
  readonly postFilter: readonly SchedulerPlugin[]
  readonly preScore: readonly SchedulerPlugin[]
  readonly score: readonly EnabledPlugin[]
  readonly reserve: readonly SchedulerPlugin[]
  readonly permit: readonly SchedulerPlugin[]
  readonly preBind: readonly SchedulerPlugin[]
  readonly bind: readonly SchedulerPlugin[]
  readonly postBind: readonly SchedulerPlugin[]
}

export interface Profile {
  /** Pods that name this scheduler are its own. */
  readonly schedulerName: string
  readonly points: ExtensionPoints
  /** Share of nodes to look for before scoring, in percent; 0: chosen by the size of the cluster. */
  readonly percentageOfNodesToScore: number
}

/** Every plugin at every extension point that it has a hook for, in the one order given. */
export function pointsOf(enabled: readonly EnabledPlugin[]): ExtensionPoints {
  const plugins = enabled.map(({ plugin }) => plugin)
  const having = (hook: keyof SchedulerPlugin) => plugins.filter((plugin) => plugin[hook] !== undefined)
  return {
    queueSort: having('isBefore'),
    preEnqueue: having('preEnqueue'),
    preFilter: having('preFilter'),
    filter: having('filter'),
    postFilter: having('postFilter'),
    preScore: having('preScore'),
    score: enabled.filter(({ plugin }) => plugin.score !== undefined),
    reserve: plugins.filter((plugin) => plugin.reserve !== undefined || plugin.unreserve !== undefined),
    permit: having('permit'),
    preBind: having('preBind'),
    bind: having('bind'),
    postBind: having('postBind'),
  }
}

/** Every plugin of a profile, once each. */
export function pluginsOf({ points }: Profile): readonly SchedulerPlugin[] {
  const { score, ...others } = points
  return [...new Set([...Object.values(others).flat(), ...score.map(({ plugin }) => plugin)])]
}
