/** What the scheduler knows of nodes and placed Pods, including Pods it has placed and the API has not yet confirmed. */

import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { MutableNodeInfo, type NodeInfo } from './node-info.ts'
import { type PodInfo, podInfoOf } from './pod-info.ts'
import type { PlacedPod, Snapshot } from './snapshot.ts'
import { AffinityIndex, type TermGroup } from './affinity-index.ts'
import { Nominations } from './nominations.ts'
import { sameAmounts } from './resources.ts'
import { type CountsWish, type PodCounts, TopologyIndex } from './topology-index.ts'

interface Placement {
  readonly pod: PodInfo
  readonly nodeName: string
  /** Placed by us; the informer has not shown it yet. */
  readonly assumed: boolean
}

const NOTHING: ReadonlyMap<string, PlacedPod> = new Map()
const NOBODY: readonly PodInfo[] = []

/** What the indexes hold: the Pod in it is replaced when only its status changes. */
interface MutablePlaced {
  pod: PodInfo
  readonly node: MutableNodeInfo
}

/**
 * Follows informers (`setNode`, `setPod`, …) and the scheduler's own assumptions. A node whose Pods are known before
 * the node itself is held apart until the node appears.
 */
export class SchedulerCache implements Snapshot {
  readonly #nodes = new Map<string, MutableNodeInfo>()
  #order: MutableNodeInfo[] = []
  readonly #placements = new Map<string, Placement>()
  readonly #homeless = new Map<string, Map<string, PodInfo>>()
  readonly #placed = new Map<string, MutablePlaced>()
  readonly #byNamespace = new Map<string, Map<string, PlacedPod>>()
  readonly #byLabel = new Map<string, Map<string, PlacedPod>>()
  readonly #claimUsers = new Map<string, number>()
  readonly #imageHolders = new Map<string, number>()
  readonly #nominations = new Nominations()
  readonly #affinity = new AffinityIndex()
  readonly #topology: TopologyIndex
  readonly #namespaceLabels: (namespace: string) => Readonly<Record<string, string>>

  constructor(namespaceLabels: (namespace: string) => Readonly<Record<string, string>>) {
    this.#namespaceLabels = namespaceLabels
    this.#topology = new TopologyIndex({
      nodes: () => this.#order,
      node: (name) => this.#nodes.get(name),
      podsIn: (namespace) => this.podsIn(namespace),
      podsWithLabel: (namespace, key, value) => this.podsWithLabel(namespace, key, value),
    })
  }

  get nodes(): readonly NodeInfo[] {
    return this.#order
  }

  get namespaces(): Iterable<string> {
    return this.#byNamespace.keys()
  }

  /** How much is known, for metrics. */
  get sizes(): { readonly nodes: number; readonly pods: number; readonly assumed_pods: number } {
    const assumed = [...this.#placements.values()].filter((placement) => placement.assumed)
    return { nodes: this.#nodes.size, pods: this.#placements.size, assumed_pods: assumed.length }
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

  counts(wish: CountsWish): PodCounts {
    return this.#topology.counts(wish)
  }

  nodesWith(label: string): number {
    return this.#topology.nodesWith(label)
  }

  forbidding(namespace: string, labels: Readonly<Record<string, string>> | undefined): Iterable<TermGroup> {
    return this.#affinity.forbidding(namespace, labels)
  }

  wishing(namespace: string, labels: Readonly<Record<string, string>> | undefined): Iterable<TermGroup> {
    return this.#affinity.wishing(namespace, labels)
  }

  namespaceLabels(namespace: string): Readonly<Record<string, string>> {
    return this.#namespaceLabels(namespace)
  }

  imageHolders(image: string): number {
    return this.#imageHolders.get(image) ?? 0
  }

  claimUsers(namespace: string, claim: string): number {
    return this.#claimUsers.get(`${namespace}/${claim}`) ?? 0
  }

  nominatedTo(nodeName: string): readonly PodInfo[] {
    return this.#nominations.size === 0 ? NOBODY : this.#nominations.of(nodeName)
  }

  /** Remembers for which node room is made for a waiting Pod; without a node, forgets it. */
  nominate(pod: PodInfo, nodeName: string | undefined): void {
    this.#nominations.set(pod, nodeName ?? '')
  }

  /** The node for which a waiting Pod is nominated. */
  nomination(uid: string): string | undefined {
    return this.#nominations.nodeOf(uid)
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
    if (known !== undefined) return this.#changeNode(known, node)
    const info = new MutableNodeInfo(node)
    this.#nodes.set(name, info)
    this.#order.push(info)
    this.#countImages(info, 1)
    this.#topology.nodeAdded(info.labels)
    const waiting = this.#homeless.get(name)
    this.#homeless.delete(name)
    for (const pod of waiting?.values() ?? []) this.#settle(pod, info)
  }

  /** Where labels change, the Pods there stand somewhere else, as it were. */
  #changeNode(known: MutableNodeInfo, node: DeepReadonly<Node>): void {
    const moves = !sameLabels(known.labels, node.metadata.labels ?? {})
    const pods = moves ? [...known.pods.values()] : []
    for (const pod of pods) this.#unindex(pod)
    if (moves) this.#topology.nodeRemoved(known.labels)
    this.#countImages(known, -1)
    known.setNode(node)
    this.#countImages(known, 1)
    if (moves) this.#topology.nodeAdded(known.labels)
    for (const pod of pods) this.#index(pod, known)
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name)
    if (info === undefined) return
    for (const pod of info.pods.values()) {
      this.#unindex(pod)
      this.#homelessAt(name).set(pod.uid, pod)
    }
    this.#countImages(info, -1)
    this.#nodes.delete(name)
    this.#order = this.#order.filter((other) => other !== info)
    this.#topology.nodeRemoved(info.labels)
  }

  #countImages({ images }: NodeInfo, amount: 1 | -1): void {
    for (const name of images.keys()) {
      const holders = this.imageHolders(name) + amount
      if (holders === 0) this.#imageHolders.delete(name)
      else this.#imageHolders.set(name, holders)
    }
  }

  /** A Pod that the API shows with a node. Confirms an assumption, or moves the Pod to where the API has it. */
  setPod(pod: DeepReadonly<Pod>): void {
    const info = podInfoOf(pod)
    const nodeName = pod.spec?.nodeName ?? ''
    const placement = this.#placements.get(info.uid)
    const placed = this.#placed.get(info.uid)
    if (placement?.nodeName !== nodeName || placed === undefined || !countsAlike(placed.pod, info))
      return this.#place(info, nodeName, false)
    placed.pod = info
    placed.node.pods.set(info.uid, info)
    this.#placements.set(info.uid, { pod: info, nodeName, assumed: false })
    this.#nominations.delete(info.uid)
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
    const removed = info?.pods.get(uid)
    if (removed !== undefined) this.#unindex(removed)
    info?.remove(uid)
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
    this.#index(pod, info)
  }

  #index(pod: PodInfo, node: MutableNodeInfo): void {
    const placed: MutablePlaced = { pod, node }
    this.#placed.set(pod.uid, placed)
    for (const index of this.#indexesOf(pod)) index.set(pod.uid, placed)
    this.#topology.podPlaced(pod, node)
    this.#affinity.podPlaced(pod, node)
    for (const claim of pod.claims) {
      const key = `${pod.pod.metadata.namespace ?? ''}/${claim}`
      this.#claimUsers.set(key, (this.#claimUsers.get(key) ?? 0) + 1)
    }
  }

  #unindex(pod: PodInfo): void {
    const placed = this.#placed.get(pod.uid)
    if (placed === undefined) return
    this.#placed.delete(pod.uid)
    for (const index of this.#indexesOf(pod)) index.delete(pod.uid)
    this.#topology.podRemoved(pod, placed.node)
    this.#affinity.podRemoved(pod, placed.node)
    for (const claim of pod.claims) {
      const key = `${pod.pod.metadata.namespace ?? ''}/${claim}`
      const users = (this.#claimUsers.get(key) ?? 0) - 1
      if (users > 0) this.#claimUsers.set(key, users)
      else this.#claimUsers.delete(key)
    }
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

/** Whether no count changes when the one stands in for the other. */
function countsAlike(a: PodInfo, b: PodInfo): boolean {
  const [old, now] = [a.pod.metadata, b.pod.metadata]
  return (
    (old.deletionTimestamp === undefined) === (now.deletionTimestamp === undefined) &&
    sameLabels(old.labels ?? {}, now.labels ?? {}) &&
    sameAmounts(a.requests, b.requests) &&
    sameAmounts(a.assumedRequests, b.assumedRequests)
  )
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  if (a === b) return true
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

function indexAt(indexes: Map<string, Map<string, PlacedPod>>, key: string): Map<string, PlacedPod> {
  let index = indexes.get(key)
  if (index === undefined) indexes.set(key, (index = new Map()))
  return index
}

const labelKey = (namespace: string, key: string, value: string) => `${namespace}/${key}=${value}`
