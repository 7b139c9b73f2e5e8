/** A namespace stays until its spec.finalizers are gone (https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/). */

import type { Namespace } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { StorageHook } from './storage-hooks.ts'

export const namespaceHook: StorageHook = {
  onCreate(draft) {
    const namespace = draft as Namespace
    // A label that says the name lets selectors pick namespaces by it.
    namespace.metadata!.labels = {
      ...namespace.metadata!.labels,
      'kubernetes.io/metadata.name': namespace.metadata!.name!,
    }
    const finalizers = namespace.spec?.finalizers ?? []
    if (!finalizers.includes('kubernetes'))
      namespace.spec = { ...namespace.spec, finalizers: [...finalizers, 'kubernetes'] }
    namespace.status = { phase: 'Active' }
    return undefined
  },
  staysWhileDeleting: (object) => ((object as DeepReadonly<Namespace>).spec?.finalizers ?? []).length > 0,
  onDeletionBegin(draft) {
    const namespace = draft as Namespace
    namespace.status = { ...namespace.status, phase: 'Terminating' }
  },
}
