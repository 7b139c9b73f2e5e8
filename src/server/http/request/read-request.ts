/** Reads what a request to a resource asks for: its options and its body. */

import { ApiError } from '../../../meta/errors.ts'
import type { PatchType } from '../../../client/transport.ts'
import type { DeleteOptions } from '../../../meta/types.ts'
import type { ReadYaml } from '../../../wire/yaml/beside.ts'
import { readYamlBody } from '../../../wire/yaml/parse.ts'
import { decodeOptions } from '../../codec.ts'
import type { RequestContext } from '../../core.ts'
import { methodNotAllowed } from '../../verbs/attributes.ts'
import type { ApiRequest } from '../../verbs/perform.ts'
import { type BodySource, type HttpRequest, mediaType, parseBody, parsePatch, readBytes } from './body.ts'
import { deleteOptions, listOptions, writeOptions } from './query.ts'
import type { ResourceRequest } from './request-info.ts'

const APPLY_TYPE = 'application/apply-patch+yaml'
const PATCH_TYPES: ReadonlyMap<string, PatchType> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  [APPLY_TYPE, 'apply'],
])
/** Whether a request is a server-side apply. */
export const isApplyPatch = ({ headers }: HttpRequest): boolean => mediaType(headers['content-type']) === APPLY_TYPE

/** Throws `BadRequest`, `UnsupportedMediaType`, `RequestEntityTooLarge`. */
export async function readRequest(
  request: HttpRequest,
  { verb }: ResourceRequest,
  query: URLSearchParams,
  { context, readYaml = readYamlBody }: { readonly context: RequestContext; readonly readYaml: ReadYaml | undefined },
): Promise<ApiRequest> {
  const contentType = request.headers['content-type']
  const source = async () => ({ bytes: await readBytes(request), contentType, readYaml })
  switch (verb) {
    case 'get':
      return { verb, resourceVersion: query.get('resourceVersion') ?? undefined }
    case 'list':
      return { verb, list: listOptions(query) }
    case 'create':
    case 'update': {
      const options = writeOptions(query, verb === 'create' ? 'CreateOptions' : 'UpdateOptions')
      const body = await parseBody(await source(), kindOf(context))
      return { verb, body, options }
    }
    case 'patch': {
      const type = PATCH_TYPES.get(mediaType(contentType))
      if (type === undefined) {
        const message = '415: Unsupported Media Type'
        throw new ApiError({ message, reason: 'UnsupportedMediaType', details: {}, code: 415 })
      }
      const options = writeOptions(query, 'PatchOptions')
      return { verb, type, body: await parsePatch(await source()), options }
    }
    case 'delete':
      return { verb, ...(await readDeleteOptions(await source(), query)) }
    case 'deletecollection':
      return { verb, list: listOptions(query), ...(await readDeleteOptions(await source(), query)) }
    default:
      throw methodNotAllowed()
  }
}

function kindOf({ resource, subresource }: RequestContext): string {
  return resource.subresources.get(subresource)?.kind ?? resource.kind
}

async function readDeleteOptions(
  source: BodySource,
  query: URLSearchParams,
): Promise<{ readonly options: DeleteOptions; readonly hasBody: boolean }> {
  if (source.bytes.length === 0) return { options: deleteOptions(query), hasBody: false }
  const { value } = await parseBody(source, 'DeleteOptions')
  return { options: decodeOptions(value, 'DeleteOptions') as DeleteOptions, hasBody: true }
}
