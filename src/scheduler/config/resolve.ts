/** From the plugin sets of a profile to the plugins of each extension point, in order; or to what is wrong with them. */

import { PLUGIN_POINTS } from './default-plugins.ts'
import { type PluginChoice, type PluginSet, type Point, POINTS, type ProfileConfig } from './types.ts'
import { fitFaults } from './validate-args.ts'

/** The plugins' names and weights, point by point. */
export type Resolved = Readonly<Record<Point, readonly PluginChoice[]>>

const ALL = '*'
const MAX_SCORE = 100
/** Scores are 64-bit integers upstream. */
const MAX_TOTAL_SCORE = 2n ** 63n - 1n

/** Throws an `Error` in Kubernetes's words for a profile that cannot be made. */
export function resolveProfile(profile: ProfileConfig): Resolved {
  const { plugins, schedulerName } = profile
  checkArgs(profile)
  for (const point of POINTS) checkSet(plugins[point], point)
  const resolved = Object.fromEntries(
    POINTS.map((point) => [point, expand(plugins[point], plugins.multiPoint, point)]),
  ) as Resolved
  if (resolved.queueSort.length !== 1)
    throw new Error(
      `only one queue sort plugin required for profile with scheduler name "${schedulerName}", but got ${resolved.queueSort.length}`,
    )
  if (resolved.bind.length === 0)
    throw new Error(`at least one bind plugin is needed for profile with scheduler name "${schedulerName}"`)
  return { ...resolved, score: weighted(resolved.score, profile) }
}

/** kube-scheduler judges these arguments only where the plugin is used. */
function checkArgs({ plugins, args }: ProfileConfig): void {
  const used = Object.values(plugins).some(({ enabled }) => enabled.some(({ name }) => name === 'NodeResourcesFit'))
  const faults = used ? fitFaults(args.NodeResourcesFit) : []
  if (faults.length === 0) return
  const text = faults.map(({ field, message }) => `${field}: ${message}`).join(', ')
  throw new Error(`initializing plugin "NodeResourcesFit": ${faults.length === 1 ? text : `[${text}]`}`)
}

const typeOf = (point: Point) => `${point.slice(0, 1).toUpperCase()}${point.slice(1)}Plugin`

function checkSet({ enabled }: PluginSet, point: Point): void {
  const seen = new Set<string>()
  for (const { name } of enabled) {
    checkExists(name, point)
    if (PLUGIN_POINTS.get(name)?.includes(point) !== true)
      throw new Error(`plugin "${name}" does not extend ${typeOf(point)} plugin`)
    if (seen.has(name)) throw new Error(`plugin "${name}" already registered as "${typeOf(point)}"`)
    seen.add(name)
  }
}

function checkExists(name: string, point: Point): void {
  if (!PLUGIN_POINTS.has(name)) throw new Error(`${typeOf(point)} "${name}" does not exist`)
}

/**
 * First the plugins that the point itself enables and multiPoint too, in the point's order; then those of multiPoint;
 * then the rest of the point's own.
 */
function expand({ enabled, disabled }: PluginSet, multiPoint: PluginSet, point: Point): readonly PluginChoice[] {
  if (disabled.includes(ALL)) return enabled
  const own = new Set(enabled.map(({ name }) => name))
  const overridden = new Set<string>()
  const general: PluginChoice[] = []
  for (const choice of multiPoint.enabled) {
    checkExists(choice.name, point)
    if (PLUGIN_POINTS.get(choice.name)?.includes(point) !== true || disabled.includes(choice.name)) continue
    if (own.has(choice.name)) overridden.add(choice.name)
    else if (general.some(({ name }) => name === choice.name))
      throw new Error(`plugin "${choice.name}" already registered as "${typeOf(point)}"`)
    else general.push(choice)
  }
  return [
    ...enabled.filter(({ name }) => overridden.has(name)),
    ...general,
    ...enabled.filter(({ name }) => !overridden.has(name)),
  ]
}

/** A weight that was not given is one. */
function weighted(choices: readonly PluginChoice[], { plugins }: ProfileConfig): readonly PluginChoice[] {
  let total = 0n
  return choices.map(({ name, weight }) => {
    const given = plugins.score.enabled.find((choice) => choice.name === name)?.weight ?? weight
    const used = given === 0 ? 1 : given
    total += BigInt(used) * BigInt(MAX_SCORE)
    if (total > MAX_TOTAL_SCORE) throw new Error('score plugins: total score of Score plugins could overflow')
    return { name, weight: used }
  })
}
