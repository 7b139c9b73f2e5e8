/**
 * What a kubelet watches of its node, and what each of it stands for
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#eviction-signals).
 */

import { formatQuantity } from '../../meta/quantity.ts'

/** The signals for which thresholds can be stated. */
export const SIGNALS = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
] as const

/** `allocatableMemory.available` follows from the hard threshold of `memory.available`. */
export type Signal = (typeof SIGNALS)[number] | 'allocatableMemory.available'

export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'

/** What runs short, as messages name it. */
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'

interface Meaning {
  readonly condition: PressureCondition
  readonly resource: StarvedResource
  readonly unit: 'bytes' | 'number'
}

const MEMORY: Meaning = { condition: 'MemoryPressure', resource: 'memory', unit: 'bytes' }
const DISK: Meaning = { condition: 'DiskPressure', resource: 'ephemeral-storage', unit: 'bytes' }
const INODES: Meaning = { condition: 'DiskPressure', resource: 'inodes', unit: 'number' }

const MEANINGS: Readonly<Record<Signal, Meaning>> = {
  'memory.available': MEMORY,
  'allocatableMemory.available': MEMORY,
  'nodefs.available': DISK,
  'imagefs.available': DISK,
  'nodefs.inodesFree': INODES,
  'imagefs.inodesFree': INODES,
  'pid.available': { condition: 'PIDPressure', resource: 'pids', unit: 'number' },
}

export const meaningOf = (signal: Signal): Meaning => MEANINGS[signal]

/** What there is of a signal's resource, and how much is left. */
export interface Observation {
  readonly available: number
  readonly capacity: number
}

/** A signal that could not be observed is not there. */
export type Observations = ReadonlyMap<Signal, Observation>

/** An amount of a signal's resource, as messages write it. */
export function amountText(signal: Signal, amount: number): string {
  const format = meaningOf(signal).unit === 'bytes' ? 'BinarySI' : 'DecimalSI'
  return formatQuantity({ nano: BigInt(Math.floor(amount)) * 1_000_000_000n, format })
}
