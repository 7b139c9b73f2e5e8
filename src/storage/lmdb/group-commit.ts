/**
 * Transactions that are asked for at the same time share one write to disk. A group is decided in order against what
 * is durable plus what the group itself has decided so far; nobody hears of any of it before all of it is on the disk.
 */

import type { Compare, Entry, Operation, Payload, StorageEvent, TransactionResult } from '../storage.ts'
import type { KeyTable, Place } from './key-table.ts'
import { type Pointer, encodePointer, encodeRecord, logKey } from './records.ts'
import type { DiskChange } from './write-behind.ts'

/** A transaction that waits, and who asked for it. */
export interface Request {
  readonly compare: readonly Compare[]
  readonly operations: readonly Operation[]
  readonly resolve: (result: TransactionResult) => void
  readonly reject: (error: unknown) => void
}

/** One change that is to be written. */
export interface Change extends DiskChange {
  readonly event: StorageEvent
  readonly sub: number
  /** Absent for a delete. */
  readonly place: Place | undefined
}

/** What one revision of a group changes. */
export interface Step {
  readonly revision: number
  readonly changes: readonly Change[]
}

export interface GroupPlan {
  readonly steps: readonly Step[]
  /** Tells all who asked. Only after the steps are durable. */
  settle(): void
}

export interface PlanDeps {
  readonly table: KeyTable
  /** The durable revision. */
  readonly revision: number
  /** The entry that stands at a place on the disk. */
  readonly read: (key: string, place: Place) => Entry
}

/** Decides a group. A transaction whose value cannot be made is rejected at once and leaves no trace. */
export function planGroup(requests: readonly Request[], deps: PlanDeps): GroupPlan {
  const decided = new Map<string, { readonly place: Place; readonly entry: Entry } | undefined>()
  const steps: Step[] = []
  const answers: (() => void)[] = []
  let revision = deps.revision

  const current = (key: string): { readonly place: Place; readonly entry: () => Entry } | undefined => {
    if (decided.has(key)) {
      const known = decided.get(key)
      return known === undefined ? undefined : { place: known.place, entry: () => known.entry }
    }
    const place = deps.table.newest(key)
    return place === undefined ? undefined : { place, entry: () => deps.read(key, place) }
  }

  for (const { compare, operations, resolve, reject } of requests) {
    try {
      const stands = compare.map(({ key }) => current(key))
      if (compare.some(({ modRevision }, i) => (stands[i]?.place.modRevision ?? 0) !== modRevision)) {
        const result = { succeeded: false, revision, entries: stands.map((found) => found?.entry()) } as const
        answers.push(() => resolve(result))
        continue
      }
      const at = revision + 1
      const changes = operations.flatMap((operation, sub) => changeOf(operation, { revision: at, sub }, current))
      if (changes.length > 0) {
        revision = at
        steps.push({ revision, changes })
        for (const { event, place } of changes) {
          decided.set(
            event.key,
            place === undefined || event.entry === undefined ? undefined : { place, entry: event.entry },
          )
        }
      }
      const result = { succeeded: true, revision } as const
      answers.push(() => resolve(result))
    } catch (error) {
      reject(error)
    }
  }
  return {
    steps,
    settle() {
      for (const answer of answers) answer()
    },
  }
}

function changeOf(
  operation: Operation,
  { revision, sub }: { readonly revision: number; readonly sub: number },
  current: (key: string) => { readonly place: Place; readonly entry: () => Entry } | undefined,
): Change[] {
  const isPut = 'put' in operation
  const key = isPut ? operation.put : operation.delete
  const before = current(key)
  if (!isPut && before === undefined) return []
  const previous = before?.entry()
  const payload = isPut ? operation.value(revision) : undefined
  const createRevision = isPut ? (before?.place.createRevision ?? revision) : 0
  const entry = payload === undefined ? undefined : { key, value: payload, createRevision, modRevision: revision }
  const place = payload === undefined ? undefined : placeOf({ createRevision, modRevision: revision, sub }, payload)
  const type = isPut ? 'put' : 'delete'
  const value = payload?.bytes() ?? new Uint8Array(0)
  return [
    {
      event: { type, key, revision, entry, previous },
      sub,
      place,
      logKey: logKey(revision, sub),
      logValue: encodeRecord({ type, key, createRevision, previous: before?.place, value }),
      key,
      pointer: place === undefined ? undefined : encodePointer(place),
    },
  ]
}

const placeOf = ({ createRevision, modRevision, sub }: Pointer, payload: Payload): Place => ({
  createRevision,
  modRevision,
  sub,
  held: new WeakRef(payload),
})
