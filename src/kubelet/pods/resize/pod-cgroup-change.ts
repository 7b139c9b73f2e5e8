/**
 * Changes what a running Pod has as a whole, CPU and memory each by itself, and tells the runtime before
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/).
 */

import { type LinuxContainerResources, RuntimeError, type RuntimeService } from '../../cri/runtime.ts'
import type { PodCgroup, PodCgroups } from '../../host/host.ts'
import { podCgroupOf, resizedSandbox } from '../../resources/linux-resources.ts'
import { readySandboxOf, type ObservedPod } from '../observed.ts'
import type { PodView } from '../pod-view.ts'

export type Resizable = 'memory' | 'cpu'

/** What changing needs of the node. */
export interface PodCgroupDeps {
  readonly runtime: Pick<RuntimeService, 'updatePodSandboxResources'>
  readonly host: { readonly cgroups: Pick<PodCgroups, 'ensure' | 'limits'> }
}

export class PodCgroupChange {
  readonly #deps: PodCgroupDeps
  readonly #pod: PodView
  readonly #cgroup: PodCgroup
  readonly #sandbox: string | undefined
  #now: LinuxContainerResources

  private constructor(deps: PodCgroupDeps, pod: PodView, sandbox: string | undefined, now: LinuxContainerResources) {
    this.#deps = deps
    this.#pod = pod
    this.#cgroup = podCgroupOf(pod)
    this.#sandbox = sandbox
    this.#now = now
  }

  static async begin(deps: PodCgroupDeps, pod: PodView, observed: ObservedPod): Promise<PodCgroupChange> {
    const now = await deps.host.cgroups.limits(podCgroupOf(pod))
    return new PodCgroupChange(deps, pod, readySandboxOf(observed)?.id, now)
  }

  /** What is in the Pod needs more room than there is. */
  grows(resource: Resizable): boolean {
    const { cpuQuota, memoryLimitInBytes } = this.#cgroup.resources
    return resource === 'cpu'
      ? limitOf(cpuQuota) > limitOf(this.#now.cpuQuota)
      : limitOf(memoryLimitInBytes) > limitOf(this.#now.memoryLimitInBytes)
  }

  /** Gives the Pod what it shall have. Throws when the runtime or the kernel refuses. */
  async set(resource: Resizable, signal: AbortSignal): Promise<void> {
    const wanted = partOf(this.#cgroup.resources, resource)
    const before = this.#now
    if (KEYS[resource].every((key) => wanted[key] === undefined || wanted[key] === before[key])) return
    const after = { ...before, ...wanted }
    await this.#tell(after, signal).catch((error: unknown) => {
      const words = error instanceof Error ? error.message : String(error)
      const refused = `failed to notify runtime for UpdatePodSandboxResources (resource=${resource}); resize rejected`
      throw new Error(`${refused}: ${words}`, { cause: error })
    })
    try {
      await this.#deps.host.cgroups.ensure({ ...this.#cgroup, resources: wanted })
    } catch (error) {
      await this.#tell(before, signal).catch(() => {}) // why it could not be is what matters
      throw error
    }
    this.#now = after
  }

  async #tell(has: LinuxContainerResources, signal: AbortSignal): Promise<void> {
    if (this.#sandbox === undefined) return
    try {
      await this.#deps.runtime.updatePodSandboxResources(this.#sandbox, resizedSandbox(this.#pod, has), signal)
    } catch (error) {
      if (isUnimplemented(error)) return
      const words = error instanceof Error ? error.message : String(error)
      // Kubernetes's own spelling.
      throw new Error(`updatePodSandboxResources failed for sanboxID "${this.#sandbox}": ${words}`, { cause: error })
    }
  }
}

const KEYS = {
  memory: ['memoryLimitInBytes', 'memorySwapLimitInBytes'],
  cpu: ['cpuShares', 'cpuPeriod', 'cpuQuota'],
} as const

/** What of it is of that resource. */
export function partOf(all: LinuxContainerResources, resource: Resizable): LinuxContainerResources {
  return Object.fromEntries(KEYS[resource].flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])))
}

/** No amount, or none that is positive, is no limit. */
export const limitOf = (amount = 0): number => (amount <= 0 ? Infinity : amount)

/** Most runtimes do not care. containerd 2.2 says so in other words. */
const isUnimplemented = (error: unknown) =>
  error instanceof RuntimeError &&
  (error.code === 'Unimplemented' || (error.code === 'Unknown' && error.description.includes('not implemented')))
