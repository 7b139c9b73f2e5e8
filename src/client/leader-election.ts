/**
 * One of several: runs something in the one process that holds a Lease, and stops it before another can hold it
 * (https://kubernetes.io/docs/concepts/architecture/leases/#leader-election).
 */

import type { Lease, LeaseSpec } from '../api/generated/coordination-v1.ts'
import { withGroup } from '../base/async/group.ts'
import { type Clock, toMicroTime } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { hasReason } from '../meta/errors.ts'
import type { Client } from './client.ts'
import { LEASES } from './resources.ts'

export interface ElectionDeps {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface ElectionOptions {
  readonly namespace: string
  readonly name: string
  /** Tells this process from the others. */
  readonly identity: string
  /** Others wait so long after the last renewal they saw; 15 s. */
  readonly leaseMs?: number
  /** A leader that could not renew for so long gives up; less than `leaseMs`; 10 s. */
  readonly renewDeadlineMs?: number
  /** Between tries to acquire and between renewals; 2 s. */
  readonly retryMs?: number
  /** Called with what this process does, and the Lease as it is then: `became leader` and `stopped leading`. */
  readonly tell?: (lease: DeepReadonly<Lease>, what: string) => void
}

/** How much longer than `retryMs` followers wait at most, so that they do not all try at once. */
const JITTER = 1.2

/** Thrown into what was led when the lease is lost. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost'
  constructor(lease: string) {
    super(`the lease ${lease} could not be renewed in time`)
  }
}

/**
 * Runs `lead` whenever this process holds the lease, again after each loss, until `signal` aborts; then gives the
 * lease back and throws the signal's reason. A failure of `lead` itself is thrown at once.
 */
export async function leadInTurn(
  deps: ElectionDeps,
  options: ElectionOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<never> {
  const election = new Election(deps, options)
  for (;;) {
    await election.acquire(signal)
    try {
      await withGroup(async (group) => {
        group.start((inner) => election.keep(inner))
        await lead(group.signal)
      }, signal)
      signal.throwIfAborted()
    } catch (error) {
      if (!(error instanceof LeadershipLost)) throw error
      deps.log.warn('leadership lost', { lease: options.name, identity: options.identity })
    } finally {
      await election.release()
    }
  }
}

class Election {
  readonly #deps: ElectionDeps
  readonly #at: { readonly namespace: string; readonly name: string }
  readonly #identity: string
  readonly #leaseMs: number
  readonly #renewDeadlineMs: number
  readonly #retryMs: number
  readonly #tell: NonNullable<ElectionOptions['tell']>
  /** The holder's last renewal that was seen, and when: other clocks are not trusted. */
  #seen: { readonly renewTime: string | undefined; readonly holder: string; readonly atMs: number } | undefined
  #held: DeepReadonly<Lease> | undefined
  /** The Lease as this process wrote it last. */
  #written: DeepReadonly<Lease> | undefined

  constructor(deps: ElectionDeps, options: ElectionOptions) {
    const { namespace, name, identity, leaseMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2_000 } = options
    this.#deps = deps
    this.#at = { namespace, name }
    this.#identity = identity
    this.#leaseMs = leaseMs
    this.#renewDeadlineMs = renewDeadlineMs
    this.#retryMs = retryMs
    this.#tell = options.tell ?? (() => {})
  }

  async acquire(signal: AbortSignal): Promise<void> {
    const { clock, log, random } = this.#deps
    for (;;) {
      signal.throwIfAborted()
      try {
        this.#held = await this.#tryAcquire(signal)
        if (this.#held !== undefined) return this.#lead(this.#held)
      } catch (error) {
        signal.throwIfAborted()
        const isRace = hasReason(error, 'Conflict') || hasReason(error, 'AlreadyExists')
        if (!isRace) log.warn('cannot acquire the lease', { lease: this.#at.name, error })
      }
      await clock.sleep(this.#retryMs * (1 + JITTER * random.next()), signal)
    }
  }

  #lead(lease: DeepReadonly<Lease>): void {
    this.#written = lease
    this.#tell(lease, 'became leader')
  }

  /** Renews until that fails for too long, then throws `LeadershipLost`. */
  async keep(signal: AbortSignal): Promise<never> {
    const { client, clock, log } = this.#deps
    let renewedMs = clock.monotonic()
    for (;;) {
      await clock.sleep(this.#retryMs, signal)
      const held = this.#held
      if (held === undefined) throw new LeadershipLost(this.#at.name)
      try {
        this.#held = await client.update(
          LEASES,
          { ...held, spec: { ...held.spec, renewTime: this.#now() } },
          {},
          signal,
        )
        this.#written = this.#held
        renewedMs = clock.monotonic()
      } catch (error) {
        signal.throwIfAborted()
        if (hasReason(error, 'Conflict')) await this.#reread(signal)
        else log.warn('cannot renew the lease', { lease: this.#at.name, error })
      }
      if (clock.monotonic() - renewedMs >= this.#renewDeadlineMs) throw new LeadershipLost(this.#at.name)
    }
  }

  /** Gives the lease back, where it is still held, so that nobody has to wait for it to run out. */
  async release(): Promise<void> {
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) await this.#giveBack(held)
    if (this.#written !== undefined) this.#tell(this.#written, 'stopped leading')
  }

  async #giveBack(held: DeepReadonly<Lease>): Promise<void> {
    const now = this.#now()
    const spec = { ...held.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now }
    try {
      this.#written = await this.#deps.client.update(LEASES, { ...held, spec })
    } catch (error) {
      this.#deps.log.debug('lease not given back', { lease: this.#at.name, error })
    }
  }

  async #tryAcquire(signal: AbortSignal): Promise<DeepReadonly<Lease> | undefined> {
    const { client } = this.#deps
    const current = await client.get(LEASES, this.#at, signal).catch((error: unknown) => {
      if (hasReason(error, 'NotFound')) return undefined
      throw error
    })
    const mine: LeaseSpec = {
      holderIdentity: this.#identity,
      leaseDurationSeconds: Math.ceil(this.#leaseMs / 1_000),
      acquireTime: this.#now(),
      renewTime: this.#now(),
    }
    if (current === undefined) {
      return client.create(LEASES, { metadata: { ...this.#at }, spec: { ...mine, leaseTransitions: 0 } }, {}, signal)
    }
    if (!this.#isFree(current)) return undefined
    const transitions = current.spec?.leaseTransitions ?? 0
    const isMine = current.spec?.holderIdentity === this.#identity
    const spec = {
      ...current.spec,
      ...mine,
      // Who comes back while its lease still runs has held it all the time.
      ...(isMine ? { acquireTime: current.spec?.acquireTime ?? mine.acquireTime } : {}),
      leaseTransitions: isMine ? transitions : transitions + 1,
    }
    return client.update(LEASES, { ...current, spec }, {}, signal)
  }

  #isFree({ spec }: DeepReadonly<Lease>): boolean {
    const holder = spec?.holderIdentity ?? ''
    if (holder === '' || holder === this.#identity) return true
    const nowMs = this.#deps.clock.monotonic()
    if (this.#seen === undefined || this.#seen.renewTime !== spec?.renewTime || this.#seen.holder !== holder) {
      this.#seen = { renewTime: spec?.renewTime, holder, atMs: nowMs }
    }
    return nowMs - this.#seen.atMs > (spec?.leaseDurationSeconds ?? this.#leaseMs / 1_000) * 1_000
  }

  /** Somebody else wrote the lease: is it still ours? */
  async #reread(signal: AbortSignal): Promise<void> {
    try {
      const current = await this.#deps.client.get(LEASES, this.#at, signal)
      this.#held = current.spec?.holderIdentity === this.#identity ? current : undefined
    } catch (error) {
      signal.throwIfAborted()
      if (hasReason(error, 'NotFound')) this.#held = undefined
    }
  }

  #now(): string {
    return toMicroTime(this.#deps.clock.now())
  }
}
