/** Which waiting Pods have a node where room is made for them. */

import type { PodInfo } from './pod-info.ts'

const NOBODY: ReadonlyMap<string, PodInfo> = new Map()

export class Nominations {
  readonly #nodes = new Map<string, string>()
  readonly #byNode = new Map<string, Map<string, PodInfo>>()

  get size(): number {
    return this.#nodes.size
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodes.get(uid)
  }

  of(nodeName: string): readonly PodInfo[] {
    return [...(this.#byNode.get(nodeName) ?? NOBODY).values()]
  }

  /** An empty name takes the nomination back. */
  set(pod: PodInfo, nodeName: string): void {
    this.delete(pod.uid)
    if (nodeName === '') return
    this.#nodes.set(pod.uid, nodeName)
    const pods = this.#byNode.get(nodeName) ?? new Map<string, PodInfo>()
    this.#byNode.set(nodeName, pods.set(pod.uid, pod))
  }

  delete(uid: string): void {
    const nodeName = this.#nodes.get(uid)
    if (nodeName === undefined) return
    this.#nodes.delete(uid)
    const pods = this.#byNode.get(nodeName)
    pods?.delete(uid)
    if (pods?.size === 0) this.#byNode.delete(nodeName)
  }
}
