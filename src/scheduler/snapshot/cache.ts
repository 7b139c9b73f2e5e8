/** What the scheduler knows of nodes and placed Pods, including Pods it has placed and the API has not yet confirmed. */

import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { MutableNodeInfo, type NodeInfo } from './node-info.ts'
import { type PodInfo, podInfoOf } from './pod-info.ts'
import type { PlacedPod, Snapshot } from './snapshot.ts'

interface Placement {
  readonly pod: PodInfo
  readonly nodeName: string
  /** Placed by us; the informer has not shown it yet. */
  readonly assumed: boolean
}

const NOTHING: ReadonlyMap<string, PlacedPod> = new Map()

/**
 * Follows informers (`setNode`, `setPod`, …) and the scheduler's own assumptions. A node whose Pods are known before
 * the node itself is held apart until the node appears.
 */
export class SchedulerCache implements Snapshot {
  readonly #nodes = new Map<string, MutableNodeInfo>()
  #order: MutableNodeInfo[] = []
  readonly #placements = new Map<string, Placement>()
  readonly #homeless = new Map<string, Map<string, PodInfo>>()
  readonly #placed = new Map<string, PlacedPod>()
  readonly #withAffinity = new Map<string, PlacedPod>()
  readonly #withRequiredAntiAffinity = new Map<string, PlacedPod>()
  readonly #byNamespace = new Map<string, Map<string, PlacedPod>>()
  readonly #byLabel = new Map<string, Map<string, PlacedPod>>()
  readonly #nominations = new Map<string, { readonly pod: PodInfo; readonly nodeName: string }>()
  readonly #namespaceLabels: (namespace: string) => Readonly<Record<string, string>>

  constructor(namespaceLabels: (namespace: string) => Readonly<Record<string, string>>) {
    this.#namespaceLabels = namespaceLabels
  }

  get nodes(): readonly NodeInfo[] {
    return this.#order
  }

  get podsWithAffinity(): Iterable<PlacedPod> {
    return this.#withAffinity.values()
  }

  get podsWithRequiredAntiAffinity(): Iterable<PlacedPod> {
    return this.#withRequiredAntiAffinity.values()
  }

  get namespaces(): Iterable<string> {
    return this.#byNamespace.keys()
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name)
  }

  podsIn(namespace: string): Iterable<PlacedPod> {
    return (this.#byNamespace.get(namespace) ?? NOTHING).values()
  }

  podsWithLabel(namespace: string, key: string, value: string): Iterable<PlacedPod> {
    return (this.#byLabel.get(labelKey(namespace, key, value)) ?? NOTHING).values()
  }

  namespaceLabels(namespace: string): Readonly<Record<string, string>> {
    return this.#namespaceLabels(namespace)
  }

  nominatedTo(nodeName: string): readonly PodInfo[] {
    if (this.#nominations.size === 0) return []
    return [...this.#nominations.values()]
      .filter((nomination) => nomination.nodeName === nodeName)
      .map(({ pod }) => pod)
  }

  /** Remembers for which node room is made for a waiting Pod; without a node, forgets it. */
  nominate(pod: PodInfo, nodeName: string | undefined): void {
    if (nodeName === undefined || nodeName === '') this.#nominations.delete(pod.uid)
    else this.#nominations.set(pod.uid, { pod, nodeName })
  }

  /** Whether a Pod has a place, confirmed or assumed. */
  isPlaced(uid: string): boolean {
    return this.#placements.has(uid)
  }

  isAssumed(uid: string): boolean {
    return this.#placements.get(uid)?.assumed === true
  }

  setNode(node: DeepReadonly<Node>): void {
    const name = node.metadata.name ?? ''
    const known = this.#nodes.get(name)
    if (known !== undefined) return known.setNode(node)
    const info = new MutableNodeInfo(node)
    this.#nodes.set(name, info)
    this.#order.push(info)
    const waiting = this.#homeless.get(name)
    this.#homeless.delete(name)
    for (const pod of waiting?.values() ?? []) this.#settle(pod, info)
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name)
    if (info === undefined) return
    this.#nodes.delete(name)
    this.#order = this.#order.filter((other) => other !== info)
    for (const pod of info.pods.values()) {
      this.#unindex(pod)
      this.#homelessAt(name).set(pod.uid, pod)
    }
  }

  /** A Pod that the API shows with a node. Confirms an assumption, or moves the Pod to where the API has it. */
  setPod(pod: DeepReadonly<Pod>): void {
    this.#place(podInfoOf(pod), pod.spec?.nodeName ?? '', false)
  }

  /** Takes the Pod's room on a node before the API knows. */
  assume(pod: PodInfo, nodeName: string): void {
    this.#place(pod, nodeName, true)
  }

  /** Gives back what was assumed; a Pod the API has confirmed stays. */
  forget(uid: string): void {
    if (this.isAssumed(uid)) this.removePod(uid)
  }

  removePod(uid: string): void {
    this.#nominations.delete(uid)
    const placement = this.#placements.get(uid)
    if (placement === undefined) return
    this.#placements.delete(uid)
    this.#homeless.get(placement.nodeName)?.delete(uid)
    const info = this.#nodes.get(placement.nodeName)
    const removed = info?.remove(uid)
    if (removed !== undefined) this.#unindex(removed)
  }

  #place(pod: PodInfo, nodeName: string, assumed: boolean): void {
    this.removePod(pod.uid)
    this.#placements.set(pod.uid, { pod, nodeName, assumed })
    const info = this.#nodes.get(nodeName)
    if (info === undefined) this.#homelessAt(nodeName).set(pod.uid, pod)
    else this.#settle(pod, info)
  }

  #settle(pod: PodInfo, info: MutableNodeInfo): void {
    info.add(pod)
    const placed: PlacedPod = { pod, node: info }
    this.#placed.set(pod.uid, placed)
    if (pod.requiredAntiAffinity.length > 0) this.#withRequiredAntiAffinity.set(pod.uid, placed)
    if (hasAffinity(pod)) this.#withAffinity.set(pod.uid, placed)
    for (const index of this.#indexesOf(pod)) index.set(pod.uid, placed)
  }

  #unindex(pod: PodInfo): void {
    this.#placed.delete(pod.uid)
    this.#withAffinity.delete(pod.uid)
    this.#withRequiredAntiAffinity.delete(pod.uid)
    for (const index of this.#indexesOf(pod)) index.delete(pod.uid)
  }

  *#indexesOf(pod: PodInfo): Iterable<Map<string, PlacedPod>> {
    const { namespace = '', labels = {} } = pod.pod.metadata
    yield indexAt(this.#byNamespace, namespace)
    for (const [key, value] of Object.entries(labels)) yield indexAt(this.#byLabel, labelKey(namespace, key, value))
  }

  #homelessAt(nodeName: string): Map<string, PodInfo> {
    const pods = this.#homeless.get(nodeName) ?? new Map<string, PodInfo>()
    this.#homeless.set(nodeName, pods)
    return pods
  }
}

function hasAffinity(pod: PodInfo): boolean {
  const { requiredAffinity, requiredAntiAffinity, preferredAffinity, preferredAntiAffinity } = pod
  return (
    requiredAffinity.length + requiredAntiAffinity.length + preferredAffinity.length + preferredAntiAffinity.length > 0
  )
}

function indexAt(indexes: Map<string, Map<string, PlacedPod>>, key: string): Map<string, PlacedPod> {
  let index = indexes.get(key)
  if (index === undefined) indexes.set(key, (index = new Map()))
  return index
}

const labelKey = (namespace: string, key: string, value: string) => `${namespace}/${key}=${value}`
