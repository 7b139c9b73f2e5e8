/**
 * Gives every Pod a node: follows the cluster, takes Pods from the queue one after another, decides, and binds beside
 * the next decision (https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/).
 */

import type { Pod } from '../api/generated/core-v1.ts'
import { type TaskGroup, withGroup } from '../base/async/group.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Client } from '../client/client.ts'
import type { InformerFactory } from '../client/informer.ts'
import { NAMESPACES, NODES, POD_DISRUPTION_BUDGETS, PODS } from '../client/resources.ts'
import { isTerminal } from '../api/core/v1/pod/facts.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { keyOf } from '../meta/keys.ts'
import { Cycle } from './framework/cycle.ts'
import { failureText } from './framework/failure-text.ts'
import { findNode, firstObjection, type FindResult, type Profile } from './framework/find-node.ts'
import { bindPod } from './framework/bind.ts'
import { WaitingPods } from './framework/waiting-pods.ts'
import { setUnschedulable } from './framework/pod-condition.ts'
import { defaultPreemption } from './plugins/default-preemption/plugin.ts'
import { defaultPlugins } from './plugins/index.ts'
import { nodeEvents, waitingPodEvents, assignedPodEvents } from './queue/changes.ts'
import { type QueuedPod, SchedulingQueue } from './queue/scheduling-queue.ts'
import { SchedulerCache } from './snapshot/cache.ts'
import { type PodInfo, podInfoOf } from './snapshot/pod-info.ts'
import { followVolumes, volumeInformers } from './volumes.ts'

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler'

/** Where events are told; an `EventRecorder` is one. */
export interface EventSink {
  event(object: DeepReadonly<Pod>, type: 'Normal' | 'Warning', reason: string, message: string): void
}

export interface SchedulerDeps {
  readonly client: Client
  readonly informers: InformerFactory
  readonly events: EventSink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Absent: one default profile. */
  readonly profiles?: readonly Profile[]
  /** Where permit plugins of one's own find the Pods they hold. */
  readonly waiting?: WaitingPods
}

/** How many Pods are decided before other work of the process gets a turn. */
const CYCLES_PER_TURN = 32

/** Runs until `signal` aborts. */
export async function runScheduler(deps: SchedulerDeps, signal: AbortSignal): Promise<void> {
  const scheduler = new Scheduler(deps)
  await withGroup(async (group) => scheduler.run(group), signal)
}

class Scheduler {
  readonly #deps: SchedulerDeps
  readonly #profiles: ReadonlyMap<string, Profile>
  readonly #cache: SchedulerCache
  readonly #queue: SchedulingQueue
  readonly #rotation = { next: 0 }
  readonly #waiting: WaitingPods

  constructor(deps: SchedulerDeps) {
    this.#deps = deps
    this.#waiting = deps.waiting ?? new WaitingPods()
    const profiles = deps.profiles ?? [this.#defaultProfile()]
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]))
    const plugins = [...new Set(profiles.flatMap((profile) => profile.plugins.map(({ plugin }) => plugin)))]
    this.#queue = new SchedulingQueue({ clock: deps.clock, plugins })
    const namespaces = deps.informers.of(NAMESPACES)
    this.#cache = new SchedulerCache((name) => namespaces.get(name)?.metadata.labels ?? {})
  }

  #defaultProfile(): Profile {
    const { client, clock, random, events, informers } = this.#deps
    const listers = volumeInformers(informers)
    const budgets = informers.of(POD_DISRUPTION_BUDGETS)
    const preemption = defaultPreemption({
      client,
      clock,
      random,
      budgets: () => budgets.list(),
      tell: (pod, type, reason, message) => events.event(pod, type, reason, message),
      filters: () => plugins.map(({ plugin }) => plugin),
    })
    const volumes = { client, clock, listers, claims: listers.claims }
    const plugins = defaultPlugins({ preemption, volumes })
    return { schedulerName: DEFAULT_SCHEDULER_NAME, plugins, percentageOfNodesToScore: 0 }
  }

  async run(group: TaskGroup): Promise<void> {
    const { informers } = this.#deps
    const volumes = volumeInformers(informers)
    const leave = [
      this.#followNodes(),
      this.#followPods(),
      followVolumes(volumes, (event) => this.#queue.happened(event)),
    ]
    try {
      const followed = [informers.of(NODES), informers.of(PODS), informers.of(NAMESPACES), ...Object.values(volumes)]
      await Promise.all(followed.map((informer) => informer.whenSynced(group.signal)))
      while (!group.signal.aborted) {
        await this.#queue.ready(group.signal)
        for (let cycles = 0; cycles < CYCLES_PER_TURN; cycles++) {
          const queued = this.#queue.pop()
          if (queued === undefined) break
          this.#scheduleOne(queued, group)
        }
        await this.#deps.clock.sleep(0, group.signal)
      }
    } finally {
      this.#queue.close()
      leave.forEach((stop) => stop())
    }
  }

  #followNodes(): () => void {
    return this.#deps.informers.of(NODES).on({
      added: (node) => {
        this.#cache.setNode(node)
        this.#queue.happened('Node/add')
      },
      updated: (node, old) => {
        this.#cache.setNode(node)
        for (const event of nodeEvents(node, old)) this.#queue.happened(event)
      },
      deleted: (node) => this.#cache.removeNode(node.metadata.name ?? ''),
    })
  }

  #followPods(): () => void {
    return this.#deps.informers.of(PODS).on({
      added: (pod) => this.#podChanged(pod, undefined),
      updated: (pod, old) => this.#podChanged(pod, old),
      deleted: (pod) => this.#podGone(pod),
    })
  }

  #podChanged(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod> | undefined): void {
    const uid = pod.metadata.uid ?? ''
    if (old !== undefined && old.metadata.uid !== uid) this.#podGone(old)
    if (isTerminal(pod)) return this.#podGone(pod)
    if ((pod.spec?.nodeName ?? '') !== '') return this.#podPlaced(pod, old)
    if (this.#profileOf(pod) === undefined || this.#cache.isAssumed(uid)) return
    if (pod.metadata.deletionTimestamp !== undefined) return this.#podGone(pod)
    if (old === undefined && pod.status?.nominatedNodeName)
      this.#cache.nominate(podInfoOf(pod), pod.status.nominatedNodeName)
    this.#queue.put(pod, old === undefined ? [] : waitingPodEvents(pod, old))
  }

  #podPlaced(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod> | undefined): void {
    const isNew = old === undefined || (old.spec?.nodeName ?? '') === ''
    this.#queue.delete(pod.metadata.uid ?? '')
    if (isNew || assignedPodEvents(pod, old).length > 0) this.#cache.setPod(pod)
    if (isNew) this.#queue.happened('AssignedPod/add')
    else for (const event of assignedPodEvents(pod, old)) this.#queue.happened(event)
  }

  #podGone(pod: DeepReadonly<Pod>): void {
    const uid = pod.metadata.uid ?? ''
    this.#queue.delete(uid)
    const wasPlaced = this.#cache.isPlaced(uid)
    this.#cache.removePod(uid)
    if (wasPlaced) this.#queue.happened('AssignedPod/delete')
  }

  #profileOf(pod: DeepReadonly<Pod>): Profile | undefined {
    return this.#profiles.get(pod.spec?.schedulerName ?? DEFAULT_SCHEDULER_NAME)
  }

  /** Decides at once; binding, preemption and what is told of failures run beside the next decision. */
  #scheduleOne(queued: QueuedPod, group: TaskGroup): void {
    const pod = this.#current(queued)
    const profile = pod === undefined ? undefined : this.#profileOf(pod)
    if (pod === undefined || profile === undefined) return this.#queue.done(queued.uid)
    const info = podInfoOf(pod)
    const cycle = new Cycle()
    const result = findNode(cycle, info, {
      snapshot: this.#cache,
      profile,
      random: this.#deps.random,
      rotation: this.#rotation,
    })
    if (!result.found) return group.start((signal) => this.#noNode({ queued, info, cycle, profile }, result, signal))

    const nodeName = result.node.name
    this.#cache.assume(info, nodeName)
    const objection = firstObjection(profile, (plugin) => plugin.reserve?.(cycle, info, nodeName))
    if (objection !== undefined)
      return this.#giveBack({ queued, info, cycle, profile }, nodeName, new Set([objection.plugin]))
    group.start((signal) => this.#bind({ queued, info, cycle, profile }, nodeName, signal))
  }

  /** The newest version of a queued Pod, if it still waits for a node. */
  #current({ pod }: QueuedPod): DeepReadonly<Pod> | undefined {
    const now = this.#deps.informers.of(PODS).get(keyOf(pod))
    if (now === undefined || now.metadata.uid !== pod.metadata.uid) return undefined
    if (now.metadata.deletionTimestamp !== undefined || this.#cache.isPlaced(now.metadata.uid ?? '')) return undefined
    return now
  }

  async #bind(attempt: Attempt, nodeName: string, signal: AbortSignal): Promise<void> {
    const { info, cycle, profile, queued } = attempt
    try {
      const { client, clock } = this.#deps
      await bindPod({ cycle, pod: info, nodeName, profile, client, clock, waiting: this.#waiting }, signal)
    } catch (error) {
      signal.throwIfAborted()
      this.#deps.log.warn('binding failed', { pod: keyOf(info.pod), node: nodeName, error })
      this.#giveBack(attempt, nodeName, new Set())
      await this.#tell(attempt, 'SchedulerError', error instanceof Error ? error.message : String(error), signal)
      return
    }
    this.#queue.done(queued.uid)
    for (const { plugin } of profile.plugins) plugin.postBind?.(cycle, info, nodeName)
    this.#deps.events.event(info.pod, 'Normal', 'Scheduled', `Successfully assigned ${keyOf(info.pod)} to ${nodeName}`)
  }

  #giveBack({ info, cycle, profile, queued }: Attempt, nodeName: string, refusedBy: ReadonlySet<string>): void {
    for (const { plugin } of profile.plugins.toReversed()) plugin.unreserve?.(cycle, info, nodeName)
    this.#cache.forget(info.uid)
    this.#queue.happened('AssignedPod/delete')
    this.#requeue(queued, refusedBy)
  }

  async #noNode(attempt: Attempt, result: Extract<FindResult, { found: false }>, signal: AbortSignal): Promise<void> {
    const { profile, cycle, info, queued } = attempt
    const preemption = profile.plugins.find(({ plugin }) => plugin.postFilter !== undefined)?.plugin
    const answer = await preemption?.postFilter?.(cycle, info, this.#cache, result.rejections, signal)
    this.#requeue(queued, result.refusedBy)
    await this.#tell(
      attempt,
      'Unschedulable',
      failureText(result, answer?.message ?? ''),
      signal,
      answer?.nominatedNode,
    )
  }

  #requeue(queued: QueuedPod, refusedBy: ReadonlySet<string>): void {
    const pod = this.#current(queued)
    if (pod === undefined) this.#queue.done(queued.uid)
    else this.#queue.refused(queued, pod, refusedBy)
  }

  async #tell(
    attempt: Attempt,
    reason: string,
    message: string,
    signal: AbortSignal,
    nominatedNode?: string,
  ): Promise<void> {
    this.#deps.events.event(attempt.info.pod, 'Warning', 'FailedScheduling', message)
    try {
      await setUnschedulable(this.#deps, { pod: attempt.info.pod, reason, message, nominatedNode }, signal)
    } catch (error) {
      signal.throwIfAborted()
      this.#deps.log.warn('writing the PodScheduled condition failed', { pod: keyOf(attempt.info.pod), error })
    }
  }
}

interface Attempt {
  readonly queued: QueuedPod
  readonly info: PodInfo
  readonly cycle: Cycle
  readonly profile: Profile
}
