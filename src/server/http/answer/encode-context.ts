/** In which form an answer is sent, as far as the request decides it. */

import { badRequest } from '../../../meta/errors.ts'
import type { RequestContext } from '../../core.ts'
import type { EncodeContext } from './encode.ts'
import type { OutputForm } from './negotiate.ts'

/** What the encoders are told of a request. Throws `BadRequest`. */
export function encodeContext(
  { resource }: RequestContext,
  form: OutputForm,
  query: URLSearchParams,
  now: number,
): EncodeContext {
  const asked = query.get('includeObject') || 'Metadata'
  if (asked !== 'None' && asked !== 'Metadata' && asked !== 'Object') {
    const why = `Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`
    throw badRequest(`Unable to convert to Table as requested: includeObject: ${why}`)
  }
  return { resource, form, includeObject: asked, now }
}
