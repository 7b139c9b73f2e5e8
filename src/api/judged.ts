/** Support for tests of kinds: objects as the server makes them of what clients send, and what is said of them. */

import { fieldPath } from '../meta/field-path.ts'
import type { KubeObject } from '../meta/types.ts'
import { definitionOf } from './catalog.ts'

/** What a client sends, without what every object has. */
export type Body = Readonly<Record<string, unknown>>

const ROOT = fieldPath()
const texts = (faults: readonly { field: string; message: string }[]) =>
  faults.map(({ field, message }) => `${field}: ${message.split('\n')[0]}`)

/** An object with a name. */
export const objectOf = (body: Body): KubeObject => ({
  ...structuredClone(body),
  metadata: { name: 'a', namespace: 'default', ...(body['metadata'] as object | undefined) },
})

/** An object as the server makes it of what a client sends. */
export function made(key: string, body: Body): KubeObject {
  const object = objectOf(body)
  const kind = definitionOf(key)
  kind.setDefaults?.(object, 0)
  kind.dropDisabledFields?.(object)
  kind.prepareForCreate?.(object)
  return object
}

/** The faults of a new object, each with the first line of its text. */
export function faultsOfNew(key: string, body: Body): string[] {
  return texts(definitionOf(key).validate?.(made(key, body), ROOT) ?? [])
}

/** An update of one object into another, as the server makes it. */
export function updated(key: string, before: Body, after: Body): { object: KubeObject; faults: string[] } {
  const old = made(key, before)
  const object = objectOf(after)
  const kind = definitionOf(key)
  kind.setDefaults?.(object, 0)
  kind.dropDisabledFields?.(object, old)
  kind.prepareForUpdate?.(object, old)
  const judge = kind.validateUpdate ?? ((now: KubeObject) => kind.validate?.(now, ROOT) ?? [])
  return { object, faults: texts(judge(object, old, ROOT)) }
}

/** An update of the status. */
export function withStatus(key: string, before: Body, status: unknown): { object: KubeObject; faults: string[] } {
  const old = objectOf(before)
  const object = { ...objectOf(before), status } as KubeObject
  const kind = definitionOf(key)
  kind.setDefaults?.(old, 0)
  kind.setDefaults?.(object, 0)
  kind.prepareForStatusUpdate?.(object, old, 0)
  return { object, faults: texts(kind.validateStatusUpdate?.(object, old, ROOT) ?? []) }
}

/** The warnings of a new object. */
export const warningsOf = (key: string, body: Body) => definitionOf(key).warnings?.(made(key, body)) ?? []

/** The cells of an object's table. */
export const cellsOf = (key: string, body: Body) =>
  (definitionOf(key).columns ?? []).map(({ cell }) => cell(objectOf(body), 0))
