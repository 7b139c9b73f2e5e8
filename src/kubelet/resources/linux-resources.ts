/**
 * Requests and limits as cgroups take them
 * (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/).
 */

import { podLimits, podRequests, qosClassOf } from '../../api/core/v1/pod/facts.ts'
import type { ResourceList, ResourceRequirements } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { milliValue, quantityValue } from '../../meta/quantity.ts'
import type { LinuxContainerResources, SandboxResources } from '../cri/runtime.ts'
import type { PodCgroup } from '../host/host.ts'
import { type ContainerView, containersOf, namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import { containerHugepages, podHugepages } from './hugepages.ts'
import { containerMemory, type MemoryRules } from './memory-rules.ts'
import { oomScoreAdj } from './oom-score.ts'

type Resources = DeepReadonly<ResourceList>
type Requirements = DeepReadonly<ResourceRequirements>

const SHARES_PER_CPU = 1024
const MIN_SHARES = 2
const MAX_SHARES = 262_144
const PERIOD_US = 100_000
const MIN_QUOTA_US = 1_000

/** CPU and memory; a limit that is not stated is none. */
const linuxResources = (cpuRequest: number, cpuLimit: number, memoryLimit: number): LinuxContainerResources => ({
  cpuShares: shares(cpuRequest),
  ...(cpuLimit > 0 && { cpuPeriod: PERIOD_US, cpuQuota: quota(cpuLimit) }),
  ...(memoryLimit > 0 && { memoryLimitInBytes: memoryLimit, memorySwapLimitInBytes: memoryLimit }),
})

export type QosClass = PodCgroup['qosClass']

const shares = (milliCpu: number) =>
  milliCpu === 0
    ? MIN_SHARES
    : Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor((milliCpu * SHARES_PER_CPU) / 1000)))

const quota = (milliCpu: number) => Math.max(MIN_QUOTA_US, Math.floor((milliCpu * PERIOD_US) / 1000))

const milliCpu = (list: Resources | undefined) => (list?.['cpu'] === undefined ? 0 : milliValue(list['cpu']))
const bytes = (list: Resources | undefined) => (list?.['memory'] === undefined ? 0 : quantityValue(list['memory']))

/** What Burstable Pods weigh together: what they ask for. */
export const burstableShares = (pods: readonly PodView[]): number =>
  shares(
    pods.filter((pod) => qosClassOf(pod) === 'Burstable').reduce((sum, pod) => sum + milliCpu(podRequests(pod)), 0),
  )

/** What a container states, and limits of the whole Pod where it has none of its own. */
export function effectiveOf(pod: PodView, container: ContainerView): Requirements {
  const { resources = {} } = container
  const whole = Object.entries(specOf(pod).resources?.limits ?? {}).filter(
    ([name, limit]) =>
      COUNTED.some((counted) => counted === name) && isPositive(limit) && !isPositive(resources.limits?.[name]),
  )
  return whole.length === 0
    ? resources
    : { ...resources, limits: { ...resources.limits, ...Object.fromEntries(whole) } }
}

/** What the cgroup of a container depends on beside its Pod. */
export interface ContainerFacts {
  readonly qos: QosClass
  readonly memoryCapacity: number
  /** Absent: control groups of version 1. */
  readonly memory?: MemoryRules | undefined
  /** Those that the machine has, e.g. `2Mi`. */
  readonly hugepageSizes: readonly string[]
}

/** A container's cgroup. */
export function containerResources(
  pod: PodView,
  container: ContainerView,
  facts: ContainerFacts,
): LinuxContainerResources {
  const { requests, limits } = effectiveOf(pod, container)
  const cpuLimit = milliCpu(limits)
  const memoryLimit = bytes(limits)
  const cpuRequest = requests?.['cpu'] === undefined ? cpuLimit : milliCpu(requests)
  return {
    ...linuxResources(cpuRequest, cpuLimit, memoryLimit),
    oomScoreAdj: oomScoreAdj(facts.qos, pod, container, facts.memoryCapacity),
    hugepageLimits: containerHugepages(pod, limits, facts.hugepageSizes),
    ...(facts.memory && { unified: containerMemory(pod, container, facts.qos, facts.memory) }),
  }
}

const COUNTED = ['cpu', 'memory'] as const

const isPositive = (amount: string | undefined) => amount !== undefined && milliValue(amount) > 0

const runningContainers = (pod: PodView) =>
  containersOf(pod)
    .filter(({ kind }) => kind !== 'ephemeral')
    .map(({ spec }) => spec)

/** The Pod's own cgroup, above those of its containers. A limit holds only when every container has one. */
export function podCgroupOf(pod: PodView): PodCgroup {
  const qosClass = qosClassOf(pod)
  const own = specOf(pod).resources
  const all = runningContainers(pod)
  const limited = (pick: (list: Resources | undefined) => number) =>
    pick(own?.limits) > 0 || all.every((spec) => pick(spec.resources?.limits) > 0)
  const resources: LinuxContainerResources = {
    cpuShares: shares(milliCpu(podRequests(pod))),
    ...(limited(milliCpu) && { cpuPeriod: PERIOD_US, cpuQuota: quota(milliCpu(podLimits(pod))) }),
    ...(limited(bytes) && { memoryLimitInBytes: bytes(podLimits(pod)) }),
    hugepageLimits: podHugepages(pod),
  }
  return { uid: namesOf(pod).uid, qosClass, resources }
}

/** What the sandbox takes beside its containers, requested and limited alike. */
function overheadOf(pod: PodView): LinuxContainerResources {
  const { overhead } = specOf(pod)
  return overhead === undefined ? {} : linuxResources(milliCpu(overhead), milliCpu(overhead), bytes(overhead))
}

/** The Pod as a whole, as its sandbox is asked for. */
export function sandboxResources(pod: PodView): SandboxResources {
  const { overhead: _, ...spec } = specOf(pod)
  const [requests, limits] = [podRequests({ spec }), podLimits({ spec })]
  const cpuLimit = milliCpu(limits)
  const cpuRequest = requests['cpu'] === undefined ? cpuLimit : milliCpu(requests)
  return { overhead: overheadOf(pod), resources: linuxResources(cpuRequest, cpuLimit, bytes(limits)) }
}

/** The Pod as a whole, when its cgroup is about to be set to `has`. */
export function resizedSandbox(pod: PodView, has: LinuxContainerResources): SandboxResources {
  const { overhead: stated = {} } = specOf(pod)
  const { cpuShares, cpuQuota, cpuPeriod, memoryLimitInBytes } = has
  const cpu = milliCpu(stated)
  const resources = {
    ...(cpuShares !== undefined && { cpuShares: shares(Math.ceil((cpuShares * 1000) / SHARES_PER_CPU) - cpu) }),
    ...(cpuPeriod !== undefined && { cpuPeriod }),
    ...(cpuQuota !== undefined && { cpuQuota: cpu === 0 ? cpuQuota : cpuQuota - quota(cpu) }),
    ...(memoryLimitInBytes !== undefined && { memoryLimitInBytes: memoryLimitInBytes - bytes(stated) }),
  }
  return { overhead: overheadOf(pod), resources }
}
