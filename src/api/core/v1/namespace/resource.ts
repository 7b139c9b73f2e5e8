/** Namespace, v1: a room for names (https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { labelName } from '../../../../meta/names.ts'
import { validateFinalizerName } from '../../../../meta/object-meta.ts'
import { invalidValue, judgeAll } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { Namespace, NamespaceSpec } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { keepStatus } from '../../../strategy.ts'

type Shared = DeepReadonly<Namespace>

/** The finalizer under which the namespace controller empties a namespace. */
const KUBERNETES = 'kubernetes'
/** The label by which selectors find a namespace of a name. */
const NAME_LABEL = 'kubernetes.io/metadata.name'

export const namespaces = defineResource<Namespace>('v1/namespaces', {
  countsGeneration: false,
  setDefaults(draft) {
    const { metadata, status } = draft
    if ((metadata.name ?? '') !== '') metadata.labels = { ...metadata.labels, [NAME_LABEL]: metadata.name ?? '' }
    if ((status?.phase ?? '') === '') draft.status = { ...status, phase: 'Active' }
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Active' }
    const finalizers = draft.spec?.finalizers ?? []
    draft.spec = { finalizers: finalizers.includes(KUBERNETES) ? finalizers : [...finalizers, KUBERNETES] }
  },
  prepareForUpdate(draft, old) {
    // Finalizers are taken away by the finalize subresource alone.
    draft.spec = structuredClone(old.spec ?? {}) as NamespaceSpec
    keepStatus(draft, old)
  },
  validateName: labelName,
  validate: validateNamespace,
  validateUpdate: (object, _old, root) => validateNamespace(object, root),
  validateStatusUpdate: validateNamespaceStatus,
  selectableFields: { 'status.phase': ({ status }) => status?.phase ?? '' },
  columns: [nameColumn(), textColumn('Status', ({ status }) => status?.phase ?? ''), ageColumn()],
})

function validateNamespace({ spec }: Shared, root: FieldPath): FieldError[] {
  const path = root.child('spec', 'finalizers')
  return judgeAll(spec?.finalizers, (finalizer) => validateFinalizerName(finalizer, path))
}

function validateNamespaceStatus({ metadata, status }: Shared, _old: Shared, root: FieldPath): FieldError[] {
  const phase = status?.phase ?? ''
  const path = root.child('status', 'Phase')
  if (metadata.deletionTimestamp === undefined) {
    return phase === 'Active' ? [] : [invalidValue(path, phase, "may only be 'Active' if `deletionTimestamp` is empty")]
  }
  if (phase === 'Terminating') return []
  return [invalidValue(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")]
}
