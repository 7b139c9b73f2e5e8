/**
 * Looks for devices that satisfy all claims of a Pod on one node
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/): claim after claim, request
 * after request, device after device, going back where what was picked leads nowhere. The first solution is taken.
 */

import type { Node } from '../../../api/generated/core-v1.ts'
import type { DeviceSelector } from '../../../api/generated/resource-v1.ts'
import { toleratesDeviceTaint } from '../../../api/resource/v1/device-taints.ts'
import { deviceSelector } from '../../../meta/cel/devices.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { keyOf } from '../../../meta/keys.ts'
import { PluginFailure } from '../../framework/plugin-failure.ts'
import { consumed, fitsCapacity } from './capacity.ts'
import { type Picked, satisfies } from './constraints.ts'
import { CounterLedger } from './counters.ts'
import type { Demand, Wish } from './demands.ts'
import { type Pool, type PoolDevice, reaches } from './pools.ts'
import { type Amounts, plus, type Taken } from './taken.ts'

/** A device for a claim. */
export interface Pick extends Picked {
  readonly demand: Demand
  /** What is used of a device that others may use as well. */
  readonly shared?: Amounts
}

export interface Problem {
  readonly node: DeepReadonly<Node>
  readonly pools: readonly Pool[]
  readonly wishes: readonly Wish[]
  readonly taken: Taken
  /** Asked now and then: whether the search is to be given up. */
  readonly isTooLong?: () => boolean
}

/** No claim holds more devices. */
const MAX_DEVICES = 32
/** A puzzle that takes more tries than these is given up, whatever time there is: nobody else is served meanwhile. */
const MAX_TRIES = 200_000
/** So many tries are made between two looks at the clock. */
const TRIES_A_LOOK = 256
const NO_AMOUNTS: Amounts = new Map()

/** What each claim gets, in their order; `undefined` where there is no way. Throws `PluginFailure`. */
export function findDevices(problem: Problem): readonly (readonly Pick[])[] | undefined {
  return new Search(problem).run()
}

class Search {
  readonly #problem: Problem
  readonly #candidates: readonly PoolDevice[]
  readonly #counters: CounterLedger
  readonly #picks: Pick[][]
  /** The claims that devices were picked for, by the device. */
  readonly #inUse = new Map<string, number[]>()
  readonly #shared = new Map<string, Amounts>()
  readonly #selectable = new Map<Demand, Map<string, boolean>>()
  readonly #all = new Map<Demand, readonly PoolDevice[]>()
  #tries = 0

  constructor(problem: Problem) {
    this.#problem = problem
    this.#candidates = problem.pools.filter(({ state }) => state === 'usable').flatMap(({ devices }) => devices)
    this.#counters = new CounterLedger(problem.taken)
    this.#picks = problem.wishes.map(() => [])
  }

  run(): readonly (readonly Pick[])[] | undefined {
    for (const { claim, requests } of this.#problem.wishes) {
      const counts = requests.map((demands) => Math.min(...demands.map((demand) => this.#countOf(demand, claim))))
      const least = counts.reduce((sum, count) => sum + count, 0)
      if (least <= MAX_DEVICES) continue
      const words = `claim ${keyOf(claim)}: number of requested devices ${least} exceeds the claim limit of ${MAX_DEVICES}`
      throw new PluginFailure(words)
    }
    return this.#request(0, 0) ? this.#picks : undefined
  }

  #countOf(demand: Demand, claim: Wish['claim']): number {
    if (demand.count !== 'all') return demand.count
    const fault = (words: string) =>
      new PluginFailure(
        `claim ${keyOf(claim)}, request ${demand.ownName}: asks for all devices, but resource pool ${words}`,
      )
    const devices: PoolDevice[] = []
    for (const { driver, name, state, devices: all } of this.#problem.pools) {
      if (state === 'incomplete') throw fault(`${driver}/${name} is currently being updated`)
      if (state === 'invalid') throw fault(`${driver}/${name} is currently invalid`)
      devices.push(...all.filter((device) => this.#suits(device, demand, claim) && this.#hasRoom(device, demand)))
    }
    this.#all.set(demand, devices)
    return devices.length
  }

  /** Satisfies a request and all that come after it. */
  #request(claim: number, at: number): boolean {
    const wish = this.#problem.wishes[claim]
    if (wish === undefined) return true
    const demands = wish.requests[at]
    if (demands === undefined) return this.#request(claim + 1, 0)
    return demands.some((demand) => this.#demand(claim, demand, () => this.#request(claim, at + 1)))
  }

  #demand(claim: number, demand: Demand, goOn: () => boolean): boolean {
    const all = this.#all.get(demand)
    const count = all?.length ?? (demand.count as number)
    if (all?.length === 0 || (this.#picks[claim]?.length ?? 0) + count > MAX_DEVICES) return false
    return all === undefined
      ? this.#some({ claim, demand, goOn }, count, 0)
      : this.#every({ claim, demand, goOn }, all, 0)
  }

  /** Picks so many devices from a place on; their order does not matter. */
  #some(goal: Goal, count: number, from: number): boolean {
    if (count === 0) return goal.goOn()
    for (let at = from; at < this.#candidates.length; at++) {
      const device = this.#candidates[at] as PoolDevice
      if (!this.#isFree(device, goal) || !this.#suits(device, goal.demand, this.#claim(goal))) continue
      if (this.#try(device, goal, () => this.#some(goal, count - 1, at + 1))) return true
    }
    return false
  }

  /** Picks all of these, or none. */
  #every(goal: Goal, devices: readonly PoolDevice[], at: number): boolean {
    const device = devices[at]
    if (device === undefined) return goal.goOn()
    if (!this.#isFree(device, goal)) return false
    return this.#try(device, goal, () => this.#every(goal, devices, at + 1))
  }

  #claim({ claim }: Goal): Wish['claim'] {
    return (this.#problem.wishes[claim] as Wish).claim
  }

  #isFree({ key, device }: PoolDevice, { demand, claim }: Goal): boolean {
    const claims = this.#inUse.get(key) ?? []
    if (!demand.adminAccess) return claims.length === 0 && !this.#problem.taken.whole.has(key)
    return device.allowMultipleAllocations === true || !claims.includes(claim)
  }

  /** Whether the device is what is asked for, whoever has it. */
  #suits(device: PoolDevice, demand: Demand, claim: Wish['claim']): boolean {
    const known = this.#selectable.get(demand) ?? new Map<string, boolean>()
    this.#selectable.set(demand, known)
    const before = known.get(device.key)
    if (before !== undefined) return before
    const suits =
      allMatch(demand.class.spec.selectors ?? [], device, `class ${demand.class.metadata.name ?? ''}`) &&
      allMatch(demand.selectors, device, `claim ${keyOf(claim)}`) &&
      (device.slice.spec.perDeviceNodeSelection !== true || reaches(device.device, this.#problem.node))
    known.set(device.key, suits)
    return suits
  }

  #hasRoom({ key, device }: PoolDevice, { capacity }: Demand): boolean {
    const used = plus(this.#problem.taken.shared.get(key) ?? NO_AMOUNTS, this.#shared.get(key) ?? NO_AMOUNTS)
    return fitsCapacity(device, capacity, used)
  }

  /** Takes the device and goes on; gives it back where that leads nowhere. */
  #try(device: PoolDevice, goal: Goal, goOn: () => boolean): boolean {
    const { node, isTooLong } = this.#problem
    const isLookDue = ++this.#tries % TRIES_A_LOOK === 0
    if (this.#tries > MAX_TRIES || (isLookDue && isTooLong?.() === true)) {
      const name = node.metadata.name ?? ''
      throw new PluginFailure(`node ${name}: timed out trying to allocate devices`)
    }
    const { demand, claim } = goal
    const picks = this.#picks[claim] as Pick[]
    if (!this.#hasRoom(device, demand) || !toleratesAll(device, demand)) return false
    if (!this.#mayJoin(device, goal, picks)) return false
    const isShared = device.device.allowMultipleAllocations === true
    const isCut = isShared && (this.#problem.taken.shared.has(device.key) || this.#shared.has(device.key))
    if (!isCut && !this.#counters.take(device)) return false
    const before = this.#shared.get(device.key)
    const shared = isShared ? consumed(device.device, demand.capacity) : undefined
    if (shared === undefined) this.#inUse.set(device.key, [...(this.#inUse.get(device.key) ?? []), claim])
    else this.#shared.set(device.key, plus(before ?? NO_AMOUNTS, shared))
    picks.push({ device, demand, request: demand.name, ...(shared !== undefined && { shared }) })
    if (goOn()) return true
    picks.pop()
    if (shared === undefined) this.#inUse.get(device.key)?.pop()
    else if (before === undefined) this.#shared.delete(device.key)
    else this.#shared.set(device.key, before)
    if (!isCut) this.#counters.giveBack(device)
    return false
  }

  #mayJoin(device: PoolDevice, goal: Goal, picks: readonly Pick[]): boolean {
    const claim = this.#claim(goal)
    const next = { device, request: goal.demand.name }
    const constraints = claim.spec.devices?.constraints ?? []
    if (constraints.every((constraint) => satisfies(constraint, picks, next))) return true
    if (goal.demand.count !== 'all') return false
    const which = `claim ${keyOf(claim)}, request ${goal.demand.ownName}`
    throw new PluginFailure(
      `${which}: cannot add device ${device.key} because a claim constraint would not be satisfied`,
    )
  }
}

/** Which devices are wanted, by which claim, and what comes after. */
interface Goal {
  readonly claim: number
  readonly demand: Demand
  readonly goOn: () => boolean
}

function toleratesAll({ device }: PoolDevice, { tolerations = [] }: Demand): boolean {
  return (device.taints ?? [])
    .filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
    .every((taint) => tolerations.some((toleration) => toleratesDeviceTaint(toleration, taint)))
}

function allMatch(
  selectors: readonly DeepReadonly<DeviceSelector>[],
  { device, slice }: PoolDevice,
  whose: string,
): boolean {
  return selectors.every(({ cel }, at) => {
    try {
      return deviceSelector(cel?.expression ?? '').matches({ ...device, driver: slice.spec.driver })
    } catch (error) {
      throw new PluginFailure(`${whose}: selector #${at}: CEL runtime error: ${(error as Error).message}`)
    }
  })
}
