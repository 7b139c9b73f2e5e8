/** Whether a Pod that is new on this node may run here, which is decided in steps. */

import type { PodDeps } from './pod-deps.ts'
import type { PodView } from './pod-view.ts'
import type { PodFailure, PodWork } from './work.ts'

/** How often a Pod looks whether those are gone that make room for it. */
const ROOM_MS = 200

export class PodAdmission {
  readonly #deps: PodDeps
  /** Pods that make room for this one. */
  #waitsFor: readonly { readonly phase: PodWork['phase'] }[] = []
  #lacksDevices = false

  constructor(deps: PodDeps) {
    this.#deps = deps
  }

  /** Asked first, and once. The answer is why the Pod is refused. A Pod that has begun here stays. */
  begin(pod: PodView): PodFailure | undefined {
    if (pod.status?.startTime !== undefined || pod.metadata.deletionTimestamp !== undefined) return undefined
    const verdict = this.#deps.admission(pod)
    if ('refused' in verdict) return verdict.refused
    this.#waitsFor = verdict.waitsFor
    this.#lacksDevices = true
    return undefined
  }

  /** Gives it its devices when there is room: why it is refused, or in how many milliseconds to ask again. */
  async settle(pod: PodView, signal: AbortSignal): Promise<PodFailure | number | undefined> {
    if (this.#waitsFor.some(({ phase }) => phase !== 'terminated')) return ROOM_MS
    this.#waitsFor = []
    const refused = this.#lacksDevices ? await this.#deps.devices?.admit(pod, signal) : undefined
    this.#lacksDevices = false
    return refused
  }
}
