/** Bodies of writes, read as the objects they must be (https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation). */

import type { WriteOptions } from '../../client/transport.ts'
import type { KubeObject } from '../../meta/types.ts'
import { type BodyOptions, type BodyType, decodeBody } from '../codec.ts'
import type { RequestContext } from '../core.ts'
import { bodyTypeOf } from './patch.ts'

/** A body as it was read, not yet known to be anything. */
export interface RequestBody {
  readonly value: unknown
  readonly source?: Pick<BodyOptions, 'duplicates' | 'repeated' | 'bytes' | 'fractions'>
}

/** The object in a body, of the request's own kind unless `type` says another. Warns of unknown fields, or refuses them, as asked. */
export function readBody(
  context: RequestContext,
  { value, source }: RequestBody,
  { fieldValidation }: WriteOptions,
  type: BodyType = bodyTypeOf(context),
): KubeObject {
  return decodeBody(value, type, {
    fieldValidation,
    duplicates: source?.duplicates,
    repeated: source?.repeated,
    fractions: source?.fractions,
    warn: context.warn,
    bytes: source?.bytes,
  })
}
