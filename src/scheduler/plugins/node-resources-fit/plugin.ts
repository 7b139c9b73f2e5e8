/**
 * A Pod goes only where its requests fit, and rather where most is left (or least, by strategy)
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/).
 */

import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { amountOf, type Amounts } from '../../snapshot/resources.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected } from '../../framework/verdict.ts'

/** One point of a RequestedToCapacityRatio shape: utilization in percent, score 0 to 10. */
export interface ShapePoint {
  readonly utilization: number
  readonly score: number
}

export interface FitOptions {
  readonly strategy: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio'
  readonly resources: readonly { readonly name: string; readonly weight: number }[]
  readonly shape?: readonly ShapePoint[]
  readonly ignoredResources?: readonly string[]
  readonly ignoredResourceGroups?: readonly string[]
}

export const DEFAULT_FIT: FitOptions = {
  strategy: 'LeastAllocated',
  resources: [
    { name: 'cpu', weight: 1 },
    { name: 'memory', weight: 1 },
  ],
}

/** The plugin for one profile's arguments. */
export function nodeResourcesFit(options: FitOptions = DEFAULT_FIT): SchedulerPlugin {
  return {
    name: 'NodeResourcesFit',
    wakeOn: ['AssignedPod/delete', 'AssignedPod/scale-down', 'Pod/scale-down', 'Node/add', 'Node/allocatable'],
    scoresAreFinal: true,

    filter(_cycle, pod, node) {
      if (hasRoom(pod, node)) return fits
      const missing = missingResources(pod, node, options)
      if (missing.length === 0) return fits
      const reachable = fitsEmptyNode(pod, node, options)
      return rejected(missing, { evictionMayHelp: reachable })
    },

    score(_cycle, pod, node) {
      return scoreOf(pod, node, options)
    },
  }
}

const isIgnored = (name: string, { ignoredResources = [], ignoredResourceGroups = [] }: FitOptions) =>
  ignoredResources.includes(name) || ignoredResourceGroups.some((group) => name.startsWith(`${group}/`))

function* asked(requests: Readonly<Amounts>, options: FitOptions): Iterable<readonly [string, number]> {
  if (requests.milliCPU > 0) yield ['cpu', requests.milliCPU]
  if (requests.memory > 0) yield ['memory', requests.memory]
  if (requests.ephemeralStorage > 0) yield ['ephemeral-storage', requests.ephemeralStorage]
  for (const [name, amount] of requests.others ?? []) if (amount > 0 && !isIgnored(name, options)) yield [name, amount]
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

function missingResources(pod: PodInfo, node: NodeInfo, options: FitOptions): string[] {
  const missing = node.pods.size + 1 > node.allocatablePods ? ['Too many pods'] : []
  for (const [name, amount] of asked(pod.requests, options)) {
    if (amount > amountOf(node.allocatable, name) - amountOf(node.requested, name)) missing.push(`Insufficient ${name}`)
  }
  return missing
}

/** Whether the Pod would fit if nothing else ran there. */
function fitsEmptyNode(pod: PodInfo, node: NodeInfo, options: FitOptions): boolean {
  for (const [name, amount] of asked(pod.requests, options)) if (amount > amountOf(node.allocatable, name)) return false
  return true
}

function scoreOf(pod: PodInfo, node: NodeInfo, options: FitOptions): number {
  let weighted = 0
  let weights = 0
  for (const { name, weight } of options.resources) {
    const capacity = amountOf(node.allocatable, name)
    if (capacity === 0) continue
    const assumed = name === 'cpu' || name === 'memory'
    const used = amountOf(assumed ? node.assumedRequested : node.requested, name)
    const wanted = used + amountOf(assumed ? pod.assumedRequests : pod.requests, name)
    weighted += weight * resourceScore(wanted, capacity, options)
    weights += weight
  }
  return weights === 0 ? 0 : Math.floor(weighted / weights)
}

function resourceScore(wanted: number, capacity: number, { strategy, shape = [] }: FitOptions): number {
  const over = wanted > capacity
  switch (strategy) {
    case 'LeastAllocated':
      return over ? 0 : Math.floor(((capacity - wanted) * 100) / capacity)
    case 'MostAllocated':
      return Math.floor((Math.min(wanted, capacity) * 100) / capacity)
    case 'RequestedToCapacityRatio':
      return onShape(over ? 100 : Math.floor((wanted * 100) / capacity), shape) * 10
  }
}

/** The score at a utilization, on straight lines between the points. */
function onShape(utilization: number, shape: readonly ShapePoint[]): number {
  const after = shape.findIndex((point) => utilization <= point.utilization)
  if (after === -1) return shape.at(-1)?.score ?? 0
  const right = shape[after] as ShapePoint
  const left = shape[after - 1]
  if (left === undefined) return right.score
  const share = (utilization - left.utilization) / (right.utilization - left.utilization)
  return left.score + (right.score - left.score) * share
}
