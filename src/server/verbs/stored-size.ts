/**
 * How large one object may be. Kubernetes keeps objects in etcd, which takes no request above 1.5 MiB
 * (https://etcd.io/docs/v3.6/dev-guide/limit/), and clients know its words for that.
 */

import { schemaOf, typeKeyOf } from '../../api/schemas.ts'
import { ApiError } from '../../meta/errors.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import { toJson } from '../../wire/json/stringify.ts'
import { writeEnvelope } from '../../wire/protobuf/envelope.ts'
import { protobuf } from '../http/answer/encode.ts'
import { StoredObject } from '../registry/stored-object.ts'

/** What etcd takes, the object's key and what else is in a request included. */
export const MAX_REQUEST = 1.5 * 1024 * 1024
/** Of a request, besides its object and its keys. */
const REQUEST_FRAME = 39
/** No character and no value takes more bytes than sixteen, with what stands around it, in either form. */
const SURELY_SMALL = MAX_REQUEST / 16

/**
 * An object as it can be stored under a key. Throws when it is too large. What is too large only with the notes on who
 * owns its fields loses these, as in Kubernetes.
 */
export function storable(made: StoredObject, key: string): StoredObject {
  if (made.weight <= SURELY_SMALL || requestSize(made.object, key) <= MAX_REQUEST) return made
  const { managedFields: _, ...metadata } = made.object.metadata
  const lighter = { ...made.object, metadata }
  if (requestSize(lighter, key) <= MAX_REQUEST) return new StoredObject(lighter, made.revision)
  throw tooLargeToStore()
}

export const tooLargeToStore = () => new ApiError({ message: 'etcdserver: request is too large', code: 500 })

/** Whether a draft can be stored as it is. */
export const fits = (draft: DeepReadonly<KubeObject>, key: string): boolean => requestSize(draft, key) <= MAX_REQUEST

function requestSize(draft: DeepReadonly<KubeObject>, key: string): number {
  return sizeOf(draft) + 2 * key.length + REQUEST_FRAME
}

/** Bytes of the object as Kubernetes stores it: without a resourceVersion, and as protobuf where its kind has that. */
function sizeOf(draft: DeepReadonly<KubeObject>): number {
  const { apiVersion = '', kind = '' } = draft
  const object = { ...draft, metadata: { ...draft.metadata, resourceVersion: '' } }
  const type = typeKeyOf(apiVersion, kind)
  if (type === undefined || schemaOf(type)?.hasProto !== true) return Buffer.byteLength(toJson(object))
  return writeEnvelope({ apiVersion, kind }, protobuf.encodeMessage(object, type)).length
}
