/** Where in an object a fault is, and what the fault is, in the words Kubernetes uses. */

/** A place in an object, e.g. `spec.containers[0].name`. Immutable; its text is made only when asked for. */
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
  return names.length === 0 ? new Step(undefined, 'root', '') : new Step(undefined, 'field', names)
}

/** One step of a path. Validation makes many of these and reads few, so a step is three words and no text. */
class Step implements FieldPath {
  readonly #parent: Step | undefined
  readonly #kind: 'root' | 'field' | 'index' | 'key'
  /** Several fields in one step: nobody asks for the places between. */
  readonly #name: string | number | readonly string[]

  constructor(
    parent: Step | undefined,
    kind: 'root' | 'field' | 'index' | 'key',
    name: string | number | readonly string[],
  ) {
    this.#parent = parent
    this.#kind = kind
    this.#name = name
  }

  child(...names: string[]): FieldPath {
    return new Step(this, 'field', names)
  }

  index(position: number): FieldPath {
    return new Step(this, 'index', position)
  }

  key(name: string): FieldPath {
    return new Step(this, 'key', name)
  }

  toString(): string {
    const before = this.#parent === undefined ? '' : this.#parent.toString()
    switch (this.#kind) {
      case 'root':
        return before
      case 'field': {
        const fields = typeof this.#name === 'object' ? this.#name.join('.') : String(this.#name)
        return before === '' ? fields : `${before}.${fields}`
      }
      case 'index':
      case 'key':
        return `${before}[${String(this.#name)}]`
    }
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

/** One fault of an object. `message` is the whole text without the path, as it stands in a cause. */
export interface FieldError {
  readonly type: FieldErrorType
  readonly field: string
  readonly message: string
  /** The rule that was broken, for tests; never shown. */
  readonly origin?: string
}
