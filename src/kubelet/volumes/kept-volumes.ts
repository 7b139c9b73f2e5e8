/**
 * The volumes of one Pod: made when its first container starts, and kept true to what they are made of for as long as it
 * runs. A kubelet that starts again takes up the volumes of Pods that run already.
 */

import type { Clock } from '../../base/clock.ts'
import type { PodView } from '../pods/pod-view.ts'
import type { MountFailure } from './mount-failure.ts'
import { isWatched, type MadeVolume, makeVolumes, refreshVolumes, type VolumeSources } from './pod-volumes.ts'

const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 122_000
/** Tokens that are never fresh are not asked for more often. */
const MIN_RENEW_MS = 1_000
/** So often it is seen whether what drivers made is as it should be, and whether volumes are to grow. */
const RECHECK_MS = 60_000

export class KeptVolumes {
  readonly #clock: Clock
  /** When something wants renewal that nobody tells of. */
  readonly #renewAt: () => number | undefined
  #made: ReadonlyMap<string, MadeVolume> = new Map()
  #isKept = false
  #retryMs = FIRST_RETRY_MS
  /** On the monotonic clock: keeping them failed, and is tried again then. */
  #again: number | undefined
  /** On the monotonic clock: such volumes are looked at again then. */
  #recheckAt: number | undefined

  constructor(clock: Clock, renewAt: () => number | undefined) {
    this.#clock = clock
    this.#renewAt = renewAt
  }

  /** How many stand. */
  get size(): number {
    return this.#made.size
  }

  /** All that stand, by name. */
  get all(): ReadonlyMap<string, MadeVolume> {
    return this.#made
  }

  get(volume: string): MadeVolume | undefined {
    return this.#made.get(volume)
  }

  /** All that containers use, by name, each made once. Throws `MountFailure`. */
  async make(pod: PodView, sources: VolumeSources): Promise<ReadonlyMap<string, MadeVolume>> {
    // An ephemeral container may bring in a volume that no other container has asked for.
    this.#made = await makeVolumes(pod, this.#made, sources)
    this.#isKept = true
    this.#planRecheck()
    return this.#made
  }

  /** Milliseconds until `keep` is due by itself; `undefined`: when what they are made of changes. */
  get dueIn(): number | undefined {
    if (this.#again !== undefined) return Math.max(0, this.#again - this.#clock.monotonic())
    if (!this.#isKept) return 0
    const renewAt = this.#renewAt()
    const waits = [
      ...(renewAt === undefined ? [] : [renewAt - this.#clock.now()]),
      ...(this.#recheckAt === undefined ? [] : [this.#recheckAt - this.#clock.monotonic()]),
    ]
    return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits))
  }

  #planRecheck(): void {
    const hasWatched = [...this.#made.values()].some(isWatched)
    this.#recheckAt = hasWatched ? this.#clock.monotonic() + RECHECK_MS : undefined
  }

  /** Brings all up to date. What fails is answered, and due again after a while; containers run on with what they have. */
  async keep(pod: PodView, sources: VolumeSources): Promise<readonly MountFailure[]> {
    const outcome = await refreshVolumes(pod, this.#made, sources)
    this.#made = outcome.made
    this.#isKept = true
    this.#planRecheck()
    if (outcome.failures.length === 0) {
      this.#retryMs = FIRST_RETRY_MS
      const renewAt = this.#renewAt()
      const isStale = renewAt !== undefined && renewAt <= this.#clock.now()
      this.#again = isStale ? this.#clock.monotonic() + MIN_RENEW_MS : undefined
    } else {
      this.#again = this.#clock.monotonic() + this.#retryMs
      this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2)
    }
    return outcome.failures
  }

  /** They are gone. */
  forget(): void {
    this.#made = new Map()
    this.#isKept = false
  }
}
