/** The devices a node can reach, pool by pool (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice). */

import { matchesNodeSelector } from '../../../api/core/v1/node/node-selector.ts'
import type { Node, NodeSelector } from '../../../api/generated/core-v1.ts'
import type { CounterSet, Device, ResourceSlice } from '../../../api/generated/resource-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { deviceKey } from './taken.ts'

export type ReadSlice = DeepReadonly<ResourceSlice>
type ReadNode = DeepReadonly<Node>

/** A device and where it is told of. */
export interface PoolDevice {
  readonly key: string
  readonly device: DeepReadonly<Device>
  readonly slice: ReadSlice
  readonly pool: Pool
}

export interface Pool {
  readonly driver: string
  readonly name: string
  /** Devices are not taken from a pool that is just being written, nor from one that contradicts itself. */
  readonly state: 'usable' | 'incomplete' | 'invalid'
  /** Those that the node may reach, in their order. */
  readonly devices: readonly PoolDevice[]
  /** The others, which use the same counters. */
  readonly elsewhere: readonly PoolDevice[]
  readonly counterSets: ReadonlyMap<string, DeepReadonly<CounterSet>>
}

/** Slices by pool, made once for a Pod: `driver/pool`. */
export class SliceIndex {
  readonly #ofPool = new Map<string, ReadSlice[]>()
  readonly #ofNode = new Map<string, ReadSlice[]>()
  readonly #shared: ReadSlice[] = []

  constructor(slices: Iterable<ReadSlice>) {
    for (const slice of slices) {
      push(this.#ofPool, poolKey(slice), slice)
      const { nodeName = '', sharedCounters = [] } = slice.spec
      if (nodeName === '' || sharedCounters.length > 0) this.#shared.push(slice)
      else push(this.#ofNode, nodeName, slice)
    }
  }

  /** The pools with devices for the node: in the order of their names, those whose devices are to be bound last. */
  poolsFor(node: ReadNode): Pool[] {
    const reached = new Map<string, ReadSlice[]>()
    for (const slice of [...(this.#ofNode.get(node.metadata.name ?? '') ?? []), ...this.#shared]) {
      if (isForNode(slice, node)) addNewest(reached, slice)
    }
    const pools = [...reached].flatMap(([key, slices]) => this.#pool(key, slices) ?? [])
    const rank = (pool: Pool) => (pool.devices.some(({ device }) => device.bindingConditions !== undefined) ? 1 : 0)
    return pools.toSorted((a, b) => rank(a) - rank(b) || order(a.driver, b.driver) || order(a.name, b.name))
  }

  /** A pool of the slices a node reaches; none where they are out of date. */
  #pool(key: string, slices: readonly ReadSlice[]): Pool | undefined {
    const [{ spec }] = slices as readonly [ReadSlice, ...ReadSlice[]]
    const { generation, resourceSliceCount: count } = spec.pool
    const base = { driver: spec.driver, name: spec.pool.name }
    if (slices.length === count) return buildPool(base, slices, [])
    const all = this.#ofPool.get(key) ?? []
    if (all.some((slice) => slice.spec.pool.generation > generation)) return undefined
    const current = all.filter((slice) => slice.spec.pool.generation === generation)
    if (current.length !== count)
      return { ...base, state: 'incomplete', devices: [], elsewhere: [], counterSets: new Map() }
    return buildPool(
      base,
      slices,
      current.filter((slice) => !slices.includes(slice)),
    )
  }
}

const poolKey = ({ spec }: ReadSlice): string => `${spec.driver}/${spec.pool.name}`
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function push(map: Map<string, ReadSlice[]>, key: string, slice: ReadSlice): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [slice])
  else list.push(slice)
}

/** Only the newest generation of a pool counts. */
function addNewest(pools: Map<string, ReadSlice[]>, slice: ReadSlice): void {
  const key = poolKey(slice)
  const known = pools.get(key)?.[0]?.spec.pool.generation ?? -1
  if (slice.spec.pool.generation > known) pools.set(key, [slice])
  else if (slice.spec.pool.generation === known) push(pools, key, slice)
}

function isForNode(slice: ReadSlice, node: ReadNode): boolean {
  const { sharedCounters = [], perDeviceNodeSelection = false, devices = [] } = slice.spec
  if (sharedCounters.length > 0) return true
  if (perDeviceNodeSelection) return devices.some((device) => reaches(device, node))
  return reaches(slice.spec, node)
}

interface Place {
  readonly nodeName?: string
  readonly allNodes?: boolean
  readonly nodeSelector?: DeepReadonly<NodeSelector>
}

/** Whether what is in a place can be reached from the node. */
export function reaches({ nodeName = '', allNodes = false, nodeSelector }: Place, node: ReadNode): boolean {
  if (nodeName !== '') return nodeName === node.metadata.name
  return allNodes || (nodeSelector !== undefined && matchesNodeSelector(nodeSelector, node))
}

function buildPool(
  { driver, name }: Pick<Pool, 'driver' | 'name'>,
  slices: readonly ReadSlice[],
  others: readonly ReadSlice[],
): Pool {
  const counterSets = new Map<string, DeepReadonly<CounterSet>>()
  const devices: PoolDevice[] = []
  const elsewhere: PoolDevice[] = []
  const pool: Pool & { state: Pool['state'] } = { driver, name, state: 'usable', devices, elsewhere, counterSets }
  const names = new Set<string>()
  const sorted = slices.toSorted((a, b) => order(a.metadata.name ?? '', b.metadata.name ?? ''))
  for (const slice of sorted) {
    for (const set of slice.spec.sharedCounters ?? []) {
      if (counterSets.has(set.name)) pool.state = 'invalid'
      counterSets.set(set.name, set)
    }
    for (const device of slice.spec.devices ?? []) {
      if (names.has(device.name)) pool.state = 'invalid'
      names.add(device.name)
      devices.push({ key: deviceKey(driver, name, device.name), device, slice, pool })
    }
  }
  for (const slice of others) {
    for (const device of slice.spec.devices ?? []) {
      elsewhere.push({ key: deviceKey(driver, name, device.name), device, slice, pool })
    }
  }
  if (![...devices, ...elsewhere].every(({ device }) => countersExist(device, counterSets))) pool.state = 'invalid'
  return pool
}

function countersExist({ consumesCounters = [] }: DeepReadonly<Device>, sets: Pool['counterSets']): boolean {
  return consumesCounters.every(({ counterSet, counters }) => {
    const known = sets.get(counterSet)?.counters
    return known !== undefined && Object.keys(counters).every((name) => Object.hasOwn(known, name))
  })
}
