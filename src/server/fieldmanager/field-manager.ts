/**
 * Who owns which field: keeps `metadata.managedFields` at every write, and carries out server-side apply
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
 */
import { atOnce, type Steps } from '../../base/async/steps.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { ApiError, badRequest } from '../../meta/errors.ts'
import type { KubeObject, Time } from '../../meta/types.ts'
import { sameJson } from '../../wire/patch/value.ts'
import { faultsOf, fieldsOf } from './applied-set.ts'
import type { Comparison } from './compare.ts'
import { applyConflict, type Conflict } from './conflicts.ts'
import { fieldsOfNew } from './created.ts'
import { isObject, type ObjectValue } from './elements.ts'
import { difference, differenceBelow, emptySet, isEmpty, setOf, union, type FieldSet } from './field-set.ts'
import { typeOf, type FieldType } from './field-type.ts'
import { fieldsLastApplied, KUBECTL, lastApplied, withLastApplied } from './last-applied.ts'
import {
  capUpdaters,
  entryOf,
  identityOf,
  readManagers,
  writeManagers,
  type Entry,
  type Manager,
  type Managers,
} from './managers.ts'
import { compareChange, disown, taken } from './ownership.ts'
import { applied } from './pruning.ts'
import type { Convert, ObjectType } from './versions.ts'
import { zeroOf } from './zero.ts'

export interface Write {
  /** The object as it is stored, its managedFields included; undefined when the write creates it. */
  readonly live: DeepReadonly<KubeObject> | undefined
  /** Who writes: see `managerOf`. */
  readonly manager: string
  /** The version that the caller wrote in, e.g. `apps/v1`. */
  readonly apiVersion: string
  /** Absent for the object itself. */
  readonly subresource?: string | undefined
  /** Now. */
  readonly time: Time
  readonly type: ObjectType
  /**
   * Fields that this way of writing never changes, each as names from the top. Absent: `status`, or for the status
   * subresource `spec`.
   */
  readonly resetFields?: readonly (readonly string[])[] | undefined
  /**
   * The object in another version, for managers who wrote in that one; undefined for a version that is not served
   * any more, whose managers are then forgotten. Absent: all versions look alike.
   */
  readonly convert?: Convert
}

export interface UpdateWrite extends Write {
  /** The object as it will be stored; its managedFields are those that the caller sent. */
  readonly next: DeepReadonly<KubeObject>
  readonly isLarge?: boolean | undefined
}

export interface ApplyWrite extends Write {
  /** What the caller applied: only the fields it has an opinion on. */
  readonly applied: DeepReadonly<KubeObject>
  /** Take fields over from other managers instead of failing with a conflict. */
  readonly force: boolean
  /** `applied` is known to fit its type: it was judged by `typedPatchFault`. */
  readonly isTyped?: boolean
}

export interface Applied {
  /** The whole object after the apply, without managedFields. */
  readonly object: DeepReadonly<KubeObject>
  /** The very list of `live` when no owner changed. */
  readonly managedFields: readonly Entry[]
  /** The object is as `live` is, and so are its owners: nothing needs to be written. */
  readonly unchanged: boolean
}

const MAX_NAME = 128

/** The manager of the fields that an object had before anything was known of their owners. */
const BEFORE_FIRST_APPLY = 'before-first-apply'

/** The manager's name of a write: the `fieldManager` asked for, else the User-Agent up to the first `/`. */
export function managerOf(fieldManager: string | undefined, userAgent: string | undefined): string {
  if (fieldManager !== undefined && fieldManager !== '') return fieldManager
  const prefix = (userAgent ?? '').split('/', 1)[0] || 'unknown'
  if (/^[\x20-\x7e]{0,128}$/.test(prefix)) return prefix
  return Array.from(prefix.replaceAll(/\p{C}/gu, '')).slice(0, MAX_NAME).join('')
}

/**
 * The managedFields of `next` after a create, update or patch by `manager`; empty when nothing is to be told of
 * owners. The very list of `live` when the write changes no owner. Called on every write.
 */
export const updateManagedFields = (write: UpdateWrite): readonly Entry[] => atOnce(updateInSteps(write))

/** The same for what is huge: others may have their turn between the steps. */
export function* updateInSteps(write: UpdateWrite): Steps<readonly Entry[]> {
  const { live, next } = write
  const stored = live?.metadata.managedFields
  const { managers, entries } = managersBefore(write)
  // In a version that nobody can read nothing is compared: owners are forgotten.
  if (entries.some(({ apiVersion = '' }) => apiVersion.split('/').length > 2)) return []
  if (managers.size === 0) {
    if (live !== undefined) return [] // owners are not told again before the first apply
    const object = asObject(withoutManagedFields(next))
    const { manager, apiVersion, subresource = '', time, type } = write
    const { key, lookup } = type
    const fieldsV1 = yield* fieldsOfNew({ object, key, lookup, reset: resetFields(write), isLarge: write.isLarge })
    if (fieldsV1 === undefined) return []
    return [entryOf({ manager, operation: 'Update', apiVersion, subresource, time }, fieldsV1)]
  }
  const after = yield* owners(managers, write, { live, next, operation: 'Update', manager: write.manager })
  if (after === managers) return entries === stored && stored !== undefined ? stored : yield* writeManagers(managers)
  return yield* writeManagers(capUpdaters(after))
}

/**
 * Merges an applied configuration into the live object. Throws an ApiError: 409 naming every conflict, 400 for a
 * configuration with managedFields or of another version, 500 (as Kubernetes) for one that does not fit its type. What is
 * huge takes long: others may have their turn between the steps.
 */
export function* applyConfiguration(write: ApplyWrite): Steps<Applied> {
  checkConfiguration(write)
  yield
  const { live, manager } = write
  const managers = yield* managersOfLive(write)
  yield
  const first = yield* apply(write, managers, write.force)
  if ('conflicts' in first) {
    const allowed = manager === KUBECTL ? fieldsLastApplied(live, rootType(write.type)) : emptySet
    const left = first.conflicts
      .map(({ manager: other, fields }) => ({ manager: other, fields: difference(fields, allowed) }))
      .filter(({ fields }) => !isEmpty(fields))
    if (left.length > 0) yield* refuse(left)
    const forced = yield* apply(write, managers, true)
    if ('conflicts' in forced) return yield* refuse(forced.conflicts)
    return yield* finished(write, forced)
  }
  return yield* finished(write, first)
}

/** To tell of them is a step of its own. */
function* refuse(conflicts: readonly Conflict[]): Steps<never> {
  const conflict = yield* applyConflict(conflicts)
  yield
  throw conflict
}

interface ApplyResult {
  readonly object: ObjectValue
  readonly managers: Managers
  /** The object is as it was. */
  readonly unchanged: boolean
}

function* apply(
  write: ApplyWrite,
  before: Managers,
  force: boolean,
): Steps<ApplyResult | { readonly conflicts: readonly Conflict[] }> {
  const type = rootType(write.type)
  const live = withoutManagedFields(write.live) ?? {}
  const reset = resetFields(write)
  const self = identityOf(managerIn(write, 'Apply'))
  const last = before.get(self)
  const own = differenceBelow(fieldsOf(write.applied, type), reset)
  yield
  const set = taken(own)
  const { apiVersion, convert } = write
  const others = [...before].filter(([identity]) => identity !== self).map(([, other]) => other)
  const kept = [{ apiVersion, set: own }, ...others]
  yield
  const object = asObject(yield* applied({ live, applied: write.applied, type, apiVersion, last, kept, convert }))
  yield
  const compared = comparisons(write, withoutManagedFields(write.live), object, reset)
  const left = yield* disown(before, self, compared)
  if (!force && left.conflicts.length > 0) return { conflicts: left.conflicts }
  yield
  const managers = new Map(left.managers)
  managers.delete(self)
  const unchanged = object === live || sameJson(object, live)
  const time = unchanged ? last?.time : write.time
  yield
  const same =
    last !== undefined && unchanged && isEmpty(difference(last.set, set)) && isEmpty(difference(set, last.set))
  if (same && last.apiVersion === write.apiVersion) managers.set(self, last)
  else if (!isEmpty(set)) managers.set(self, { ...managerIn(write, 'Apply'), set, time })
  return { object, managers, unchanged }
}

function* finished(write: ApplyWrite, { object, managers, unchanged }: ApplyResult): Steps<Applied> {
  yield
  const stored = write.live?.metadata.managedFields
  const synced =
    write.manager === KUBECTL && lastApplied(object) !== undefined
      ? withLastApplied(object, asObject(write.applied))
      : object
  yield
  const entries = yield* writeManagers(managers)
  const sameOwners =
    stored !== undefined && stored.length === entries.length && entries.every((entry, index) => entry === stored[index])
  return {
    object: synced as DeepReadonly<KubeObject>,
    managedFields: sameOwners ? stored : entries,
    unchanged: sameOwners && unchanged && synced === object,
  }
}

function checkConfiguration({ applied: configuration, apiVersion, type, live, isTyped }: ApplyWrite): void {
  if (configuration.apiVersion !== undefined && configuration.apiVersion !== apiVersion) {
    throw badRequest(
      'Incorrect version specified in apply patch. ' +
        `Specified patch version: ${configuration.apiVersion}, expected: ${apiVersion}`,
    )
  }
  const { metadata } = asObject(configuration)
  const { managedFields } = asObject(metadata)
  if (managedFields !== undefined && managedFields !== null) throw badRequest('metadata.managedFields must be nil')
  const fault = isTyped === true ? undefined : typedPatchFault({ configuration, apiVersion, type, live })
  if (fault !== undefined) throw fault
}

/** What is told of a configuration that does not fit its type; undefined when it does. */
export function typedPatchFault({
  configuration,
  apiVersion,
  type,
  live,
}: Pick<Write, 'apiVersion' | 'type' | 'live'> & { readonly configuration: unknown }): ApiError | undefined {
  const faults = faultsOf(configuration, rootType(type))
  if (faults.length === 0) return undefined
  const object = asObject(configuration)
  const { name, namespace } = asObject(object['metadata'])
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion]
  const kind = `${group}/${version}, Kind=${textOf(object['kind'] ?? live?.kind)}`
  const told =
    faults.length === 1
      ? faults[0]
      : `errors:\n${faults
          .toSorted()
          .map((fault) => `  ${fault}`)
          .join('\n')}`
  const named = `${textOf(namespace ?? live?.metadata.namespace)}/${textOf(name ?? live?.metadata.name)}`
  return new ApiError({ message: `failed to create typed patch object (${named}; ${kind}): ${told}`, code: 500 })
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

/** The managers an update begins with, and the entries they were read from. */
function managersBefore({ live, next, subresource }: UpdateWrite): { managers: Managers; entries: readonly Entry[] } {
  const stored = live?.metadata.managedFields ?? []
  const sent = next.metadata.managedFields
  const own = subresource === undefined || subresource === ''
  if (own && sent !== undefined && sent !== stored) {
    if (asksForReset(sent)) return { managers: new Map(), entries: [] }
    if (!sameJson(sent, stored)) {
      const managers = readManagers(sent)
      if (managers !== undefined && managers.size > 0) return { managers, entries: sent }
    }
  }
  return { managers: readManagers(stored) ?? new Map(), entries: stored }
}

/** No entry at all, or an empty one: the caller wants nothing to be told of owners. */
const asksForReset = (sent: readonly Entry[]) =>
  sent.length <= 1 &&
  Object.values(sent[0] ?? {}).every((value) => value === undefined || value === '' || value === null)

/** The managers an apply begins with: if none are known, all that is there belongs to one of its own. */
function* managersOfLive(write: ApplyWrite): Steps<Managers> {
  const { live } = write
  const managers = readManagers(live?.metadata.managedFields)
  if (managers === undefined) throw new ApiError({ message: 'failed to decode managed fields', code: 500 })
  if (managers.size > 0 || live === undefined) return managers
  return yield* owners(managers, write, {
    live: undefined,
    next: live,
    operation: 'Update',
    manager: BEFORE_FIRST_APPLY,
  })
}

interface OwnedChange {
  readonly live: DeepReadonly<KubeObject> | undefined
  readonly next: DeepReadonly<KubeObject>
  readonly operation: 'Update'
  readonly manager: string
}

/** The managers after `change`; the same map when nothing changed hands. */
function* owners(managers: Managers, write: Write, { live, next, operation, manager }: OwnedChange): Steps<Managers> {
  const reset = resetFields(write)
  const compared = comparisons(write, withoutManagedFields(live), asObject(withoutManagedFields(next)), reset)
  const comparison = compared(write.apiVersion)
  if (comparison === undefined) return managers
  const isOfOneVersion = [...managers.values()].every(({ apiVersion }) => apiVersion === write.apiVersion)
  if (isOfOneVersion && isEmpty(comparison.changed) && isEmpty(comparison.removed)) return managers
  const fields = taken(comparison.changed)
  const after = (yield* disown(managers, undefined, compared)).managers
  const same = after.size === managers.size && [...after].every(([identity, one]) => managers.get(identity) === one)
  if (isEmpty(fields)) return same ? managers : after
  const { apiVersion, subresource = '', time } = write
  const identity = identityOf({ manager, operation, apiVersion, subresource })
  const before = after.get(identity)
  const set = before === undefined ? fields : union(before.set, fields)
  return new Map(after).set(identity, { manager, operation, apiVersion, subresource, time, set })
}

const managerIn = ({ manager, apiVersion, subresource = '' }: Write, operation: Manager['operation']) => ({
  manager,
  operation,
  apiVersion,
  subresource,
})

/** Compares the object before and after in the version that is asked for, each once. */
function comparisons(
  write: Write,
  live: ObjectValue | undefined,
  next: ObjectValue,
  reset: FieldSet,
): (apiVersion: string) => Comparison | undefined {
  const made = new Map<string, Comparison | undefined>()
  const { apiVersion: own, type, convert } = write
  const before = live ?? zeroOf(type.key, type.lookup)
  const compareIn = (apiVersion: string): Comparison | undefined => {
    if (apiVersion === own || convert === undefined) {
      return apiVersion === own
        ? compareChange({ before, after: next, type: rootType(type), reset })
        : comparisonIn(own)
    }
    const old = live === undefined ? undefined : convert(live as DeepReadonly<KubeObject>, apiVersion)
    const fresh = convert(next as DeepReadonly<KubeObject>, apiVersion)
    if (fresh === undefined) return undefined
    const { key, lookup } = fresh.type
    return compareChange({
      before: old?.object ?? zeroOf(key, lookup),
      after: fresh.object,
      type: typeOf(key, lookup),
      reset,
    })
  }
  const comparisonIn = (apiVersion: string): Comparison | undefined => {
    if (!made.has(apiVersion)) made.set(apiVersion, compareIn(apiVersion))
    return made.get(apiVersion)
  }
  return comparisonIn
}

const rootType = ({ key, lookup }: ObjectType): FieldType => typeOf(key, lookup)

const resetForObject = setOf(['f:status'])
const resetForStatus = setOf(['f:spec'])

function resetFields({ resetFields: given, subresource = '' }: Write): FieldSet {
  if (given !== undefined) return setOf(...given.map((path) => path.map((name) => `f:${name}`)))
  // A namespace's finalizers are written with all of it but the status.
  if (subresource === '' || subresource === 'finalize') return resetForObject
  return subresource === 'status' ? resetForStatus : emptySet
}

function asObject(value: unknown): ObjectValue {
  return isObject(value) ? value : {}
}

function withoutManagedFields(object: DeepReadonly<KubeObject> | undefined): ObjectValue | undefined {
  if (object === undefined) return undefined
  if (object.metadata?.managedFields === undefined) return asObject(object)
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}
