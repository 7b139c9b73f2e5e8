/** What the simulated runtime keeps of sandboxes and containers, and how it shows them. */

import type {
  Container,
  ContainerConfig,
  ContainerState,
  ContainerStats,
  ContainerStatus,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxState,
  RuntimeEvent,
} from '../runtime.ts'
import type { Behaviour } from './behaviour.ts'

/** Where images and containers of a simulated node are said to lie. */
export const SIMULATED_DISK = '/var/lib/simulated'

export interface SandboxRecord {
  readonly id: string
  readonly config: PodSandboxConfig
  readonly createdAt: number
  readonly handler: string
  readonly containers: Set<ContainerRecord>
  state: PodSandboxState
  /** Empty in the node's network, and after the sandbox stopped. */
  ips: readonly string[]
}

export interface ContainerRecord {
  readonly id: string
  readonly sandbox: SandboxRecord
  readonly config: ContainerConfig
  readonly behaviour: Behaviour
  readonly image: string
  readonly imageRef: string
  readonly createdAt: number
  state: ContainerState
  startedAt: number
  /** The same on the clock that nobody sets. */
  began: number
  finishedAt: number
  exitCode: number
  reason: string
  /** Cancels its end by itself, and what was begun to stop it. */
  cancels: (() => void)[]
  /** Called once when it ends. */
  onExit: (() => void)[]
  isStopping: boolean
  resources: ContainerConfig['linux']['resources']
}

/** What happened to a sandbox, or to a container in it. */
export const eventOf = (type: RuntimeEvent['type'], containerId: string, { config }: SandboxRecord): RuntimeEvent => ({
  type,
  containerId,
  podUid: config.metadata.uid,
})

export const shownSandbox = ({ id, config, createdAt, state, handler }: SandboxRecord): PodSandbox => ({
  id,
  metadata: config.metadata,
  state,
  createdAt,
  labels: config.labels,
  annotations: config.annotations,
  runtimeHandler: handler,
})

const shared = ({ id, config, image, imageRef, state, createdAt }: ContainerRecord) => ({
  id,
  metadata: config.metadata,
  image: { image },
  imageRef,
  state,
  createdAt,
  labels: config.labels,
  annotations: config.annotations,
})

export const shownContainer = (record: ContainerRecord): Container => ({
  ...shared(record),
  podSandboxId: record.sandbox.id,
})

export const shownStatus = (record: ContainerRecord): ContainerStatus => ({
  ...shared(record),
  startedAt: record.startedAt,
  finishedAt: record.finishedAt,
  exitCode: record.exitCode,
  reason: record.reason,
  message: '',
  mounts: record.config.mounts,
  logPath: logPathOf(record),
  resources: record.resources,
})

export const logPathOf = ({ sandbox, config }: ContainerRecord): string =>
  config.logPath === '' ? '' : `${sandbox.config.logDirectory}/${config.logPath}`

export function shownStats(record: ContainerRecord, now: number): ContainerStats {
  const { id, config, behaviour, startedAt } = record
  const { usage } = behaviour
  return {
    id,
    name: config.metadata.name,
    labels: config.labels,
    ...(usage !== undefined && {
      cpu: {
        timestamp: now,
        usageNanoCores: usage.nanoCores,
        usageCoreNanoSeconds: Math.round((usage.nanoCores * (now - startedAt)) / 1000),
      },
      memory: { timestamp: now, workingSetBytes: usage.memoryBytes, usageBytes: usage.memoryBytes },
      writableLayer: { timestamp: now, mountpoint: SIMULATED_DISK, usedBytes: usage.diskBytes ?? 0, inodesUsed: 1 },
    }),
  }
}

export const hasLabels = (
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>> | undefined,
): boolean => Object.entries(wanted ?? {}).every(([key, value]) => labels[key] === value)
