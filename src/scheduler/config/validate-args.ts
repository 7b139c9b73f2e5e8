/** The rules for plugins' arguments, in Kubernetes's words (https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/). */

import { validateAffinity } from '../../api/core/v1/pod/validation/affinity.ts'
import { type FieldError, type FieldPath, fieldPath } from '../../meta/field-path.ts'
import { qualifiedName } from '../../meta/names.ts'
import { duplicate, forbiddenField, invalidEach, invalidValue, notSupported, required } from '../../meta/validation.ts'
import type { FitArgs, PluginArgs, ResourceSpec, ShapePoint } from './types.ts'
import { formatDuration } from '../../wire/decode/duration.ts'

type Rule<Name extends keyof PluginArgs> = (args: PluginArgs[Name], path: FieldPath) => readonly FieldError[]

const outside = (value: number, low: number, high: number, path: FieldPath): FieldError[] =>
  value < low || value > high ? [invalidValue(path, value, `not in valid range [${low}, ${high}]`)] : []

const preemption: Rule<'DefaultPreemption'> = (args, path) => {
  const [share, least] = [args.minCandidateNodesPercentage, args.minCandidateNodesAbsolute]
  const [sharePath, leastPath] = [path.child('minCandidateNodesPercentage'), path.child('minCandidateNodesAbsolute')]
  const faults = outside(share, 0, 100, sharePath)
  if (least < 0) faults.push(invalidValue(leastPath, least, 'not in valid range [0, inf)'))
  if (share !== 0 || least !== 0) return faults
  return [
    ...faults,
    invalidValue(sharePath, share, 'cannot be zero at the same time as minCandidateNodesAbsolute'),
    invalidValue(leastPath, least, 'cannot be zero at the same time as minCandidateNodesPercentage'),
  ]
}

const podAffinity: Rule<'InterPodAffinity'> = ({ hardPodAffinityWeight: weight }, path) =>
  outside(weight, 0, 100, path.child('hardPodAffinityWeight'))

const nodeAffinity: Rule<'NodeAffinity'> = ({ addedAffinity }, path) => {
  if (addedAffinity === undefined) return []
  // The rules are those of a Pod's own; only the place of it is another.
  const before = path.child('nodeAffinity').toString()
  const place = path.child('addedAffinity').toString()
  return validateAffinity({ nodeAffinity: addedAffinity }, path).map((fault) => ({
    ...fault,
    field: fault.field.replace(before, () => place),
  }))
}

const balanced: Rule<'NodeResourcesBalancedAllocation'> = ({ resources }, path) => {
  const seen = new Set<string>()
  return resources.flatMap(({ name, weight }, at) => {
    const here = path.child('resources').index(at)
    const faults: FieldError[] = []
    if (seen.has(name)) faults.push(duplicate(here.child('name'), name))
    seen.add(name)
    if (weight !== 1) faults.push(invalidValue(here.child('weight'), weight, 'must be 1'))
    return faults
  })
}

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']

const spread: Rule<'PodTopologySpread'> = ({ defaultConstraints, defaultingType }, path) => {
  const faults: FieldError[] = []
  const typePath = path.child('defaultingType')
  if (!['System', 'List'].includes(defaultingType))
    faults.push(notSupported(typePath, defaultingType, ['System', 'List']))
  else if (defaultingType === 'System' && defaultConstraints.length > 0)
    faults.push(invalidValue(typePath, defaultingType, 'when .defaultConstraints are not empty'))
  for (const [at, constraint] of defaultConstraints.entries()) {
    const here = path.child('defaultConstraints').index(at)
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', labelSelector } = constraint
    if (maxSkew <= 0) faults.push(invalidValue(here.child('maxSkew'), maxSkew, 'not in valid range (0, inf)'))
    if (topologyKey === '') faults.push(required(here.child('topologyKey'), 'can not be empty'))
    else faults.push(...invalidEach(here.child('topologyKey'), topologyKey, qualifiedName(topologyKey)))
    if (whenUnsatisfiable === '') faults.push(required(here.child('whenUnsatisfiable'), 'can not be empty'))
    else if (!ACTIONS.includes(whenUnsatisfiable))
      faults.push(notSupported(here.child('whenUnsatisfiable'), whenUnsatisfiable, ACTIONS))
    if (labelSelector !== undefined)
      faults.push(
        forbiddenField(
          here.child('labelSelector'),
          'constraint must not define a selector, as they deduced for each pod',
        ),
      )
    const isTwin = (other: typeof constraint) =>
      other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable
    if (defaultConstraints.slice(0, at).some(isTwin))
      faults.push(duplicate(here, `{${topologyKey}, ${whenUnsatisfiable}}`))
  }
  return faults
}

const volumes: Rule<'VolumeBinding'> = ({ bindTimeoutSeconds, shape }, path) => {
  const faults: FieldError[] = []
  if (bindTimeoutSeconds < 0)
    faults.push(
      invalidValue(
        path.child('bindTimeoutSeconds'),
        bindTimeoutSeconds,
        'invalid BindTimeoutSeconds, should not be a negative value',
      ),
    )
  if (shape !== undefined)
    faults.push(
      invalidValue(
        path.child('shape'),
        shape.map(({ utilization, score }) => ({ Utilization: utilization, Score: score })),
        'unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring',
      ),
    )
  return faults
}

const devices: Rule<'DynamicResources'> = ({ filterTimeoutMs, bindingTimeoutMs }, path) => {
  const fault = (name: string, ms: number, why: string) =>
    invalidValue(path.child(name), formatDuration(BigInt(Math.round(ms * 1_000_000))), why)
  return [
    ...(filterTimeoutMs < 0 ? [fault('filterTimeout', filterTimeoutMs, 'must be zero or positive')] : []),
    ...(bindingTimeoutMs < 1000 ? [fault('bindingTimeout', bindingTimeoutMs, 'must be at least 1 second')] : []),
  ]
}

/** The faults of one plugin's arguments; none for plugins without rules. */
export function argsFaults(name: string, args: PluginArgs, path: FieldPath): readonly FieldError[] {
  switch (name) {
    case 'DefaultPreemption':
      return preemption(args[name], path)
    case 'DynamicResources':
      return devices(args[name], path)
    case 'InterPodAffinity':
      return podAffinity(args[name], path)
    case 'NodeAffinity':
      return nodeAffinity(args[name], path)
    case 'NodeResourcesBalancedAllocation':
      return balanced(args[name], path)
    case 'PodTopologySpread':
      return spread(args[name], path)
    case 'VolumeBinding':
      return volumes(args[name], path)
    default:
      return []
  }
}

const STRATEGIES = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio']

/** The faults of NodeResourcesFit's arguments. */
export function fitFaults({ ignoredResources, ignoredResourceGroups, scoringStrategy }: FitArgs): FieldError[] {
  const strategy = fieldPath('scoringStrategy')
  const ratio = strategy.child('requestedToCapacityRatio')
  const { type, resources, requestedToCapacityRatio: given } = scoringStrategy
  return [
    ...ignoredResources.flatMap((name, at) =>
      invalidEach(fieldPath('ignoredResources').index(at), name, qualifiedName(name)),
    ),
    ...ignoredResourceGroups.flatMap((group, at) => {
      const here = fieldPath('ignoredResourceGroups').index(at)
      const slash = group.includes('/') ? [invalidValue(here, group, "resource group name can't contain '/'")] : []
      return [...slash, ...invalidEach(here, group, qualifiedName(group))]
    }),
    ...(STRATEGIES.includes(type) ? [] : [notSupported(strategy.child('type'), type, STRATEGIES)]),
    ...resources.flatMap((resource, at) => weightFaults(resource, strategy.child('resources').index(at))),
    ...(type === 'RequestedToCapacityRatio'
      ? given === undefined
        ? [required(ratio, 'must be specified when type is RequestedToCapacityRatio')]
        : shapeFaults(given.shape, ratio.child('shape'))
      : given === undefined
        ? []
        : [forbiddenField(ratio, 'must be nil when type is not RequestedToCapacityRatio')]),
  ]
}

const weightFaults = ({ name, weight }: ResourceSpec, path: FieldPath): FieldError[] =>
  weight <= 0 || weight > 100
    ? [invalidValue(path.child('weight'), weight, `resource weight of ${name} not in valid range (0, 100]`)]
    : []

function shapeFaults(shape: readonly ShapePoint[], path: FieldPath): FieldError[] {
  if (shape.length === 0) return [required(path, 'at least one point must be specified')]
  const unsorted = shape.findIndex(({ utilization }, at) => at > 0 && (shape[at - 1]?.utilization ?? 0) >= utilization)
  const order =
    unsorted === -1
      ? []
      : [
          invalidValue(
            path.index(unsorted).child('utilization'),
            shape[unsorted]?.utilization,
            'values must be sorted in increasing order',
          ),
        ]
  return [
    ...order,
    ...shape.flatMap(({ utilization, score }, at) => [
      ...outside(utilization, 0, 100, path.index(at).child('utilization')),
      ...outside(score, 0, 10, path.index(at).child('score')),
    ]),
  ]
}
