/** A container runtime in memory, on an injected clock: thousands of nodes in one process, on real or virtual time. */

import { type Channel, channel } from '../../../base/async/channel.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Random } from '../../../base/random.ts'
import {
  type ContainerConfig,
  type ContainerFilter,
  type ExecResult,
  type Image,
  type ImageService,
  type PodSandbox,
  type PodSandboxConfig,
  type PodSandboxState,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeService,
  type SandboxFilter,
} from '../runtime.ts'
import { SimulatedContainer } from './container.ts'
import type { SimulatedFiles } from './files.ts'
import { annotatedScenario, type Scenario } from './scenario.ts'

export interface SimulatedRuntimeOptions {
  readonly clock: Clock
  readonly random: Random
  readonly files: SimulatedFiles
  /** The first three numbers of this node's Pod addresses, e.g. `10.244.1`. */
  readonly podNetwork: string
  readonly scenario?: Scenario
  /** Whether the registry has the image; all, unless told otherwise. */
  readonly hasImage?: (image: string) => boolean
}

/** The runtime with what a simulated host asks of it. */
export interface SimulatedRuntime {
  readonly runtime: RuntimeService
  readonly images: ImageService
  /** Whether something in the sandbox of that address answers. */
  answers(ip: string): boolean
  /** Lets go of all timers. */
  close(): void
}

interface SimulatedSandbox {
  readonly id: string
  readonly config: PodSandboxConfig
  readonly handler: string
  readonly createdAt: number
  readonly ip: string | undefined
  state: PodSandboxState
}

const EVENTS = 4096
const IMAGE_BYTES = 4 * 1024 * 1024

type Texts = Readonly<Record<string, string>>

const hasLabels = (labels: Texts, wanted: Texts = {}) =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value)

const unimplemented = (what: string) =>
  new RuntimeError('Unimplemented', `the simulated runtime runs no processes, so it has no ${what}`)

export function simulatedRuntime(options: SimulatedRuntimeOptions): SimulatedRuntime {
  const { clock, random, files, podNetwork, scenario = annotatedScenario } = options
  const sandboxes = new Map<string, SimulatedSandbox>()
  const containers = new Map<string, SimulatedContainer>()
  const listeners = new Set<Channel<RuntimeEvent>>()
  const newId = () => (random.uuid() + random.uuid()).replaceAll('-', '')

  const tell = (type: RuntimeEvent['type'], containerId: string) => {
    for (const listener of listeners) listener.push({ type, containerId })
  }
  const needSandbox = (id: string) => {
    const found = sandboxes.get(id)
    if (found === undefined)
      throw new RuntimeError('NotFound', `an error occurred when try to find sandbox "${id}": not found`)
    return found
  }
  const needContainer = (id: string) => {
    const found = containers.get(id)
    if (found === undefined)
      throw new RuntimeError('NotFound', `an error occurred when try to find container "${id}": not found`)
    return found
  }
  const inSandbox = (id: string) => [...containers.values()].filter((each) => each.options.sandboxId === id)
  const freeAddress = () => {
    const taken = new Set(
      [...sandboxes.values()].flatMap(({ ip, state }) => (state === 'SANDBOX_READY' && ip !== undefined ? [ip] : [])),
    )
    for (let last = 2; last < 255; last++) if (!taken.has(`${podNetwork}.${last}`)) return `${podNetwork}.${last}`
    throw new RuntimeError('ResourceExhausted', `no addresses are left in ${podNetwork}.0/24`)
  }
  const listedSandbox = ({ id, config, handler, createdAt, state }: SimulatedSandbox): PodSandbox => ({
    id,
    metadata: config.metadata,
    state,
    createdAt,
    labels: config.labels,
    annotations: config.annotations,
    runtimeHandler: handler,
  })
  const matches = (container: SimulatedContainer, filter: ContainerFilter) =>
    (filter.id === undefined || filter.id === container.options.id) &&
    (filter.state === undefined || filter.state === container.state) &&
    (filter.podSandboxId === undefined || filter.podSandboxId === container.options.sandboxId) &&
    hasLabels(container.options.config.labels, filter.labels)
  const remove = (container: SimulatedContainer) => {
    container.kill()
    container.dispose()
    containers.delete(container.options.id)
    tell('deleted', container.options.id)
  }
  const create = (sandbox: SimulatedSandbox, config: ContainerConfig) => {
    const id = newId()
    const logPath = `${sandbox.config.logDirectory}/${config.logPath}`
    const behaviour = scenario(config, sandbox.config)
    const ended = () => tell('stopped', id)
    const imageRef = config.image.image
    containers.set(
      id,
      new SimulatedContainer({ id, sandboxId: sandbox.id, config, imageRef, logPath, behaviour, clock, ended }),
    )
    tell('created', id)
    return id
  }

  const runtime: RuntimeService = {
    version: async () => ({ runtimeName: 'simulated', runtimeVersion: '1.0.0', runtimeApiVersion: 'v1' }),
    status: async () => ({
      conditions: ['RuntimeReady', 'NetworkReady'].map((type) => ({ type, status: true, reason: '', message: '' })),
      handlers: [],
      supplementalGroupsPolicy: false,
    }),
    async runPodSandbox(config, handler) {
      const ip = config.linux.securityContext.namespaceOptions.network === 'NODE' ? undefined : freeAddress()
      const id = newId()
      sandboxes.set(id, { id, config, handler, createdAt: clock.now(), ip, state: 'SANDBOX_READY' })
      tell('started', id)
      return id
    },
    async stopPodSandbox(id) {
      const sandbox = sandboxes.get(id)
      if (sandbox === undefined) return
      for (const container of inSandbox(id)) container.kill()
      if (sandbox.state === 'SANDBOX_NOTREADY') return
      sandbox.state = 'SANDBOX_NOTREADY'
      tell('stopped', id)
    },
    async removePodSandbox(id, signal) {
      await runtime.stopPodSandbox(id, signal)
      for (const container of inSandbox(id)) remove(container)
      if (sandboxes.delete(id)) tell('deleted', id)
    },
    async podSandboxStatus(id) {
      const sandbox = needSandbox(id)
      const isUp = sandbox.state === 'SANDBOX_READY' && sandbox.ip !== undefined
      return { ...listedSandbox(sandbox), ips: isUp ? [sandbox.ip] : [] }
    },
    async listPodSandboxes({ id, state, labels }: SandboxFilter) {
      return [...sandboxes.values()]
        .filter(
          (each) =>
            (id === undefined || each.id === id) &&
            (state === undefined || each.state === state) &&
            hasLabels(each.config.labels, labels),
        )
        .map(listedSandbox)
    },
    async createContainer({ id }, config) {
      const sandbox = needSandbox(id)
      if (sandbox.state !== 'SANDBOX_READY')
        throw new RuntimeError('Unknown', `sandbox container "${id}" is not running`)
      return create(sandbox, config)
    },
    async startContainer(id) {
      const container = needContainer(id)
      if (container.state !== 'CONTAINER_CREATED')
        throw new RuntimeError('Unknown', `container "${id}" is in ${container.state} state`)
      const { behaviour, logPath } = container.options
      if (behaviour.startError !== undefined) {
        container.fail(behaviour.startError)
        throw new RuntimeError('Unknown', behaviour.startError)
      }
      const time = new Date(clock.now()).toISOString()
      for (const line of behaviour.log ?? []) files.append(logPath, `${time} stdout F ${line}\n`)
      container.start()
      tell('started', id)
    },
    async stopContainer(id, graceSeconds, signal) {
      await containers.get(id)?.stop(graceSeconds, signal)
    },
    async removeContainer(id) {
      const container = containers.get(id)
      if (container !== undefined) remove(container)
    },
    listContainers: async (filter) =>
      [...containers.values()].filter((each) => matches(each, filter)).map((each) => each.listed()),
    containerStatus: async (id) => needContainer(id).status(),
    async updateContainerResources(id) {
      needContainer(id)
    },
    async reopenContainerLog(id) {
      needContainer(id)
    },
    async execSync(id): Promise<ExecResult> {
      const container = needContainer(id)
      if (container.state !== 'CONTAINER_RUNNING') throw new RuntimeError('Unknown', `container "${id}" is not running`)
      const none = new Uint8Array()
      return { stdout: none, stderr: none, exitCode: container.isReady ? 0 : 1 }
    },
    exec: () => Promise.reject(unimplemented('command to attach to')),
    attach: () => Promise.reject(unimplemented('process to attach to')),
    portForward: () => Promise.reject(unimplemented('port to forward to')),
    listContainerStats: async () => [],
    async *events(signal) {
      const queue = channel<RuntimeEvent>(EVENTS, () => listeners.delete(queue), signal)
      listeners.add(queue)
      yield* queue
    },
  }
  return {
    runtime,
    images: simulatedImages(options),
    answers: (ip) => {
      const sandbox = [...sandboxes.values()].find((each) => each.ip === ip && each.state === 'SANDBOX_READY')
      return sandbox !== undefined && inSandbox(sandbox.id).some((container) => container.isReady)
    },
    close: () => {
      for (const container of containers.values()) container.dispose()
    },
  }
}

/** Images that exist by being asked for. */
function simulatedImages({ clock, hasImage = () => true }: SimulatedRuntimeOptions): ImageService {
  const present = new Map<string, Image>()
  const imageOf = (image: string): Image => ({
    id: `sim:${image}`,
    repoTags: [image],
    repoDigests: [],
    size: IMAGE_BYTES,
    pinned: false,
  })
  return {
    listImages: async () => [...present.values()],
    async imageStatus({ image }) {
      if (!present.has(image) && hasImage(image)) present.set(image, imageOf(image))
      return present.get(image)
    },
    async pullImage({ image: { image } }) {
      if (!hasImage(image)) throw new RuntimeError('NotFound', `failed to pull and unpack image "${image}": not found`)
      present.set(image, imageOf(image))
      return `sim:${image}`
    },
    async removeImage({ image }) {
      present.delete(image)
    },
    imageFsInfo: async () => [{ timestamp: clock.now(), mountpoint: '/sim', usedBytes: present.size * IMAGE_BYTES }],
  }
}
