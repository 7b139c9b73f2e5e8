/** Reads the body of a request: bounded in size, and by its content type. */

import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { inSteps } from '../../../base/async/steps.ts'
import { nextTurn } from '../../../base/async/turn.ts'
import { badRequest, tooLarge, unsupportedMediaType } from '../../../meta/errors.ts'
import { JsonError } from '../../../wire/json/careful.ts'
import { type JsonBody, maxValues, readInSteps, readJsonBody } from '../../../wire/json/parse.ts'
import { undecodableMessage } from '../../../wire/decode/texts.ts'
import { ProtobufError } from '../../../wire/protobuf/codec.ts'
import type { ReadYaml } from '../../../wire/yaml/beside.ts'
import { isLarge } from '../../verbs/give-way.ts'
import type { RequestBody } from '../../verbs/read-body.ts'
import { protobuf } from '../answer/encode.ts'

export type HttpRequest = IncomingMessage | Http2ServerRequest

/** No body is larger. */
export const MAX_BODY = 3 * 1024 * 1024

/** So many small pieces of a body are made one, and smaller ones are small. */
const SMALL = 1024

/** No client sends its body in more small pieces than so many times that; taking them apart keeps all others waiting. */
const MAX_JOINED = 8

/** All bytes of the body. Throws `RequestEntityTooLarge`. */
export function readBytes(request: HttpRequest, limit = MAX_BODY): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const refuse = () => {
      chunks.length = 0
      request.removeAllListeners('data')
      request.resume()
      reject(tooLarge(`Request entity too large: limit is ${limit}`))
    }
    if (Number(request.headers['content-length'] ?? 0) > limit) return refuse()
    let small = 0
    let joined = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) return refuse()
      chunks.push(chunk)
      // A body that comes byte by byte would cost a hundred times what it holds.
      small = chunk.length < SMALL ? small + 1 : 0
      if (small === SMALL) {
        chunks.push(Buffer.concat(chunks.splice(-SMALL)))
        small = 0
        // An answer would come only after all that is still to be read.
        if (++joined > MAX_JOINED) request.destroy()
      }
    })
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)))
    request.once('error', (cause) => reject(badRequest('the request body could not be read', cause)))
    request.once('aborted', () => reject(badRequest('the request was aborted')))
  })
}

const OBJECT_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

/** The media type alone. */
export function mediaType(contentType: string | undefined): string {
  if (contentType === 'application/json') return contentType // what most say
  return (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** Whether there is a media type, and what follows it are pairs, as Go's parser demands. */
const hasSoundParameters = (contentType: string | undefined): boolean =>
  contentType === 'application/json' ||
  ((contentType === undefined || contentType === '' || mediaType(contentType) !== '') &&
    (contentType ?? '')
      .split(';')
      .slice(1)
      .every((part) => part.trim() === '' || /^[^\s=]+\s*=/.test(part.trim())))

/** A body, and how to read it. */
export interface BodySource {
  readonly bytes: Buffer
  readonly contentType: string | undefined
  readonly readYaml: ReadYaml
}

/** Reads the bytes of an object. Throws `BadRequest` and `UnsupportedMediaType`. */
export async function parseBody({ bytes, contentType, readYaml }: BodySource, kind: string): Promise<RequestBody> {
  switch (hasSoundParameters(contentType) ? mediaType(contentType) : 'none') {
    case '':
    case 'application/json':
      return parsed(bytes, kind, readJson)
    case 'application/yaml':
    case 'application/x-yaml':
    case 'text/yaml':
      return parsed(bytes, kind, readYaml)
    case 'application/vnd.kubernetes.protobuf':
      return parsed(bytes, kind, readProtobuf)
    default: {
      const accepted = OBJECT_TYPES.join(', ')
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
      )
    }
  }
}

/** Reads the bytes of a patch. */
export async function parsePatch({ bytes, contentType, readYaml }: BodySource): Promise<RequestBody> {
  const isYaml = mediaType(contentType) === 'application/apply-patch+yaml'
  const read = isYaml ? readYaml : readJson
  try {
    const { value, duplicates, repeated, fractions } = await read(bytes)
    // A merge patch has the places of what it changes; those of other patches are elsewhere.
    const isMerge = mediaType(contentType) === 'application/merge-patch+json'
    return {
      value,
      source: { duplicates, repeated, bytes, ...(isMerge && fractions !== undefined ? { fractions } : {}) },
    }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const isStrategic = mediaType(contentType) === 'application/strategic-merge-patch+json'
    const prefix = isStrategic ? '' : `error decoding ${isYaml ? 'YAML' : 'patch'}: `
    throw badRequest(prefix + error.message, error)
  }
}

const readJson = (bytes: Uint8Array): JsonBody | Promise<JsonBody> =>
  isLarge(bytes.length) ? inSteps(readInSteps(bytes), nextTurn) : readJsonBody(bytes)

interface Read {
  readonly value: unknown
  readonly duplicates: readonly string[]
  readonly repeated?: readonly string[]
  readonly fractions?: ReadonlyMap<string, string>
}

function readProtobuf(bytes: Uint8Array): Read {
  return { value: protobuf.decode(bytes, maxValues), duplicates: [] }
}

async function parsed(
  bytes: Buffer,
  kind: string,
  read: (bytes: Uint8Array) => Read | Promise<Read>,
): Promise<RequestBody> {
  try {
    const { value, ...found } = await read(bytes)
    return { value, source: { ...found, bytes } }
  } catch (error) {
    if (!(error instanceof JsonError) && !(error instanceof ProtobufError)) throw error
    const isJson = read === readJson
    const why = isJson ? `couldn't get version/kind; json parse error: ${error.message}` : unwrapped(error.message)
    throw badRequest(undecodableMessage({ kind }, why, bytes), error)
  }
}

/** Of a whole object Kubernetes does not say what the YAML was read for. */
const unwrapped = (message: string) => message.replace(/^error converting YAML to JSON: /, '')
