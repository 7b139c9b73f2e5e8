/** Which devices, and how much of those that are shared, allocated claims have. */

import type { AllocationResult, ResourceClaim } from '../../../api/generated/resource-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { addQuantity, type QuantityValue } from '../../../meta/quantity.ts'
import { compareResourceVersions } from '../../../meta/resource-version.ts'
import { type ReadClaim } from './claims.ts'

export type Allocation = DeepReadonly<AllocationResult>
/** Amounts by the name of the capacity. */
export type Amounts = ReadonlyMap<string, QuantityValue>

/** A device by its full name: driver, pool, device. */
export const deviceKey = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`

export interface Taken {
  /** Devices that one claim has alone. */
  readonly whole: ReadonlySet<string>
  /** What is used of devices that claims share. */
  readonly shared: ReadonlyMap<string, Amounts>
}

/** What all claims have together. */
export function takenBy(allocations: Iterable<Allocation>): Taken {
  const whole = new Set<string>()
  const shared = new Map<string, Amounts>()
  for (const { devices } of allocations) {
    for (const result of devices?.results ?? []) {
      if (result.adminAccess === true) continue
      const key = deviceKey(result.driver, result.pool, result.device)
      if (result.shareID === undefined) whole.add(key)
      else shared.set(key, plus(shared.get(key) ?? new Map(), result.consumedCapacity ?? {}))
    }
  }
  return { whole, shared }
}

/** The sum, amount by amount. */
export function plus(a: Amounts, b: Readonly<Record<string, string>> | Amounts): Amounts {
  const sum = new Map(a)
  const more = b instanceof Map ? (b as Amounts) : new Map(Object.entries(b as Readonly<Record<string, string>>))
  for (const [name, amount] of more) sum.set(name, addQuantity(sum.get(name) ?? '0', amount))
  return sum
}

/** Claims as they are known, or as they were just written, until what was written is known. */
export class KnownClaims {
  readonly #claims: { get(key: string): ReadClaim | undefined; list(): readonly ReadClaim[] }
  /** What was decided for claims that no other Pod may be given devices for meanwhile, by the claim's uid. */
  readonly #promised = new Map<string, Allocation>()
  readonly #written = new Map<string, DeepReadonly<ResourceClaim>>()

  constructor(claims: { get(key: string): ReadClaim | undefined; list(): readonly ReadClaim[] }) {
    this.#claims = claims
  }

  get(key: string): ReadClaim | undefined {
    const known = this.#claims.get(key)
    return known === undefined ? undefined : this.#newest(known)
  }

  #newest(known: ReadClaim): ReadClaim {
    const uid = known.metadata.uid ?? ''
    const written = this.#written.get(uid)
    if (written === undefined) return known
    if (compareResourceVersions(known, written) < 0) return written
    this.#written.delete(uid)
    return known
  }

  promise(claim: ReadClaim, allocation: Allocation): void {
    this.#promised.set(claim.metadata.uid ?? '', allocation)
  }

  isPromised({ metadata }: ReadClaim): boolean {
    return this.#promised.has(metadata.uid ?? '')
  }

  /** The promise is not kept. */
  takeBack({ metadata }: ReadClaim): void {
    this.#promised.delete(metadata.uid ?? '')
  }

  /** The promise stands in the API. */
  written(claim: DeepReadonly<ResourceClaim>): void {
    this.#written.set(claim.metadata.uid ?? '', claim)
    this.takeBack(claim)
  }

  /** What is allocated, and what is promised. */
  allocations(): Allocation[] {
    const claims = this.#claims.list()
    const known = claims.map((claim) => this.#newest(claim).status?.allocation)
    this.#forgetGone(claims)
    return [...known.filter((allocation) => allocation !== undefined), ...this.#promised.values()]
  }

  /** Claims that went before anybody looked. */
  #forgetGone(claims: readonly ReadClaim[]): void {
    if (this.#written.size === 0) return
    const uids = new Set(claims.map(({ metadata }) => metadata.uid ?? ''))
    for (const uid of this.#written.keys()) if (!uids.has(uid)) this.#written.delete(uid)
  }
}
