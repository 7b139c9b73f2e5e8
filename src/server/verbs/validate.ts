/** Runs a kind's rules over an object that is about to be written; all faults at once. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { invalid } from '../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { ServedResource } from '../registry/served-resource.ts'

const ROOT = fieldPath()

/** Throws `Invalid` with every fault of a new object. */
export function validateNew(resource: ServedResource, object: KubeObject): void {
  const { meaning } = resource
  refuse(resource, object, [...metaFaults(resource, object), ...(meaning.validate?.(object, ROOT) ?? [])])
}

/** Throws `Invalid` with every fault of an update. */
export function validateChange(resource: ServedResource, object: KubeObject, old: DeepReadonly<KubeObject>): void {
  const { meaning } = resource
  const own = meaning.validateUpdate ?? ((draft) => meaning.validate?.(draft, ROOT) ?? [])
  refuse(resource, object, [...metaUpdateFaults(object, old), ...own(object, old, ROOT)])
}

/** Throws `Invalid` with every fault of an update of a part of an object: those of its metadata, and `own`. */
export function validatePartChange(
  resource: ServedResource,
  object: KubeObject,
  old: DeepReadonly<KubeObject>,
  own: readonly FieldError[],
): void {
  refuse(resource, object, [...metaUpdateFaults(object, old), ...own])
}

/** Throws `Invalid` with every fault of an update of the status. */
export function validateStatusChange(
  resource: ServedResource,
  object: KubeObject,
  old: DeepReadonly<KubeObject>,
): void {
  validatePartChange(resource, object, old, resource.meaning.validateStatusUpdate?.(object, old, ROOT) ?? [])
}

/** Throws `Invalid` when there are any faults. */
export function refuse({ group, kind }: ServedResource, object: KubeObject, faults: readonly FieldError[]): void {
  if (faults.length === 0) return
  const { name = '', generateName = '' } = object.metadata
  throw invalid({ group, kind, name: name === '' ? generateName : name }, faults)
}

function metaFaults({ namespaced, meaning }: ServedResource, { metadata }: KubeObject): FieldError[] {
  return validateObjectMeta(metadata, { namespaced, validateName: meaning.validateName })
}

/** Kubernetes looks at an update's metadata twice, for all kinds and for the one, and tells its faults twice. */
function metaUpdateFaults({ metadata }: KubeObject, old: DeepReadonly<KubeObject>): FieldError[] {
  const faults = validateObjectMetaUpdate(metadata, old.metadata)
  return [...faults, ...faults]
}
