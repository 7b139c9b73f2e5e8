/**
 * A Pod goes only where its requests fit, and rather where most is left (or least, by strategy)
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/).
 */

import type { Node } from '../../../api/generated/core-v1.ts'
import type { DeviceClass } from '../../../api/generated/resource-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FitArgs, ShapePoint } from '../../config/types.ts'
import {
  classBehind,
  type ClassFor,
  isExtendedResource,
  noClass,
  resourcesOf,
} from '../../framework/extended-resources.ts'
import { MutableNodeInfo, type NodeInfo } from '../../snapshot/node-info.ts'
import { type PodInfo, podInfoOf } from '../../snapshot/pod-info.ts'
import { amountOf, type Amounts, isScalar } from '../../snapshot/resources.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected } from '../../framework/verdict.ts'

type ReadClass = DeepReadonly<DeviceClass>

/** What NodeResourcesFit does without arguments. */
export const DEFAULT_FIT: FitArgs = {
  ignoredResources: [],
  ignoredResourceGroups: [],
  scoringStrategy: {
    type: 'LeastAllocated',
    resources: [
      { name: 'cpu', weight: 1 },
      { name: 'memory', weight: 1 },
    ],
  },
}

/** The plugin for one profile's arguments. */
export function nodeResourcesFit(args: FitArgs = DEFAULT_FIT, classFor: ClassFor = noClass): SchedulerPlugin {
  const ignored: Ignored = {
    names: new Set(args.ignoredResources),
    groups: new Set(args.ignoredResourceGroups),
    classFor,
  }
  return {
    name: 'NodeResourcesFit',
    wakeOn: [
      'AssignedPod/delete',
      'AssignedPod/scale-down',
      'Pod/scale-down',
      'Node/add',
      'Node/allocatable',
      'DeviceClass/add',
      'DeviceClass/update',
    ],
    scoresAreFinal: true,

    /** A node that is too small for the Pod when empty is no help, whatever happens to it. */
    mayHelp(event, pod, { old, now }) {
      if (event === 'DeviceClass/add' || event === 'DeviceClass/update') {
        return isNewResource(podInfoOf(pod), old as ReadClass | undefined, now as ReadClass)
      }
      if (event !== 'Node/add' && event !== 'Node/allocatable') return true
      const node = new MutableNodeInfo(now as DeepReadonly<Node>)
      return missingResources(podInfoOf(pod), node, { ...NOTHING_IGNORED, classFor }).length === 0
    },

    filter(_cycle, pod, node) {
      if (hasRoom(pod, node)) return fits
      const missing = missingResources(pod, node, ignored)
      if (missing.length === 0) return fits
      const reachable = fitsEmptyNode(pod, node, ignored)
      return rejected(missing, { evictionMayHelp: reachable })
    },

    score(_cycle, pod, node) {
      return scoreOf(pod, node, args.scoringStrategy)
    },
  }
}

/** Extended resources that somebody else looks after. */
interface Ignored {
  readonly names: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  /** Devices are given out by DynamicResources. */
  readonly classFor: ClassFor
}

const NOTHING_IGNORED: Ignored = { names: new Set(), groups: new Set(), classFor: noClass }

const isIgnored = (name: string, { names, groups }: Ignored) =>
  isExtendedResource(name) && (names.has(name) || groups.has(name.split('/')[0] ?? ''))

function* asked(requests: Readonly<Amounts>, ignored: Ignored): Iterable<readonly [string, number]> {
  if (requests.milliCPU > 0) yield ['cpu', requests.milliCPU]
  if (requests.memory > 0) yield ['memory', requests.memory]
  if (requests.ephemeralStorage > 0) yield ['ephemeral-storage', requests.ephemeralStorage]
  for (const [name, amount] of requests.others ?? []) if (amount > 0 && !isIgnored(name, ignored)) yield [name, amount]
}

/** The usual answer for the usual resources, without any list. */
function hasRoom({ requests }: PodInfo, { allocatable, requested, allocatablePods, pods }: NodeInfo): boolean {
  return (
    requests.others === undefined &&
    pods.size < allocatablePods &&
    (requests.milliCPU === 0 || requests.milliCPU <= allocatable.milliCPU - requested.milliCPU) &&
    (requests.memory === 0 || requests.memory <= allocatable.memory - requested.memory) &&
    (requests.ephemeralStorage === 0 ||
      requests.ephemeralStorage <= allocatable.ephemeralStorage - requested.ephemeralStorage)
  )
}

function missingResources(pod: PodInfo, node: NodeInfo, ignored: Ignored): string[] {
  const missing = node.pods.size + 1 > node.allocatablePods ? ['Too many pods'] : []
  for (const [name, amount] of asked(pod.requests, ignored)) {
    if (isDevice(name, node, ignored)) continue
    if (amount > amountOf(node.allocatable, name) - amountOf(node.requested, name)) missing.push(`Insufficient ${name}`)
  }
  return missing
}

/** Whether the Pod would fit if nothing else ran there. */
function fitsEmptyNode(pod: PodInfo, node: NodeInfo, ignored: Ignored): boolean {
  for (const [name, amount] of asked(pod.requests, ignored)) {
    if (amount > amountOf(node.allocatable, name) && !isDevice(name, node, ignored)) return false
  }
  return true
}

const isDevice = (name: string, node: NodeInfo, { classFor }: Ignored) =>
  isScalar(name) && classBehind(name, node, classFor) !== undefined

/** Whether the class gives devices to a resource of the Pod that it did not give before. */
function isNewResource({ requests }: PodInfo, old: ReadClass | undefined, now: ReadClass): boolean {
  const before = old === undefined ? [] : resourcesOf(old)
  return resourcesOf(now).some((name) => amountOf(requests, name) > 0 && !before.includes(name))
}

type Strategy = FitArgs['scoringStrategy']

function scoreOf(pod: PodInfo, node: NodeInfo, strategy: Strategy): number {
  const isRatio = strategy.type === 'RequestedToCapacityRatio'
  let weighted = 0
  let weights = 0
  for (const { name, weight } of strategy.resources) {
    const capacity = amountOf(node.allocatable, name)
    const assumed = name === 'cpu' || name === 'memory'
    const asked = amountOf(assumed ? pod.assumedRequests : pod.requests, name)
    if (capacity === 0 || (asked === 0 && isScalar(name))) continue
    const wanted = amountOf(assumed ? node.assumedRequested : node.requested, name) + asked
    const score = resourceScore(wanted, capacity, strategy)
    if (isRatio && score === 0) continue
    weighted += weight * score
    weights += weight
  }
  if (weights === 0) return 0
  return isRatio ? Math.round(weighted / weights) : Math.floor(weighted / weights)
}

function resourceScore(wanted: number, capacity: number, { type, requestedToCapacityRatio }: Strategy): number {
  const over = wanted > capacity
  switch (type) {
    case 'LeastAllocated':
      return over ? 0 : Math.floor(((capacity - wanted) * 100) / capacity)
    case 'MostAllocated':
      return Math.floor((Math.min(wanted, capacity) * 100) / capacity)
    case 'RequestedToCapacityRatio':
      return onShape(over ? 100 : Math.floor((wanted * 100) / capacity), requestedToCapacityRatio?.shape ?? [])
  }
}

/** A shape's scores end at 10, a node's at 100. */
const SHAPE_SCALE = 10

/** The score at a utilization, on straight lines between the points. */
function onShape(utilization: number, shape: readonly ShapePoint[]): number {
  const after = shape.findIndex((point) => utilization <= point.utilization)
  if (after === -1) return (shape.at(-1)?.score ?? 0) * SHAPE_SCALE
  const right = shape[after] as ShapePoint
  const left = shape[after - 1]
  if (left === undefined) return right.score * SHAPE_SCALE
  const rise = (right.score - left.score) * SHAPE_SCALE * (utilization - left.utilization)
  return left.score * SHAPE_SCALE + Math.trunc(rise / (right.utilization - left.utilization))
}
