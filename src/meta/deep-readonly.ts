/** The type of objects that are shared: read by all, changed by none. A change is made on a copy. */

type Primitive = string | number | boolean | bigint | symbol | null | undefined

/** `T` with every property, at every depth, read-only. */
export type DeepReadonly<T> = T extends Primitive | ((...args: never[]) => unknown)
  ? T
  : T extends Uint8Array
    ? T
    : T extends readonly (infer Item)[]
      ? readonly DeepReadonly<Item>[]
      : { readonly [Key in keyof T]: DeepReadonly<T[Key]> }

/** A copy of a shared object that its maker may change. */
export function draftOf<T>(shared: DeepReadonly<T> | T): T {
  return structuredClone(shared) as T
}
