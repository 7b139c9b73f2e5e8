/**
 * Whoever creates an object by an update or an apply must be allowed to create it
 * (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#request-verb-resource).
 */

import { type Authorizer, demandAllowed } from '../authz/authorizer.ts'
import type { AdmissionPlugin } from './admission.ts'

/** Asked when the object is known to be valid, before anybody else judges it. */
export function createAuthorization(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CreateAuthorization',
    validate({ operation, resource, requested = resource, subresource, namespace, pathName, user }) {
      if (operation !== 'CREATE' || (pathName ?? '') === '') return
      const { group, version } = requested
      const asked = { verb: 'create', group, version, resource: requested.resource, subresource, namespace }
      demandAllowed(authorizer, user, { ...asked, name: pathName ?? '' })
    },
  }
}
