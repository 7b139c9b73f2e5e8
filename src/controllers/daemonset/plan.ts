/** Which daemons to start and stop: one per node, and during an update as many at once as the strategy allows (https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/). Pure. */

import { isPodAvailable, isPodReady } from '../../api/core/v1/pod/facts.ts'
import type { DaemonSetStatus } from '../../api/generated/apps-v1.ts'
import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { scaledValue } from '../kit/int-or-percent.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'
import { nextAvailability, type ReadPod } from '../kit/pods.ts'
import { belonging, isOfTemplate, type ReadDaemonSet, type ReadNode, targetNode } from './nodes.ts'

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
  const surges = fences(view).surge > 0
  for (const node of nodes) {
    const here = grouped.get(nameOf(node)) ?? []
    const { starts, stays } = belonging(set, node)
    if (!stays) {
      stop.push(...here.filter((pod) => !isDeleting(pod)))
    } else {
      const gone = here.filter((pod) => hasEnded(pod) && !isDeleting(pod))
      ended.push(...gone)
      stop.push(...gone, ...duplicates(view, here))
      const present = surges ? here.filter(isAlive) : here
      if (starts && present.length === 0) start.push(nameOf(node))
    }
  }
  // Meant for a node that is no more, and not yet bound: nobody else would clean it up.
  const stranded = pods.filter((pod) => {
    const node = targetNode(pod)
    return (pod.spec?.nodeName ?? '') === '' && !isDeleting(pod) && node !== undefined && !known.has(node)
  })
  return { start, stop: [...stop, ...stranded], ended }
}

const isAlive = (pod: ReadPod) => !isDeleting(pod) && !hasEnded(pod)

/** Of several daemons on a node the oldest stays; while surging, one of each template as long as the old one is ready. */
function duplicates(view: DaemonView, here: readonly ReadPod[]): readonly ReadPod[] {
  const alive = here
    .filter(isAlive)
    .toSorted(
      (a, b) =>
        Number(b.spec?.nodeName !== undefined) - Number(a.spec?.nodeName !== undefined) || created(a) - created(b),
    )
  if (fences(view).surge === 0) return alive.slice(1)
  const isNew = isOfTemplate(view.set, view.hash)
  const present = alive.filter(isNew)
  const old = alive.filter((pod) => !isNew(pod))
  const isReplaced = present.length > 0 && old[0] !== undefined && !isPodReady(old[0])
  return [...present.slice(1), ...old.slice(isReplaced ? 0 : 1)]
}

/** The daemons of one node that are not being deleted. */
interface NodeState {
  readonly name: string
  /** Whether a new daemon may start here; the old one may have come before the node was tainted. */
  readonly isWanted: boolean
  readonly old: ReadPod | undefined
  readonly present: ReadPod | undefined
  /** More than one of a template: what is too much goes first. */
  readonly isCrowded: boolean
}

/** All nodes that want a daemon or have one. */
function statesOf({ nodes, pods, set, hash }: DaemonView): readonly NodeState[] {
  const grouped = byNode(pods)
  const wanted = new Set(nodes.filter((node) => belonging(set, node).starts).map(nameOf))
  const isNew = isOfTemplate(set, hash)
  return [...new Set([...wanted, ...grouped.keys()])].map((name) => {
    const here = (grouped.get(name) ?? []).filter((pod) => !isDeleting(pod))
    const present = here.filter(isNew)
    const old = here.filter((pod) => !isNew(pod))
    const isCrowded = present.length > 1 || old.length > 1
    return { name, isWanted: wanted.has(name), old: old[0], present: present[0], isCrowded }
  })
}

const serving = (view: DaemonView) => (pod: ReadPod) => isPodAvailable(pod, minReady(view.set), view.now)

/** Old daemons that do not serve go at once; those that do go while few enough are missing. */
function planRolling(view: DaemonView, maxUnavailable: number): DaemonPlan {
  const serves = serving(view)
  let missing = 0
  const useless: ReadPod[] = []
  const candidates: ReadPod[] = []
  for (const { old, present, isCrowded } of statesOf(view)) {
    if (isCrowded || (old === undefined) === (present === undefined)) missing++
    else if (present !== undefined) missing += serves(present) ? 0 : 1
    else if (old !== undefined && serves(old)) candidates.push(old)
    else if (old !== undefined) {
      useless.push(old)
      missing++
    }
  }
  const room = Math.max(0, maxUnavailable - missing)
  return { ...NOTHING, stop: [...useless, ...candidates.slice(0, room)] }
}

/** New daemons start beside the old ones, which go once the new ones serve. */
function planSurge(view: DaemonView, maxSurge: number): DaemonPlan {
  const serves = serving(view)
  let surging = 0
  const stop: ReadPod[] = []
  const atOnce: string[] = []
  const candidates: string[] = []
  const unwanted: ReadPod[] = []
  const states = statesOf(view)
  for (const { name, isWanted, isCrowded, old, present } of states) {
    if (isCrowded) surging++
    else if (old === undefined) continue
    else if (present !== undefined) {
      if (serves(present)) stop.push(old)
      else surging++
    } else if (isWanted) (serves(old) ? candidates : atOnce).push(name)
    else (serves(old) ? unwanted : stop).push(old)
  }
  const room = Math.max(0, maxSurge - surging)
  stop.push(...unwanted.slice(0, sparedBy(states, serves)))
  return { ...NOTHING, start: [...atOnce, ...candidates.slice(0, room)].slice(0, BURST), stop }
}

/** How many nodes serve above those that are wanted: so many daemons may go from where they are not wanted. */
function sparedBy(states: readonly NodeState[], serves: (pod: ReadPod) => boolean): number {
  const served = states.filter(({ old, present, isCrowded }) => {
    const shown = old ?? present
    return !isCrowded && shown !== undefined && serves(shown)
  })
  return Math.max(0, served.length - states.filter(({ isWanted }) => isWanted).length)
}

/** What to report, given the Pods as they are before the plan is carried out. */
export function daemonStatus(view: DaemonView): DeepReadonly<DaemonSetStatus> {
  const { set, nodes, pods, hash, now } = view
  const grouped = byNode(pods)
  const isUpdated = isOfTemplate(set, hash)
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
    if (isPodReady(oldest)) count.ready++
    if (isPodAvailable(oldest, minReady(set), now)) count.available++
    if (isUpdated(oldest)) count.updated++
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
