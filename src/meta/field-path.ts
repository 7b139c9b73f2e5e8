/** Where in an object a fault is, and what the fault is, in the words Kubernetes uses. */

/** A place in an object, e.g. `spec.containers[0].name`. Immutable; each step makes a new one. */
export interface FieldPath {
  /** One or more named steps down. */
  child(...names: string[]): FieldPath
  /** The n-th item of a list. */
  index(position: number): FieldPath
  /** The entry `key` of a map. */
  key(name: string): FieldPath
  toString(): string
}

/** The path of the object itself, or of a field of it by name. */
export function fieldPath(...names: string[]): FieldPath {
  return pathOf(names.join('.'))
}

function pathOf(text: string): FieldPath {
  return {
    child: (...names) => pathOf(text === '' ? names.join('.') : `${text}.${names.join('.')}`),
    index: (position) => pathOf(`${text}[${position}]`),
    key: (name) => pathOf(`${text}[${name}]`),
    toString: () => text,
  }
}

/** The `reason` of a cause in a Status. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid'

/** One fault of an object. `message` is the whole text without the path, as it stands in a cause. */
export interface FieldError {
  readonly type: FieldErrorType
  readonly field: string
  readonly message: string
  /** The rule that was broken, for tests; never shown. */
  readonly origin?: string
}
