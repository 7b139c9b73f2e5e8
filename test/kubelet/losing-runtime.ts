/** A runtime that loses what it has made: it stands between the kubelet and a simulated one. */

import type { ContainerState, RuntimeService } from '../../src/kubelet/cri/runtime.ts'

export class LosingRuntime {
  /** What it was asked to stop, in order. */
  readonly stopped: string[] = []
  readonly #sandboxes = new Set<string>()
  readonly #containers = new Set<string>()
  #real: RuntimeService | undefined

  /** To be given to the node. */
  readonly between = (real: RuntimeService): RuntimeService => {
    this.#real = real
    const own = this.#own(real)
    return new Proxy(real, {
      get: (target, key) => {
        const method = Reflect.get(key in own ? own : target, key) as (...args: readonly unknown[]) => unknown
        return (...args: readonly unknown[]) => method.apply(target, [...args])
      },
    })
  }

  /** Says from now on that the sandboxes it has are not ready. */
  async loseSandboxes(): Promise<void> {
    const sandboxes = await this.#real?.listPodSandboxes({}, new AbortController().signal)
    for (const { id } of sandboxes ?? []) this.#sandboxes.add(id)
  }

  /** Can tell no more what became of the containers it has. Asked to stop one, it says that it ended somehow. */
  async loseContainers(): Promise<void> {
    const containers = await this.#real?.listContainers({}, new AbortController().signal)
    for (const { id } of containers ?? []) this.#containers.add(id)
  }

  #own(real: RuntimeService): Partial<RuntimeService> {
    const sandboxState = (id: string, now: 'SANDBOX_READY' | 'SANDBOX_NOTREADY') =>
      this.#sandboxes.has(id) ? 'SANDBOX_NOTREADY' : now
    const containerState = (id: string, now: ContainerState) =>
      this.#containers.has(id) && now === 'CONTAINER_RUNNING' ? 'CONTAINER_UNKNOWN' : now
    return {
      listPodSandboxes: async (filter, signal) =>
        (await real.listPodSandboxes(filter, signal)).map((one) => ({
          ...one,
          state: sandboxState(one.id, one.state),
        })),
      podSandboxStatus: async (id, signal) => {
        const status = await real.podSandboxStatus(id, signal)
        return { ...status, state: sandboxState(id, status.state) }
      },
      listContainers: async (filter, signal) =>
        (await real.listContainers(filter, signal)).map((one) => ({
          ...one,
          state: containerState(one.id, one.state),
        })),
      containerStatus: async (id, signal) => {
        const status = await real.containerStatus(id, signal)
        const state = containerState(id, status.state)
        if (!this.#containers.has(id) || state !== 'CONTAINER_EXITED') return { ...status, state }
        return { ...status, state, exitCode: 255, reason: 'Unknown' }
      },
      stopContainer: (id, grace, signal) => {
        this.stopped.push(`container within ${grace} s`)
        return real.stopContainer(id, grace, signal)
      },
      stopPodSandbox: (id, signal) => {
        this.stopped.push('sandbox')
        return real.stopPodSandbox(id, signal)
      },
    }
  }
}
