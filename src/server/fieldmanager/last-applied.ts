/**
 * The way from client-side to server-side apply: what `kubectl apply` left in an annotation tells which fields
 * `kubectl apply --server-side` may take over
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#migration-between-client-side-and-server-side-apply).
 */
import { toJson } from '../../wire/json/stringify.ts'
import { fieldsOf } from './applied-set.ts'
import { compare } from './compare.ts'
import { isObject, type ObjectValue } from './elements.ts'
import { difference, emptySet, type FieldSet } from './field-set.ts'
import type { FieldType } from './field-type.ts'

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** The one manager that takes fields over from client-side apply. */
export const KUBECTL = 'kubectl'

const MAX_DEPTH = 200

/** The configuration that the annotation of `object` holds, as text. */
export function lastApplied(object: unknown): string | undefined {
  const metadata = isObject(object) ? object['metadata'] : undefined
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined
  const text = isObject(annotations) && Object.hasOwn(annotations, LAST_APPLIED) ? annotations[LAST_APPLIED] : undefined
  return typeof text === 'string' && text !== '' ? text : undefined
}

/** The fields that client-side apply set and that still have the value it gave them. */
export function fieldsLastApplied(live: unknown, type: FieldType): FieldSet {
  const text = lastApplied(live)
  if (text === undefined) return emptySet
  let configuration: unknown
  try {
    configuration = JSON.parse(text)
  } catch {
    return emptySet
  }
  if (!isObject(configuration) || tooDeep(configuration, 0)) return emptySet
  const { changed, removed } = compare(configuration, live, type)
  return difference(difference(fieldsOf(configuration, type), changed), removed)
}

const tooDeep = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth > MAX_DEPTH || Object.values(value).some((inner) => tooDeep(inner, depth + 1)))

/** `object` with what `kubectl` applied in its annotation, so that client-side apply can go on from there. */
export function withLastApplied(object: ObjectValue, configuration: ObjectValue): ObjectValue {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {}
  const annotations = isObject(metadata['annotations']) ? metadata['annotations'] : {}
  const text = `${sortedJson(withoutAnnotation(configuration))}\n`
  if (annotations[LAST_APPLIED] === text) return object
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } }
}

/** As Go writes maps: keys in order, and nothing that HTML would read as markup. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (!isObject(value)) return escaped(toJson(value ?? null))
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  return `{${keys
    .toSorted()
    .map((key) => `${escaped(JSON.stringify(key))}:${sortedJson(value[key])}`)
    .join(',')}}`
}

const escaped = (json: string) =>
  json.replaceAll(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

function withoutAnnotation(configuration: ObjectValue): ObjectValue {
  const { metadata } = configuration
  if (!isObject(metadata) || !isObject(metadata['annotations'])) return configuration
  const { [LAST_APPLIED]: _, ...annotations } = metadata['annotations']
  return { ...configuration, metadata: { ...metadata, annotations } }
}
