/** Every plugin there is, made for the arguments of one profile. */

import type { Client } from '../../client/client.ts'
import type { PluginArgs } from '../config/types.ts'
import type { SchedulerPlugin } from '../framework/plugin.ts'
import { defaultBinder } from './default-binder/plugin.ts'
import { defaultPreemption, type PreemptionDeps } from './default-preemption/plugin.ts'
import { dynamicResources, type DynamicResourcesDeps } from './dynamic-resources/plugin.ts'
import { imageLocality } from './image-locality/plugin.ts'
import { interPodAffinity } from './inter-pod-affinity/plugin.ts'
import { nodeAffinity } from './node-affinity/plugin.ts'
import { nodeDeclaredFeatures } from './node-declared-features/plugin.ts'
import { nodeName } from './node-name/plugin.ts'
import { nodePorts } from './node-ports/plugin.ts'
import { nodeResourcesBalanced } from './node-resources-balanced/plugin.ts'
import { nodeResourcesFit } from './node-resources-fit/plugin.ts'
import { nodeUnschedulable } from './node-unschedulable/plugin.ts'
import { nodeVolumeLimits } from './node-volume-limits/plugin.ts'
import type { OwnerListers } from './pod-topology-spread/defaults.ts'
import { podTopologySpread } from './pod-topology-spread/plugin.ts'
import { prioritySort } from './priority-sort/plugin.ts'
import { schedulingGates } from './scheduling-gates/plugin.ts'
import { taintToleration } from './taint-toleration/plugin.ts'
import { volumeBinding, type VolumeBindingDeps } from './volume-binding/plugin.ts'
import { volumeRestrictions } from './volume-restrictions/plugin.ts'
import { volumeZone } from './volume-zone/plugin.ts'

export interface PluginDeps {
  readonly client: Client
  readonly preemption: PreemptionDeps
  readonly volumes: VolumeBindingDeps
  readonly owners: OwnerListers
  readonly resources: DynamicResourcesDeps
}

/** All of them, by name; which act where, the profile says. */
export function makePlugins(
  args: PluginArgs,
  { client, preemption, volumes, owners, resources }: PluginDeps,
): ReadonlyMap<string, SchedulerPlugin> {
  const plugins: readonly SchedulerPlugin[] = [
    schedulingGates,
    prioritySort,
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity(args.NodeAffinity),
    nodePorts,
    nodeResourcesFit(args.NodeResourcesFit, resources.classFor),
    volumeRestrictions(volumes.listers),
    nodeVolumeLimits(volumes.listers),
    volumeBinding(volumes, args.VolumeBinding),
    volumeZone(volumes.listers),
    podTopologySpread(owners, args.PodTopologySpread),
    interPodAffinity(args.InterPodAffinity),
    dynamicResources(resources, args.DynamicResources),
    defaultPreemption(preemption, args.DefaultPreemption),
    nodeResourcesBalanced(args.NodeResourcesBalancedAllocation),
    imageLocality,
    defaultBinder(client),
    nodeDeclaredFeatures,
  ]
  return new Map(plugins.map((plugin) => [plugin.name, plugin]))
}
