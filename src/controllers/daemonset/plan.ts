/** Which daemons to start and stop: one per node, and during an update as many at once as the strategy allows (https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/). Pure. */

import type { DaemonSetStatus } from '../../api/generated/apps-v1.ts'
import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { scaledValue } from '../kit/int-or-percent.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'
import { isAvailable, isReady, nextAvailability, type ReadPod } from '../kit/pods.ts'
import { REVISION_LABEL } from '../kit/revisions/revisions.ts'
import { belonging, type ReadDaemonSet, type ReadNode, targetNode } from './nodes.ts'

/** The most Pods made or removed in one go. */
const BURST = 250

export interface DaemonView {
  readonly set: ReadDaemonSet
  readonly nodes: readonly ReadNode[]
  readonly pods: readonly ReadPod[]
  /** The hash of the present template. */
  readonly hash: string
  readonly now: number
}

export interface DaemonPlan {
  /** Names of nodes that need a daemon. */
  readonly start: readonly string[]
  readonly stop: readonly ReadPod[]
  /** Those of `stop` that ended by themselves. */
  readonly ended: readonly ReadPod[]
}

const NOTHING: DaemonPlan = { start: [], stop: [], ended: [] }

/** The Pods by the node they are on or meant for. */
export function byNode(pods: readonly ReadPod[]): ReadonlyMap<string, readonly ReadPod[]> {
  const grouped = new Map<string, ReadPod[]>()
  for (const pod of pods) {
    const node = targetNode(pod)
    if (node !== undefined) grouped.set(node, [...(grouped.get(node) ?? []), pod])
  }
  return grouped
}

const minReady = ({ spec }: ReadDaemonSet) => spec?.minReadySeconds ?? 0
const created = (pod: ReadPod) => fromTime(pod.metadata.creationTimestamp) ?? 0
const isOfHash = (hash: string) => (pod: ReadPod) => pod.metadata.labels?.[REVISION_LABEL] === hash
const hasEnded = (pod: ReadPod) => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded'

interface Fence {
  readonly surge: number
  readonly unavailable: number
}

function fences({ set, nodes }: DaemonView): Fence {
  const { updateStrategy } = set.spec ?? {}
  if (updateStrategy?.type === 'OnDelete') return { surge: 0, unavailable: 0 }
  const desired = nodes.filter((node) => belonging(set, node).starts).length
  const { maxSurge = 0, maxUnavailable = 1 } = updateStrategy?.rollingUpdate ?? {}
  return { surge: scaledValue(maxSurge, desired, 'up'), unavailable: scaledValue(maxUnavailable, desired, 'up') }
}

/** First every node gets its daemon; only when that is done does an update go on. */
export function planDaemons(view: DaemonView): DaemonPlan {
  const basic = planNodes(view)
  if (basic.start.length > 0 || basic.stop.length > 0) {
    return { ...basic, start: basic.start.slice(0, BURST), stop: basic.stop.slice(0, BURST) }
  }
  if (view.set.spec?.updateStrategy?.type === 'OnDelete') return NOTHING
  const fence = fences(view)
  return fence.surge > 0 ? planSurge(view, fence.surge) : planRolling(view, fence.unavailable)
}

function planNodes(view: DaemonView): DaemonPlan {
  const { set, nodes, pods } = view
  const grouped = byNode(pods)
  const start: string[] = []
  const stop: ReadPod[] = []
  const ended: ReadPod[] = []
  const known = new Set(nodes.map(nameOf))
  for (const node of nodes) {
    const here = grouped.get(nameOf(node)) ?? []
    const { starts, stays } = belonging(set, node)
    if (!stays) {
      stop.push(...here.filter((pod) => !isDeleting(pod)))
    } else {
      const gone = here.filter((pod) => hasEnded(pod) && !isDeleting(pod))
      ended.push(...gone)
      stop.push(...gone, ...duplicates(view, here))
      if (starts && here.length === 0) start.push(nameOf(node))
    }
  }
  // Meant for a node that is no more, and not yet bound: nobody else would clean it up.
  const stranded = pods.filter((pod) => {
    const node = targetNode(pod)
    return (pod.spec?.nodeName ?? '') === '' && !isDeleting(pod) && (node === undefined || !known.has(node))
  })
  return { start, stop: [...stop, ...stranded], ended }
}

/** Of several daemons on a node the oldest stays; while surging, one of each template. */
function duplicates(view: DaemonView, here: readonly ReadPod[]): readonly ReadPod[] {
  const alive = here
    .filter((pod) => !isDeleting(pod) && !hasEnded(pod))
    .toSorted(
      (a, b) =>
        Number(b.spec?.nodeName !== undefined) - Number(a.spec?.nodeName !== undefined) || created(a) - created(b),
    )
  if (fences(view).surge === 0) return alive.slice(1)
  const isNew = isOfHash(view.hash)
  return [...alive.filter(isNew).slice(1), ...alive.filter((pod) => !isNew(pod)).slice(1)]
}

interface NodeState {
  readonly name: string
  readonly old: ReadPod | undefined
  readonly present: ReadPod | undefined
}

function statesOf({ nodes, pods, set, hash }: DaemonView): readonly NodeState[] {
  const grouped = byNode(pods)
  return nodes
    .filter((node) => belonging(set, node).starts)
    .map((node) => {
      const here = grouped.get(nameOf(node)) ?? []
      return {
        name: nameOf(node),
        old: here.find((pod) => !isOfHash(hash)(pod)),
        present: here.find(isOfHash(hash)),
      }
    })
}

/** Old daemons that do not serve go at once; those that do go while few enough are missing. */
function planRolling(view: DaemonView, maxUnavailable: number): DaemonPlan {
  const serves = (pod: ReadPod | undefined) =>
    pod !== undefined && !isDeleting(pod) && isAvailable(pod, minReady(view.set), view.now)
  let missing = 0
  const useless: ReadPod[] = []
  const candidates: ReadPod[] = []
  for (const { old, present } of statesOf(view)) {
    if (!serves(old) && !serves(present)) missing++
    if (old === undefined || present !== undefined || isDeleting(old)) continue
    if (serves(old)) candidates.push(old)
    else useless.push(old)
  }
  const room = Math.max(0, maxUnavailable - missing)
  return { ...NOTHING, stop: [...useless, ...candidates.slice(0, room)] }
}

/** New daemons start beside the old ones, which go once the new ones serve. */
function planSurge(view: DaemonView, maxSurge: number): DaemonPlan {
  const serves = (pod: ReadPod) => isAvailable(pod, minReady(view.set), view.now)
  let surging = 0
  const stop: ReadPod[] = []
  const atOnce: string[] = []
  const candidates: string[] = []
  for (const { name, old, present } of statesOf(view)) {
    if (old === undefined) continue
    if (present === undefined) {
      if (isDeleting(old)) continue
      if (serves(old)) candidates.push(name)
      else atOnce.push(name)
    } else if (!serves(present)) surging++
    else if (!isDeleting(old)) stop.push(old)
  }
  const room = Math.max(0, maxSurge - surging)
  return { ...NOTHING, start: [...atOnce, ...candidates.slice(0, room)].slice(0, BURST), stop }
}

/** What to report, given the Pods as they are before the plan is carried out. */
export function daemonStatus(view: DaemonView): DeepReadonly<DaemonSetStatus> {
  const { set, nodes, pods, hash, now } = view
  const grouped = byNode(pods)
  const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 }
  for (const node of nodes) {
    const [oldest] = (grouped.get(nameOf(node)) ?? []).toSorted((a, b) => created(a) - created(b))
    if (!belonging(set, node).starts) {
      if (oldest !== undefined) count.misscheduled++
      continue
    }
    count.desired++
    if (oldest === undefined) continue
    count.current++
    if (isReady(oldest)) count.ready++
    if (isAvailable(oldest, minReady(set), now)) count.available++
    if (isOfHash(hash)(oldest)) count.updated++
  }
  const { collisionCount } = set.status ?? {}
  const positive = (key: string, value: number) => (value === 0 ? {} : { [key]: value })
  return {
    currentNumberScheduled: count.current,
    numberMisscheduled: count.misscheduled,
    desiredNumberScheduled: count.desired,
    numberReady: count.ready,
    observedGeneration: set.metadata.generation ?? 0,
    ...positive('updatedNumberScheduled', count.updated),
    ...positive('numberAvailable', count.available),
    ...positive('numberUnavailable', count.desired - count.available),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  }
}

/** When to look again although nothing happens. */
export function whenDaemonsAvailable({ set, pods, now }: DaemonView): number | undefined {
  return minReady(set) === 0 ? undefined : nextAvailability(pods, minReady(set), now)
}
