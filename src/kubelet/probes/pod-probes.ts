/**
 * The probes of one Pod's containers. Each runs by itself while its container runs; what they found is asked here, and
 * `changed` is called when a verdict turns
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes).
 */

import type { Probe } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { ProbeResult } from '../metrics/kubelet-metrics.ts'
import { type HandlerAnswer, type HandlerDeps, type HandlerTarget, runProbe } from '../pods/container/handlers.ts'
import type { KindedContainer } from '../pods/pod-view.ts'
import { countResult, initialState, type ProbeKind, type ProbeState, type Verdict } from './threshold.ts'

export interface ProbeDeps extends HandlerDeps {
  /** Starts what runs beside the Pod's worker, and ends with it. */
  readonly start: (task: (signal: AbortSignal) => Promise<void>) => void
  readonly changed: () => void
  /** Told of what people should know, as an event of this reason. */
  readonly tell: (container: KindedContainer, reason: 'Unhealthy' | 'ProbeWarning', message: string) => void
  /** Told of every probe that was run. */
  readonly probed: (container: KindedContainer, result: ProbeResult) => void
}

/** What was known of a container before this kubelet started. */
export interface KnownBefore {
  readonly started: boolean
  readonly ready: boolean
}

interface Probed {
  readonly states: Map<ProbeKind, ProbeState>
  readonly stop: AbortController
  /** Aborts when the container is being stopped: whether it is well no longer matters, whether it is ready does. */
  readonly stopping: AbortController
  /** Aborts when the startup probe has succeeded, for which the others wait. */
  readonly started: AbortController
}

const TITLES: Readonly<Record<ProbeKind, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }

export class PodProbes {
  readonly #deps: ProbeDeps
  readonly #containers = new Map<string, Probed>()

  constructor(deps: ProbeDeps) {
    this.#deps = deps
  }

  has(containerId: string): boolean {
    return this.#containers.has(containerId)
  }

  /** The container runs, since `startedAt`; its probes begin. */
  begin(
    container: KindedContainer,
    target: Omit<HandlerTarget, 'container'>,
    facts: { readonly startedAt: number; readonly before?: KnownBefore | undefined },
  ): void {
    if (this.#containers.has(target.containerId)) return
    const probed: Probed = {
      states: new Map(),
      stop: new AbortController(),
      stopping: new AbortController(),
      started: new AbortController(),
    }
    this.#containers.set(target.containerId, probed)
    const { startupProbe, livenessProbe, readinessProbe } = container.spec
    const probes = { startup: startupProbe, liveness: livenessProbe, readiness: readinessProbe }
    for (const kind of ['startup', 'liveness', 'readiness'] as const) {
      const probe = probes[kind]
      if (probe === undefined) continue
      probed.states.set(kind, stateBefore(kind, facts.before))
      const started = kind === 'startup' ? undefined : () => this.isStarted(target.containerId)
      const run = {
        kind,
        probe,
        container,
        target: { ...target, container: container.spec },
        startedAt: facts.startedAt,
      }
      const over = kind === 'readiness' ? [probed.stop.signal] : [probed.stop.signal, probed.stopping.signal]
      this.#deps.start((signal) => this.#loop(run, probed, started, AbortSignal.any([signal, ...over])))
    }
  }

  /** The container is being stopped: only its readiness is probed on, for as long as it serves. */
  stopping(containerId: string): void {
    this.#containers.get(containerId)?.stopping.abort()
  }

  /** The container has ended; so do its probes. */
  end(containerId: string): void {
    this.#containers.get(containerId)?.stop.abort()
    this.#containers.delete(containerId)
  }

  /** Ends the probes of all containers but these. */
  keep(running: ReadonlySet<string>): void {
    for (const id of this.#containers.keys()) if (!running.has(id)) this.end(id)
  }

  isStarted(containerId: string): boolean {
    return this.#containers.has(containerId) && this.#verdict(containerId, 'startup', 'success') === 'success'
  }

  isReady(containerId: string): boolean {
    return this.#verdict(containerId, 'readiness', 'success') === 'success'
  }

  failed(containerId: string): 'liveness' | 'startup' | undefined {
    if (this.#verdict(containerId, 'liveness', 'success') === 'failure') return 'liveness'
    return this.#verdict(containerId, 'startup', 'success') === 'failure' ? 'startup' : undefined
  }

  #verdict(containerId: string, kind: ProbeKind, otherwise: Verdict): Verdict {
    return this.#containers.get(containerId)?.states.get(kind)?.verdict ?? otherwise
  }

  async #loop(run: ProbeRun, probed: Probed, started: (() => boolean) | undefined, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps
    const { initialDelaySeconds = 0, periodSeconds = 10 } = run.probe
    try {
      const delay = initialDelaySeconds * 1000
      // A clock that was set back since the start does not make it wait longer.
      await clock.sleep(Math.min(delay, Math.max(0, run.startedAt + delay - clock.now())), signal)
      for (;;) {
        if (started === undefined || started()) {
          const state = await this.#once(run, probed, signal)
          // A container that is given up is restarted; one that has started needs no startup probe any more.
          if (run.kind !== 'readiness' && state.verdict === 'failure') return
          if (run.kind === 'startup' && state.verdict === 'success') return
        }
        const isWaiting = started !== undefined && !started()
        const either = isWaiting ? AbortSignal.any([signal, probed.started.signal]) : signal
        await clock.sleep(periodSeconds * 1000, either).catch(() => signal.throwIfAborted())
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #once(run: ProbeRun, probed: Probed, signal: AbortSignal): Promise<ProbeState> {
    const old = probed.states.get(run.kind) ?? initialState(run.kind)
    const { clock } = this.#deps
    const from = clock.monotonic()
    const answer: HandlerAnswer = await runProbe(run.probe, run.target, this.#deps, signal)
    const seconds = (clock.monotonic() - from) / 1000
    this.#deps.probed(run.container, { kind: run.kind, outcome: answer.outcome, seconds })
    const { container } = run
    const { tell } = this.#deps
    const title = TITLES[run.kind]
    if (answer.outcome === 'unknown') {
      tell(container, 'Unhealthy', `${title} probe errored and resulted in unknown state: ${answer.output}`)
      return old
    }
    if (answer.outcome === 'failure') tell(container, 'Unhealthy', `${title} probe failed: ${answer.output}`)
    else if (answer.isWarning === true) tell(container, 'ProbeWarning', `${title} probe warning: ${answer.output}`)
    const state = countResult(old, answer.outcome, run.probe)
    probed.states.set(run.kind, state)
    if (run.kind === 'startup' && state.verdict === 'success') probed.started.abort()
    if (state.verdict !== old.verdict) this.#deps.changed()
    return state
  }
}

interface ProbeRun {
  readonly kind: ProbeKind
  readonly probe: DeepReadonly<Probe>
  readonly container: KindedContainer
  readonly target: HandlerTarget
  readonly startedAt: number
}

/** A kubelet that restarts does not take ready containers out of service until it has probed them again. */
function stateBefore(kind: ProbeKind, before: KnownBefore | undefined): ProbeState {
  const state = initialState(kind)
  const good = (kind === 'startup' && before?.started === true) || (kind === 'readiness' && before?.ready === true)
  return good ? { ...state, verdict: 'success' } : state
}
