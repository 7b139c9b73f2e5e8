/**
 * The values of expressions (https://github.com/google/cel-spec/blob/master/doc/langdef.md#values). Integers are
 * `bigint`, doubles `number`, lists arrays, maps `CelMap`; what JavaScript has no type for has a class here.
 */

/** An unsigned integer. */
export class Uint {
  readonly value: bigint

  constructor(value: bigint) {
    this.value = value
  }
}

/** A point in time, in nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint

  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

export class Duration {
  readonly nanos: bigint

  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

/** A value or none. */
export class Optional {
  readonly value: CelValue | undefined

  constructor(value: CelValue | undefined) {
    this.value = value
  }
}

export const NONE = new Optional(undefined)

/** A type as a value: what `type(1)` gives. */
export class TypeValue {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** A value of a type that libraries bring: an address, a quantity, … */
export interface OpaqueValue {
  readonly celType: string
  /** Whether it means the same as another value of its type. */
  equals(other: OpaqueValue): boolean
}

/** A map, or an object of a type: `typeName` tells which. */
export interface CelMap {
  readonly typeName: string
  readonly size: number
  get(key: CelValue): CelValue | undefined
  keys(): Iterable<CelValue>
}

export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint
  | Uint8Array
  | Timestamp
  | Duration
  | Optional
  | TypeValue
  | readonly CelValue[]
  | CelMap
  | OpaqueValue

/** An expression that cannot be evaluated; `&&`, `||` and the like may make up for it. */
export class EvaluationError extends Error {
  override name = 'EvaluationError'
}

export const isList = (value: CelValue): value is readonly CelValue[] => Array.isArray(value)

export const isMap = (value: CelValue): value is CelMap =>
  typeof value === 'object' && value !== null && 'keys' in value && 'typeName' in value

export const isOpaque = (value: CelValue): value is OpaqueValue =>
  typeof value === 'object' && value !== null && 'celType' in value

/** A map that an expression made. Keys that are the same number are the same key, whatever their type. */
export class LiteralMap implements CelMap {
  readonly typeName: string
  readonly #entries = new Map<unknown, readonly [CelValue, CelValue]>()

  constructor(entries: Iterable<readonly [CelValue, CelValue]>, typeName = 'map') {
    this.typeName = typeName
    for (const [key, value] of entries) this.insert(key, value)
  }

  /** For who makes the map: everybody else sees it when it is whole. Throws for a key that is there. */
  insert(key: CelValue, value: CelValue): void {
    const plain = plainKey(key)
    if (plain === undefined) throw new EvaluationError('unsupported key type')
    if (this.#entries.has(plain)) throw new EvaluationError(`Failed with repeated key`)
    this.#entries.set(plain, [key, value])
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: CelValue): CelValue | undefined {
    return this.#entries.get(plainKey(key))?.[1]
  }

  *keys(): Iterable<CelValue> {
    for (const [key] of this.#entries.values()) yield key
  }

  *entries(): Iterable<readonly [CelValue, CelValue]> {
    yield* this.#entries.values()
  }
}

function plainKey(key: CelValue): unknown {
  if (key instanceof Uint) return key.value
  if (typeof key === 'number') return Number.isInteger(key) ? BigInt(key) : key
  return typeof key === 'string' || typeof key === 'boolean' || typeof key === 'bigint' ? key : undefined
}

/** A JSON object as a map: read where asked, so that a big object costs nothing. */
class HostMap implements CelMap {
  readonly typeName = 'map'
  readonly #host: Readonly<Record<string, unknown>>
  /** What is more than a text or a truth is read once. */
  readonly #read = new Map<string, CelValue>()
  #keys: readonly string[] | undefined

  constructor(host: Readonly<Record<string, unknown>>) {
    this.#host = host
  }

  get size(): number {
    return this.keys().length
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#host, key)) return undefined
    const host = this.#host[key]
    if (host === undefined || typeof host === 'string' || typeof host === 'boolean') return host
    const before = this.#read.get(key)
    if (before !== undefined) return before
    const value = fromHost(host)
    this.#read.set(key, value)
    return value
  }

  keys(): readonly string[] {
    return (this.#keys ??= Object.keys(this.#host))
  }
}

/** A JSON value as expressions see it: whole numbers are integers. */
export function fromHost(host: unknown): CelValue {
  if (host === null || host === undefined) return null
  if (typeof host === 'number') return Number.isInteger(host) ? BigInt(host) : host
  if (typeof host === 'string' || typeof host === 'boolean') return host
  if (Array.isArray(host)) return host.map(fromHost)
  return new HostMap(host as Readonly<Record<string, unknown>>)
}

/** The type of a value, by its full name. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'double'
  if (typeof value === 'string') return 'string'
  if (value instanceof Uint) return 'uint'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp'
  if (value instanceof Duration) return 'google.protobuf.Duration'
  if (value instanceof Optional) return 'optional_type'
  if (value instanceof TypeValue) return 'type'
  if (isList(value)) return 'list'
  return isOpaque(value) ? value.celType : value.typeName
}

/** The size as `size()` tells it; 1 for what has none. */
export function sizeOf(value: CelValue): number {
  if (typeof value === 'string') return codePoints(value)
  if (value instanceof Uint8Array || isList(value)) return value.length
  return isMap(value) ? value.size : 1
}

/** How many code points a text has. */
export function codePoints(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
  return count
}
