/** Which of Kubernetes's features a node has (https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/). */

import type { Family } from '../../base/metrics/text.ts'

/** What there is of a node's features, by the stage they are in; none of these can be switched off here. */
const PRESENT: Readonly<Record<string, readonly string[]>> = {
  '': [
    'DynamicResourceAllocation',
    'ImageMaximumGCAge',
    'ImageVolume',
    'InPlacePodVerticalScaling',
    'KubeletPSI',
    'NodeSwap',
    'PodLifecycleSleepAction',
    'PodLifecycleSleepActionAllowZero',
    'PodObservedGenerationTracking',
    'ProcMountType',
    'RecursiveReadOnlyMounts',
    'SidecarContainers',
    'SupplementalGroupsPolicy',
    'UserNamespacesSupport',
  ],
  BETA: [
    'ContainerRestartRules',
    'EnvFiles',
    'GracefulNodeShutdown',
    'GracefulNodeShutdownBasedOnPodPriority',
    'HostnameOverride',
    'InPlacePodLevelResourcesVerticalScaling',
    'InPlacePodVerticalScalingInitContainers',
    'PodLevelResources',
    'RestartAllContainersOnContainerExits',
  ],
  ALPHA: ['ContainerStopSignals'],
}

/** Those that the node's configuration decides about. */
const CHOSEN: Readonly<Record<string, string>> = { MemoryQoS: 'ALPHA' }

/** `featureGates`: the configuration's. */
export function featureFamily(featureGates: Readonly<Record<string, boolean>>): Family {
  const present = Object.entries(PRESENT).flatMap(([stage, names]) => names.map((name) => ({ name, stage, value: 1 })))
  const chosen = Object.entries(CHOSEN).map(([name, stage]) => ({
    name,
    stage,
    value: Number(featureGates[name] === true),
  }))
  return {
    name: 'kubernetes_feature_enabled',
    help: 'This metric records the data about the stage and enablement of a k8s feature.',
    type: 'gauge',
    samples: [...present, ...chosen].map(({ name, stage, value }) => ({ labels: { name, stage }, value })),
  }
}
