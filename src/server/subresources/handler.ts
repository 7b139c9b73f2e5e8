/** What a subresource does in the place of a verb on the object itself. */

import type { ApiCore, RequestContext } from '../core.ts'
import type { Answer } from '../verbs/answer.ts'
import type { ApiRequest } from '../verbs/perform.ts'

/** Carries out a request on a subresource; throws `MethodNotAllowed` for verbs it does not have. */
export type SubresourceHandler = (
  core: ApiCore,
  context: RequestContext,
  request: ApiRequest,
) => Promise<Answer> | Answer

/**
 * By the key of the resource and the subresource (`v1/pods/binding`), or of all resources (`*` + `/scale`). Resources that
 * are not stored have a handler under their own key.
 */
export type SubresourceHandlers = ReadonlyMap<string, SubresourceHandler>
