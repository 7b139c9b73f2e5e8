/** Claims grow only where their class lets them (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims). */

import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { cmpQuantity } from '../../meta/quantity.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin } from './admission.ts'
import { isResource, refusal } from './refuse.ts'

export function persistentVolumeClaimResize(classes: WatchCache): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    validate(request) {
      const { operation, subresource } = request
      if (operation !== 'UPDATE' || subresource !== '' || !isResource(request, 'persistentvolumeclaims')) return
      const claim = request.object as PersistentVolumeClaim
      const old = request.old as DeepReadonly<PersistentVolumeClaim>
      const before = old.spec?.resources?.requests?.['storage']
      const after = claim.spec?.resources?.requests?.['storage']
      if (before === undefined || after === undefined || cmpQuantity(after, before) <= 0) return
      if (old.status?.phase !== 'Bound') {
        throw refusal(request, 'Only bound persistent volume claims can be expanded')
      }
      const found = classes.get('', claim.spec?.storageClassName ?? '')?.object as
        | DeepReadonly<StorageClass>
        | undefined
      if (found?.allowVolumeExpansion === true) return
      throw refusal(
        request,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      )
    },
  }
}
