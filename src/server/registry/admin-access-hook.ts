/**
 * Access to devices that others use is for namespaces that an administrator has labelled for it
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#admin-access).
 */

import type { ResourceClaim, ResourceClaimTemplate } from '../../api/generated/resource-v1.ts'
import { invalid } from '../../meta/errors.ts'
import { fieldPath } from '../../meta/field-path.ts'
import type { KubeObject } from '../../meta/types.ts'
import { forbiddenField } from '../../meta/validation.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { StorageHook } from './storage-hooks.ts'

const LABEL = 'resource.kubernetes.io/admin-access'

/** For ResourceClaims and their templates. What they ask for never changes, so only new ones are looked at. */
export function adminAccessHook(namespaces: WatchCache): StorageHook {
  return {
    check(draft, old) {
      if (old !== undefined) return
      const { kind = '', metadata } = draft
      const { spec = {} } = draft as KubeObject & Partial<Pick<ResourceClaim | ResourceClaimTemplate, 'spec'>>
      const { devices } = 'spec' in spec ? spec.spec : spec
      const at = (devices?.requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true)
      if (at < 0) return
      const namespace = namespaces.get('', metadata.namespace ?? '')?.object
      if (namespace?.metadata.labels?.[LABEL] === 'true') return
      const path = fieldPath('spec', 'devices', 'requests').index(at).child('adminAccess')
      const why = `admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`
      throw invalid({ group: 'resource.k8s.io', kind, name: metadata.name ?? '' }, [forbiddenField(path, why)])
    },
  }
}
