/** For tests: an API server of one object, and objects for it. */

import { schemaOf, typeKeyOf } from '../../api/schemas.ts'
import { atOnce } from '../../base/async/steps.ts'
import { ApiError } from '../../meta/errors.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../meta/types.ts'
import { applyConfiguration, updateManagedFields, type ApplyWrite } from './field-manager.ts'

/** An object of which a test may read any field. */
export type Thing = KubeObject & { [key: string]: unknown }

/** What the field manager wants to know of an object's type. */
export const typeOf = (object: KubeObject) => ({
  key: typeKeyOf(object.apiVersion ?? '', object.kind ?? ''),
  lookup: schemaOf,
})
/** A time of the test's minute, by its second. */
export const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`

/** An API server of one object: keeps what is written, as the verbs will. */
export function server(start?: Thing) {
  let live: Thing | undefined = start
  let second = 0
  const store = (object: object, managedFields: readonly object[]) => {
    const { managedFields: _, ...metadata } = (object as Thing).metadata
    live = structuredClone({
      ...object,
      metadata: { uid: 'u', ...metadata, ...(managedFields.length === 0 ? {} : { managedFields }) },
    }) as Thing
    return live
  }
  return {
    get live() {
      return live
    },
    entries: () => (live?.metadata.managedFields ?? []) as ManagedFieldsEntry[],
    entry: (manager: string) => live?.metadata.managedFields?.find((entry) => entry.manager === manager),
    /** What the server itself fills in: no manager's doing. */
    complete(filled: Thing) {
      live = { ...filled, metadata: { ...filled.metadata, ...live?.metadata } }
    },
    update(manager: string, next: Thing, subresource?: string) {
      const sub = subresource === undefined ? {} : { subresource }
      const write = {
        live,
        next,
        manager,
        apiVersion: next.apiVersion ?? '',
        time: at(++second),
        type: typeOf(next),
        ...sub,
      }
      return store(next, updateManagedFields(write))
    },
    change(manager: string, change: (draft: Thing) => void, subresource?: string) {
      const draft = structuredClone(live) as Thing
      change(draft)
      return this.update(manager, draft, subresource)
    },
    apply(manager: string, applied: Thing, options: Partial<ApplyWrite> = {}) {
      const write = { live, applied, manager, apiVersion: applied.apiVersion ?? '', time: at(++second), force: false }
      const done = atOnce(applyConfiguration({ ...write, type: typeOf(applied), ...options }))
      store(done.object, done.managedFields)
      return done
    },
  }
}

export const configMap = (data: object, metadata: object = {}): Thing => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', ...metadata },
  data,
})
export const deployment = (spec: object): Thing => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec,
})
export const containers = (...list: object[]) => deployment({ template: { spec: { containers: list } } })

export function failure(act: () => unknown): ApiError {
  try {
    act()
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error('no failure')
}
