/**
 * Which container has which devices. It outlives the kubelet in a file, `kubelet_internal_checkpoint` in the folder of
 * device plugins, whose form is our own.
 */

import { readFile, rename, writeFile } from 'node:fs/promises'

import type { Log } from '../../base/log.ts'
import { type ContainerEdits, mergedEdits } from './container-edits.ts'

/** Devices of one resource that one container has. */
export interface Allocation {
  readonly uid: string
  readonly container: string
  readonly resource: string
  readonly devices: readonly AllocatedDevice[]
  /** What they add to the container. */
  readonly edits: ContainerEdits
}

export interface AllocatedDevice {
  readonly id: string
  /** The NUMA nodes it is near. */
  readonly nodes: readonly number[]
}

const VERSION = 1

interface Checkpoint {
  readonly version: number
  readonly allocations: readonly Allocation[]
  /** Resources that plugins had registered. */
  readonly resources: readonly string[]
}

export class DeviceAllocations {
  readonly #file: string
  readonly #log: Log
  #all: readonly Allocation[] = []
  #resources: readonly string[] = []

  constructor(file: string, log: Log) {
    this.#file = file
    this.#log = log
  }

  get all(): readonly Allocation[] {
    return this.#all
  }

  /** Takes up what an earlier kubelet knew; the answer is the resources that it had plugins of. */
  async load(): Promise<readonly string[]> {
    try {
      const text = await readFile(this.#file, 'utf8').catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      })
      if (text === undefined) return []
      const { version, allocations, resources } = JSON.parse(text) as Checkpoint
      if (version !== VERSION) throw new Error(`it has version ${version}, not ${VERSION}`)
      this.#all = allocations
      return resources
    } catch (error) {
      this.#log.warn('going on without what is known of given devices', { file: this.#file, error })
      return []
    }
  }

  /** `undefined`: the container has none of that resource. */
  of(uid: string, container: string, resource: string): Allocation | undefined {
    return this.#all.find((one) => one.uid === uid && one.container === container && one.resource === resource)
  }

  ofContainer(uid: string, container: string): readonly Allocation[] {
    return this.#all.filter((one) => one.uid === uid && one.container === container)
  }

  editsOf(uid: string, container: string): ContainerEdits {
    return mergedEdits(this.ofContainer(uid, container).map(({ edits }) => edits))
  }

  /** The ids of a resource's devices that somebody has. */
  inUse(resource: string): ReadonlySet<string> {
    return new Set(this.#all.flatMap((one) => (one.resource === resource ? one.devices.map(({ id }) => id) : [])))
  }

  isKnown(resource: string): boolean {
    return this.#all.some((one) => one.resource === resource)
  }

  /** The Pods that have a device. */
  holdersOf(resource: string, id: string): readonly string[] {
    const holders = this.#all.filter((one) => one.resource === resource && one.devices.some((each) => each.id === id))
    return [...new Set(holders.map(({ uid }) => uid))]
  }

  add(allocation: Allocation): void {
    this.#all = [...this.#all, allocation]
  }

  /** Forgets what Pods had that are no more. */
  keepOnly(uids: ReadonlySet<string>): void {
    this.#all = this.#all.filter(({ uid }) => uids.has(uid))
  }

  /** Writes it all, with the resources that have plugins. */
  async save(resources: readonly string[] = this.#resources): Promise<void> {
    this.#resources = resources
    const checkpoint: Checkpoint = { version: VERSION, allocations: this.#all, resources }
    const draft = `${this.#file}.draft`
    await writeFile(draft, JSON.stringify(checkpoint), { mode: 0o600 })
    await rename(draft, this.#file)
  }
}
