/** One node with the sums of what runs there, kept up to date Pod by Pod. */

import type { Node, Taint } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { quantityValue } from '../../meta/quantity.ts'
import type { HostPort, PodInfo } from './pod-info.ts'
import { accumulate, type Amounts, amountsOf, noAmounts } from './resources.ts'

/** Read-only to plugins. */
export interface NodeInfo {
  readonly name: string
  readonly node: DeepReadonly<Node>
  readonly taints: readonly DeepReadonly<Taint>[]
  readonly labels: Readonly<Record<string, string>>
  readonly allocatable: Readonly<Amounts>
  readonly allocatablePods: number
  readonly requested: Readonly<Amounts>
  readonly assumedRequested: Readonly<Amounts>
  readonly pods: ReadonlyMap<string, PodInfo>
  /** Sizes in bytes of the images on the node, by name. */
  readonly images: ReadonlyMap<string, number>
  /** Whether another Pod holds a port that conflicts. */
  portTaken(port: HostPort): boolean
  /** A copy to try "what if" on. */
  fork(): NodeFork
}

/** A copy of a node that takes and gives up Pods. */
export interface NodeFork extends NodeInfo {
  add(pod: PodInfo): void
  remove(uid: string): PodInfo | undefined
}

const NO_LABELS: Readonly<Record<string, string>> = {}

/** The one that the cache owns and changes. */
export class MutableNodeInfo implements NodeFork {
  readonly name: string
  node: DeepReadonly<Node>
  taints: readonly DeepReadonly<Taint>[] = []
  labels: Readonly<Record<string, string>> = NO_LABELS
  allocatable: Readonly<Amounts> = noAmounts()
  allocatablePods = 0
  images: ReadonlyMap<string, number> = new Map()
  readonly requested = noAmounts()
  readonly assumedRequested = noAmounts()
  readonly pods = new Map<string, PodInfo>()
  readonly #ports = new Map<string, Map<string, number>>()

  constructor(node: DeepReadonly<Node>) {
    this.name = node.metadata.name ?? ''
    this.node = node
    this.setNode(node)
  }

  setNode(node: DeepReadonly<Node>): void {
    this.node = node
    this.taints = node.spec?.taints ?? []
    this.labels = node.metadata.labels ?? NO_LABELS
    this.allocatable = amountsOf(node.status?.allocatable)
    this.allocatablePods = quantityValue(node.status?.allocatable?.['pods'] ?? '0')
    this.images = new Map(
      (node.status?.images ?? []).flatMap((image) =>
        (image.names ?? []).map((name) => [name, image.sizeBytes ?? 0] as const),
      ),
    )
  }

  add(pod: PodInfo): void {
    if (this.pods.has(pod.uid)) this.remove(pod.uid)
    this.pods.set(pod.uid, pod)
    accumulate(this.requested, pod.requests, 1)
    accumulate(this.assumedRequested, pod.assumedRequests, 1)
    this.#count(pod, 1)
  }

  remove(uid: string): PodInfo | undefined {
    const pod = this.pods.get(uid)
    if (pod === undefined) return undefined
    this.pods.delete(uid)
    accumulate(this.requested, pod.requests, -1)
    accumulate(this.assumedRequested, pod.assumedRequests, -1)
    this.#count(pod, -1)
    return pod
  }

  /** The same node to try "what if" on. */
  fork(): MutableNodeInfo {
    const copy = new MutableNodeInfo(this.node)
    for (const pod of this.pods.values()) copy.add(pod)
    return copy
  }

  portTaken({ ip, protocol, port }: HostPort): boolean {
    const holders = this.#ports.get(`${protocol}/${port}`)
    if (holders === undefined || holders.size === 0) return false
    return ip === '0.0.0.0' || holders.has(ip) || holders.has('0.0.0.0')
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    for (const { ip, protocol, port } of pod.hostPorts) {
      const key = `${protocol}/${port}`
      const holders = this.#ports.get(key) ?? new Map<string, number>()
      const count = (holders.get(ip) ?? 0) + sign
      if (count > 0) holders.set(ip, count)
      else holders.delete(ip)
      this.#ports.set(key, holders)
    }
  }
}
