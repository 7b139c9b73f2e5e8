/**
 * What simulated containers do. Nothing runs in them: a function decides, when a container is created, how long it
 * runs, what it writes, how it ends and what it answers.
 *
 * Where nobody decides, Pods may say so themselves, with annotations:
 *   `gorae.dev/sim-run-seconds`  how long their containers run; absent: until they are stopped, or, with an exit code
 *                                stated and for init containers, not at all: they end at once
 *   `gorae.dev/sim-exit-code`    what they end with, 0 to 255; 0 unless told otherwise
 *   `gorae.dev/sim-log`          what they write to standard output as they start, line by line
 *   `gorae.dev/sim-ready-seconds`  how long their probes fail after they started
 *   `gorae.dev/sim-stop-seconds`   how long they take to end when asked to; longer than their grace: they are killed
 *   `gorae.dev/sim-start-error`    they cannot be started, and this is why
 * Each may carry `.NAME` at its end and then means the container of that name alone.
 */

import type { ProbeAnswer } from '../../host/host.ts'
import { CONTAINER_KIND } from '../../pods/container/identity.ts'
import { type ContainerConfig, type PodSandboxConfig, RuntimeError } from '../runtime.ts'

/** A container about to exist. */
export interface SimulatedContainer {
  readonly config: ContainerConfig
  readonly sandbox: PodSandboxConfig
  /** The image by the name it was pulled by. */
  readonly image: string
}

/** What a command in a container came to. */
export interface SimulatedExec {
  readonly exitCode: number
  readonly stdout?: string
  readonly stderr?: string
  /** How long the command takes. */
  readonly takesMs?: number
}

/** A probe over the network, as it reaches the Pod. */
export type SimulatedRequest =
  | { readonly kind: 'http'; readonly port: number; readonly path: string }
  | { readonly kind: 'tcp'; readonly port: number }
  | { readonly kind: 'grpc'; readonly port: number; readonly service: string }

export interface Behaviour {
  /** How long it runs by itself; absent: until it is stopped. */
  readonly runMs?: number
  /** What it ends with by itself; 0 unless told otherwise. */
  readonly exitCode?: number
  /** Why, e.g. `OOMKilled`; absent: `Completed` or `Error`. */
  readonly reason?: string
  /** Why it cannot be started. */
  readonly startError?: string
  /** How long after its start probes and commands fail; no time unless told otherwise. */
  readonly readyMs?: number
  /** Lines it writes to standard output as it starts. */
  readonly log?: readonly string[]
  /** Files it writes as it ends, by their paths in the container. Only what is mounted from the node is kept. */
  readonly files?: Readonly<Record<string, string>>
  /** How it ends when asked to; `afterMs` infinite: not at all, so that it is killed. At once and with 0 unless told otherwise. */
  readonly onStop?: { readonly afterMs: number; readonly exitCode: number }
  /** What commands in it come to; success and no output unless told otherwise. */
  readonly exec?: (command: readonly string[]) => SimulatedExec
  /** What it answers to probes over the network; success unless told otherwise. */
  readonly answer?: (request: SimulatedRequest) => ProbeAnswer
  /** What it uses while it runs; absent: not known. */
  readonly usage?: SimulatedContainerUsage
}

export interface SimulatedContainerUsage {
  readonly nanoCores: number
  readonly memoryBytes: number
  /** What it has written to the node's disk, beside volumes and logs. */
  readonly diskBytes?: number
  /** One unless told otherwise. */
  readonly processes?: number
}

/** What several containers use together, and the CPU time that those which run have used since they started. */
export interface SimulatedTotal {
  readonly cpuNanos: number
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly processes: number
}

/** Decides what a container does. Called once for each, when it is created. May refuse by throwing. */
export type BehaviourOf = (container: SimulatedContainer) => Behaviour

const MAX_EXIT_CODE = 255
const RUN_SECONDS = 'gorae.dev/sim-run-seconds'
const EXIT_CODE = 'gorae.dev/sim-exit-code'
const LOG = 'gorae.dev/sim-log'
const READY_SECONDS = 'gorae.dev/sim-ready-seconds'
const STOP_SECONDS = 'gorae.dev/sim-stop-seconds'
const START_ERROR = 'gorae.dev/sim-start-error'

/** What the Pod's annotations say; without any, containers run until they are stopped, and init containers succeed. */
export const annotatedBehaviour: BehaviourOf = ({ config, sandbox }) => {
  const said = (key: string) => sandbox.annotations[`${key}.${config.metadata.name}`] ?? sandbox.annotations[key]
  const number = (key: string, most: number): number | undefined => {
    const text = said(key)
    if (text === undefined) return undefined
    const value = Number(text)
    if (text.trim() === '' || !(value >= 0) || value > most)
      throw new RuntimeError('InvalidArgument', `annotation ${key}: ${JSON.stringify(text)} is not from 0 to ${most}`)
    return value
  }
  const exitCode = number(EXIT_CODE, MAX_EXIT_CODE)
  const runSeconds = number(RUN_SECONDS, Number.MAX_SAFE_INTEGER)
  if (exitCode !== undefined && !Number.isInteger(exitCode))
    throw new RuntimeError('InvalidArgument', `annotation ${EXIT_CODE}: ${exitCode} is not a whole number`)
  const endsAtOnce = exitCode !== undefined || config.annotations[CONTAINER_KIND] === 'init'
  const runMs = runSeconds === undefined ? (endsAtOnce ? 0 : undefined) : runSeconds * 1000
  const readySeconds = number(READY_SECONDS, Number.MAX_SAFE_INTEGER)
  const stopSeconds = number(STOP_SECONDS, Number.MAX_SAFE_INTEGER)
  const startError = said(START_ERROR)
  const log = said(LOG)
  return {
    ...(startError !== undefined && { startError }),
    ...(readySeconds !== undefined && { readyMs: readySeconds * 1000 }),
    ...(stopSeconds !== undefined && { onStop: { afterMs: stopSeconds * 1000, exitCode: 0 } }),
    ...(exitCode !== undefined && { exitCode }),
    ...(runMs !== undefined && { runMs }),
    ...(log !== undefined && { log: log.replace(/\n$/, '').split('\n') }),
  }
}
