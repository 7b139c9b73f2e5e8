/** Admission of subresources that are made and never stored: bindings, evictions, tokens (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/). */

import type { WriteOptions } from '../../client/transport.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { ApiCore, RequestContext } from '../core.ts'

/** Asks admission about what is made of a subresource; plug-ins may change it in place. Throws what they refuse it with. */
export async function admitPart(
  core: ApiCore,
  { resource, subresource, namespace, name, user, warn, annotate }: RequestContext,
  object: KubeObject,
  options: WriteOptions,
): Promise<void> {
  const about = { operation: 'CREATE', resource, subresource, namespace, name, user } as const
  const isDryRun = options.dryRun === true
  const request: AdmissionRequest = { ...about, object, options, isDryRun, warn, annotate }
  await core.admission.mutate(request)
  await core.admission.validate(request)
}
