/** Storage that is in use is not torn away (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection). */

import type { AdmissionPlugin } from './admission.ts'

const FINALIZERS: ReadonlyMap<string, string> = new Map([
  ['v1/persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
  ['v1/persistentvolumes', 'kubernetes.io/pv-protection'],
  ['storage.k8s.io/v1/volumeattributesclasses', 'kubernetes.io/vac-protection'],
])

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate({ operation, resource, subresource, object }) {
    const finalizer = FINALIZERS.get(resource.key)
    if (operation !== 'CREATE' || subresource !== '' || finalizer === undefined || object === undefined) return
    const { metadata } = object
    if (metadata.finalizers?.includes(finalizer) !== true)
      metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
  },
}
