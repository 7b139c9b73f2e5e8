/** What the runtime has of one Pod, read once and in order: newest first. */

import type { PodStatus } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { type ContainerStatus, isRuntimeNotFound, type PodSandboxStatus, type RuntimeService } from '../cri/runtime.ts'
import { type ContainerIdentity, identityOf, POD_UID } from './container/identity.ts'
import type { KindedContainer } from './pod-view.ts'

/** A container as the runtime has it, with what the kubelet once wrote on it. */
export interface ObservedContainer extends ContainerStatus {
  readonly name: string
  readonly sandboxId: string
  readonly identity: ContainerIdentity
}

/** All that is left of one Pod in the runtime. */
export interface ObservedPod {
  readonly sandboxes: readonly PodSandboxStatus[]
  readonly containers: readonly ObservedContainer[]
}

export const NOTHING_OBSERVED: ObservedPod = { sandboxes: [], containers: [] }

export const isRunning = (container: ContainerStatus): boolean => container.state === 'CONTAINER_RUNNING'
export const hasExited = (container: ContainerStatus): boolean => container.state === 'CONTAINER_EXITED'
/** The runtime cannot tell what became of it: it may run, and what it is said to have ended with means nothing. */
export const isUnknown = (container: ContainerStatus): boolean => container.state === 'CONTAINER_UNKNOWN'
/** Whether it has to be stopped before anything takes its place. */
export const mayRun = (container: ContainerStatus): boolean => isRunning(container) || isUnknown(container)

/** The newest container of that name. */
export const latestOf = (observed: ObservedPod, name: string): ObservedContainer | undefined =>
  observed.containers.find((container) => container.name === name)

/** The one before the newest that has ended. */
export const previousOf = (observed: ObservedPod, name: string): ObservedContainer | undefined =>
  observed.containers.filter((container) => container.name === name)[1]

/** The sandbox that Pods may run in; at most one is. */
export const readySandboxOf = (observed: ObservedPod): PodSandboxStatus | undefined => {
  const newest = observed.sandboxes[0]
  return newest?.state === 'SANDBOX_READY' ? newest : undefined
}

/** By attempt: a clock that was set back makes newer ones look older. */
const newestFirst = (a: Aged, b: Aged) => b.metadata.attempt - a.metadata.attempt || b.createdAt - a.createdAt

interface Aged {
  readonly metadata: { readonly attempt: number }
  readonly createdAt: number
}

type ObservedRuntime = Pick<
  RuntimeService,
  'listPodSandboxes' | 'listContainers' | 'podSandboxStatus' | 'containerStatus'
>

/**
 * Looks at one Pod. What cannot change any more (ended containers, a ready sandbox's addresses) is asked for once and
 * remembered, so that a look costs two lists and what is new.
 */
export class PodObserver {
  readonly #runtime: ObservedRuntime
  readonly #uid: string
  #containers = new Map<string, ContainerStatus>()
  #sandboxes = new Map<string, PodSandboxStatus>()

  constructor(runtime: ObservedRuntime, uid: string) {
    this.#runtime = runtime
    this.#uid = uid
  }

  /** What was just asked for needs not be asked for again. */
  learn(sandbox: PodSandboxStatus): void {
    this.#sandboxes.set(sandbox.id, sandbox)
  }

  async observe(signal: AbortSignal): Promise<ObservedPod> {
    const filter = { labels: { [POD_UID]: this.#uid } }
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes(filter, signal),
      this.#runtime.listContainers(filter, signal),
    ])
    const [sandboxStatuses, containerStatuses] = await Promise.all([
      Promise.all(sandboxes.map((sandbox) => this.#sandbox(sandbox.id, sandbox.state, signal))),
      Promise.all(
        containers.map(async ({ id, podSandboxId, state }) => {
          const status = await this.#container(id, state, signal)
          return (
            status && {
              ...status,
              name: status.metadata.name,
              sandboxId: podSandboxId,
              identity: identityOf(status.annotations),
            }
          )
        }),
      ),
    ])
    this.#forget(new Set([...sandboxes, ...containers].map(({ id }) => id)))
    return {
      sandboxes: sandboxStatuses.filter((status) => status !== undefined).toSorted(newestFirst),
      containers: containerStatuses.filter((status) => status !== undefined).toSorted(newestFirst),
    }
  }

  async #container(id: string, state: ContainerStatus['state'], signal: AbortSignal) {
    const known = this.#containers.get(id)
    if (known !== undefined && known.state === state && state === 'CONTAINER_EXITED') return known
    const status = await unlessGone(this.#runtime.containerStatus(id, signal))
    if (status !== undefined) this.#containers.set(id, status)
    return status
  }

  async #sandbox(id: string, state: PodSandboxStatus['state'], signal: AbortSignal) {
    const known = this.#sandboxes.get(id)
    if (known !== undefined && known.state === state) return known
    const status = await unlessGone(this.#runtime.podSandboxStatus(id, signal))
    if (status === undefined) return undefined
    // A stopped sandbox has given its addresses back; what the Pod had is still what its status tells.
    const kept = status.ips.length === 0 && known !== undefined ? { ...status, ips: known.ips } : status
    this.#sandboxes.set(id, kept)
    return kept
  }

  #forget(present: ReadonlySet<string>): void {
    for (const id of this.#containers.keys()) if (!present.has(id)) this.#containers.delete(id)
    for (const id of this.#sandboxes.keys()) if (!present.has(id)) this.#sandboxes.delete(id)
  }
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isRuntimeNotFound(error)) return undefined
    throw error
  }
}

/** What the API last knew of a container that already ran when this kubelet started. */
export function statusBefore(status: DeepReadonly<PodStatus> | undefined, observed: ObservedContainer) {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  const known = all.find(({ containerID }) => containerID?.endsWith(`//${observed.id}`) === true)
  return known === undefined ? undefined : { started: known.started === true, ready: known.ready }
}

/** What a container's first incarnation is counted as. One that the runtime has lost was told once, and counts. */
export function firstAttempt({ spec }: KindedContainer, last: DeepReadonly<PodStatus> | undefined): number {
  const { containerStatuses = [], initContainerStatuses = [] } = last ?? {}
  const told = [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === spec.name)
  return told === undefined ? 0 : told.restartCount + (told.containerID === undefined ? 0 : 1)
}
