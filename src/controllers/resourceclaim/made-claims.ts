/** Claims that were made and that the cache may not show yet: none is made twice. */

import { uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { isFor, type ReadClaim } from './claims.ts'

export class MadeClaims {
  /** By uid. */
  readonly #made = new Map<string, ReadClaim>()
  /** The uids of Pods for which a create failed: its answer may have been lost, and the claim be there. */
  readonly #unsure = new Set<string>()

  /** Made, and not in the cache. */
  get all(): Iterable<ReadClaim> {
    return this.#made.values()
  }

  add(claim: ReadClaim): void {
    this.#made.set(uidOf(claim), claim)
  }

  /** The cache has heard of the claim. */
  saw(claim: ReadClaim): void {
    this.#made.delete(uidOf(claim))
  }

  /** A create for the Pod failed: from now on only the server knows which claims it has. */
  doubt(pod: ReadPod): void {
    this.#unsure.add(uidOf(pod))
  }

  isUnsureOf(pod: ReadPod): boolean {
    return this.#unsure.has(uidOf(pod))
  }

  /** The Pod is gone. */
  forget(pod: ReadPod): void {
    for (const [uid, claim] of this.#made) if (isFor(claim, pod)) this.#made.delete(uid)
    this.#unsure.delete(uidOf(pod))
  }
}
