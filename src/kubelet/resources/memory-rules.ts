/**
 * What control groups of version 2 do about a container's memory besides its limit: who is killed when there is none left, swap
 * (https://kubernetes.io/docs/concepts/cluster-administration/swap-memory-management/), and memory that the kernel keeps or
 * throttles (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/#memory-qos-with-cgroup-v2). Pure.
 */

import { podRequests } from '../../api/core/v1/pod/facts.ts'
import type { ResourceList } from '../../api/generated/core-v1.ts'
import type { UnifiedFiles } from '../../linux/cgroups.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { quantityValue } from '../../meta/quantity.ts'
import type { KubeletConfig } from '../config/kubelet-config.ts'
import { isCritical } from '../eviction/critical.ts'
import type { ClassLimits, PodCgroup } from '../host/host.ts'
import type { ContainerView, PodView } from '../pods/pod-view.ts'

type QosClass = PodCgroup['qosClass']

/** What a node does about its containers' memory. */
export interface MemoryRules {
  /** When a process of a container finds no memory, all of the container are killed, or that one only. */
  readonly killsTogether: boolean
  /** Absent: the kernel does not bound swap by control groups. */
  readonly swap?: { readonly isLimited: boolean; readonly bytes: number }
  /** Absent: memory is neither kept nor throttled. */
  readonly qos?: {
    readonly throttlingFactor: number
    readonly isReserved: boolean
    readonly allocatableBytes: number
    /** The kernel counts memory in pages. */
    readonly pageBytes: number
  }
  readonly capacityBytes: number
}

/** What the rules depend on. */
export interface MemoryFacts {
  readonly cgroupVersion: 1 | 2
  readonly boundsSwap: boolean
  readonly swapBytes: number
  readonly capacityBytes: number
  readonly allocatableBytes: number
  readonly pageBytes: number
}

/** The rules of a node. Absent: version 1 has only limits. */
export function memoryRules(config: KubeletConfig, facts: MemoryFacts): MemoryRules | undefined {
  if (facts.cgroupVersion === 1) return undefined
  const { singleProcessOOMKill = false, memorySwap, memoryThrottlingFactor, memoryReservationPolicy } = config
  const { capacityBytes, allocatableBytes, swapBytes, pageBytes } = facts
  const isReserved = memoryReservationPolicy === 'TieredReservation'
  return {
    killsTogether: !singleProcessOOMKill,
    capacityBytes,
    ...(facts.boundsSwap && { swap: { isLimited: memorySwap.swapBehavior === 'LimitedSwap', bytes: swapBytes } }),
    ...(config.featureGates['MemoryQoS'] === true && {
      qos: { throttlingFactor: memoryThrottlingFactor, isReserved, allocatableBytes, pageBytes },
    }),
  }
}

/** Why a node with that configuration cannot start: what it asks for needs control groups of version 2. */
export function memoryRulesFault(
  { singleProcessOOMKill, memorySwap }: KubeletConfig,
  cgroupVersion: 1 | 2,
): string | undefined {
  if (cgroupVersion === 2) return undefined
  if (singleProcessOOMKill === false)
    return 'invalid configuration: singleProcessOOMKill must not be explicitly set to false when using cgroup v1'
  if (memorySwap.swapBehavior === 'LimitedSwap')
    return 'swap feature is enabled and LimitedSwap but it is only supported with cgroupv2'
  return undefined
}

/** The files of a container's cgroup. */
export function containerMemory(
  pod: PodView,
  { resources = {} }: ContainerView,
  qosClass: QosClass,
  rules: MemoryRules,
): UnifiedFiles {
  const request = memoryOf(resources.requests)
  const limit = memoryOf(resources.limits)
  return {
    ...(rules.killsTogether && { 'memory.oom.group': '1' }),
    ...(rules.swap !== undefined && { 'memory.swap.max': String(swapOf(pod, { request, limit }, qosClass, rules)) }),
    ...(rules.qos !== undefined && { ...kept(request, qosClass, rules.qos), ...throttled(request, limit, rules.qos) }),
  }
}

/** The same of a container that runs and may have had others: what does not throttle it any more is told as well. */
export function resizedMemory(
  pod: PodView,
  container: ContainerView,
  qosClass: QosClass,
  rules: MemoryRules,
): UnifiedFiles {
  return {
    ...(rules.qos !== undefined && { 'memory.high': 'max' }),
    ...containerMemory(pod, container, qosClass, rules),
  }
}

interface Amounts {
  readonly request: number
  readonly limit: number
}

/** Burstable containers swap in proportion to their requests; nobody else swaps. */
function swapOf(pod: PodView, { request, limit }: Amounts, qosClass: QosClass, rules: MemoryRules) {
  const { swap = { isLimited: false, bytes: 0 }, capacityBytes } = rules
  const swaps = swap.isLimited && qosClass === 'Burstable' && !isCritical(pod) && request !== limit
  return swaps && capacityBytes > 0 && request <= capacityBytes ? Math.trunc((request / capacityBytes) * swap.bytes) : 0
}

/** What is asked for is kept, for whom everything is guaranteed; for others only as long as there is other memory. */
function kept(request: number, qosClass: QosClass, { isReserved }: NonNullable<MemoryRules['qos']>) {
  if (!isReserved || request === 0) return { 'memory.min': '0', 'memory.low': '0' }
  return { [qosClass === 'Guaranteed' ? 'memory.min' : 'memory.low']: String(request) }
}

/** Beyond this the kernel slows the container down and takes memory back: some way from the request to the limit. */
function throttled(
  request: number,
  limit: number,
  { throttlingFactor, allocatableBytes, pageBytes }: NonNullable<MemoryRules['qos']>,
) {
  if (request === limit) return {}
  const most = limit === 0 ? allocatableBytes : limit
  const high = Math.floor((request + (most - request) * throttlingFactor) / pageBytes) * pageBytes
  return high > request ? { 'memory.high': String(high) } : {}
}

/** The files of a Pod's cgroup, by what it asks for as a whole. */
export function podMemory(pod: PodView, qosClass: QosClass, rules: MemoryRules | undefined): UnifiedFiles {
  const request = memoryOf(podRequests(pod))
  return rules?.qos?.isReserved === true && request > 0 ? kept(request, qosClass, rules.qos) : {}
}

/** What the kernel keeps for all Pods of a class. Absent: the node keeps nothing by classes. */
export function keptByClass(
  pods: readonly { readonly pod: PodView; readonly qosClass: QosClass }[],
  rules: MemoryRules | undefined,
): ClassLimits['kept'] {
  if (rules?.qos === undefined) return undefined
  const { isReserved } = rules.qos
  const sum = (of: QosClass) =>
    pods
      .filter(({ qosClass }) => isReserved && qosClass === of)
      .reduce((total, { pod }) => total + memoryOf(podRequests(pod)), 0)
  return { guaranteed: sum('Guaranteed'), burstable: sum('Burstable') }
}

const memoryOf = (list: DeepReadonly<ResourceList> | undefined) =>
  list?.['memory'] === undefined ? 0 : quantityValue(list['memory'])
