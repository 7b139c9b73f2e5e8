/**
 * A container runtime in memory: sandboxes with addresses, containers with states, exit codes and logs, on an injected
 * clock. The kubelet above it is the real one. What only processes could do (exec with streams, attach, port-forward)
 * is refused.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Random } from '../../../base/random.ts'
import type { ProbeAnswer } from '../../host/host.ts'
import { POD_UID } from '../../pods/container/identity.ts'
import {
  type ContainerConfig,
  type ContainerFilter,
  type ContainerStats,
  type ExecResult,
  type LinuxContainerResources,
  type PodSandboxConfig,
  type PodSandboxStatus,
  RuntimeError,
  type RuntimeService,
  type SandboxFilter,
} from '../runtime.ts'
import type { AddressPool } from './address-pool.ts'
import {
  annotatedBehaviour,
  type BehaviourOf,
  type SimulatedTotal,
  type SimulatedExec,
  type SimulatedRequest,
} from './behaviour.ts'
import { ContainerLife, type FileSink } from './container-life.ts'
import { EventHub } from './event-hub.ts'
import type { SimulatedImages } from './images.ts'
import {
  type ContainerRecord,
  eventOf,
  hasLabels,
  type SandboxRecord,
  shownContainer,
  shownSandbox,
  shownStats,
  shownStatus,
} from './records.ts'

export interface SimulatedRuntimeOptions {
  readonly clock: Clock
  readonly random: Random
  readonly addresses: AddressPool
  readonly images: SimulatedImages
  /** Where logs and last words go. */
  readonly files: FileSink
  /** What containers do; what their Pods' annotations say unless told otherwise. */
  readonly behaviour?: BehaviourOf
  /** Runtime handlers besides the default one. */
  readonly handlers?: readonly string[]
  /** How long a sandbox takes to start; no time unless told otherwise. */
  readonly sandboxMs?: number
}

/** Ids are as long as the ones of other runtimes. */
const newId = (random: Random): string => `${random.uuid()}${random.uuid()}`.replaceAll('-', '')

/** Creation times differ even where the clock stands still, for they tell which container is the newest. */
const TICK_MS = 0.001

export class SimulatedRuntime implements RuntimeService {
  readonly #options: SimulatedRuntimeOptions
  readonly #hub = new EventHub()
  readonly #life: ContainerLife
  readonly #sandboxes = new Map<string, SandboxRecord>()
  readonly #byPod = new Map<string, Set<SandboxRecord>>()
  readonly #containers = new Map<string, ContainerRecord>()
  #lastCreated = 0

  constructor(options: SimulatedRuntimeOptions) {
    this.#options = options
    this.#life = new ContainerLife(options.clock, options.files, this.#hub)
  }

  /** The machine loses its power: nothing runs any more, and nothing is told of it. */
  close(): void {
    this.#hub.close()
    for (const container of this.#containers.values()) this.#life.halt(container)
  }

  version = async () => ({ runtimeName: 'simulated', runtimeVersion: '1.0.0', runtimeApiVersion: 'v1' })

  async status() {
    const handlers = ['', ...(this.#options.handlers ?? [])]
    return {
      conditions: ['RuntimeReady', 'NetworkReady'].map((type) => ({ type, status: true, reason: '', message: '' })),
      handlers: handlers.map((name) => ({ name, recursiveReadOnlyMounts: true, userNamespaces: true })),
      supplementalGroupsPolicy: true,
    }
  }

  async runPodSandbox(config: PodSandboxConfig, handler: string, signal: AbortSignal): Promise<string> {
    const { clock, random, sandboxMs = 0, handlers = [] } = this.#options
    if (handler !== '' && !handlers.includes(handler))
      throw new RuntimeError('Unknown', `failed to get sandbox runtime: no runtime for "${handler}" is configured`)
    if (sandboxMs > 0) await clock.sleep(sandboxMs, signal)
    const { name, namespace, uid, attempt } = config.metadata
    const ofPod = this.#byPod.get(uid) ?? new Set<SandboxRecord>()
    for (const other of ofPod) {
      if (other.config.metadata.attempt !== attempt) continue
      const full = `${name}_${namespace}_${uid}_${attempt}`
      const why = `name "${full}" is reserved for "${other.id}"`
      throw new RuntimeError('Unknown', `failed to reserve sandbox name "${full}": ${why}`)
    }
    const id = newId(random)
    const ips = this.#addressesFor(config, id)
    const createdAt = this.#createdAt()
    const record: SandboxRecord = {
      id,
      config,
      createdAt,
      handler,
      containers: new Set(),
      state: 'SANDBOX_READY',
      ips,
    }
    this.#sandboxes.set(id, record)
    this.#byPod.set(uid, ofPod.add(record))
    this.#hub.tell(eventOf('created', id, record))
    this.#hub.tell(eventOf('started', id, record))
    return id
  }

  async stopPodSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id)
    if (sandbox === undefined || sandbox.state === 'SANDBOX_NOTREADY') return
    for (const container of sandbox.containers) this.#life.kill(container)
    sandbox.state = 'SANDBOX_NOTREADY'
    for (const address of sandbox.ips) this.#options.addresses.giveBack(address)
    sandbox.ips = []
    this.#hub.tell(eventOf('stopped', id, sandbox))
  }

  async removePodSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id)
    if (sandbox === undefined) return
    await this.stopPodSandbox(id)
    for (const container of sandbox.containers) await this.removeContainer(container.id)
    this.#sandboxes.delete(id)
    const { uid } = sandbox.config.metadata
    const ofPod = this.#byPod.get(uid)
    ofPod?.delete(sandbox)
    if (ofPod?.size === 0) this.#byPod.delete(uid)
    this.#hub.tell(eventOf('deleted', id, sandbox))
  }

  async podSandboxStatus(id: string): Promise<PodSandboxStatus> {
    const sandbox = this.#sandbox(id)
    return { ...shownSandbox(sandbox), ips: sandbox.ips }
  }

  async listPodSandboxes({ id, state, labels }: SandboxFilter) {
    return [...this.#among(labels)]
      .filter(
        (sandbox) =>
          (id === undefined || sandbox.id === id) &&
          (state === undefined || sandbox.state === state) &&
          hasLabels(sandbox.config.labels, labels),
      )
      .map(shownSandbox)
  }

  async createContainer(at: { readonly id: string }, config: ContainerConfig): Promise<string> {
    const { random, images, behaviour = annotatedBehaviour } = this.#options
    const sandbox = this.#sandbox(at.id)
    const { name, attempt } = config.metadata
    if (sandbox.state !== 'SANDBOX_READY')
      throw new RuntimeError('Unknown', `sandbox container "${sandbox.id}" is not running`)
    for (const other of sandbox.containers) {
      if (other.config.metadata.name !== name || other.config.metadata.attempt !== attempt) continue
      const why = `name "${name}_${attempt}" is reserved for "${other.id}"`
      throw new RuntimeError('Unknown', `failed to reserve container name "${name}_${attempt}": ${why}`)
    }
    const image = images.find(config.image.image)
    if (image === undefined)
      throw new RuntimeError('NotFound', `failed to resolve image "${config.image.image}": not found`)
    const imageName = image.repoTags[0] ?? image.repoDigests[0] ?? image.id
    const record: ContainerRecord = {
      id: newId(random),
      sandbox,
      config,
      behaviour: behaviour({ config, sandbox: sandbox.config, image: imageName }),
      image: imageName,
      imageRef: image.repoDigests[0] ?? image.id,
      createdAt: this.#createdAt(),
      state: 'CONTAINER_CREATED',
      startedAt: 0,
      began: 0,
      finishedAt: 0,
      exitCode: 0,
      reason: '',
      cancels: [],
      onExit: [],
      isStopping: false,
      resources: config.linux.resources,
    }
    sandbox.containers.add(record)
    this.#containers.set(record.id, record)
    this.#hub.tell(eventOf('created', record.id, sandbox))
    return record.id
  }

  async startContainer(id: string): Promise<void> {
    this.#life.start(this.#container(id))
  }

  async stopContainer(id: string, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const container = this.#containers.get(id)
    if (container !== undefined) await this.#life.stop(container, graceSeconds * 1000, signal)
  }

  async removeContainer(id: string): Promise<void> {
    const container = this.#containers.get(id)
    if (container === undefined) return
    this.#life.kill(container)
    container.sandbox.containers.delete(container)
    this.#containers.delete(id)
    this.#hub.tell(eventOf('deleted', id, container.sandbox))
  }

  async updatePodSandboxResources(id: string): Promise<void> {
    this.#sandbox(id)
  }

  async listContainers({ id, state, podSandboxId, labels }: ContainerFilter) {
    const found = []
    for (const sandbox of this.#among(labels)) {
      if (podSandboxId !== undefined && sandbox.id !== podSandboxId) continue
      for (const container of sandbox.containers) {
        if (id !== undefined && container.id !== id) continue
        if (state !== undefined && container.state !== state) continue
        if (hasLabels(container.config.labels, labels)) found.push(shownContainer(container))
      }
    }
    return found
  }

  async containerStatus(id: string) {
    return shownStatus(this.#container(id))
  }

  async updateContainerResources(id: string, resources: LinuxContainerResources): Promise<void> {
    const container = this.#container(id)
    container.resources = { ...container.resources, ...resources }
  }

  /** The next line begins a new file by itself. */
  async reopenContainerLog(id: string): Promise<void> {
    this.#container(id)
  }

  async execSync(id: string, command: readonly string[], timeoutSeconds: number, signal: AbortSignal) {
    const container = this.#container(id)
    if (container.state !== 'CONTAINER_RUNNING')
      throw new RuntimeError('Unknown', `failed to exec in container: container is in ${container.state} state`)
    const usual: SimulatedExec = { exitCode: this.#isReady(container) ? 0 : 1 }
    const { exitCode, stdout = '', stderr = '', takesMs = 0 } = container.behaviour.exec?.(command) ?? usual
    const limitMs = timeoutSeconds === 0 ? Infinity : timeoutSeconds * 1000
    if (takesMs > 0) await this.#options.clock.sleep(Math.min(takesMs, limitMs), signal)
    if (takesMs > limitMs) {
      const why = `timeout ${timeoutSeconds}s exceeded: context deadline exceeded`
      throw new RuntimeError('DeadlineExceeded', `failed to exec in container: ${why}`)
    }
    return { exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) } satisfies ExecResult
  }

  exec = async () => refuse('run commands with streams')
  attach = async () => refuse('be attached to')
  portForward = async () => refuse('be connected to')

  async listContainerStats(
    filter: Pick<ContainerFilter, 'id' | 'podSandboxId' | 'labels'>,
  ): Promise<readonly ContainerStats[]> {
    const running = await this.listContainers({ ...filter, state: 'CONTAINER_RUNNING' })
    const now = this.#options.clock.now()
    return running.map(({ id }) => shownStats(this.#container(id), now))
  }

  events(signal: AbortSignal) {
    return this.#hub.listen(signal)
  }

  /** What the containers use that run now, of one Pod or of all. */
  usage(podUid?: string): SimulatedTotal {
    const total = { cpuNanos: 0, memoryBytes: 0, diskBytes: 0, processes: 0 }
    const now = this.#options.clock.now()
    const sandboxes = podUid === undefined ? this.#sandboxes.values() : (this.#byPod.get(podUid) ?? [])
    for (const { containers } of sandboxes) {
      for (const { state, behaviour, startedAt } of containers) {
        if (state !== 'CONTAINER_RUNNING') continue
        const { nanoCores = 0, memoryBytes = 0, diskBytes = 0, processes = 1 } = behaviour.usage ?? {}
        total.cpuNanos += Math.round((nanoCores * (now - startedAt)) / 1000)
        total.memoryBytes += memoryBytes
        total.diskBytes += diskBytes
        total.processes += processes
      }
    }
    return total
  }

  /** What a Pod at this address answers; `undefined` when nothing runs there. */
  answer(address: string, request: SimulatedRequest): ProbeAnswer | undefined {
    for (const sandbox of this.#sandboxes.values()) {
      if (!sandbox.ips.includes(address)) continue
      const running = [...sandbox.containers].filter((container) => this.#isReady(container))
      if (running.length === 0) return undefined
      const answering = running.find(({ behaviour }) => behaviour.answer !== undefined)
      return answering?.behaviour.answer?.(request) ?? { outcome: 'success', output: '' }
    }
    return undefined
  }

  #isReady({ state, began, behaviour }: ContainerRecord): boolean {
    return state === 'CONTAINER_RUNNING' && this.#options.clock.monotonic() >= began + (behaviour.readyMs ?? 0)
  }

  #sandbox(id: string): SandboxRecord {
    const found = this.#sandboxes.get(id)
    if (found === undefined) throw new RuntimeError('NotFound', `an error occurred when try to find sandbox: not found`)
    return found
  }

  #container(id: string): ContainerRecord {
    const found = this.#containers.get(id)
    if (found === undefined)
      throw new RuntimeError('NotFound', `an error occurred when try to find container "${id}": not found`)
    return found
  }

  /** Nearly every question is about one Pod. */
  #among(labels: Readonly<Record<string, string>> | undefined): Iterable<SandboxRecord> {
    const uid = labels?.[POD_UID]
    return uid === undefined ? this.#sandboxes.values() : (this.#byPod.get(uid) ?? [])
  }

  #addressesFor(config: PodSandboxConfig, id: string): readonly string[] {
    if (config.linux.securityContext.namespaceOptions.network === 'NODE') return []
    const { addresses } = this.#options
    const address = addresses.take()
    if (address !== undefined) return [address]
    const why = `no IP addresses available in range ${addresses.cidr}`
    throw new RuntimeError('Unknown', `failed to setup network for sandbox "${id}": ${why}`)
  }

  #createdAt(): number {
    this.#lastCreated = Math.max(this.#options.clock.now(), this.#lastCreated + TICK_MS)
    return this.#lastCreated
  }
}

function refuse(what: string): never {
  throw new RuntimeError('Unimplemented', `simulated containers have no processes: they cannot ${what}`)
}
