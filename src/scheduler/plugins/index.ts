/** The default plugins, in the order they are asked, with their weights. */

import type { EnabledPlugin, SchedulerPlugin } from '../framework/plugin.ts'
import { imageLocality } from './image-locality/plugin.ts'
import { interPodAffinity } from './inter-pod-affinity/plugin.ts'
import { nodeAffinity } from './node-affinity/plugin.ts'
import { nodeName } from './node-name/plugin.ts'
import { nodePorts } from './node-ports/plugin.ts'
import { nodeResourcesBalanced } from './node-resources-balanced/plugin.ts'
import { nodeResourcesFit } from './node-resources-fit/plugin.ts'
import { nodeUnschedulable } from './node-unschedulable/plugin.ts'
import { nodeVolumeLimits } from './node-volume-limits/plugin.ts'
import { podTopologySpread } from './pod-topology-spread/plugin.ts'
import { schedulingGates } from './scheduling-gates/plugin.ts'
import { taintToleration } from './taint-toleration/plugin.ts'
import { volumeBinding, type VolumeBindingDeps } from './volume-binding/plugin.ts'
import { volumeRestrictions } from './volume-restrictions/plugin.ts'
import { volumeZone } from './volume-zone/plugin.ts'

export interface PluginDeps {
  /** Comes from outside, for it acts on the cluster. */
  readonly preemption: SchedulerPlugin
  readonly volumes: VolumeBindingDeps
}

/** What a profile without configuration runs. */
export function defaultPlugins({ preemption, volumes }: PluginDeps): readonly EnabledPlugin[] {
  return [
    { plugin: schedulingGates, weight: 0 },
    { plugin: nodeUnschedulable, weight: 0 },
    { plugin: nodeName, weight: 0 },
    { plugin: taintToleration, weight: 3 },
    { plugin: nodeAffinity, weight: 2 },
    { plugin: nodePorts, weight: 0 },
    { plugin: nodeResourcesFit(), weight: 1 },
    { plugin: volumeRestrictions(volumes.listers), weight: 0 },
    { plugin: nodeVolumeLimits(volumes.listers), weight: 0 },
    { plugin: volumeBinding(volumes), weight: 0 },
    { plugin: volumeZone(volumes.listers), weight: 0 },
    { plugin: podTopologySpread, weight: 2 },
    { plugin: interPodAffinity, weight: 2 },
    { plugin: nodeResourcesBalanced(), weight: 1 },
    { plugin: imageLocality, weight: 1 },
    { plugin: preemption, weight: 0 },
  ]
}
