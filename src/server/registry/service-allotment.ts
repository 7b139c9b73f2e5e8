/**
 * One write of a Service: gives it the address and the node ports that it lacks, and gathers what it claims and gives
 * back (https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/).
 */

import { needsHealthCheck } from '../../api/core/v1/service/facts.ts'
import type { Service } from '../../api/generated/core-v1.ts'
import type { IPAddress } from '../../api/generated/networking-v1.ts'
import { type Clock, toTime } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { ApiError, serverTimeout } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { Compare, Operation } from '../../storage/storage.ts'
import { addressClaim } from './service-address.ts'
import { checkAddress, type CheckDeps, checkHealthPort, checkPort } from './service-checks.ts'
import { type Claims, claimsOf, type Draft, portsInUse, portsNeeding, type Stored } from './service-claims.ts'
import type { ExtraWrites } from './storage-hooks.ts'
import { storedAt } from './stored-object.ts'

const EMPTY = Buffer.from('{}')
/** So often chance is asked before all ports are looked through. */
const GUESSES = 32

export interface AllotDeps extends CheckDeps {
  readonly clock: Clock
  readonly random: Random
}

/** Where the claim of a node port is stored. */
export const portKey = (port: number): string => `/registry/allocations/nodeports/${port}`
/** Where the claim of an address is stored. */
export const addressKey = ({ addresses }: CheckDeps, address: string): string => addresses.resource.prefix + address

/** Fills the draft, and says what must be written with it; undefined when that is nothing. */
export function allot(deps: AllotDeps, draft: Draft, old: Stored): ExtraWrites | undefined {
  const allotment = new Allotment(deps, draft, claimsOf(old))
  allotment.fillAddress()
  allotment.fillPorts()
  allotment.giveBack()
  return allotment.writes()
}

class Allotment {
  readonly #deps: AllotDeps
  readonly #draft: Draft
  readonly #spec: NonNullable<Service['spec']>
  readonly #before: Claims
  /** The node ports that the Service has after the write. */
  readonly #own = new Set<number>()
  readonly #undo: (() => void)[] = []
  readonly #compare: Compare[] = []
  readonly #operations: Operation[] = []

  constructor(deps: AllotDeps, draft: Draft, before: Claims) {
    this.#deps = deps
    this.#draft = draft
    this.#spec = draft.spec ?? {}
    this.#before = before
  }

  fillAddress(): void {
    const spec = this.#spec
    if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return
    const asked = spec.clusterIP ?? ''
    if (asked !== '' && this.#before.address === asked) return
    const address = asked === '' ? this.#pickAddress() : asked
    if (asked !== '') checkAddress(this.#deps, this.#draft, asked)
    else {
      spec.clusterIP = address
      spec.clusterIPs = [address]
      this.#undo.push(() => {
        delete spec.clusterIP
        delete spec.clusterIPs
      })
    }
    const made = addressObject(this.#deps, this.#draft, address)
    this.#claim(addressKey(this.#deps, address), (revision) => storedAt(structuredClone(made), revision))
  }

  fillPorts(): void {
    const used = portsInUse(this.#deps.services, this.#draft)
    for (const [at, port] of portsNeeding(this.#spec)) {
      const asked = port.nodePort ?? 0
      if (asked === 0) {
        port.nodePort = this.#takePort(this.#pickPort(used))
        this.#undo.push(() => delete port.nodePort)
        continue
      }
      if (!this.#before.ports.has(asked)) checkPort(this.#deps, this.#draft, { at, asked, used })
      this.#takePort(asked)
    }
    if (needsHealthCheck(this.#draft)) this.#fillHealthPort(used)
  }

  /** What the Service had and has no longer is free. */
  giveBack(): void {
    const { address: had, ports } = this.#before
    const address = this.#spec.type === 'ExternalName' ? '' : (this.#spec.clusterIP ?? '')
    if (had !== '' && had !== address) this.#operations.push({ delete: addressKey(this.#deps, had) })
    for (const port of ports) if (!this.#own.has(port)) this.#operations.push({ delete: portKey(port) })
  }

  /** A claim that somebody else made first is tried again with another address or port. */
  writes(): ExtraWrites | undefined {
    if (this.#operations.length === 0) return undefined
    const onConflict = () => {
      for (const back of this.#undo) back()
      return 'retry' as const
    }
    return { compare: this.#compare, operations: this.#operations, onConflict }
  }

  #fillHealthPort(used: ReadonlySet<number>): void {
    const spec = this.#spec
    const asked = spec.healthCheckNodePort ?? 0
    if (asked === 0) {
      spec.healthCheckNodePort = this.#takePort(this.#pickPort(used))
      this.#undo.push(() => delete spec.healthCheckNodePort)
      return
    }
    if (!this.#before.ports.has(asked)) checkHealthPort(asked, used)
    this.#takePort(asked)
  }

  #pickAddress(): string {
    const { range, random, addresses } = this.#deps
    const address = range.pick(random, (text) => addresses.get('', text) !== undefined)
    if (address === undefined) throw serverTimeout({ resource: 'services' }, 'create', 1)
    return address
  }

  #pickPort(used: ReadonlySet<number>): number {
    const { random, nodePorts } = this.#deps
    const { first, last } = nodePorts
    const isFree = (port: number) => !used.has(port) && !this.#own.has(port)
    for (let guess = 0; guess < GUESSES; guess++) {
      const port = first + Math.floor(random.next() * (last - first + 1))
      if (isFree(port)) return port
    }
    for (let port = first; port <= last; port++) if (isFree(port)) return port
    throw new ApiError({
      message: 'Internal error occurred: failed to allocate a nodePort: range is full',
      reason: 'InternalError',
      code: 500,
    })
  }

  /** The port is the Service's; claims it where it was not before. */
  #takePort(port: number): number {
    const isClaimed = this.#own.has(port) || this.#before.ports.has(port)
    if (!isClaimed) this.#claim(portKey(port), () => ({ bytes: () => EMPTY }))
    this.#own.add(port)
    return port
  }

  #claim(key: string, value: Extract<Operation, { put: string }>['value']): void {
    this.#compare.push({ key, modRevision: 0 })
    this.#operations.push({ put: key, value })
  }
}

/** The object that stands for an address in use. */
function addressObject({ clock, random }: AllotDeps, service: Draft, address: string): KubeObject {
  const { labels, spec } = addressClaim(address, service.metadata)
  const object: IPAddress & KubeObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name: address,
      uid: random.uuid(),
      creationTimestamp: toTime(clock.now()),
      generation: 1,
      labels,
    },
    spec,
  }
  return object
}
