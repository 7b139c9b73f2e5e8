/**
 * Never act on a cache that lacks our own writes. A controller that creates three Pods and looks again before its
 * cache has heard of them would create three more; this remembers, by name and uid, what the cache must show first.
 */

import type { Clock } from '../../base/clock.ts'
import { compareResourceVersions } from '../../meta/resource-version.ts'
import { keyOf, type ReadObject } from './ownership.ts'

/** After this long the cache is believed again: the event was lost, or somebody else undid the write. */
const FORGET_AFTER_MS = 5 * 60_000

/** What is expected of the cache, per owner. Told before the write or around it, so that no event can come too early. */
export class OwnWrites {
  readonly #clock: Clock
  /** Owner key → write → when it was expected. A write is `+ns/name` (a create) or `-uid` (a delete). */
  readonly #pending = new Map<string, Map<string, number>>()
  readonly #ownerOf = new Map<string, string>()
  /** What the cache showed while creates were under way: it may be theirs, whose names only the answers tell. */
  readonly #early = new Set<string>()
  #underWay = 0
  readonly #versions = new Map<string, { readonly object: ReadObject; readonly since: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The cache will show an object of this key (`namespace/name`), or will have shown it. */
  expectCreate(owner: string, key: string): void {
    this.#expect(owner, `+${key}`)
  }

  /**
   * Runs a create whose object gets its name from the server. The cache will show it, or has shown it by the time that
   * the answer is here.
   */
  async creating<T extends ReadObject>(owner: string, create: () => Promise<T>): Promise<T> {
    this.#underWay++
    try {
      const made = await create()
      const key = keyOf(made)
      if (!this.#early.has(key)) this.expectCreate(owner, key)
      return made
    } finally {
      this.#underWay--
      if (this.#underWay === 0) this.#early.clear()
    }
  }

  /** The cache will show the object of this uid as being deleted, or drop it. */
  expectDelete(owner: string, uid: string): void {
    this.#expect(owner, `-${uid}`)
  }

  /** The write did not happen. */
  withdrawCreate(key: string): void {
    this.#settle(`+${key}`)
  }

  withdrawDelete(uid: string): void {
    this.#settle(`-${uid}`)
  }

  /** The cache has an object of this key. */
  sawCreate(key: string): void {
    this.#settle(`+${key}`)
    if (this.#underWay > 0) this.#early.add(key)
  }

  /** The cache has the object as being deleted, or no longer. */
  sawDelete(uid: string): void {
    this.#settle(`-${uid}`)
  }

  /** Whether the cache shows everything this owner's controller wrote. */
  caughtUp(owner: string): boolean {
    const writes = this.#pending.get(owner)
    if (writes === undefined) return true
    for (const [write, since] of writes) {
      if (this.#clock.monotonic() - since >= FORGET_AFTER_MS) this.#settle(write)
    }
    return !this.#pending.has(owner)
  }

  /** The cache will show the owner itself at this version or a later one. */
  expectVersion(owner: string, written: ReadObject): void {
    this.#versions.set(owner, { object: written, since: this.#clock.monotonic() })
  }

  /** Whether this is the owner as it was last written, or a later one. */
  hasVersion(owner: string, cached: ReadObject): boolean {
    const written = this.#versions.get(owner)
    if (written === undefined) return true
    const isOther = written.object.metadata.uid !== cached.metadata.uid
    const isOld = this.#clock.monotonic() - written.since >= FORGET_AFTER_MS
    if (!isOther && !isOld && compareResourceVersions(cached, written.object) < 0) return false
    this.#versions.delete(owner)
    return true
  }

  /** The owner is gone: nothing is expected any more. */
  forget(owner: string): void {
    this.#versions.delete(owner)
    for (const write of this.#pending.get(owner)?.keys() ?? []) this.#ownerOf.delete(write)
    this.#pending.delete(owner)
  }

  #expect(owner: string, write: string): void {
    const writes = this.#pending.get(owner) ?? new Map<string, number>()
    writes.set(write, this.#clock.monotonic())
    this.#pending.set(owner, writes)
    this.#ownerOf.set(write, owner)
  }

  #settle(write: string): void {
    const owner = this.#ownerOf.get(write)
    if (owner === undefined) return
    this.#ownerOf.delete(write)
    const writes = this.#pending.get(owner)
    writes?.delete(write)
    if (writes?.size === 0) this.#pending.delete(owner)
  }
}
