/**
 * How large one object may be. Kubernetes keeps objects in etcd, which takes no request above 1.5 MiB
 * (https://etcd.io/docs/v3.6/dev-guide/limit/), and clients know its words for that.
 */

import { schemaOf, typeKeyOf } from '../../api/schemas.ts'
import { ApiError } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import { toJson } from '../../wire/json/stringify.ts'
import { writeEnvelope } from '../../wire/protobuf/envelope.ts'
import { protobuf } from '../http/encode.ts'

/** What etcd takes, the object's key and what else is in a request included. */
export const MAX_REQUEST = 1.5 * 1024 * 1024
/** Of a request, besides its object and its keys. */
const REQUEST_FRAME = 39
/** No character and no value takes more bytes than sixteen, with what stands around it, in either form. */
const SURELY_SMALL = MAX_REQUEST / 16

/**
 * Throws when an object is too large to be stored under a key as long as `key`. What is too large only with the notes on
 * who owns its fields loses these, as in Kubernetes.
 */
export function demandSize(draft: KubeObject, key: string): void {
  if (weightOf(draft, SURELY_SMALL) <= SURELY_SMALL) return
  if (requestSize(draft, key) <= MAX_REQUEST) return
  delete draft.metadata.managedFields
  if (requestSize(draft, key) <= MAX_REQUEST) return
  throw new ApiError({ message: 'etcdserver: request is too large', code: 500 })
}

/** Characters and values in `value`, counted no further than `most`. */
function weightOf(value: unknown, most: number): number {
  if (typeof value === 'string') return value.length + 1
  if (typeof value !== 'object' || value === null) return 1
  let weight = 1
  for (const key in value) {
    weight += key.length + weightOf((value as Record<string, unknown>)[key], most - weight)
    if (weight > most) return weight
  }
  return weight
}

function requestSize(draft: KubeObject, key: string): number {
  return sizeOf(draft) + 2 * key.length + REQUEST_FRAME
}

/** Bytes of the object as Kubernetes stores it: without a resourceVersion, and as protobuf where its kind has that. */
function sizeOf(draft: KubeObject): number {
  const { apiVersion = '', kind = '' } = draft
  const object = { ...draft, metadata: { ...draft.metadata, resourceVersion: '' } }
  const type = typeKeyOf(apiVersion, kind)
  if (type === undefined || schemaOf(type)?.hasProto !== true) return Buffer.byteLength(toJson(object))
  return writeEnvelope({ apiVersion, kind }, protobuf.encodeMessage(object, type)).length
}
