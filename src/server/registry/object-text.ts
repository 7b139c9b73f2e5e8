/** Objects as JSON (https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources). */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from '../../meta/types.ts'
import { knownText, textOf } from '../../wire/json/known-text.ts'
import { toJson } from '../../wire/json/stringify.ts'

/** The JSON of an object. What its field owners own comes last in its metadata: that text is made once for all alike. */
export function objectText(object: Partial<DeepReadonly<KubeObject>>): string {
  const { managedFields } = object.metadata ?? {}
  const hasOwners = Array.isArray(managedFields) && managedFields.length > 0
  if (!hasOwners && !hasKnown(object) && !hasKnown(object.metadata)) return toJson(object)
  return membersText(object, (key, value) =>
    key === 'metadata' ? metadataText(object.metadata!, hasOwners ? managedFields : undefined) : textOf(value),
  )
}

function hasKnown(object: object | undefined): boolean {
  for (const key in object) {
    if (knownText((object as Readonly<Record<string, unknown>>)[key]) !== undefined) return true
  }
  return false
}

function membersText(object: object, textOfMember: (key: string, value: unknown) => string): string {
  let text = ''
  for (const key in object) {
    const value = (object as Readonly<Record<string, unknown>>)[key]
    if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${textOfMember(key, value)}`
  }
  return `{${text}}`
}

function metadataText(
  metadata: DeepReadonly<ObjectMeta>,
  owners: readonly DeepReadonly<ManagedFieldsEntry>[] | undefined,
): string {
  const { managedFields: _, ...rest } = metadata
  const { labels, annotations } = rest
  const isKnown = knownText(labels) !== undefined || knownText(annotations) !== undefined
  const text = isKnown ? membersText(rest, (__, value) => textOf(value)) : toJson(rest)
  if (owners === undefined) return text
  return withLast(text, 'managedFields', `[${owners.map(ownerText).join(',')}]`)
}

function ownerText({ fieldsV1, ...entry }: DeepReadonly<ManagedFieldsEntry>): string {
  return typeof fieldsV1 !== 'object' || fieldsV1 === null
    ? toJson(entry)
    : withLast(toJson(entry), 'fieldsV1', textOf(fieldsV1))
}

/** The text of an object with one more member. */
function withLast(text: string, name: string, value: string): string {
  return `${text.slice(0, -1)}${text.length === 2 ? '' : ','}"${name}":${value}}`
}
