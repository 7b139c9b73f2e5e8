/** Answers as bytes. Single objects, items of lists and events are encoded once and shared. */

import type { Steps } from '../../../base/async/steps.ts'
import { schemaOf, typeKeyOf } from '../../../api/schemas.ts'
import { notAcceptable } from '../../../meta/errors.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { toJson } from '../../../wire/json/stringify.ts'
import { writeYaml, writeYamlInSteps } from '../../../wire/yaml/write.ts'
import { createProtobufCodec } from '../../../wire/protobuf/codec.ts'
import { protobufContentType, watchFrame, writeEnvelope } from '../../../wire/protobuf/envelope.ts'
import { shownAs } from '../../registry/object-views.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import { asWritten, StoredObject } from '../../registry/stored-object.ts'
import type { Answer } from '../../verbs/answer.ts'
import { isInitialEnd, type WatchFrame } from '../../watchcache/watch-frame.ts'
import { bookmarkObject } from './bookmark-object.ts'
import type { OutputForm } from './negotiate.ts'
import { partialOf } from './partial.ts'
import { type Head, headsAround, headsOf, type IncludeObject, tableOf } from './table.ts'

export const protobuf = createProtobufCodec({ schemas: schemaOf, typeKeyOf })

export interface EncodeContext {
  readonly resource?: ServedResource
  readonly form: OutputForm
  readonly includeObject: IncludeObject
  readonly now: number
}

export interface Encoded {
  readonly contentType: string
  readonly body: Buffer | Parts
}

/** A large body in parts, to be written one after the other; they are shared, and nobody may change them. */
export interface Parts {
  readonly parts: readonly Buffer[]
  /** Of all parts together. */
  readonly length: number
}

export const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'

/** An object that nothing is kept of. */
export function encodePlain(object: object, form: OutputForm): Encoded & { readonly body: Buffer } {
  if (form.encoding === 'protobuf') {
    const { apiVersion = '', kind = '' } = object as { apiVersion?: string; kind?: string }
    // Some answers of discovery have never named a version.
    const type = typeKeyOf(apiVersion || 'v1', kind)
    if (type !== undefined && schemaOf(type)?.hasProto === true) {
      const body = writeEnvelope({ apiVersion, kind }, protobuf.encodeMessage(object, type))
      return { contentType: protobufContentType, body }
    }
  }
  if (form.encoding === 'yaml') return { contentType: YAML_TYPE, body: Buffer.from(writeYaml(object)) }
  return { contentType: JSON_TYPE, body: Buffer.from(`${toJson(object)}\n`) }
}

/** A Status as it is, whatever is asked for; of a review its metadata, if that is asked for. */
export function encodeBare(object: object, form: OutputForm): Encoded {
  const { apiVersion = '', kind = '', metadata = {} } = object as Partial<KubeObject>
  if (form.as === undefined || kind === 'Status') return encodePlain(object, form)
  if (form.as === 'PartialObjectMetadataList') throw notAList(form.as, { apiVersion, kind })
  return encodePlain(partialOf({ apiVersion, kind, metadata }, form.version), form)
}

/** An object that is made for the request, with columns of its own. */
export function encodeShown({ object, columns }: Extract<Answer, { form: 'shown' }>, context: EncodeContext): Encoded {
  const { form } = context
  if (form.as === 'Table') return tableOfOne(headsAround(columns), object, context)
  return encodeBare(object, form)
}

function tableOfOne(heads: readonly Head[], object: DeepReadonly<KubeObject>, context: EncodeContext): Encoded {
  const { resourceVersion } = object.metadata
  const metadata = resourceVersion === undefined ? {} : { resourceVersion }
  return encodePlain(tableOf(heads, [object], tableRequest(context), metadata), context.form)
}

/** A stored object. */
export function encodeObject(stored: StoredObject, context: EncodeContext): Encoded {
  const { form, resource } = context
  if (form.as === 'Table' && resource !== undefined) return tableOfOne(headsOf(resource), stored.object, context)
  if (form.as === 'PartialObjectMetadata') return encodePlain(partialOf(stored.object, form.version), form)
  if (form.as === 'PartialObjectMetadataList') throw notAList(form.as, stored.object)
  switch (form.encoding) {
    case 'json':
      return { contentType: JSON_TYPE, body: stored.jsonText() }
    case 'protobuf':
      return { contentType: protobufContentType, body: envelopeOf(stored) }
    case 'yaml':
      return encodePlain(asWritten(stored.object), form)
  }
}

/** A stored object as YAML, so that others have their turn meanwhile. */
export function* yamlInSteps(stored: StoredObject): Steps<Encoded> {
  const lines = yield* writeYamlInSteps(asWritten(stored.object))
  yield
  return { contentType: YAML_TYPE, body: Buffer.from(lines) }
}

/** The object's metadata alone as JSON, made once. */
export function partialJson(stored: StoredObject, version: string): Buffer {
  return stored.derived(`partial:${version}`, () => Buffer.from(toJson(partialOf(stored.object, version))))
}

/** The message of an object, without an envelope. */
export function messageOf(stored: StoredObject): Buffer {
  return stored.derived('protobuf', () => {
    const { apiVersion = '', kind = '' } = stored.object
    const type = typeKeyOf(apiVersion, kind)
    if (type === undefined || schemaOf(type)?.hasProto !== true) throw notAcceptable(`${kind} has no protobuf form`)
    return protobuf.encodeMessage(stored.object, type)
  })
}

function envelopeOf(stored: StoredObject): Buffer {
  const { apiVersion = '', kind = '' } = stored.object
  return writeEnvelope({ apiVersion, kind }, messageOf(stored))
}

/** What rows of tables are made by. */
export const tableRequest = ({ form, includeObject, now, resource }: EncodeContext) => ({
  version: form.version,
  includeObject,
  now,
  conditionsOf: resource?.meaning.rowConditions,
})

/** How one watch encodes its events. */
export function frameEncoder(resource: ServedResource, context: EncodeContext): (frame: WatchFrame) => Buffer {
  const { form } = context
  if (form.as === 'Table') return tableFrames(resource, context)
  if (form.as !== undefined) {
    return (frame) => frame.derived(`${resource.key}:${form.id}`, () => partialFrame(frame, resource, form))
  }
  if (form.encoding === 'protobuf') {
    return (frame) =>
      frame.derived(`${resource.key}:protobuf`, () => watchFrame(frame.type, envelopeOf(objectOf(frame, resource))))
  }
  const isShared = resource.view === undefined
  return (frame) =>
    isShared && frame.type !== 'BOOKMARK'
      ? frame.jsonLine()
      : frame.derived(resource.key, () => jsonFrame(frame.type, objectOf(frame, resource).json()))
}

/** The object of an event, as the resource shows it. */
function objectOf({ type, object }: WatchFrame, resource: ServedResource): StoredObject {
  if (type !== 'BOOKMARK') return shownAs(resource, object)
  return new StoredObject(bookmarkObject(resource, object.object.metadata), object.revision)
}

const jsonFrame = (type: string, object: Buffer) =>
  Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, Buffer.from('}\n')])

function partialFrame(frame: WatchFrame, resource: ServedResource, form: OutputForm): Buffer {
  const stored = objectOf(frame, resource)
  if (form.encoding === 'protobuf') {
    return watchFrame(frame.type, protobuf.encode(partialOf(stored.object, form.version) as Record<string, unknown>))
  }
  return jsonFrame(frame.type, partialJson(stored, form.version))
}

function tableFrames(resource: ServedResource, context: EncodeContext): (frame: WatchFrame) => Buffer {
  let isFirst = true
  return (frame) => {
    const stored = objectOf(frame, resource)
    const { resourceVersion = '' } = stored.object.metadata
    const request = tableRequest(context)
    // That the initial events are over is said by the row's object: it is there even for who wants none.
    const shown = isInitialEnd(frame) && request.includeObject === 'None' ? 'Metadata' : request.includeObject
    const rows = { ...request, includeObject: shown }
    const table = tableOf(headsOf(resource), [stored.object], rows, { resourceVersion }, isFirst)
    isFirst = false
    return jsonFrame(frame.type, Buffer.from(toJson(table)))
  }
}

/** The last words of a watch that failed. */
export function errorFrame(status: object, form: OutputForm): Buffer {
  if (form.encoding === 'protobuf') return watchFrame('ERROR', protobuf.encode(status as Record<string, unknown>))
  return jsonFrame('ERROR', Buffer.from(toJson(status)))
}

/** The refusal of a form that an answer has not. */
export const notShown = (as: string, what: string) =>
  notAcceptable(`you requested ${as}, but the requested object is ${what}`)

const notAList = (as: string, { apiVersion = '', kind = '' }: DeepReadonly<Partial<KubeObject>>) =>
  notShown(as, `not a list (${goTypeOf(apiVersion, kind)})`)

/** The Go type of a kind inside Kubernetes: its package is called as its group begins. */
export function goTypeOf(apiVersion: string, kind: string): string {
  const [group = '', version] = apiVersion.split('/')
  const isCore = version === undefined || group === 'events.k8s.io'
  return `*${isCore ? 'core' : group.split('.')[0]}.${kind}`
}
