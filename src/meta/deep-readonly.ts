/** The type of objects that are shared: read by all, changed by none. A change is made on a copy. */

import { copyOf } from '../wire/json/copy.ts'

type Primitive = string | number | boolean | bigint | symbol | null | undefined

/** `T` with every property, at every depth, read-only. */
export type DeepReadonly<T> = unknown extends T
  ? T
  : T extends Primitive | ((...args: never[]) => unknown)
    ? T
    : T extends Uint8Array
      ? T
      : T extends readonly (infer Item)[]
        ? readonly DeepReadonly<Item>[]
        : { readonly [Key in keyof T]: DeepReadonly<T[Key]> }

/** A copy of a shared object that its maker may change. */
export function draftOf<T>(shared: DeepReadonly<T> | T): T {
  return copyOf(shared) as T
}

/** Freezes `value` at every depth and returns it. What is frozen already is taken to be frozen all the way down. */
export function deepFreeze<T>(value: T): DeepReadonly<T> {
  const open: unknown[] = [value]
  for (let next = open.pop(); open.length > 0 || next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || Object.isFrozen(next) || ArrayBuffer.isView(next)) continue
    Object.freeze(next)
    for (const child of Object.values(next)) if (typeof child === 'object' && child !== null) open.push(child)
  }
  return value as DeepReadonly<T>
}
