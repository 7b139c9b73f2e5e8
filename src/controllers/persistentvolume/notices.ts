/** When an event about a waiting claim is told again: for every change that others make, and now and then. */

import type { Clock } from '../../base/clock.ts'
import { type ReadObject, uidOf } from '../kit/ownership.ts'

/** Waiting claims are looked at again after so long, and their events repeated. */
export const RESYNC_MS = 15_000

interface Told {
  readonly version: string
  readonly atMs: number
}

/** Volumes and classes that come and go wake every waiting claim; that alone is nothing to tell its owner. */
export class Notices {
  readonly #clock: Clock
  readonly #told = new Map<string, Told>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether to tell now; whoever asks tells. */
  isDue(claim: ReadObject): boolean {
    const told = this.#told.get(uidOf(claim))
    const { resourceVersion: version = '' } = claim.metadata
    const now = this.#clock.now()
    if (told !== undefined && told.version === version && now - told.atMs < RESYNC_MS) return false
    this.#told.set(uidOf(claim), { version, atMs: now })
    return true
  }

  /** Our own write makes a new version, and is no change that others made. */
  wrote(claim: ReadObject): void {
    const told = this.#told.get(uidOf(claim))
    const { resourceVersion: version } = claim.metadata
    if (told !== undefined && version !== undefined) this.#told.set(uidOf(claim), { ...told, version })
  }

  forget(claim: ReadObject): void {
    this.#told.delete(uidOf(claim))
  }
}
