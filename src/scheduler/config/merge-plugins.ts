/**
 * Which plugins a profile ends up with: the defaults, less what it disables, with what it enables put in the place of
 * a default of the same name or else at the end
 * (https://kubernetes.io/docs/reference/scheduling/config/#multipoint).
 */

import type { RawPlugins, RawPluginSet } from './raw.ts'
import { type PluginChoice, type PluginSet, type PluginSets, POINTS } from './types.ts'

const ALL = '*'

export function mergePlugins(defaults: readonly PluginChoice[], raw: RawPlugins = {}): PluginSets {
  const sets = POINTS.map((point) => [point, mergeSet([], raw[point])] as const)
  return Object.fromEntries([...sets, ['multiPoint', mergeSet(defaults, raw.multiPoint)]]) as PluginSets
}

function mergeSet(defaults: readonly PluginChoice[], { enabled = [], disabled = [] }: RawPluginSet = {}): PluginSet {
  const off = new Set(disabled.map(({ name = '' }) => name))
  const wanted = enabled.map(({ name = '', weight = 0 }): PluginChoice => ({ name, weight }))
  const left = off.has(ALL) ? [] : defaults.filter(({ name }) => !off.has(name))
  // Of several with one name the last takes the default's place, and the others are told apart later.
  const replacing = new Map(wanted.map((choice) => [choice.name, choice]))
  const replaced = new Set(left.flatMap(({ name }) => replacing.get(name) ?? []))
  return {
    enabled: [
      ...left.map((choice) => replacing.get(choice.name) ?? choice),
      ...wanted.filter((choice) => !replaced.has(choice)),
    ],
    disabled: [...off],
  }
}
