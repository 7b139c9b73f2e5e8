/**
 * How simulated containers behave. Nothing runs; a scenario says how long a container lives, how it ends, what it logs
 * and when it answers. The default reads it from the Pod's annotations, and otherwise runs for ever.
 */

import type { ContainerConfig, PodSandboxConfig } from '../runtime.ts'

/** One container's life. */
export interface Behaviour {
  /** Milliseconds until it ends by itself; absent: it runs until it is stopped. */
  readonly runMs?: number
  /** With which code it ends by itself. */
  readonly exitCode?: number
  /** Written to its log as it starts. */
  readonly log?: readonly string[]
  /** Milliseconds until probes and commands succeed. */
  readonly readyMs?: number
  /** Milliseconds from the stop signal to its end; longer than the grace period: it is killed. */
  readonly stopMs?: number
  /** The runtime cannot start it, and says so. */
  readonly startError?: string
}

export type Scenario = (container: ContainerConfig, sandbox: PodSandboxConfig) => Behaviour

const PREFIX = 'gorae.dev/sim-'

/**
 * Reads `gorae.dev/sim-run-ms`, `-exit-code`, `-log` (lines), `-ready-ms`, `-stop-ms`, `-start-error`; a name after a
 * dot is for that container alone, as in `gorae.dev/sim-exit-code.worker`.
 */
export const annotatedScenario: Scenario = (container, sandbox) => {
  const say = (what: string): string | undefined =>
    sandbox.annotations[`${PREFIX}${what}.${container.metadata.name}`] ?? sandbox.annotations[`${PREFIX}${what}`]
  const count = (what: string): number | undefined => {
    const value = Number(say(what) ?? Number.NaN)
    return Number.isFinite(value) && value >= 0 ? value : undefined
  }
  const present = <K extends keyof Behaviour>(key: K, value: Behaviour[K] | undefined) =>
    value === undefined ? {} : { [key]: value }
  return {
    ...present('runMs', count('run-ms')),
    ...present('exitCode', count('exit-code')),
    ...present('readyMs', count('ready-ms')),
    ...present('stopMs', count('stop-ms')),
    ...present('startError', say('start-error')),
    ...present('log', say('log')?.split('\n')),
  }
}
