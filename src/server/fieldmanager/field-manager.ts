/**
 * Who owns which field: keeps `metadata.managedFields` at every write, and carries out server-side apply
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
 */
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject, ManagedFieldsEntry, Time } from '../../meta/types.ts'
import type { SchemaLookup } from '../../wire/schema.ts'

/** The type of the object being written. Without a key its shape is taken from its values. */
export interface ObjectType {
  readonly key: string | undefined
  readonly lookup: SchemaLookup
}

export interface Write {
  /** The object as it is stored, its managedFields included; undefined when the write creates it. */
  readonly live: DeepReadonly<KubeObject> | undefined
  /** Who writes: see `managerOf`. */
  readonly manager: string
  /** The version that the caller wrote in, e.g. `apps/v1`. */
  readonly apiVersion: string
  /** Absent for the object itself. */
  readonly subresource?: string
  /** Now. */
  readonly time: Time
  readonly type: ObjectType
}

export interface UpdateWrite extends Write {
  /** The object as it will be stored; its managedFields are those that the caller sent. */
  readonly next: DeepReadonly<KubeObject>
}

export interface ApplyWrite extends Write {
  /** What the caller applied: only the fields it has an opinion on. */
  readonly applied: DeepReadonly<KubeObject>
  /** Take fields over from other managers instead of failing with a conflict. */
  readonly force: boolean
}

export interface Applied {
  /** The whole object after the apply, without managedFields: the same as `live` when nothing changed. */
  readonly object: DeepReadonly<KubeObject>
  readonly managedFields: readonly DeepReadonly<ManagedFieldsEntry>[]
}

/** The manager's name of a write: the `fieldManager` asked for, else the User-Agent up to the first `/`. */
export function managerOf(fieldManager: string | undefined, userAgent: string | undefined): string {
  if (fieldManager !== undefined && fieldManager !== '') return fieldManager
  const prefix = (userAgent ?? '').split('/', 1)[0] ?? ''
  return prefix === '' ? 'unknown' : prefix.slice(0, 128)
}

/**
 * The managedFields of `next` after a create, update or patch by `manager`. The very list of `live` when the write
 * changes no owner.
 */
export function updateManagedFields(write: UpdateWrite): readonly DeepReadonly<ManagedFieldsEntry>[] {
  return write.next.metadata.managedFields ?? write.live?.metadata.managedFields ?? []
}

/** Merges an applied configuration into the live object. Throws an ApiError: 409 naming every conflict, 400, 422. */
export function applyConfiguration(write: ApplyWrite): Applied {
  return { object: write.live ?? write.applied, managedFields: write.live?.metadata.managedFields ?? [] }
}
