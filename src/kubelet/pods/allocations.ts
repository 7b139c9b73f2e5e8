/** What the containers of one Pod were given, and how they come to have it (see `resources/resize.ts`). */

import type { LinuxContainerResources } from '../cri/runtime.ts'
import { containerResources, podCgroupOf, qosClassOf } from '../resources/linux-resources.ts'
import {
  type Allocation,
  allocatedBefore,
  askedBy,
  type ResizeRefusal,
  resizeRefusal,
  resizeStep,
  sameAllocation,
  withAllocation,
} from '../resources/resize.ts'
import type { ResizeState } from '../status/conditions.ts'
import { isRunning, type ObservedContainer, type ObservedPod } from './observed.ts'
import type { PodDeps } from './pod-deps.ts'
import { containersOf, namesOf, type PodView } from './pod-view.ts'

/** While a resize waits for others to go, or failed, it is tried this often. */
const RETRY_MS = 5_000

export class Allocations {
  readonly #deps: Pick<PodDeps, 'runtime' | 'host' | 'node' | 'others'>
  #given: Allocation | undefined
  #refusal: ResizeRefusal | undefined
  #fault: string | undefined
  #isResizing = false
  readonly #lacking = new Set<string>()
  /** The last update of each container, by id. */
  readonly #updated = new Map<string, string>()

  constructor(deps: Pick<PodDeps, 'runtime' | 'host' | 'node' | 'others'>) {
    this.#deps = deps
  }

  /** The Pod as it runs: with what it was given, which is what it asks for unless a resize waits. */
  allocate(pod: PodView): PodView {
    this.#given ??= allocatedBefore(pod)
    const asked = askedBy(pod)
    if (sameAllocation(this.#given, asked)) {
      this.#given = asked
      this.#refusal = undefined
      return pod
    }
    this.#refusal = resizeRefusal(pod, this.#deps.others(namesOf(pod).uid), this.#deps.node.allocatable)
    if (this.#refusal === undefined) {
      this.#given = asked
      this.#isResizing = true
    }
    return withAllocation(pod, this.#given)
  }

  /** The Pod with what it was given last. */
  asAllocated(pod: PodView): PodView {
    return this.#given === undefined ? pod : withAllocation(pod, this.#given)
  }

  /** Milliseconds until something that waits is tried again. */
  get againMs(): number | undefined {
    return this.#refusal?.reason === 'Deferred' || this.#fault !== undefined ? RETRY_MS : undefined
  }

  get state(): ResizeState {
    return {
      pending: this.#refusal,
      progress: this.#isResizing
        ? this.#fault === undefined
          ? {}
          : { reason: 'Error', message: this.#fault }
        : undefined,
    }
  }

  /** Whether a running container has yet to get what it was given. */
  isLacking(id: string): boolean {
    return this.#lacking.has(id)
  }

  /** Gives running containers what they lack. `restart`: the ids of those that get it by being restarted. */
  async actuate(
    pod: PodView,
    observed: ObservedPod,
    signal: AbortSignal,
  ): Promise<{ readonly restart: ReadonlySet<string>; readonly acted: boolean }> {
    const { cgroups } = this.#deps.host
    const { memoryCapacity } = this.#deps.node
    const facts = { qos: qosClassOf(pod), memoryCapacity, cgroupVersion: cgroups.version }
    const restart = new Set<string>()
    const updates: Update[] = []
    this.#lacking.clear()
    for (const { kind, spec } of containersOf(pod)) {
      const running = observed.containers.find((container) => container.name === spec.name && isRunning(container))
      if (kind === 'ephemeral' || running?.resources === undefined) continue
      const wanted = containerResources(pod, spec, facts)
      const step = resizeStep(spec, running.resources, wanted)
      // A runtime that took an update and does not show it is believed.
      if (step === 'none' || this.#updated.get(running.id) === JSON.stringify(inPlace(wanted))) continue
      this.#lacking.add(running.id)
      if (step === 'restart') restart.add(running.id)
      else updates.push({ running, wanted: inPlace(wanted) })
    }
    try {
      // A Pod's cgroup must have room for what is in it: what shrinks goes first, and the Pod shrinks last.
      for (const update of updates.filter((one) => !grows(one))) await this.#update(update, signal)
      if (updates.some(grows)) await cgroups.ensure(podCgroupOf(pod))
      for (const update of updates.filter(grows)) await this.#update(update, signal)
      if (this.#lacking.size === 0 && this.#isResizing) {
        await cgroups.ensure(podCgroupOf(pod))
        this.#isResizing = false
      }
      this.#fault = undefined
    } catch (error) {
      signal.throwIfAborted()
      this.#fault = error instanceof Error ? error.message : String(error)
    }
    return { restart, acted: updates.length > 0 && this.#fault === undefined }
  }

  async #update({ running, wanted }: Update, signal: AbortSignal): Promise<void> {
    this.#isResizing = true
    await this.#deps.runtime.updateContainerResources(running.id, wanted, signal)
    this.#updated.set(running.id, JSON.stringify(wanted))
  }
}

interface Update {
  readonly running: ObservedContainer
  readonly wanted: LinuxContainerResources
}

/** What may change without a restart. A quota of -1 takes an old one away. */
const inPlace = ({ cpuShares, cpuPeriod, cpuQuota = -1, memoryLimitInBytes = 0 }: LinuxContainerResources) => ({
  ...(cpuShares !== undefined && { cpuShares }),
  ...(cpuPeriod !== undefined && { cpuPeriod }),
  cpuQuota,
  ...(memoryLimitInBytes > 0 && { memoryLimitInBytes, memorySwapLimitInBytes: memoryLimitInBytes }),
})

const limitOf = (amount = 0) => (amount <= 0 ? Infinity : amount)

const grows = ({ running: { resources = {} }, wanted }: Update) =>
  limitOf(wanted.cpuQuota) > limitOf(resources.cpuQuota) ||
  limitOf(wanted.memoryLimitInBytes) > limitOf(resources.memoryLimitInBytes)
