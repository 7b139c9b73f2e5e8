/** Stops the containers of one Pod, and remembers which were stopped to be started again. */

import type { PodProbes } from '../probes/pod-probes.ts'
import { mayRun, type ObservedContainer, type ObservedPod, previousOf } from './observed.ts'
import type { PodAction } from './plan.ts'
import type { PodDeps } from './pod-deps.ts'
import { containersOf, gracePeriodOf, type KindedContainer, policyOf, type PodView } from './pod-view.ts'
import { stopContainer, stopText } from './container/stop-container.ts'

/** The Pod, and where its hooks find it. */
export interface StoppedPod {
  readonly pod: PodView
  readonly podIp: string
}

interface Stop {
  readonly container: KindedContainer | undefined
  readonly observed: ObservedContainer
  readonly grace: number
  readonly message: string
  readonly turn?: Promise<unknown>
}

export class PodStops {
  readonly #deps: PodDeps
  readonly #probes: Pick<PodProbes, 'stopping'>
  readonly #begun = new Set<string>()
  readonly #again = new Set<string>()

  constructor(deps: PodDeps, probes: Pick<PodProbes, 'stopping'>) {
    this.#deps = deps
    this.#probes = probes
  }

  /** Its stop has begun; it may run for a while yet. */
  hasBegun(id: string): boolean {
    return this.#begun.has(id)
  }

  /** It was stopped in order to be started again, whatever it ends with. */
  isToRestart(id: string): boolean {
    return this.#again.has(id)
  }

  /** The end that a container's next start is waited after; one that it was given by us to start anew is not. */
  exitOf(observed: ObservedPod, last: ObservedContainer): ObservedContainer | undefined {
    return this.isToRestart(last.id) ? previousOf(observed, last.name) : last
  }

  /** Forgets all containers but these. */
  keep(present: ReadonlySet<string>): void {
    for (const id of this.#begun) if (!present.has(id)) this.#begun.delete(id)
    for (const id of this.#again) if (!present.has(id)) this.#again.delete(id)
  }

  /** Stops what the plan found wrong. `endsPod`: nothing of the Pod runs on, or will be started. */
  async replace(
    { pod, podIp }: StoppedPod,
    { container, observed, why, endsPod }: Extract<PodAction, { do: 'stop-container' }> & { readonly endsPod: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { name, livenessProbe, startupProbe } = container.spec
    const probe = why === 'liveness' ? livenessProbe : why === 'startup' ? startupProbe : undefined
    const grace = probe?.terminationGracePeriodSeconds ?? gracePeriodOf(pod)
    const again = why === 'changed' || why === 'resize' || policyOf(pod, container.spec) !== 'Never'
    // Whether one that was lost is started again, its end tells.
    if (again && why !== 'unknown') this.#again.add(observed.id)
    const message = endsPod && !again ? stopText({ name }) : stopText({ name, kind: container.kind, why, again })
    await this.#stop({ pod, podIp }, { container, observed, grace, message }, signal)
  }

  /** Ends and removes containers, one after the other; their logs stay. */
  async takeAway(
    { pod, podIp }: StoppedPod,
    containers: readonly ObservedContainer[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const observed of containers) {
      const container = containersOf(pod).find(({ spec }) => spec.name === observed.name)
      const stop = { container, observed, grace: 0, message: 'killing' }
      if (mayRun(observed)) await this.#stop({ pod, podIp }, stop, signal)
      await this.#deps.runtime.removeContainer(observed.id, signal)
    }
  }

  /**
   * Stops everything. All preStop hooks run at once; sidecars serve the others to their end, and stop in the reverse of
   * the order in which they started.
   */
  async all(
    { pod, podIp }: StoppedPod,
    running: readonly ObservedContainer[],
    grace: number,
    signal: AbortSignal,
  ): Promise<void> {
    const order = containersOf(pod).map(({ spec }) => spec.name)
    const known = new Map(containersOf(pod).map((container) => [container.spec.name, container]))
    const isLate = ({ name }: ObservedContainer) => known.get(name)?.kind === 'sidecar'
    const late = running.filter(isLate).toSorted((a, b) => order.indexOf(b.name) - order.indexOf(a.name))
    const stops: Promise<void>[] = []
    for (const observed of [...running.filter((one) => !isLate(one)), ...late]) {
      const stop = {
        container: known.get(observed.name),
        observed,
        grace,
        message: stopText(observed),
        ...(isLate(observed) && { turn: Promise.all(stops) }),
      }
      stop.turn?.catch(() => {}) // told by the stops themselves
      stops.push(this.#stop({ pod, podIp }, stop, signal))
    }
    await Promise.all(stops)
  }

  /** Stops a sandbox. What runs in it is asked to end before: the runtime would kill it. */
  async sandbox(stopped: StoppedPod, id: string, { containers }: ObservedPod, signal: AbortSignal): Promise<void> {
    const left = containers.filter((one) => mayRun(one) && one.sandboxId === id)
    await this.all(stopped, left, gracePeriodOf(stopped.pod), signal)
    await this.#deps.runtime.stopPodSandbox(id, signal)
  }

  async #stop({ pod, podIp }: StoppedPod, stop: Stop, signal: AbortSignal): Promise<void> {
    this.#probes.stopping(stop.observed.id)
    const { grace: graceSeconds, ...rest } = stop
    await stopContainer({ ...rest, pod, graceSeconds, podIp, begun: this.#begun }, this.#deps, signal)
  }
}
