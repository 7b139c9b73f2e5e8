/** Refusals in the words of admission (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/). */

import { type ApiError, forbidden } from '../../meta/errors.ts'
import type { AdmissionRequest } from './admission.ts'

/** Who the request is about; an object without a name yet goes by the prefix of the one it will get. */
export function nameOf({ name, object }: AdmissionRequest): string {
  if (name !== '') return name
  const { name: own = '', generateName = '' } = object?.metadata ?? {}
  if (own !== '') return own
  return generateName === '' ? 'Unknown' : generateName
}

/** 403: the plug-in does not allow the write. */
export function refusal(request: AdmissionRequest, why: string): ApiError {
  const { group, resource } = request.resource
  return forbidden({ group, resource, name: nameOf(request) }, why)
}

/** Whether the request is to create an object of the resource (`pods`, `deployments.apps`). */
export function creates({ operation, subresource, resource }: AdmissionRequest, name: string): boolean {
  return operation === 'CREATE' && subresource === '' && isResource({ resource }, name)
}

/** Whether the request is about the resource (`pods`, `deployments.apps`), subresources included. */
export function isResource(
  { resource: { group, resource } }: Pick<AdmissionRequest, 'resource'>,
  name: string,
): boolean {
  return name === (group === '' ? resource : `${resource}.${group}`)
}
