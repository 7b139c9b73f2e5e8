/**
 * Gives every Pod a node: follows the cluster, takes Pods from the queue one after another, decides, and binds beside
 * the next decision (https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/).
 */

import type { Pod } from '../api/generated/core-v1.ts'
import { type TaskGroup, withGroup } from '../base/async/group.ts'
import { InTurn } from '../base/async/in-turn.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Client } from '../client/client.ts'
import { cut } from '../client/event-delivery.ts'
import type { SeriesRecorder } from '../client/event-series.ts'
import type { InformerFactory } from '../client/informer.ts'
import { NAMESPACES, PODS } from '../client/resources.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { keyOf } from '../meta/keys.ts'
import type { SchedulerConfig } from './config/types.ts'
import { bindOutside } from './extenders/consult.ts'
import { findExtended } from './extenders/extended-search.ts'
import type { Extender } from './extenders/extender.ts'
import { httpExtender } from './extenders/http-extender.ts'
import { followCluster } from './follow.ts'
import { bindPod } from './framework/bind.ts'
import { Cycle } from './framework/cycle.ts'
import { failureText } from './framework/failure-text.ts'
import { findNode, firstObjection, type FindDeps, type FindResult, type NoNode } from './framework/find-node.ts'
import type { PostFilterAnswer, PostFilterRequest } from './framework/plugin.ts'
import { PluginFailure } from './framework/plugin-failure.ts'
import { setNomination, setUnschedulable } from './framework/pod-condition.ts'
import { pluginsOf, type Profile } from './framework/profile.ts'
import { PermitRefusal, WaitingPods } from './framework/waiting-pods.ts'
import { type AttemptResult, SchedulerMetrics } from './metrics.ts'
import { defaultConfig, profilesOf } from './profiles.ts'
import { pluginDeps } from './plugin-deps.ts'
import { type QueuedPod, queueProfile, type QueueProfile, SchedulingQueue } from './queue/scheduling-queue.ts'
import { SchedulerCache } from './snapshot/cache.ts'
import { type PodInfo, podInfoOf } from './snapshot/pod-info.ts'

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler'

export interface SchedulerDeps {
  readonly client: Client
  readonly informers: InformerFactory
  /** Where a scheduler of that name tells its events. */
  readonly events: (schedulerName: string) => SeriesRecorder
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Absent: the default configuration. */
  readonly config?: SchedulerConfig
  /** Plugins of one's own, in the place of what the configuration says. */
  readonly profiles?: readonly Profile[]
  /** Absent: nobody asks. */
  readonly metrics?: SchedulerMetrics
  /** Where permit plugins of one's own find the Pods they hold. */
  readonly waiting?: WaitingPods
}

/** How many Pods are decided before other work of the process gets a turn. */
const CYCLES_PER_TURN = 32

/** Runs until `signal` aborts. */
export async function runScheduler(deps: SchedulerDeps, signal: AbortSignal): Promise<void> {
  const config = deps.config ?? defaultConfig()
  // Those that may fail are asked last.
  const ordered = config.extenders.toSorted((a, b) => Number(a.ignorable) - Number(b.ignorable))
  const extenders = ordered.map((extender) => httpExtender(extender, deps.clock))
  const scheduler = new Scheduler(deps, config, extenders)
  try {
    await withGroup(async (group) => scheduler.run(group), signal)
  } finally {
    await Promise.all(extenders.map((extender) => extender.close()))
  }
}

class Scheduler {
  readonly #deps: SchedulerDeps
  readonly #extenders: readonly Extender[]
  readonly #profiles: ReadonlyMap<string, Profile>
  readonly #cache: SchedulerCache
  readonly #queue: SchedulingQueue
  readonly #rotation = { next: 0 }
  readonly #metrics: SchedulerMetrics
  readonly #waiting: WaitingPods
  /** What is being written about Pods that got no node. */
  readonly #telling = new InTurn()

  constructor(deps: SchedulerDeps, config: SchedulerConfig, extenders: readonly Extender[]) {
    this.#deps = deps
    this.#extenders = extenders
    this.#waiting = deps.waiting ?? new WaitingPods()
    const made = pluginDeps({ ...deps, waiting: this.#waiting, extenders })
    const profiles = deps.profiles ?? profilesOf(config, made)
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]))
    const queued = new Map(
      profiles.map((profile): [string, QueueProfile] => [profile.schedulerName, queueProfile(pluginsOf(profile))]),
    )
    const order = profiles[0]?.points.queueSort[0]
    this.#queue = new SchedulingQueue({
      clock: deps.clock,
      profileOf: (pod) => queued.get(nameOf(pod)),
      initialBackoffMs: config.podInitialBackoffSeconds * 1_000,
      maxBackoffMs: config.podMaxBackoffSeconds * 1_000,
      ...(order === undefined ? {} : { isBefore: (a, b) => order.isBefore?.(a, b) === true }),
    })
    const namespaces = deps.informers.of(NAMESPACES)
    this.#cache = new SchedulerCache((name) => namespaces.get(name)?.metadata.labels ?? {})
    this.#metrics = deps.metrics ?? new SchedulerMetrics()
    this.#metrics.follow(() => ({ pending: this.#queue.counts, cache: this.#cache.sizes }))
  }

  async run(group: TaskGroup): Promise<void> {
    const { informers, clock } = this.#deps
    const following = followCluster(informers, {
      cache: this.#cache,
      queue: this.#queue,
      isOurs: (pod) => this.#profileOf(pod) !== undefined,
    })
    try {
      await following.synced(group.signal)
      while (!group.signal.aborted) {
        await this.#queue.ready(group.signal)
        for (let cycles = 0; cycles < CYCLES_PER_TURN; cycles++) {
          const queued = this.#queue.pop()
          if (queued === undefined) break
          await this.#scheduleOne(queued, group)
        }
        await clock.sleep(0, group.signal)
      }
    } finally {
      this.#queue.close()
      following.stop()
    }
  }

  #profileOf(pod: DeepReadonly<Pod>): Profile | undefined {
    return this.#profiles.get(nameOf(pod))
  }

  /** Decides; binding, preemption and what is told of failures run beside the next decision. */
  #scheduleOne(queued: QueuedPod, group: TaskGroup): Promise<void> | undefined {
    const pod = this.#current(queued)
    const profile = pod === undefined ? undefined : this.#profileOf(pod)
    if (pod === undefined || profile === undefined) {
      this.#queue.done(queued.uid)
      return undefined
    }
    const began = this.#deps.clock.monotonic()
    const attempt: Attempt = { queued, info: podInfoOf(pod), cycle: new Cycle(), profile, began }
    const { random } = this.#deps
    const deps: FindDeps = { snapshot: this.#cache, profile, random, rotation: this.#rotation }
    const extenders = this.#extenders.filter((extender) => extender.isInterested(pod))
    if (extenders.length > 0) return this.#scheduleExtended(attempt, { ...deps, extenders }, group)
    try {
      this.#goOn(attempt, findNode(attempt.cycle, attempt.info, deps), group)
    } catch (error) {
      if (!(error instanceof PluginFailure)) throw error
      this.#failed(attempt, error, group)
    }
    return undefined
  }

  /** Somebody outside is asked: nothing else is decided until they have answered. */
  async #scheduleExtended(
    attempt: Attempt,
    deps: FindDeps & { readonly extenders: readonly Extender[] },
    group: TaskGroup,
  ): Promise<void> {
    try {
      const search = { ...deps, log: this.#deps.log }
      this.#goOn(attempt, await findExtended(attempt.cycle, attempt.info, search, group.signal), group)
    } catch (error) {
      group.signal.throwIfAborted()
      this.#failed(attempt, error, group)
    }
  }

  /** Somebody who had to be asked could not decide: the Pod is tried again after a while. */
  #failed(attempt: Attempt, error: unknown, group: TaskGroup): void {
    this.#deps.log.warn('scheduling failed', { pod: keyOf(attempt.info.pod), error })
    this.#requeue(attempt.queued, new Set())
    group.start((signal) => this.#tell(attempt, 'SchedulerError', textOf(error), { nominatedNode: '' }, signal))
  }

  #goOn(attempt: Attempt, result: FindResult, group: TaskGroup): void {
    const { info, cycle, profile, began } = attempt
    this.#metrics.decided(this.#deps.clock.monotonic() - began)
    if (!result.found) return group.start((signal) => this.#noNode(attempt, result, signal))
    const nodeName = result.node.name
    this.#cache.assume(info, nodeName)
    const objection = firstObjection(profile.points.reserve, (plugin) => plugin.reserve?.(cycle, info, nodeName))
    if (objection === undefined) return group.start((signal) => this.#bind(attempt, nodeName, signal))
    this.#giveBack(attempt, nodeName, new Set([objection.plugin]))
    group.start((signal) => this.#refused(attempt, objection.reasons.join(', '), signal))
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
    const { clock, log } = this.#deps
    const binders = { extenders: this.#extenders, log }
    try {
      // That it fitted nowhere must not be written after it got its node.
      await this.#telling.settled(info.uid)
      await bindPod(
        {
          cycle,
          pod: info,
          nodeName,
          profile,
          clock,
          waiting: this.#waiting,
          bindOutside: (pod, node, stop) => bindOutside(binders, pod, node, stop),
          expect: async (node) => this.#expect(info, node, signal),
          settled: () => this.#queue.done(queued.uid),
        },
        signal,
      )
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof PermitRefusal) {
        this.#giveBack(attempt, nodeName, new Set([error.plugin]))
        return this.#refused(attempt, error.message, signal)
      }
      log.warn('binding failed', { pod: keyOf(info.pod), node: nodeName, error })
      this.#giveBack(attempt, nodeName, new Set())
      return this.#tell(attempt, 'SchedulerError', textOf(error), { nominatedNode: '' }, signal)
    }
    this.#ended(attempt, 'scheduled')
    this.#metrics.placed(clock.now() - queued.arrived, queued.attempts)
    for (const plugin of profile.points.postBind) plugin.postBind?.(cycle, info, nodeName)
    this.#deps.events(profile.schedulerName).event({
      regarding: info.pod,
      type: 'Normal',
      reason: 'Scheduled',
      action: 'Binding',
      note: `Successfully assigned ${keyOf(info.pod)} to ${nodeName}`,
    })
  }

  /** Tells others where a Pod will go whose binding takes a while. It is no harm if that fails. */
  async #expect({ pod }: PodInfo, nodeName: string, signal: AbortSignal): Promise<void> {
    try {
      await setNomination(this.#deps.client, pod, nodeName, signal)
    } catch (error) {
      signal.throwIfAborted()
      this.#deps.log.warn('telling the expected node failed', { pod: keyOf(pod), error })
    }
  }

  #giveBack({ info, cycle, profile, queued }: Attempt, nodeName: string, refusedBy: ReadonlySet<string>): void {
    for (const plugin of profile.points.reserve.toReversed()) plugin.unreserve?.(cycle, info, nodeName)
    this.#cache.forget(info.uid)
    this.#requeue(queued, refusedBy)
    this.#queue.happened('AssignedPod/delete', { old: info.pod }, (uid) => uid !== info.uid)
  }

  async #noNode(attempt: Attempt, result: NoNode, signal: AbortSignal): Promise<void> {
    const { profile, cycle, info, queued } = attempt
    const before = this.#cache.nomination(info.uid)
    const nominate = (nodeName: string) => this.#cache.nominate(info, nodeName)
    const request = { cycle, pod: info, snapshot: this.#cache, rejections: result.rejections, profile, nominate }
    const hasHelp = result.nodeCount > 0 && profile.points.postFilter.length > 0
    if (hasHelp) this.#metrics.preempted()
    const answer = hasHelp ? await askForHelp(request, signal) : { message: '', nominatedNode: '' }
    const { nominatedNode } = answer
    // Nothing was decided, or it failed halfway: what was kept before is kept still.
    this.#cache.nominate(info, nominatedNode ?? before)
    this.#requeue(queued, result.refusedBy)
    const nomination = nominatedNode === undefined ? {} : { nominatedNode }
    await this.#tell(attempt, 'Unschedulable', failureText(result, answer.message), nomination, signal)
  }

  /** A plugin said no after the node was chosen. */
  #refused(attempt: Attempt, reason: string, signal: AbortSignal): Promise<void> {
    return this.#tell(attempt, 'Unschedulable', `0/1 nodes are available: 1 ${reason}.`, { nominatedNode: '' }, signal)
  }

  #requeue(queued: QueuedPod, refusedBy: ReadonlySet<string>): void {
    const pod = this.#current(queued)
    if (pod === undefined) this.#queue.done(queued.uid)
    else this.#queue.refused(queued, pod, refusedBy)
  }

  #ended({ profile, began }: Attempt, result: AttemptResult): void {
    this.#metrics.attempted(profile.schedulerName, result, this.#deps.clock.monotonic() - began)
  }

  async #tell(
    attempt: Attempt,
    reason: 'Unschedulable' | 'SchedulerError',
    message: string,
    nomination: { readonly nominatedNode?: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { pod } = attempt.info
    const { profile } = attempt
    this.#ended(attempt, reason === 'Unschedulable' ? 'unschedulable' : 'error')
    const note = cut(message, ' ...')
    const told = { regarding: pod, type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note } as const
    this.#deps.events(profile.schedulerName).event(told)
    const finding = { pod, reason, message, ...nomination }
    try {
      await this.#telling.run(pod.metadata.uid ?? '', () => setUnschedulable(this.#deps, finding, signal))
    } catch (error) {
      signal.throwIfAborted()
      this.#deps.log.warn('writing the PodScheduled condition failed', { pod: keyOf(pod), error })
    }
  }
}

/** Asks the postFilter plugins in order, until one has made room. */
async function askForHelp(request: PostFilterRequest, signal: AbortSignal): Promise<PostFilterAnswer> {
  const messages: string[] = []
  let nominatedNode: string | undefined
  for (const plugin of request.profile.points.postFilter) {
    try {
      const answer = await plugin.postFilter?.(request, signal)
      if (answer === undefined) continue
      nominatedNode = answer.nominatedNode ?? nominatedNode
      if (nominatedNode !== undefined && nominatedNode !== '') return { nominatedNode, message: '' }
      messages.push(answer.message)
    } catch (error) {
      signal.throwIfAborted()
      return { message: textOf(error) }
    }
  }
  return { message: messages.join(', '), ...(nominatedNode === undefined ? {} : { nominatedNode }) }
}

interface Attempt {
  readonly queued: QueuedPod
  readonly info: PodInfo
  readonly cycle: Cycle
  readonly profile: Profile
  /** By the clock's `monotonic`. */
  readonly began: number
}

const nameOf = ({ spec }: DeepReadonly<Pod>): string => spec?.schedulerName ?? DEFAULT_SCHEDULER_NAME
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
