/** What expressions may name: variables, functions, macros and types with fields. */

import { type Expr } from './ast.ts'
import type { Macros } from './macros.ts'
import type { Issue } from './source.ts'
import { type CelType, readType, splitTypes } from './types.ts'
import type { CelValue } from './values.ts'

/** One way to call a function. */
export interface Overload {
  readonly name: string
  /** As it was declared, which tells it from the others: `string.startsWith(string): bool`. */
  readonly signature: string
  readonly isMethod: boolean
  /** With the target first, where there is one. */
  readonly parameters: readonly CelType[]
  readonly result: CelType
  readonly isGeneric: boolean
  /** Absent where the evaluator itself knows what to do. */
  readonly apply?: (...values: readonly CelValue[]) => CelValue
}

/** The fields of a type; `undefined` is no field. */
export interface Fields {
  field(name: string): CelType | undefined
}

/** A look at a checked expression that types do not cover. */
export type Validator = (tree: Expr, typeOf: (node: Expr) => CelType) => readonly Issue[]

/** Functions and macros that belong together. */
export interface Library {
  readonly functions?: readonly Overload[]
  readonly macros?: Macros
  readonly validators?: readonly Validator[]
}

export interface Environment {
  readonly variables: ReadonlyMap<string, CelType>
  readonly functions: ReadonlyMap<string, readonly Overload[]>
  readonly macros: Macros
  readonly validators: readonly Validator[]
  /** The fields of an object type; `undefined` where there is no such type. */
  readonly objects: (name: string) => Fields | undefined
}

/** What is added to an environment. */
export interface Extension {
  readonly variables?: Readonly<Record<string, CelType>>
  readonly libraries?: readonly Library[]
  readonly objects?: (name: string) => Fields | undefined
}

const EMPTY: Environment = {
  variables: new Map(),
  functions: new Map(),
  macros: new Map(),
  validators: [],
  objects: () => undefined,
}

/** The environment with more in it; what it had stays as it was. */
export function extend(
  base: Environment | undefined,
  { variables = {}, libraries = [], objects }: Extension,
): Environment {
  const { variables: known, functions: had, macros, validators, objects: before } = base ?? EMPTY
  const functions = new Map(had)
  for (const overload of libraries.flatMap((library) => library.functions ?? [])) {
    functions.set(overload.name, [...(functions.get(overload.name) ?? []), overload])
  }
  return {
    variables: new Map([...known, ...Object.entries(variables)]),
    functions,
    macros: new Map([...macros, ...libraries.flatMap((library) => [...(library.macros ?? [])])]),
    validators: [...validators, ...libraries.flatMap((library) => library.validators ?? [])],
    objects: objects === undefined ? before : (name) => objects(name) ?? before(name),
  }
}

const SIGNATURE = /^(?:([a-zA-Z_.]+(?:\([^]*\))?)->)?([^(]+)\(([^]*)\): (.+)$/

/**
 * One way to call a function, as it reads: `size(string): int`, or `string->startsWith(string): bool` where it is
 * called on something.
 */
export function declare(signature: string, apply?: (...values: readonly never[]) => CelValue): Overload {
  const match = SIGNATURE.exec(signature)
  if (match === null) throw new Error(`not a signature: ${signature}`)
  const [, target, name = '', args = '', result = ''] = match
  const parameters = [...(target === undefined ? [] : [target]), ...splitTypes(args)].map(readType)
  return {
    name,
    signature,
    isMethod: target !== undefined,
    parameters,
    result: readType(result),
    isGeneric: [...parameters, readType(result)].some(hasParameter),
    ...(apply !== undefined && { apply: apply as (...values: readonly CelValue[]) => CelValue }),
  }
}

const hasParameter = (type: CelType): boolean => type.kind === 'param' || type.parameters.some(hasParameter)
