/** The managers of an object, read from and written to `metadata.managedFields`. */
import type { Steps } from '../../base/async/steps.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { ManagedFieldsEntry, Time } from '../../meta/types.ts'
import { isEmpty, union, type FieldSet } from './field-set.ts'
import { formatFieldsV1, parseFieldsV1 } from './fields-v1.ts'

export type Entry = DeepReadonly<ManagedFieldsEntry>

/** One manager and what it owns. */
export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  readonly time: Time | undefined
  readonly set: FieldSet
  /** The entry this was read from, as long as it still says the same. */
  readonly entry?: Entry
}

/** All managers by identity. */
export type Managers = ReadonlyMap<string, Manager>

/** The most entries of updates; older ones are then gathered in one. */
const MAX_UPDATERS = 10
const GATHERED = 'ancient-changes'

/** Who a manager is: appliers whatever version they apply in, updaters by version, both by subresource. */
export function identityOf({ manager, operation, apiVersion, subresource }: Omit<Manager, 'time' | 'set'>): string {
  // Identities are also what conflicts are told in the order of: by manager first.
  return `${JSON.stringify(manager)},${operation},${operation === 'Update' ? apiVersion : ''},${subresource}`
}

/** The managers an object tells of; undefined when its managedFields are not readable. */
export function readManagers(entries: readonly Entry[] | undefined): Managers | undefined {
  const managers = new Map<string, Manager>()
  for (const entry of entries ?? []) {
    const { operation, apiVersion, fieldsType } = entry
    if (operation !== 'Apply' && operation !== 'Update') return undefined
    if (apiVersion === undefined || apiVersion === '' || fieldsType !== 'FieldsV1') return undefined
    const set = parseFieldsV1(entry.fieldsV1 ?? {})
    if (set === undefined) return undefined
    const { manager = '', subresource = '', time } = entry
    const read = { manager, operation, apiVersion, subresource, time, set, entry }
    managers.set(identityOf(read), read)
  }
  return managers
}

/** As they stand in `metadata.managedFields`, in the order of Kubernetes. */
export function* writeManagers(managers: Managers): Steps<readonly Entry[]> {
  const sorted = [...managers.values()].filter(({ set }) => !isEmpty(set))
  sorted.sort(compareManagers)
  const entries: Entry[] = []
  for (const manager of sorted) {
    entries.push(manager.entry ?? entryOf(manager, yield* formatFieldsV1(manager.set)))
  }
  return entries
}

/** What `metadata.managedFields` says of a manager that owns these fields. */
export function entryOf(
  { manager, operation, apiVersion, subresource, time }: Omit<Manager, 'set' | 'entry'>,
  fieldsV1: object,
): Entry {
  const entry: { -readonly [Key in keyof Entry]: Entry[Key] } =
    time === undefined
      ? { manager, operation, apiVersion, fieldsType: 'FieldsV1', fieldsV1 }
      : { manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 }
  if (subresource !== '') entry.subresource = subresource // a spread's copies would each take a shape when they are frozen
  return Object.freeze(entry)
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function compareManagers(a: Manager, b: Manager): number {
  return (
    order(a.operation, b.operation) ||
    order(a.time ?? '', b.time ?? '') ||
    order(a.manager, b.manager) ||
    order(a.apiVersion, b.apiVersion) ||
    order(a.subresource, b.subresource)
  )
}

/** A manager with another set of fields. */
export function withSet(manager: Manager, set: FieldSet): Manager {
  if (set === manager.set) return manager
  const { entry: _, ...rest } = manager
  return { ...rest, set }
}

/** Gathers the oldest updates in one entry a version, until there are no more than ten. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update')
  let count = updaters.length
  if (count <= MAX_UPDATERS) return managers
  updaters.sort(([a, left], [b, right]) => order(left.time ?? '', right.time ?? '') || order(a, b))
  const capped = new Map(managers)
  const firstOf = new Map<string, string>()
  for (const [identity, updater] of updaters) {
    if (count <= MAX_UPDATERS) break
    const { apiVersion, time } = updater
    const first = firstOf.get(apiVersion)
    if (first === undefined) {
      firstOf.set(apiVersion, identity)
      continue
    }
    const bucket = { manager: GATHERED, operation: 'Update', apiVersion, subresource: '', time } as const
    const key = identityOf(bucket)
    const gathered = capped.get(key) ?? capped.get(first)
    capped.delete(first)
    capped.delete(identity)
    capped.set(key, { ...bucket, set: gathered === undefined ? updater.set : union(gathered.set, updater.set) })
    firstOf.set(apiVersion, key)
    count--
  }
  return capped
}
