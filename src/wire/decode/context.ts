/** What a running decode remembers: where it is, and what it met. */
import { conversionFault, type GoKind } from './conversion.ts'
import { suggest } from './suggest.ts'

/** The body is readable JSON and cannot be the type asked for. The text is what the API server would say. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** A field that the type does not have. */
export interface UnknownField {
  /** Such as `spec.containers[0].imagee`. */
  readonly path: string
  /** The path that was probably meant. */
  readonly suggestion?: string
}

/** No more unknown fields than this are told. */
const maxUnknown = 100

/** What is known of the data besides itself. */
export interface DecodeNotes {
  readonly hasDecoded?: boolean | undefined
  readonly keepsNull?: boolean | undefined
  readonly fractions?: ReadonlyMap<string, string> | undefined
  readonly notesEmpty?: boolean | undefined
  readonly converts?: boolean | undefined
}

export class DecodeContext {
  readonly unknown: UnknownField[] = []
  /** Fill in what Go's structs always have, drop what they never write. */
  readonly complete: boolean
  /** What is frozen is copied as it is. */
  readonly hasDecoded: boolean
  /** Fields that are null stay. */
  readonly keepsNull: boolean
  /** Of lists and maps that are empty it is noted that they were given. */
  readonly notesEmpty: boolean
  /** Values are converted, not read from JSON. */
  readonly converts: boolean
  /** The Go name of the struct whose fields are being read. */
  struct = ''
  /** Above zero: unknown fields are dropped without a word. */
  muted = 0
  /** Whether the map that was read last has nothing in it; undefined: what was read last is no map. */
  isMapEmpty: boolean | undefined = undefined
  readonly #path: string[] = []
  readonly #fractions: ReadonlyMap<string, string> | undefined
  /** JSON names of the struct fields only, as Go's errors have them. */
  readonly #fields: string[] = []

  /** The text of the number at this place, where it is whole and not written so. */
  fractionHere(): string | undefined {
    return this.#fractions?.get(pathText(this.#path))
  }

  constructor(
    complete: boolean,
    { hasDecoded = false, keepsNull = false, notesEmpty = false, converts = false, fractions }: DecodeNotes = {},
  ) {
    this.complete = complete
    this.converts = converts
    this.notesEmpty = notesEmpty
    this.hasDecoded = hasDecoded
    this.keepsNull = keepsNull
    this.#fractions = fractions
  }

  /** `goPath` has the embedded structs on the way too. */
  enterField(name: string, goPath: string): void {
    this.#path.push(name)
    this.#fields.push(goPath)
  }

  leaveField(): void {
    this.#path.pop()
    this.#fields.pop()
  }

  enterIndex(index: number): void {
    this.#path.push(`[${index}]`)
  }

  enterKey(key: string): void {
    this.#path.push(key)
  }

  leave(): void {
    this.#path.pop()
  }

  noteUnknown(name: string, known: Iterable<string>): void {
    if (this.muted > 0 || this.unknown.length >= maxUnknown) return
    const path = this.#pathOf(name)
    const suggestion = suggest(name, known)
    this.unknown.push(suggestion === undefined ? { path } : { path, suggestion: this.#pathOf(suggestion) })
  }

  /** For a value that is no `goType`, which is a `kind` at bottom. */
  unfit(value: unknown, goType: string, kind: GoKind): DecodeError {
    if (this.converts) return new DecodeError(conversionFault(value, goType, kind))
    return this.mismatch(kind === 'int32' || kind === 'int64' ? numberText(value) : goKindOf(value), goType)
  }

  /** The same for a type that reads itself from JSON, as a `goType`, in any case. */
  unreadable(value: unknown, goType: 'string' | 'int32'): DecodeError {
    const given = goType === 'int32' ? numberText(value) : goKindOf(value)
    if (!this.converts) return this.mismatch(given, goType)
    return new DecodeError(`json: cannot unmarshal ${given} into Go value of type ${goType}`)
  }

  /** `value` as Go names JSON's kinds: `string`, `number 1.5`, `bool`, `object`, `array`. */
  mismatch(value: string, goType: string): DecodeError {
    const into =
      this.#fields.length === 0
        ? `Go value of type ${goType}`
        : `Go struct field ${this.struct}.${this.#fields.join('.')} of type ${goType}`
    return new DecodeError(`json: cannot unmarshal ${value} into ${into}`)
  }

  #pathOf(name: string): string {
    return pathText([...this.#path, name])
  }
}

function pathText(parts: readonly string[]): string {
  return parts.reduce((path, part) => (path === '' || part.startsWith('[') ? path + part : `${path}.${part}`), '')
}

/** What Go calls the kind of a JSON value. */
function goKindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'number'
  return value === null ? 'null' : typeof value
}

function numberText(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? `number ${value}` : goKindOf(value)
}
