/**
 * The work on one Pod, in steps that are safe to repeat: look, decide, act, tell
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/).
 */

import type { Image, PodSandboxConfig } from '../cri/runtime.ts'
import { PodProbes } from '../probes/pod-probes.ts'
import { podIps, podStatus } from '../status/pod-status.ts'
import { MountFailure, mountFailure } from '../volumes/mount-failure.ts'
import type { MadeVolume } from '../volumes/pod-volumes.ts'
import {
  firstAttempt,
  hasExited,
  isRunning,
  latestOf,
  mayRun,
  NOTHING_OBSERVED,
  type ObservedPod,
  PodObserver,
  readySandboxOf,
  statusBefore,
} from './observed.ts'
import { Allocations } from './resize/allocations.ts'
import { isLastOf, type PlanFacts, planPod, type PodAction, restartSources } from './plan.ts'
import type { PodDeps } from './pod-deps.ts'
import { PodImages } from './pod-images.ts'
import { podStart } from './pod-start.ts'
import { PodResources } from './resize/pod-resources.ts'
import { containersOf, namesOf, type PodView } from './pod-view.ts'
import { pruneContainers } from './prune.ts'
import { Restarts } from './restarts.ts'
import { startContainer, type StartRequest } from './container/start-container.ts'
import { StartFailure } from './container/start-failure.ts'
import { targetOf } from './container/ephemeral-target.ts'
import { PodStops, type StoppedPod } from './stops.ts'
import { TerminationMessages } from './container/termination-messages.ts'
import type { StatusOptions, StepResult } from './work.ts'

/** How long the worker waits after a failure that tells no time of its own. */
const RETRY_MS = 10_000
const FIRST_MOUNT_RETRY_MS = 500
const MAX_MOUNT_RETRY_MS = 122_000

export interface PodSyncOptions {
  readonly uid: string
  readonly deps: PodDeps
  /** Runs beside the worker, and ends with it. */
  readonly start: (task: (signal: AbortSignal) => Promise<void>) => void
  /** Something about the Pod may have changed. */
  readonly wake: () => void
}

interface Sandbox {
  readonly id: string
  readonly config: PodSandboxConfig
  readonly ips: readonly string[]
}

export class PodSync {
  readonly #deps: PodDeps
  readonly #uid: string
  readonly #observer: PodObserver
  readonly #resources: PodResources
  readonly #images: PodImages
  readonly #probes: PodProbes
  readonly #messages: TerminationMessages
  readonly #restarts: Restarts
  readonly #allocations: Allocations
  readonly #stops: PodStops
  readonly #seenAt: number
  #resizing: ReadonlySet<string> = new Set()
  #pod: PodView | undefined
  #observed: ObservedPod = NOTHING_OBSERVED
  #mountRetryMs = FIRST_MOUNT_RETRY_MS
  /** Until then nothing is started, for a volume failed. */
  #mountHold = 0
  #hasFailedToStart = false

  constructor({ uid, deps, start, wake }: PodSyncOptions) {
    this.#deps = deps
    this.#uid = uid
    this.#seenAt = deps.clock.monotonic()
    this.#observer = new PodObserver(deps.runtime, uid)
    this.#resources = new PodResources(uid, deps)
    this.#images = new PodImages(deps)
    this.#restarts = new Restarts(deps)
    this.#allocations = new Allocations({ uid, deps, wake })
    this.#messages = new TerminationMessages(deps.host.pods, (one) =>
      deps.metrics.lifecycle.containerEnded(this.#pod, one),
    )
    this.#probes = new PodProbes({
      runtime: deps.runtime,
      network: deps.host.network,
      clock: deps.clock,
      start,
      changed: wake,
      probed: ({ spec }, result) => {
        if (this.#pod === undefined) return
        const { namespace, name } = namesOf(this.#pod)
        deps.metrics.probed({ container: spec.name, namespace, pod: name, uid }, result)
      },
      tell: (container, reason, message) => {
        if (this.#pod !== undefined) deps.tell({ pod: this.#pod, container, type: 'Warning', reason, message })
      },
    })
    this.#stops = new PodStops(deps, this.#probes)
  }

  /** What the runtime was last seen to have. */
  get observed(): ObservedPod {
    return this.#observed
  }

  get madeVolumes(): ReadonlyMap<string, MadeVolume> {
    return this.#resources.madeVolumes
  }

  waitingReason(container: string): string | undefined {
    return this.#restarts.waiting.get(container)?.reason
  }

  /** One step towards what the spec asks for. Throws on abort and on failures of the runtime. */
  async sync(asked: PodView, signal: AbortSignal): Promise<StepResult> {
    const pod = this.#allocations.allocate(asked)
    await this.#look(pod, signal)
    if (this.#keepIn() === 0) await this.#keepVolumes(pod, signal)
    const { restart, acted: resized } = await this.#allocations.actuate(pod, this.#observed, signal)
    this.#resizing = restart
    const plan = planPod(pod, this.#observed, this.#planFacts())
    // An end is told before what follows from it.
    if (plan.length > 0) this.#tellStatus(pod, {})
    if (plan.some((action) => action.do === 'finish')) return { do: 'finish' }
    this.#restarts.note(pod, plan)
    // What was just looked at tells what comes next; what happens from now on wakes the worker.
    let next = plan
    try {
      if (plan.some((action) => action.do !== 'back-off' && action.do !== 'hold')) {
        await this.#perform(pod, plan, signal)
        await this.#look(pod, signal)
        this.#holdUnstarted(plan)
        next = planPod(pod, this.#observed, this.#planFacts())
      }
    } finally {
      if (!signal.aborted) this.#tellStatus(pod, {})
    }
    const isDue = resized || (next !== plan && next.length > 0)
    return { do: 'wait', ms: isDue ? 0 : this.#nextLook(next) }
  }

  /** The Pod with what it was given. */
  allocated(pod: PodView): PodView {
    return this.#allocations.asAllocated(pod)
  }

  /** Brings volumes up to date with what they are made of. */
  async refreshVolumes(pod: PodView, signal: AbortSignal): Promise<void> {
    this.#restarts.release()
    this.#mountHold = 0
    if (this.#resources.hasVolumes || this.#observed.containers.some(isRunning)) await this.#keepVolumes(pod, signal)
  }

  /** What fails is told; containers run on with what they have. */
  async #keepVolumes(pod: PodView, signal: AbortSignal): Promise<void> {
    for (const { reason, message } of await this.#resources.keep(pod, this.#ips(pod), signal))
      this.#deps.tell({ pod, type: 'Warning', reason, message })
  }

  /** Looks and tells, and does nothing. */
  async report(pod: PodView, facts: StatusOptions, signal: AbortSignal): Promise<void> {
    await this.#look(pod, signal)
    // Where nothing runs any more, the Pod's end is about to be told.
    if (facts.isTerminal === true || this.#observed.containers.some(isRunning)) this.#tellStatus(pod, facts)
  }

  /** Stops everything. Called again with less grace while it works, it hurries. */
  async terminate(pod: PodView, graceSeconds: number, signal: AbortSignal): Promise<void> {
    this.#allocations.stop()
    await this.#look(pod, signal)
    await this.#stops.all(this.#stopped(pod), this.#observed.containers.filter(mayRun), graceSeconds, signal)
    this.#probes.keep(new Set())
    await Promise.all(this.#observed.sandboxes.map(({ id }) => this.#deps.runtime.stopPodSandbox(id, signal)))
    // Before anybody is told of the end, and takes the devices for free.
    await this.#deps.devices?.release(pod, signal)
    await this.#look(pod, signal)
  }

  /** Gives back volumes and cgroup. Logs and dead containers stay. */
  async release(signal: AbortSignal): Promise<void> {
    await this.#resources.release(signal)
  }

  /** Removes what is left in the runtime, and the logs. */
  async remove(pod: PodView, signal: AbortSignal): Promise<void> {
    const { runtime, host } = this.#deps
    const { sandboxes } = await this.#observer.observe(signal)
    await Promise.all(sandboxes.map(({ id }) => runtime.removePodSandbox(id, signal)))
    await host.pods.removeLogs(namesOf(pod))
  }

  async #look(pod: PodView, signal: AbortSignal): Promise<void> {
    this.#pod = pod
    this.#observed = await this.#observer.observe(signal)
    this.#stops.keep(new Set(this.#observed.containers.map(({ id }) => id)))
    this.#allocations.seen(this.#allocations.asAllocated(pod), this.#observed)
    await this.#messages.read(this.#observed.containers, signal)
    this.#followProbes(pod)
  }

  /** Probes run for exactly the containers that run and whose start is done. */
  #followProbes(pod: PodView): void {
    const running = this.#observed.containers.filter(isRunning)
    this.#probes.keep(new Set(running.map(({ id }) => id)))
    const [podIp = ''] = this.#ips(pod)
    for (const observed of running) {
      const container = containersOf(pod).find(({ spec }) => spec.name === observed.name)
      if (container === undefined || this.#stops.hasBegun(observed.id)) continue
      const before = statusBefore(pod.status, observed)
      this.#probes.begin(container, { containerId: observed.id, podIp }, { startedAt: observed.startedAt, before })
    }
  }

  #stopped(pod: PodView): StoppedPod {
    return { pod, podIp: this.#ips(pod)[0] ?? '' }
  }

  #ips(pod: PodView): readonly string[] {
    const last = this.#deps.status.last(this.#uid) ?? pod.status ?? {}
    return podIps({ pod, observed: this.#observed, last, hostIps: this.#deps.node.hostIps })
  }

  #planFacts(): PlanFacts {
    return {
      isStarted: ({ id }) => this.#probes.isStarted(id),
      failedProbe: ({ id }) => this.#probes.failed(id),
      needsRestart: ({ id }) => this.#resizing.has(id),
      isStoppedToRestart: ({ id }) => this.#stops.isToRestart(id),
      firstAttempt: (container) => firstAttempt(container, this.#deps.status.last(this.#uid) ?? this.#pod?.status),
      heldBack: (container) =>
        Math.max(this.#restarts.heldBack(container), this.#mountHold - this.#deps.clock.monotonic()),
      backOff: (container, last) => this.#restarts.remaining(container, last, this.#stops.exitOf(this.#observed, last)),
    }
  }

  #tellStatus(asked: PodView, { isTerminal = false, failure }: StatusOptions): void {
    const { status, clock, node, metrics } = this.#deps
    const pod = this.#allocations.asAllocated(asked)
    const last = status.last(this.#uid) ?? pod.status ?? {}
    const next = podStatus({
      pod,
      observed: this.#observed,
      waiting: this.#restarts.waiting,
      isStarted: ({ id }) => this.#probes.isStarted(id),
      isReady: ({ id }) => this.#probes.isReady(id),
      isStoppedToRestart: ({ id }) => this.#stops.isToRestart(id),
      isResized: ({ id }) => !this.#allocations.isLacking(id),
      resize: this.#allocations.state,
      terminationMessage: ({ id }) => this.#messages.of(id),
      allocated: (container) => this.#deps.devices?.healthOf(pod, container) ?? [],
      isTerminal,
      failure,
      runtimeName: node.runtimeName,
      last,
      hostIps: node.hostIps,
      now: clock.now(),
    })
    status.set(pod, next)
    if (next.phase !== 'Running' || last.phase === 'Running') return
    const facts = { seenAt: this.#seenAt, pullMs: this.#images.pullMs, clock }
    metrics.starts.started(podStart(pod, this.#observed, facts))
  }

  /** Only what runs needs its volumes kept. */
  #keepIn(): number | undefined {
    return this.#observed.containers.some(isRunning) ? this.#resources.keepIn : undefined
  }

  #nextLook(plan: readonly PodAction[]): number | undefined {
    const times = [
      ...plan.map((action) => ('ms' in action ? action.ms : undefined)),
      this.#allocations.againMs,
      this.#keepIn(),
    ].filter((time) => time !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Carries a plan out. What fails for reasons of the Pod's own is noted and held back. */
  async #perform(pod: PodView, plan: readonly PodAction[], signal: AbortSignal): Promise<void> {
    const { tell } = this.#deps
    for (const action of plan) {
      if (action.do !== 'stop-sandbox') continue
      if (action.replaced) {
        const message = 'Pod sandbox changed, it will be killed and re-created.'
        tell({ pod, type: 'Normal', reason: 'SandboxChanged', message })
      }
      await this.#stops.sandbox(this.#stopped(pod), action.id, this.#observed, signal)
    }
    for (const action of plan) {
      if (action.do !== 'reset') continue
      for (const { container, last } of restartSources(pod, this.#observed)) this.#restarts.begun(container, last, last)
      await this.#stops.takeAway(this.#stopped(pod), action.containers, signal)
    }
    const stops = plan.filter((action) => action.do === 'stop-container')
    const starts = plan.filter((action) => action.do === 'start-container')
    const endsPod = isLastOf(plan, this.#observed)
    await Promise.all(stops.map((action) => this.#stops.replace(this.#stopped(pod), { ...action, endsPod }, signal)))
    if (starts.length === 0) return

    await this.#resources.prepare(pod)
    const volumes = await this.#resources.volumes(pod, this.#ips(pod), signal).catch(mountFailure)
    if (volumes instanceof MountFailure) return this.#mountFailed(pod, volumes)
    this.#mountRetryMs = FIRST_MOUNT_RETRY_MS
    const images = new Map(starts.map(({ container }) => [container, this.#images.ofContainer(pod, container, signal)]))
    // Each failure is met where its container is started; until then it may wait.
    for (const image of images.values()) image.catch(() => {})
    const create = plan.find((action) => action.do === 'create-sandbox')
    const sandbox = await this.#sandbox(pod, create?.attempt, signal)
    if (create !== undefined && this.#images.isPulling) await this.report(pod, {}, signal)
    const hostsFile = this.#resources.hostsFile(pod, sandbox.ips)
    hostsFile.catch(() => {}) // met where a container is started, too
    for (const action of starts) {
      const image = images.get(action.container)
      if (image === undefined) continue
      const facts = { sandbox, volumes, hostsFile, image }
      await this.#start(pod, action, facts, signal)
    }
    await pruneContainers(this.#observed, this.#deps, signal)
  }

  async #sandbox(pod: PodView, attempt: number | undefined, signal: AbortSignal): Promise<Sandbox> {
    const ready = attempt === undefined ? readySandboxOf(this.#observed) : undefined
    const config = await this.#resources.sandboxConfig(pod, attempt ?? ready?.metadata.attempt ?? 0, signal)
    const status = ready ?? (await this.#resources.runSandbox(pod, config, signal))
    this.#observer.learn(status)
    return { id: status.id, config, ips: status.ips.length > 0 ? status.ips : this.#deps.node.hostIps }
  }

  async #start(
    pod: PodView,
    action: Extract<PodAction, { do: 'start-container' }>,
    facts: {
      sandbox: Sandbox
      volumes: Parameters<typeof startContainer>[0]['volumes']
      hostsFile: Promise<string>
      image: Promise<Image>
    },
    signal: AbortSignal,
  ): Promise<void> {
    const { container, attempt, last } = action
    if (last !== undefined && hasExited(last))
      this.#restarts.begun(container, last, this.#stops.exitOf(this.#observed, last))
    try {
      const environment = this.#resources.environment(pod, facts.sandbox.ips, signal)
      const image = await facts.image
      this.#images.tellPresent(container)
      const [podIp = ''] = facts.sandbox.ips
      const imageVolume: StartRequest['imageVolume'] = async (volume, source) =>
        this.#resources.imageVolume(volume, await this.#images.ofVolume(pod, source, signal), signal)
      const target = targetOf(container, this.#observed)
      const request = { ...facts, pod, container, attempt, image, imageVolume, podIp, environment, target }
      await startContainer(request, this.#deps, signal)
      this.#restarts.succeeded(container)
      this.#deps.metrics.starts.containerStarted(container.kind)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof StartFailure)) throw error
      this.#deps.metrics.starts.containerFailed(container.kind, error.reason)
      if (!this.#hasFailedToStart) this.#deps.metrics.lifecycle.startFailed(pod)
      this.#hasFailedToStart = true
      const message = `Error: ${error.shown}`
      // A hook's failure has an event of its own.
      if (error.reason !== 'PostStartHookError')
        this.#deps.tell({ pod, container, type: 'Warning', reason: 'Failed', message })
      // A container that was made and could not run is an exit like any other, and the plan knows those.
      const made = error.reason === 'RunContainerError' || error.reason === 'PostStartHookError'
      const retryMs = made ? 0 : (error.retryMs ?? RETRY_MS)
      this.#restarts.failed(container, { reason: error.reason, message: error.message }, retryMs)
    }
  }

  /** A container that could not be started, and whose end nobody tells, is waited for: nothing else would slow it down. */
  #holdUnstarted(plan: readonly PodAction[]): void {
    for (const action of plan) {
      if (action.do !== 'start-container') continue
      const made = latestOf(this.#observed, action.container.spec.name)
      if (made !== undefined && !mayRun(made) && !hasExited(made)) this.#restarts.hold(action.container, RETRY_MS)
    }
  }

  #mountFailed(pod: PodView, failure: MountFailure): void {
    const { tell, clock } = this.#deps
    tell({ pod, type: 'Warning', reason: failure.reason, message: failure.message })
    this.#mountHold = clock.monotonic() + this.#mountRetryMs
    this.#mountRetryMs = Math.min(MAX_MOUNT_RETRY_MS, this.#mountRetryMs * 2)
  }
}
