/**
 * Which volumes of CSI drivers this node has, and who uses them: Pods that want them, and the node itself for as long as
 * a volume is staged. Taken up from the notes on the disk when a kubelet starts.
 */

import { Wakeup } from '../../../base/async/wakeup.ts'
import type { Clock } from '../../../base/clock.ts'
import type { CsiFiles, HeldVolume } from '../../host/csi-files.ts'
import { volumeKey } from './csi-volume.ts'

interface Holding {
  readonly volume: HeldVolume
  /** Pods' uids. */
  readonly users: Set<string>
  /** Whether the driver may have staged it. */
  isStaged: boolean
  /** Whether it has been since this kubelet started. */
  isReady: boolean
}

export class HeldVolumes {
  readonly #holdings = new Map<string, Holding>()
  readonly #changes: Wakeup

  constructor(clock: Clock) {
    this.#changes = new Wakeup(clock)
  }

  /** Those that an earlier kubelet has left. */
  async load(files: CsiFiles): Promise<void> {
    for (const volume of await files.staged()) this.#holding(volume).isStaged = true
    for (const volume of await files.published()) if (!volume.isInline) this.#holding(volume).users.add(volume.uid)
    this.#changes.wake()
  }

  /** The Pod wants the volume. */
  want(volume: HeldVolume, uid: string): void {
    this.#holding(volume).users.add(uid)
    this.#changes.wake()
  }

  /** The Pod wants none any more. The answer is what nobody wants now. */
  leave(uid: string): readonly HeldVolume[] {
    const left: HeldVolume[] = []
    for (const { volume, users } of this.#holdings.values()) {
      if (users.delete(uid) && users.size === 0) left.push(volume)
    }
    return left
  }

  /** What nobody wants. */
  get unused(): readonly HeldVolume[] {
    return [...this.#holdings.values()].filter(({ users }) => users.size === 0).map(({ volume }) => volume)
  }

  isUsed(volume: HeldVolume): boolean {
    return (this.#holdings.get(volumeKey(volume))?.users.size ?? 0) > 0
  }

  /** Whether the driver has staged the volume for this kubelet. */
  isReady(volume: HeldVolume): boolean {
    return this.#holdings.get(volumeKey(volume))?.isReady === true
  }

  /** Whether the driver may have staged it, for this kubelet or one before. */
  isStaged(volume: HeldVolume): boolean {
    return this.#holdings.get(volumeKey(volume))?.isStaged === true
  }

  /** `begun`: the driver is being asked, and may do it whatever it answers. */
  staged(volume: HeldVolume, how: 'begun' | 'done'): void {
    const holding = this.#holding(volume)
    holding.isStaged = true
    holding.isReady = how === 'done'
  }

  unstaged(volume: HeldVolume): void {
    const holding = this.#holding(volume)
    holding.isStaged = false
    holding.isReady = false
  }

  /** The node has it no more. */
  forget(volume: HeldVolume): void {
    this.#holdings.delete(volumeKey(volume))
    this.#changes.wake()
  }

  /** All of them. */
  get all(): readonly HeldVolume[] {
    return [...this.#holdings.values()].map(({ volume }) => volume)
  }

  /** Settles when there are others than before, at the latest `ms` from now. */
  changed(ms: number, signal: AbortSignal): Promise<void> {
    return this.#changes.wait(ms, signal)
  }

  #holding(volume: HeldVolume): Holding {
    const key = volumeKey(volume)
    let holding = this.#holdings.get(key)
    if (holding === undefined) {
      holding = { volume, users: new Set(), isStaged: false, isReady: false }
      this.#holdings.set(key, holding)
    }
    return holding
  }
}
