/**
 * The ranges of ids that Pods with user namespaces of their own are given on this node, none to two Pods at once
 * (https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/). Every Pod gets as many ids as fit 16 bits; the
 * first range is the machine's own.
 */

import type { IdMapping, RuntimeService } from '../../cri/runtime.ts'
import { POD_UID, USER_NAMESPACE } from './identity.ts'

const LENGTH = 65_536
const FIRST = LENGTH
const LAST = 2 ** 32 - LENGTH

/** Serves all Pods of a node. What it gave out before a restart is written on the sandboxes. */
export class UserNamespaces {
  readonly #runtime: Pick<RuntimeService, 'listPodSandboxes'>
  readonly #given = new Map<string, number>()
  #known: Promise<void> | undefined

  constructor(runtime: Pick<RuntimeService, 'listPodSandboxes'>) {
    this.#runtime = runtime
  }

  /** The Pod's range, the same for as long as it is here. */
  async rangeOf(uid: string, signal: AbortSignal): Promise<IdMapping> {
    this.#known ??= this.#recall(signal).catch((error: unknown) => {
      this.#known = undefined
      throw error
    })
    await this.#known
    const hostId = this.#given.get(uid) ?? this.#free()
    this.#given.set(uid, hostId)
    return { hostId, containerId: 0, length: LENGTH }
  }

  /** The Pod is gone from this node. */
  release(uid: string): void {
    this.#given.delete(uid)
  }

  #free(): number {
    const taken = new Set(this.#given.values())
    for (let hostId = FIRST; hostId <= LAST; hostId += LENGTH) if (!taken.has(hostId)) return hostId
    throw new Error('could not find an empty slot to allocate a user namespace')
  }

  async #recall(signal: AbortSignal): Promise<void> {
    for (const { labels, annotations } of await this.#runtime.listPodSandboxes({}, signal)) {
      const [uid, hostId] = [labels[POD_UID], Number(annotations[USER_NAMESPACE])]
      if (uid !== undefined && Number.isSafeInteger(hostId) && hostId >= FIRST) this.#given.set(uid, hostId)
    }
  }
}
