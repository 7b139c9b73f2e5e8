/**
 * The scheduling framework's extension points
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/). A plugin is an object with a name
 * and the hooks it needs.
 */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { ClusterEvent } from '../queue/cluster-event.ts'
import type { NodeInfo } from '../snapshot/node-info.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Cycle } from './cycle.ts'
import type { Profile } from './profile.ts'
import type { Rejection, Verdict } from './verdict.ts'

/** What `preFilter` may narrow the search to: only the nodes of these names are looked at. */
export interface PreFilterAnswer {
  readonly verdict: Verdict
  readonly onlyNodes?: ReadonlySet<string>
}

/** What `postFilter` found: a node that will have room once the Pods it evicted are gone, and what to tell. */
export interface PostFilterAnswer {
  /** Empty: no node is to be nominated any more. Absent: what is nominated stays. */
  readonly nominatedNode?: string
  readonly message: string
}

/** A rejection with the plugin that gave it. */
export type NodeRejection = Rejection & { readonly plugin: string }

/** Why each node was refused. */
export interface Rejections {
  readonly byNode: ReadonlyMap<string, NodeRejection>
  /** Why every node was that is not in `byNode`. */
  readonly others?: NodeRejection
}

/** What `postFilter` has to work with. */
export interface PostFilterRequest {
  readonly cycle: Cycle
  readonly pod: PodInfo
  readonly snapshot: Snapshot
  readonly rejections: Rejections
  /** The profile the Pod is scheduled by: its filters are asked again. */
  readonly profile: Profile
  /** Keeps the room of a node for the Pod from this moment on; nobody less important gets it. */
  readonly nominate: (nodeName: string) => void
}

/** The objects that an event is about: `old` where something changed or went, `now` where it is. */
export interface Change {
  readonly old?: unknown
  readonly now?: unknown
}

/** A waiting Pod as the order of the queue sees it. */
export interface QueueItem {
  readonly pod: DeepReadonly<Pod>
  /** When it last entered the queue. */
  readonly since: number
}

export interface SchedulerPlugin {
  readonly name: string
  /** The events after which a Pod that this plugin refused may fit. */
  readonly wakeOn?: readonly ClusterEvent[]
  /**
   * Whether this very change may make the Pod fit, which this plugin refused; asked for the events of `wakeOn` only.
   * In doubt the answer is yes: a Pod that is not woken waits for minutes.
   */
  mayHelp?(event: ClusterEvent, pod: DeepReadonly<Pod>, change: Change): boolean
  /** Scores are costs: the smallest becomes the best. */
  readonly lowerIsBetter?: boolean
  /** Scores are final, 0 to 100 already, and not scaled to the largest among the nodes. */
  readonly scoresAreFinal?: boolean

  /** Which of two waiting Pods is tried first. One plugin of a profile has it. */
  isBefore?(a: QueueItem, b: QueueItem): boolean
  /** Whether the Pod may enter the active queue at all. */
  preEnqueue?(pod: DeepReadonly<Pod>): Verdict
  /** Looks at the Pod once a cycle: prepares state, refuses it everywhere, or narrows the nodes. */
  preFilter?(cycle: Cycle, pod: PodInfo, snapshot: Snapshot): PreFilterAnswer
  /** Whether the Pod may run on this node. */
  filter?(cycle: Cycle, pod: PodInfo, node: NodeInfo): Verdict
  /** Keeps the state of `preFilter` true when preemption tries the node with a Pod more or less. */
  addPod?(cycle: Cycle, pod: PodInfo, added: PodInfo, node: NodeInfo): void
  removePod?(cycle: Cycle, pod: PodInfo, removed: PodInfo, node: NodeInfo): void
  /** Called when no node fits: preemption. */
  postFilter?(request: PostFilterRequest, signal: AbortSignal): Promise<PostFilterAnswer>
  /** Prepares scoring over the nodes that fit. */
  preScore?(cycle: Cycle, pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): Verdict | void
  /** How well the node suits, any number; scaled to 0..100 over the nodes afterwards. */
  score?(cycle: Cycle, pod: PodInfo, node: NodeInfo): number
  /** Replaces the usual scaling; changes `scores` in place to 0..100. */
  normalize?(cycle: Cycle, pod: PodInfo, scores: number[], nodes: readonly NodeInfo[]): void
  /** Takes what the Pod will use; undone by `unreserve` when a later step fails. */
  reserve?(cycle: Cycle, pod: PodInfo, nodeName: string): Verdict
  unreserve?(cycle: Cycle, pod: PodInfo, nodeName: string): void
  /** Allows, delays or refuses the binding. */
  permit?(cycle: Cycle, pod: PodInfo, nodeName: string): Verdict
  /** Whether `preBind` has something to do for the Pod. Without this hook it always has. */
  preBindNeeded?(cycle: Cycle, pod: PodInfo, nodeName: string): boolean
  /** Work that must be done before binding, e.g. volumes. Throws on failure. */
  preBind?(cycle: Cycle, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<void>
  /** Binds; the first plugin that has one is used. */
  bind?(cycle: Cycle, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<void>
  postBind?(cycle: Cycle, pod: PodInfo, nodeName: string): void
}

/** A plugin in use, with its weight in the sum of scores. */
export interface EnabledPlugin {
  readonly plugin: SchedulerPlugin
  readonly weight: number
}
