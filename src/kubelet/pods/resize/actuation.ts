/** How running containers and their Pod's cgroup come to have what they were given (see `resources/resize.ts`). */

import { qosClassOf } from '../../../api/core/v1/pod/facts.ts'
import type { LinuxContainerResources, RuntimeService } from '../../cri/runtime.ts'
import type { PodCgroups } from '../../host/host.ts'
import { containerResources, effectiveOf, podCgroupOf } from '../../resources/linux-resources.ts'
import { podMemory, resizedMemory } from '../../resources/memory-rules.ts'
import { decreaseFault } from '../../resources/memory-decrease.ts'
import { isGivenAnew, type Requirements, resizeStep, sameRequirements } from '../../resources/resize.ts'
import { POD_UID } from '../container/identity.ts'
import { isRunning, latestOf, type ObservedContainer, type ObservedPod } from '../observed.ts'
import type { PodNode } from '../pod-deps.ts'
import { containersOf, type KindedContainer, namesOf, type PodView, specOf } from '../pod-view.ts'
import { limitOf, partOf, PodCgroupChange, type PodCgroupDeps, type Resizable } from './pod-cgroup-change.ts'

export interface ActuationDeps extends PodCgroupDeps {
  readonly runtime: PodCgroupDeps['runtime'] & Pick<RuntimeService, 'updateContainerResources' | 'listContainerStats'>
  readonly host: { readonly cgroups: Pick<PodCgroups, 'ensure' | 'limits' | 'setFiles' | 'usage' | 'version'> }
  readonly node: Pick<PodNode, 'memoryCapacity' | 'hugepageSizes' | 'memory'>
}

export interface ActuationStep {
  /** Those that get it by being restarted, by id. */
  readonly restart: ReadonlySet<string>
  /** Something was changed. */
  readonly acted: boolean
  /** Why not all that can be had at once was. */
  readonly fault?: string
}

/** The Pod as a whole, among what was last told to whom. */
const WHOLE = ''

export class Actuation {
  readonly #deps: ActuationDeps
  /** What containers (by id) and the Pod were told to have. */
  readonly #told = new Map<string, Requirements>()
  /** The last update of each container, by id. */
  readonly #updated = new Map<string, string>()
  readonly #lacking = new Set<string>()

  constructor(deps: ActuationDeps) {
    this.#deps = deps
  }

  isLacking(id: string): boolean {
    return this.#lacking.has(id)
  }

  get isLackingAny(): boolean {
    return this.#lacking.size > 0
  }

  /** Remembers what containers were started with. What ran before us the API was told of. */
  seen(pod: PodView, observed: ObservedPod): void {
    if (!this.#told.has(WHOLE)) this.#told.set(WHOLE, specOf(pod).resources ?? {})
    for (const { spec, observed: container } of runningOf(pod, observed)) {
      if (!this.#told.has(container.id)) this.#told.set(container.id, effectiveOf(pod, spec))
    }
    const ids = new Set(observed.containers.map(({ id }) => id))
    for (const id of this.#told.keys()) if (id !== WHOLE && !ids.has(id)) this.#told.delete(id)
    for (const id of this.#updated.keys()) if (!ids.has(id)) this.#updated.delete(id)
  }

  async step(
    pod: PodView,
    observed: ObservedPod,
    { isResizing }: { readonly isResizing: boolean },
    signal: AbortSignal,
  ): Promise<ActuationStep> {
    const { restarts, updates, cgroupLacks } = this.#plan(pod, observed)
    const restart = new Set(restarts.map(({ running }) => running.id))
    const settles = this.#lacking.size === 0 && (isResizing || cgroupLacks)
    if (restart.size === 0 && updates.length === 0 && !settles) return { restart, acted: false }
    try {
      const fault = await this.#memoryFault(pod, updates, signal)
      if (fault !== undefined) return { restart, acted: false, fault }
      const whole = await PodCgroupChange.begin(this.#deps, pod, observed)
      // A Pod must have room for what is in it: it grows first, and shrinks when all that it holds has shrunk.
      for (const resource of RESIZABLE) {
        if (whole.grows(resource)) await whole.set(resource, signal)
        const due = updates.filter((update) => update.resources.has(resource))
        for (const update of due.toSorted((a, b) => Number(grows(a, resource)) - Number(grows(b, resource))))
          await this.#update(update, resource, signal)
        if (restart.size === 0) await whole.set(resource, signal)
      }
      await this.#settleMemory(pod, observed, restart)
      for (const update of updates) this.#done(update)
      if (restart.size === 0) this.#told.set(WHOLE, specOf(pod).resources ?? {})
      return { restart, acted: updates.length > 0 }
    } catch (error) {
      signal.throwIfAborted()
      return { restart, acted: false, fault: error instanceof Error ? error.message : String(error) }
    }
  }

  /** What each running container lacks. */
  #plan(pod: PodView, observed: ObservedPod) {
    const facts = {
      qos: qosClassOf(pod),
      memoryCapacity: this.#deps.node.memoryCapacity,
      hugepageSizes: this.#deps.node.hugepageSizes,
      memory: this.#deps.node.memory,
    }
    const restarts: Update[] = []
    const updates: Update[] = []
    this.#lacking.clear()
    for (const { spec, observed: running } of runningOf(pod, observed)) {
      if (running.resources === undefined) continue
      const asked = effectiveOf(pod, spec)
      const wanted = containerResources(pod, spec, facts)
      const had = { asked: this.#told.get(running.id), given: running.resources }
      const step = resizeStep(spec, { had, wanted: { asked, given: wanted } })
      // A runtime that took an update and does not show it is believed.
      const isTaken = this.#updated.get(running.id) === JSON.stringify(inPlace(wanted))
      if (step === 'none' || (isTaken && step === 'update')) {
        this.#told.set(running.id, asked)
        continue
      }
      this.#lacking.add(running.id)
      const list = step === 'restart' ? restarts : updates
      const given = running.resources
      const resources = new Set(RESIZABLE.filter((resource) => isGivenAnew(resource, given, wanted)))
      list.push({ name: spec.name, running, wanted: inPlace(wanted), asked, resources })
    }
    const cgroupLacks = !sameRequirements(this.#told.get(WHOLE), specOf(pod).resources)
    return { restarts, updates, cgroupLacks }
  }

  /** Why limits of memory that go down cannot. */
  async #memoryFault(pod: PodView, updates: readonly Update[], signal: AbortSignal): Promise<string | undefined> {
    const { runtime, host } = this.#deps
    const shrinking = new Map(
      updates.flatMap(({ name, running, wanted }) => {
        const limit = limitOf(wanted.memoryLimitInBytes)
        return limit < limitOf(running.resources?.memoryLimitInBytes) ? [[name, limit] as const] : []
      }),
    )
    const cgroup = podCgroupOf(pod)
    const wanted = limitOf(cgroup.resources.memoryLimitInBytes)
    const usage = wanted === Infinity ? undefined : await host.cgroups.usage(cgroup)
    const isLess = usage !== undefined && wanted < (usage.memoryLimitBytes ?? Infinity)
    if (shrinking.size === 0 && !isLess) return undefined
    const stats = await runtime.listContainerStats({ labels: { [POD_UID]: namesOf(pod).uid } }, signal)
    const inUse = updates.map(({ name, running }) => {
      const { usageBytes, workingSetBytes } = stats.find(({ id }) => id === running.id)?.memory ?? {}
      return [name, usageBytes ?? workingSetBytes ?? 'unknown'] as const
    })
    return decreaseFault(
      { pod: isLess ? wanted : undefined, containers: shrinking },
      { pod: usage?.memory.usageBytes ?? 'unknown', containers: new Map(inUse) },
    )
  }

  /** What is kept for them and what throttles them follows: runtimes such as containerd 1.6 leave that as it was. */
  async #settleMemory(pod: PodView, observed: ObservedPod, restart: ReadonlySet<string>): Promise<void> {
    const { node, host } = this.#deps
    const { memory } = node
    if (memory === undefined) return
    const owner = podCgroupOf(pod)
    const { qosClass } = owner
    for (const { spec, observed: running } of runningOf(pod, observed)) {
      if (restart.has(running.id)) continue
      await host.cgroups.setFiles(owner, resizedMemory(pod, spec, qosClass, memory), running.id)
    }
    if (restart.size === 0) await host.cgroups.setFiles(owner, podMemory(pod, qosClass, memory))
  }

  /** Gives the container its part of one resource; of the other it has what it had, or was given before. */
  async #update({ running, wanted }: Update, resource: Resizable, signal: AbortSignal): Promise<void> {
    const [first] = RESIZABLE
    const had = inPlace(running.resources ?? {})
    const resources = resource === first ? { ...had, ...partOf(wanted, resource) } : wanted
    await this.#deps.runtime.updateContainerResources(running.id, resources, signal)
  }

  #done({ running, wanted, asked }: Update): void {
    this.#updated.set(running.id, JSON.stringify(wanted))
    this.#told.set(running.id, asked)
  }
}

interface Update {
  readonly name: string
  readonly running: ObservedContainer
  readonly wanted: LinuxContainerResources
  readonly asked: Requirements
  /** What of it changes. */
  readonly resources: ReadonlySet<Resizable>
}

/** In this order. */
const RESIZABLE = ['memory', 'cpu'] as const satisfies readonly Resizable[]

/** The containers that can be resized, and run. */
function runningOf(
  pod: PodView,
  observed: ObservedPod,
): readonly { readonly spec: KindedContainer['spec']; readonly observed: ObservedContainer }[] {
  return containersOf(pod).flatMap(({ kind, spec }) => {
    const latest = kind === 'ephemeral' ? undefined : latestOf(observed, spec.name)
    return latest === undefined || !isRunning(latest) ? [] : [{ spec, observed: latest }]
  })
}

/** What may change without a restart. A quota of -1 takes an old one away. */
const inPlace = ({
  cpuShares,
  cpuPeriod,
  cpuQuota = -1,
  memoryLimitInBytes = 0,
  unified,
}: LinuxContainerResources) => ({
  ...(cpuShares !== undefined && { cpuShares }),
  ...(cpuPeriod !== undefined && { cpuPeriod }),
  cpuQuota,
  ...(memoryLimitInBytes > 0 && { memoryLimitInBytes, memorySwapLimitInBytes: memoryLimitInBytes }),
  ...(unified !== undefined && { unified }),
})

const grows = ({ running: { resources = {} }, wanted }: Update, resource: Resizable) =>
  resource === 'cpu'
    ? limitOf(wanted.cpuQuota) > limitOf(resources.cpuQuota)
    : limitOf(wanted.memoryLimitInBytes) > limitOf(resources.memoryLimitInBytes)
