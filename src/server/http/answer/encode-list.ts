/**
 * Lists as bytes, item by item: others have their turn in between, for a list of thousands takes a tenth of a second
 * where its items were not written before, and as a table or YAML each time.
 */

import { schemaOf, typeKeyOf } from '../../../api/schemas.ts'
import type { Steps } from '../../../base/async/steps.ts'
import { toJson } from '../../../wire/json/stringify.ts'
import { envelopeAround, listHead, listItem, protobufContentType } from '../../../wire/protobuf/envelope.ts'
import { writeYaml } from '../../../wire/yaml/write.ts'
import type { ListMeta } from '../../../meta/types.ts'
import { asWritten, type StoredObject } from '../../registry/stored-object.ts'
import type { ListAnswer } from '../../verbs/read.ts'
import {
  type Encoded,
  type EncodeContext,
  goTypeOf,
  JSON_TYPE,
  messageOf,
  notShown,
  partialJson,
  protobuf,
  tableRequest,
} from './encode.ts'
import { partialOf } from './partial.ts'
import { hasPlainColumns, headsOf, rowOf, tableHead } from './table.ts'

/** Others have their turn after objects of so many characters and values: some milliseconds at most. */
const PIECE = 256 * 1024

/** The bytes of a list in the form asked for. */
export function listInSteps(list: ListAnswer, context: EncodeContext): Steps<Encoded> {
  const { form } = context
  if (form.as === 'Table') return table(list, context)
  if (form.as === 'PartialObjectMetadata') throw notAnObject(form.as, list)
  if (form.as === 'PartialObjectMetadataList') return partialList(list, context)
  const { metadata, items } = list
  const { apiVersion, listKind: kind } = list.resource
  const head = { apiVersion, kind, metadata }
  switch (form.encoding) {
    case 'json':
      return jsonList(head, items, { item: (item) => item.jsonItemTail(), open: '{' })
    case 'protobuf':
      return protobufList(head, items, {
        item: (item) => item.derived('protobuf-item', () => listItem(messageOf(item))),
      })
    case 'yaml':
      return yamlList(head, items, ({ object }) => ({ ...asWritten(object), apiVersion: undefined, kind: undefined }))
  }
}

const notAnObject = (as: string, { resource: { apiVersion, listKind } }: ListAnswer) =>
  notShown(as, `a list (${goTypeOf(apiVersion, listKind)})`)

function table({ resource, metadata, items }: ListAnswer, context: EncodeContext): Steps<Encoded> {
  const heads = headsOf(resource)
  const request = tableRequest(context)
  const head = tableHead(heads, request, metadata)
  const row = ({ object }: StoredObject) => rowOf(heads, object, request)
  const rows = { name: 'rows', none: hasPlainColumns(heads) ? 'null' : '[]' } as const
  if (context.form.encoding === 'yaml') return yamlList(head, items, row, rows)
  return jsonList(head, items, { ...rows, item: (item) => Buffer.from(toJson(row(item))) })
}

function partialList({ metadata, items }: ListAnswer, { form }: EncodeContext): Steps<Encoded> {
  const head = { apiVersion: `meta.k8s.io/${form.version}`, kind: 'PartialObjectMetadataList', metadata }
  const partial = ({ object }: StoredObject) => partialOf(object, form.version)
  const listed = { none: 'null' } as const
  if (form.encoding === 'yaml') return yamlList(head, items, partial, listed)
  const type = typeKeyOf(head.apiVersion, 'PartialObjectMetadata')
  if (form.encoding === 'protobuf' && type !== undefined && schemaOf(type)?.hasProto === true) {
    const messageOf = (item: StoredObject) => protobuf.encodeMessage(partial(item), type)
    // In the first version the items are field 1, and the metadata field 2.
    return form.version === 'v1beta1'
      ? protobufList(head, items, { item: (one) => listHead(messageOf(one)), head: listItem, isHeadLast: true })
      : protobufList(head, items, { item: (one) => listItem(messageOf(one)) })
  }
  return jsonList(head, items, { ...listed, item: (item) => partialJson(item, form.version) })
}

/** What each item is made into, in order. */
function* made(items: readonly StoredObject[], make: (item: StoredObject) => Buffer): Steps<readonly Buffer[]> {
  const all: Buffer[] = []
  let weight = 0
  for (const item of items) {
    weight += item.weight
    if (weight > PIECE) {
      yield
      weight = 0
    }
    all.push(make(item))
  }
  return all
}

interface ListedAs {
  /** What the list of them is called. */
  readonly name?: 'items' | 'rows'
  /** What is written where there are none. */
  readonly none?: 'null' | '[]'
}

interface JsonItems extends ListedAs {
  readonly item: (item: StoredObject) => Buffer
  /** The first byte of each, where they lack it. */
  readonly open?: '{'
}

function* jsonList(
  head: object,
  items: readonly StoredObject[],
  { name = 'items', none = '[]', item, open }: JsonItems,
): Steps<Encoded> {
  const all = yield* made(items, item)
  const first = open ?? ''
  const between = Buffer.from(`,${first}`)
  const before = `${toJson(head).slice(0, -1)},"${name}":`
  if (all.length === 0) return { contentType: JSON_TYPE, body: Buffer.from(`${before}${none}}\n`) }
  const parts: Buffer[] = [Buffer.from(`${before}[${first}`)]
  for (const [at, one] of all.entries()) {
    if (at > 0) parts.push(between)
    parts.push(one)
  }
  parts.push(LIST_END)
  return { contentType: JSON_TYPE, body: { parts, length: lengthOf(parts) } }
}

const LIST_END = Buffer.from(']}\n')

interface ListHead {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ListMeta
}

/** How the parts of a list are written: as fields of its message, in the order of their numbers. */
interface ProtobufFields {
  readonly item: (item: StoredObject) => Buffer
  readonly head?: (metadata: Buffer) => Buffer
  readonly isHeadLast?: boolean
}

function* protobufList(
  { apiVersion, kind, metadata }: ListHead,
  items: readonly StoredObject[],
  { item, head = listHead, isHeadLast = false }: ProtobufFields,
): Steps<Encoded> {
  const all = yield* made(items, item)
  const first = head(protobuf.encodeMessage(metadata, 'meta/v1.ListMeta'))
  const message = isHeadLast ? [...all, first] : [first, ...all]
  const [before, behind] = envelopeAround({ apiVersion, kind }, lengthOf(message))
  const parts = [before, ...message, behind]
  return { contentType: protobufContentType, body: { parts, length: lengthOf(parts) } }
}

function* yamlList(
  head: object,
  items: readonly StoredObject[],
  item: (item: StoredObject) => object,
  { name = 'items', none = '[]' }: ListedAs = {},
): Steps<Encoded> {
  const all = yield* made(items, (one) => Buffer.from(writeYaml([item(one)])))
  const members = Object.entries(head)
  const before = writeYaml(Object.fromEntries(members.filter(([key]) => key < name)))
  const behind = members.filter(([key]) => key > name)
  const parts = [
    Buffer.from(`${before}${name}:${all.length === 0 ? ` ${none}` : ''}\n`),
    ...all,
    Buffer.from(behind.length === 0 ? '' : writeYaml(Object.fromEntries(behind))),
  ]
  return { contentType: 'application/yaml', body: { parts, length: lengthOf(parts) } }
}

function lengthOf(parts: readonly Buffer[]): number {
  let length = 0
  for (const part of parts) length += part.length
  return length
}
