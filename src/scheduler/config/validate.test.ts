import { describe, expect, test } from 'vitest'
import { HEAD, refusal, type Wrong } from './wrong.ts'

const wrong: readonly Wrong[] = [
  {
    when: 'numbers are out of range',
    text:
      HEAD +
      `parallelism: 0
percentageOfNodesToScore: 101
podInitialBackoffSeconds: 0
podMaxBackoffSeconds: -1
`,
    says: '[parallelism: Invalid value: 0: should be an integer value greater than zero, percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100], podInitialBackoffSeconds: Invalid value: 0: must be greater than 0, podMaxBackoffSeconds: Invalid value: -1: must be greater than or equal to PodInitialBackoffSeconds]',
  },
  {
    when: 'the longest back-off is shorter than the first',
    text:
      HEAD +
      `podInitialBackoffSeconds: 5
podMaxBackoffSeconds: 1
`,
    says: 'podMaxBackoffSeconds: Invalid value: 1: must be greater than or equal to PodInitialBackoffSeconds',
  },
  {
    when: 'profiles share a name or have none',
    text:
      HEAD +
      `profiles:
- schedulerName: a
- schedulerName: a
- {}
`,
    says: '[profiles[1].schedulerName: Duplicate value: {}, profiles[2].schedulerName: Required value]',
  },
  {
    when: 'arguments are out of range',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: InterPodAffinity
    args: {hardPodAffinityWeight: 200}
  - name: DefaultPreemption
    args: {minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0}
  - name: InterPodAffinity
    args: {hardPodAffinityWeight: 2}
`,
    says: '[profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 200: not in valid range [0, 100], profiles[0].pluginConfig[1].args.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute, profiles[0].pluginConfig[1].args.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage, profiles[0].pluginConfig[2]: Duplicate value: "InterPodAffinity"]',
  },
  {
    when: 'NodeResourcesFit names what cannot be',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      ignoredResources: ['a b']
      ignoredResourceGroups: ['x.y/z']
      scoringStrategy: {type: Best, resources: [{name: cpu, weight: 200}]}
`,
    says: `initializing profiles: creating profile for scheduler name default-scheduler: initializing plugin "NodeResourcesFit": [ignoredResources[0]: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), ignoredResourceGroups[0]: Invalid value: "x.y/z": resource group name can't contain '/', scoringStrategy.type: Unsupported value: "Best": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio", scoringStrategy.resources[0].weight: Invalid value: 200: resource weight of cpu not in valid range (0, 100]]`,
  },
  {
    when: 'a ratio has no shape',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy: {type: RequestedToCapacityRatio}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: initializing plugin "NodeResourcesFit": scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio',
  },
  {
    when: 'a shape is out of order and range',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape: [{utilization: 50, score: 1},{utilization: 20, score: 11}]}}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: initializing plugin "NodeResourcesFit": [scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 20: values must be sorted in increasing order, scoringStrategy.requestedToCapacityRatio.shape[1].score: Invalid value: 11: not in valid range [0, 10]]',
  },
  {
    when: 'a shape stands where none is used',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy: {type: LeastAllocated, requestedToCapacityRatio: {shape: [{utilization: 0, score: 0}]}}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: initializing plugin "NodeResourcesFit": scoringStrategy.requestedToCapacityRatio: Forbidden: must be nil when type is not RequestedToCapacityRatio',
  },
  {
    when: 'resources have weights or come twice',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: NodeResourcesBalancedAllocation
    args: {resources: [{name: cpu, weight: 2},{name: cpu}]}
`,
    says: '[profiles[0].pluginConfig[0].args.resources[0].weight: Invalid value: 2: must be 1, profiles[0].pluginConfig[0].args.resources[1].name: Duplicate value: "cpu"]',
  },
  {
    when: 'default constraints are wrong',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: PodTopologySpread
    args:
      defaultConstraints:
      - {maxSkew: 0, topologyKey: '', whenUnsatisfiable: Maybe, labelSelector: {}}
      - {maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule}
      - {maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule}
`,
    says: '[profiles[0].pluginConfig[0].args.defaultingType: Invalid value: "System": when .defaultConstraints are not empty, profiles[0].pluginConfig[0].args.defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf), profiles[0].pluginConfig[0].args.defaultConstraints[0].topologyKey: Required value: can not be empty, profiles[0].pluginConfig[0].args.defaultConstraints[0].whenUnsatisfiable: Unsupported value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway", profiles[0].pluginConfig[0].args.defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod, profiles[0].pluginConfig[0].args.defaultConstraints[2]: Duplicate value: "{z, DoNotSchedule}"]',
  },
  {
    when: 'the kind of defaults is unknown',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: PodTopologySpread
    args: {defaultingType: Other}
`,
    says: 'profiles[0].pluginConfig[0].args.defaultingType: Unsupported value: "Other": supported values: "System", "List"',
  },
  {
    when: 'volume arguments are wrong',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: VolumeBinding
    args: {bindTimeoutSeconds: -1, shape: [{utilization: 0, score: 0}]}
`,
    says: '[profiles[0].pluginConfig[0].args.bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value, profiles[0].pluginConfig[0].args.shape: Invalid value: [{"Utilization":0,"Score":0}]: unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring]',
  },
  {
    when: 'devices get too little time',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: DynamicResources
    args: {filterTimeout: -1s, bindingTimeout: 100ms}
`,
    says: '[profiles[0].pluginConfig[0].args.filterTimeout: Invalid value: "-1s": must be zero or positive, profiles[0].pluginConfig[0].args.bindingTimeout: Invalid value: "100ms": must be at least 1 second]',
  },
  {
    when: 'a plugin does not exist',
    text:
      HEAD +
      `profiles:
- plugins: {filter: {enabled: [{name: Mine}]}}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: FilterPlugin "Mine" does not exist',
  },
  {
    when: 'a plugin of multiPoint does not exist',
    text:
      HEAD +
      `profiles:
- plugins: {multiPoint: {enabled: [{name: Mine}]}}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: PreFilterPlugin "Mine" does not exist',
  },
  {
    when: 'a plugin has no such extension point',
    text:
      HEAD +
      `profiles:
- plugins: {filter: {enabled: [{name: ImageLocality}]}}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: plugin "ImageLocality" does not extend FilterPlugin plugin',
  },
  {
    when: 'a plugin comes twice',
    text:
      HEAD +
      `profiles:
- plugins: {filter: {enabled: [{name: NodePorts},{name: NodePorts}]}}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: plugin "NodePorts" already registered as "FilterPlugin"',
  },
  {
    when: 'a plugin comes twice in multiPoint',
    text:
      HEAD +
      `profiles:
- plugins: {multiPoint: {enabled: [{name: NodePorts},{name: NodePorts}]}}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: plugin "NodePorts" already registered as "PreFilterPlugin"',
  },
  {
    when: 'nothing binds',
    text:
      HEAD +
      `profiles:
- plugins: {bind: {disabled: [{name: '*'}]}}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: at least one bind plugin is needed for profile with scheduler name "default-scheduler"',
  },
  {
    when: 'nothing sorts',
    text:
      HEAD +
      `profiles:
- plugins: {multiPoint: {disabled: [{name: '*'}]}}
`,
    says: 'initializing profiles: creating profile for scheduler name default-scheduler: only one queue sort plugin required for profile with scheduler name "default-scheduler", but got 0',
  },
  {
    when: 'plugins of earlier versions are named',
    text:
      HEAD +
      `profiles:
- plugins: {filter: {enabled: [{name: EBSLimits}]}}
  pluginConfig: [{name: GCEPDLimits}]
`,
    says: '[profiles[0].plugins.filter.enabled[0]: Invalid value: "EBSLimits": was invalid in version "v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1"), profiles[0].pluginConfig[0]: Invalid value: "GCEPDLimits": was invalid in version "v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")]',
  },
  {
    when: 'extenders are wrong',
    text:
      HEAD +
      `extenders:
- {urlPrefix: 'http://x', prioritizeVerb: p, bindVerb: b, managedResources: [{name: cpu},{name: 'a b'},{name: 'requests.a.com/b'}]}
- {urlPrefix: 'http://y', bindVerb: b, managedResources: [{name: cpu}]}
`,
    says: `[extenders[0].weight: Invalid value: 0: must have a positive weight applied to it, extenders[0].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name, extenders[0].managedResources[1].name: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), extenders[0].managedResources[2].name: Invalid value: "requests.a.com/b": is an invalid extended resource name, extenders[1].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name, extenders[1].managedResources[0].name: Invalid value: "cpu": duplicate extender managed resource name, extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind]`,
  },
  {
    when: 'the leader election is wrong',
    text:
      HEAD +
      `leaderElection: {leaderElect: true, leaseDuration: 1s, renewDeadline: 2s, retryPeriod: -1s, resourceLock: endpoints}
clientConnection: {burst: -1}
`,
    says: '[clientConnection.burst: Invalid value: -1: must be non-negative, leaderElection.retryPeriod: Invalid value: "-1s": must be greater than zero, leaderElection.leaseDuration: Invalid value: "2s": must be greater than `RenewDeadline`, leaderElection.resourceLock: Invalid value: "endpoints": resourceLock value must be "leases"]',
  },
  {
    when: 'profiles sort differently',
    text:
      HEAD +
      `profiles:
- schedulerName: a
- schedulerName: b
  plugins: {queueSort: {disabled: [{name: '*'}]}}
`,
    says: 'profiles[1].plugins.queueSort: Invalid value: {"Enabled":null,"Disabled":[{"Name":"*","Weight":0}]}: must be the same for all profiles',
  },
]

describe('a configuration that can be read is refused', () => {
  for (const { when, text, says } of wrong) test(`where ${when}`, () => expect(refusal(text)).toBe(says))
})
