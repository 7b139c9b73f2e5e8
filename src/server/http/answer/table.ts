/** Answers as tables: what `kubectl get` prints (https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables). */

import { columnFacts, columnTexts } from '../../../api/generated/columns.ts'
import { createdCell } from '../../../api/columns.ts'
import type { Cell, Column } from '../../../api/resource.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { KubeObject, ListMeta } from '../../../meta/types.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import { ageOf } from '../../../meta/human-duration.ts'
import { partialOf } from './partial.ts'

/** What a row carries besides its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface TableRequest {
  readonly version: string
  readonly includeObject: IncludeObject
  /** What a row says of its object besides the cells. */
  readonly conditionsOf?: ((object: DeepReadonly<KubeObject>) => readonly object[] | undefined) | undefined
  /** Milliseconds since the epoch, for ages. */
  readonly now: number
}

/** What a table says of a column. */
interface ColumnDefinition {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  /** Zero: always shown. */
  readonly priority: number
}

/** One column, and what stands in it. */
export interface Head {
  readonly definition: ColumnDefinition
  readonly cell: (object: DeepReadonly<KubeObject>, now: number) => Cell
  /** Rows have the cell, and no column tells of it. */
  readonly isUntitled?: boolean
}

/** A table over `items`; without `columnDefinitions` when the client has them already. */
export function tableOf(
  heads: readonly Head[],
  items: readonly DeepReadonly<KubeObject>[],
  request: TableRequest,
  metadata: ListMeta = {},
  withColumns = true,
): object {
  const rows = items.map((object) => rowOf(heads, object, request))
  return { ...tableHead(heads, request, metadata, withColumns), rows }
}

/** A table but for its rows. */
export function tableHead(heads: readonly Head[], { version }: TableRequest, metadata: ListMeta, withColumns = true) {
  const columnDefinitions = withColumns ? definitionsOf(heads) : null
  return { kind: 'Table', apiVersion: `meta.k8s.io/${version}`, metadata, columnDefinitions }
}

const definitionsOf = (heads: readonly Head[]) =>
  heads.filter(({ isUntitled }) => isUntitled !== true).map(({ definition }) => definition)

/** What a table tells of an object. */
export function rowOf(heads: readonly Head[], object: DeepReadonly<KubeObject>, request: TableRequest): object {
  const cells = heads.map(({ cell }) => cell(object, request.now) ?? null)
  const conditions = request.conditionsOf?.(object)
  return {
    cells,
    ...(conditions === undefined ? {} : { conditions }),
    object: request.includeObject === 'None' ? null : rowObject(object, request),
  }
}

function rowObject(object: DeepReadonly<KubeObject>, { includeObject, version }: TableRequest): object {
  if (includeObject === 'Object') return object
  return partialOf(object, version)
}

const known = new WeakMap<ServedResource, readonly Head[]>()

/** The columns of a resource. */
export function headsOf(resource: ServedResource): readonly Head[] {
  let heads = known.get(resource)
  if (heads === undefined) known.set(resource, (heads = makeHeads(resource)))
  return heads
}

const NAME_TEXT =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names'
const CREATED_TEXT =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata'

const nameHead: Head = {
  definition: { name: 'Name', type: 'string', format: 'name', description: NAME_TEXT, priority: 0 },
  cell: ({ metadata }) => metadata.name ?? '',
}
const createdHead: Head = {
  definition: { name: 'Created At', type: 'date', format: '', description: CREATED_TEXT, priority: 0 },
  cell: createdCell,
}
const ageHead: Head = {
  definition: { name: 'Age', type: 'string', format: '', description: CREATED_TEXT, priority: 0 },
  cell: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
}

/** These columns between a plain name and an age. */
export function headsAround(columns: readonly Column<KubeObject>[]): readonly Head[] {
  return [{ ...nameHead, definition: { ...nameHead.definition, format: '' } }, ...columns.map(headOf), ageHead]
}

/** Whether a kind has no columns of its own in Kubernetes: without rows, its tables have `null` for them. */
export const hasPlainColumns = (heads: readonly Head[]): boolean => heads[1]?.definition.name === 'Created At'

function makeHeads({ key, meaning }: ServedResource): readonly Head[] {
  const { columns } = meaning
  if (columns === undefined) return Object.hasOwn(columnFacts, key) ? [nameHead, ageHead] : [nameHead, createdHead]
  const texts = Object.hasOwn(columnTexts, key) ? columnTexts[key] : undefined
  const heads = columns.map((column) => headOf({ description: textOf(column.name, texts), ...column }))
  if (columns.some(({ name }) => name === 'Name')) return heads
  return columns.some(({ name }) => name === 'Age') ? [nameHead, ...heads] : [nameHead, ...heads, ageHead]
}

/** What a column of a table tells. */
function textOf(name: string, texts: Readonly<Record<string, string>> | undefined): string {
  if (texts !== undefined && Object.hasOwn(texts, name)) return texts[name]!
  return name === 'Name' ? NAME_TEXT : name === 'Age' || name === 'Created At' ? CREATED_TEXT : ''
}

function headOf({
  name,
  type,
  format = '',
  description = '',
  wide,
  cell,
  isUntitled = false,
}: Column<KubeObject>): Head {
  return { definition: { name, type, format, description, priority: wide === true ? 1 : 0 }, cell, isUntitled }
}
