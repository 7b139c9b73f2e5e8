/** Objects in other versions, for managers who wrote in those. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { SchemaLookup } from '../../wire/schema.ts'
import { isObject } from './elements.ts'

/** The type of the object being written. Without a key its shape is taken from its values. */
export interface ObjectType {
  readonly key: string | undefined
  readonly lookup: SchemaLookup
}

/** An object as another version shows it, with its type there. */
export interface Converted {
  readonly object: DeepReadonly<KubeObject>
  readonly type: ObjectType
}

/** Shows an object, whose version it names itself, in another one; undefined when that is not served. */
export type Convert = (object: DeepReadonly<KubeObject>, apiVersion: string) => Converted | undefined

/** A value without what is null in it: as it is once it was read into its type. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const given = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(given.map(([name, member]) => [name, withoutNulls(member)]))
}
