/** The plugins there are: which are on by default, with which weight, and where each can act (https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins). */

import type { PluginChoice, Point } from './types.ts'

/** In the order they are asked. */
export const DEFAULT_PLUGINS: readonly PluginChoice[] = [
  { name: 'SchedulingGates', weight: 0 },
  { name: 'PrioritySort', weight: 0 },
  { name: 'NodeUnschedulable', weight: 0 },
  { name: 'NodeName', weight: 0 },
  { name: 'TaintToleration', weight: 3 },
  { name: 'NodeAffinity', weight: 2 },
  { name: 'NodePorts', weight: 0 },
  { name: 'NodeResourcesFit', weight: 1 },
  { name: 'VolumeRestrictions', weight: 0 },
  { name: 'NodeVolumeLimits', weight: 0 },
  { name: 'VolumeBinding', weight: 0 },
  { name: 'VolumeZone', weight: 0 },
  { name: 'PodTopologySpread', weight: 2 },
  { name: 'InterPodAffinity', weight: 2 },
  { name: 'DynamicResources', weight: 2 },
  { name: 'DefaultPreemption', weight: 0 },
  { name: 'NodeResourcesBalancedAllocation', weight: 1 },
  { name: 'ImageLocality', weight: 1 },
  { name: 'DefaultBinder', weight: 0 },
  { name: 'NodeDeclaredFeatures', weight: 0 },
]

const FILTER = ['preFilter', 'filter'] as const
const SCORE = ['preScore', 'score'] as const

/** The extension points that each plugin has. */
export const PLUGIN_POINTS: ReadonlyMap<string, readonly Point[]> = new Map<string, readonly Point[]>([
  ['SchedulingGates', ['preEnqueue']],
  ['PrioritySort', ['queueSort']],
  ['NodeUnschedulable', ['filter']],
  ['NodeName', ['filter']],
  ['TaintToleration', ['filter', ...SCORE]],
  ['NodeAffinity', [...FILTER, ...SCORE]],
  ['NodePorts', FILTER],
  ['NodeResourcesFit', [...FILTER, ...SCORE]],
  ['VolumeRestrictions', FILTER],
  ['NodeVolumeLimits', FILTER],
  ['VolumeBinding', [...FILTER, 'reserve', 'preBind', ...SCORE]],
  ['VolumeZone', FILTER],
  ['PodTopologySpread', [...FILTER, ...SCORE]],
  ['InterPodAffinity', [...FILTER, ...SCORE]],
  ['DynamicResources', ['preEnqueue', ...FILTER, 'postFilter', ...SCORE, 'reserve', 'preBind']],
  ['DefaultPreemption', ['preEnqueue', 'postFilter']],
  ['NodeResourcesBalancedAllocation', SCORE],
  ['ImageLocality', ['score']],
  ['DefaultBinder', ['bind']],
  ['NodeDeclaredFeatures', FILTER],
])
