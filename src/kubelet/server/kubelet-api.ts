/** What the kubelet answers about its Pods, apart from how it is asked. */

import type { HealthCheck } from '../../base/health.ts'
import type { Clock } from '../../base/clock.ts'
import type { RuntimeHealth } from '../cri/runtime-health.ts'
import type { ImageService, RuntimeService, StreamOptions } from '../cri/runtime.ts'
import type { MachineFacts, NodeHost, PodNames, SystemLogs } from '../host/host.ts'
import { kubeletChecks } from './health.ts'
import type { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import { type LogOptions, readLog } from '../logs/read-log.ts'
import {
  hasExited,
  isRunning,
  latestOf,
  mayRun,
  type ObservedContainer,
  previousOf,
  readySandboxOf,
} from '../pods/observed.ts'
import { containersOf, namesOf, type PodView } from '../pods/pod-view.ts'
import type { PodWorker } from '../pods/worker.ts'
import type { PodWorkers } from '../pods/workers.ts'
import { CpuRates } from '../usage/cpu-rate.ts'
import { measureMade, type VolumeSnapshot } from '../usage/volume-use.ts'
import type { MadeVolume } from '../volumes/pod-volumes.ts'
import { type Snapshot, type SnapshotDepth, takeSnapshot } from '../usage/snapshot.ts'

export interface PodAt {
  readonly namespace: string
  readonly name: string
}

export interface CountedPod {
  readonly pod: PodView
  readonly phase: PodWorker['phase']
  readonly isRejected: boolean
  readonly made: ReadonlyMap<string, MadeVolume>
}

/** A Pod as far as the runtime knows it. */
export interface RunningPod {
  readonly metadata: PodNames
  readonly spec: {
    readonly containers: readonly { readonly name: string; readonly image: string; readonly resources: object }[]
  }
  readonly status: object
}

/** A refusal with its HTTP status. The text is what Kubernetes's kubelet says. */
export class KubeletRefusal extends Error {
  override readonly name = 'KubeletRefusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface KubeletApiDeps {
  readonly runtime: RuntimeService
  readonly images: ImageService
  readonly metrics: KubeletMetrics
  readonly machine: MachineFacts
  readonly host: NodeHost
  readonly clock: Clock
  readonly workers: PodWorkers
  readonly health: Pick<RuntimeHealth, 'sinceListedMs'>
}

export class KubeletApi {
  readonly #deps: KubeletApiDeps
  readonly #rates: CpuRates

  constructor(deps: KubeletApiDeps) {
    this.#deps = deps
    this.#rates = new CpuRates(deps.clock)
  }

  get pods(): readonly PodView[] {
    return this.#deps.workers.pods
  }

  /** Those of which something runs, by what the runtime has: without a status. */
  get running(): readonly RunningPod[] {
    return this.#deps.workers.all.flatMap(({ pod, observed }) => {
      const running = observed.containers.filter(isRunning)
      if (running.length === 0 && readySandboxOf(observed) === undefined) return []
      const containers = running.map(({ name, image }) => ({ name, image: image.image, resources: {} }))
      return [{ metadata: namesOf(pod), spec: { containers }, status: {} }]
    })
  }

  get systemLogs(): SystemLogs | undefined {
    return this.#deps.host.systemLogs
  }

  /** How it is well. */
  get checks(): readonly HealthCheck[] {
    return kubeletChecks(() => this.sinceListedMs)
  }

  /** How long ago all that the runtime has was listed. */
  get sinceListedMs(): number {
    return this.#deps.health.sinceListedMs
  }

  /** The log of a container. Throws `KubeletRefusal` before the first byte. */
  logs(
    at: PodAt & { readonly container: string; readonly previous: boolean },
    options: LogOptions,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    const worker = this.#worker(at)
    const container = this.#logged(worker, at)
    const { host, clock } = this.#deps
    const isAlive = () => {
      const now = worker.observed.containers.find(({ id }) => id === container.id)
      return now !== undefined && isRunning(now)
    }
    return readLog({ path: container.logPath, files: host.logs, clock, isRunning: isAlive }, options, signal)
  }

  /** The runtime's URL for the streams of a command. */
  exec(
    at: PodAt & { readonly container: string; readonly command: readonly string[] },
    streams: StreamOptions,
    signal: AbortSignal,
  ): Promise<string> {
    return this.#deps.runtime.exec(this.#running(at).id, at.command, streams, signal)
  }

  attach(at: PodAt & { readonly container: string }, streams: StreamOptions, signal: AbortSignal): Promise<string> {
    return this.#deps.runtime.attach(this.#running(at).id, streams, signal)
  }

  /** Runs a command to its end; the answer is its output. */
  async run(
    at: PodAt & { readonly container: string },
    command: readonly string[],
    signal: AbortSignal,
  ): Promise<Buffer> {
    const { stdout, stderr } = await this.#deps.runtime.execSync(this.#running(at).id, command, 0, signal)
    return Buffer.concat([stdout, stderr])
  }

  portForward(at: PodAt, signal: AbortSignal): Promise<string> {
    const sandbox = readySandboxOf(this.#worker(at).observed)
    if (sandbox === undefined) throw new KubeletRefusal(404, `sandbox of pod "${at.name}" not found`)
    return this.#deps.runtime.portForward(sandbox.id, signal)
  }

  /** What the node and its Pods use. */
  snapshot(depth: SnapshotDepth, signal: AbortSignal): Promise<Snapshot> {
    return takeSnapshot({ ...this.#deps, rates: this.#rates }, depth, signal)
  }

  /** What volumes hold that Pods have through claims. */
  async claimedVolumes(): Promise<readonly VolumeSnapshot[]> {
    const { workers, host } = this.#deps
    const active = workers.all.filter(({ phase }) => phase !== 'terminated')
    const all = await Promise.all(active.map(({ pod, madeVolumes }) => measureMade(pod, madeVolumes, host, 'claims')))
    return all.flat()
  }

  /** Each of its Pods, for counting. */
  get counted(): readonly CountedPod[] {
    return this.#deps.workers.all.map(({ pod, phase, isRejected, madeVolumes }) => ({
      pod,
      phase,
      isRejected,
      made: madeVolumes,
    }))
  }

  get cgroupVersion(): 1 | 2 {
    return this.#deps.host.cgroups.version
  }

  get metrics(): KubeletMetrics {
    return this.#deps.metrics
  }

  get machine(): MachineFacts {
    return this.#deps.machine
  }

  /** How many containers are in each state. */
  get containerStates(): ReadonlyMap<string, number> {
    const states = new Map<string, number>()
    for (const { observed } of this.#deps.workers.all) {
      for (const { state } of observed.containers) {
        const name = state.replace('CONTAINER_', '').toLowerCase()
        states.set(name, (states.get(name) ?? 0) + 1)
      }
    }
    return states
  }

  /** How many Pods have a sandbox that runs. */
  get runningPods(): number {
    return this.#deps.workers.all.filter(({ observed }) => readySandboxOf(observed) !== undefined).length
  }

  #worker({ namespace, name }: PodAt): PodWorker {
    const found = this.#deps.workers.all.find(({ pod }) => {
      const names = namesOf(pod)
      return names.name === name && names.namespace === namespace
    })
    if (found === undefined) throw new KubeletRefusal(404, `pod "${name}" not found`)
    return found
  }

  #running(at: PodAt & { readonly container: string }): ObservedContainer {
    const found = latestOf(this.#worker(at).observed, at.container)
    if (found !== undefined && isRunning(found)) return found
    throw new KubeletRefusal(404, `container not found ("${at.container}")`)
  }

  /** The container whose log is meant: the newest that has begun, or the one before it. */
  #logged(
    worker: PodWorker,
    at: PodAt & { readonly container: string; readonly previous: boolean },
  ): ObservedContainer {
    const { container, name, previous } = at
    if (!containersOf(worker.pod).some(({ spec }) => spec.name === container)) {
      throw new KubeletRefusal(404, `container ${JSON.stringify(container)} not found in pod ${JSON.stringify(name)}`)
    }
    const newest = latestOf(worker.observed, container)
    const waiting = worker.waitingReason(container)
    const isBetween = newest !== undefined && hasExited(newest) && waiting !== undefined
    if (previous) {
      const before = isBetween ? newest : previousOf(worker.observed, container)
      if (before !== undefined) return before
      throw new KubeletRefusal(400, `previous terminated container "${container}" in pod "${name}" not found`)
    }
    if (newest !== undefined && (mayRun(newest) || hasExited(newest))) return newest
    const why = goneText(worker, container) ?? `is waiting to start: ${waitingText(waiting, worker)}`
    throw new KubeletRefusal(400, why.startsWith('is ') ? `container "${container}" in pod "${name}" ${why}` : why)
  }
}

/** Of a container that has run and was taken away since, or of a Pod that was never let in. */
function goneText({ pod, phase, isRejected }: PodWorker, name: string): string | undefined {
  if (isRejected) return 'is not available'
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {}
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
  const status = all.find((one) => one.name === name)
  if (status === undefined && phase === 'terminated') return 'is not available'
  const ended = status?.state?.terminated ?? status?.lastState?.terminated
  const id = ended?.containerID ?? ''
  if (id !== '') return `unable to retrieve container logs for ${id}`
  return ended === undefined ? undefined : 'is terminated'
}

function waitingText(reason: string | undefined, worker: PodWorker): string {
  switch (reason) {
    case 'ErrImagePull':
      return "image can't be pulled"
    case 'ImagePullBackOff':
      return 'trying and failing to pull image'
    case undefined:
      return (worker.pod.spec?.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating'
    default:
      return reason
  }
}
