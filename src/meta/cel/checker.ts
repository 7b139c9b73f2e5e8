/**
 * Finds the type of every part of an expression, or what is wrong with it
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md#gradual-type-checking), in the words of CEL's Go
 * implementation.
 */

import type { Call, Expr, Fold, ListLiteral, MapLiteral, Select, StructLiteral } from './ast.ts'
import type { Environment, Overload } from './environment.ts'
import type { Issue } from './source.ts'
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DYN,
  ERROR,
  INT,
  isDynamic,
  item,
  listOf,
  mapOf,
  mapValue,
  NULL,
  objectType,
  opaqueType,
  optionalOf,
  readType,
  showType,
  STRING,
  TYPE_NAMES,
  typeOf,
  UINT,
  unwrapOptional,
} from './types.ts'
import { Bindings, moreGeneral } from './unify.ts'
import { Uint } from './values.ts'

/** What was found out about an expression. */
export interface Checked {
  readonly tree: Expr
  readonly type: CelType
  readonly types: ReadonlyMap<Expr, CelType>
  /** The ways to call that are left; at most one can match when it is evaluated. */
  readonly overloads: ReadonlyMap<Expr, readonly Overload[]>
  /** Selections and calls that are one name with dots: `a.b.c`, `ip.isCanonical`. */
  readonly names: ReadonlyMap<Expr, string>
}

/** Checks a tree. Faults are added to `issues`; the answer means nothing where there are any. */
export function checkExpression(tree: Expr, environment: Environment, issues: Issue[]): Checked {
  return new Checker(environment, issues).whole(tree)
}

class Checker {
  readonly #environment: Environment
  readonly #issues: Issue[]
  readonly #bindings = new Bindings()
  readonly #types = new Map<Expr, CelType>()
  readonly #overloads = new Map<Expr, readonly Overload[]>()
  readonly #names = new Map<Expr, string>()
  /** The variables of the loops around, innermost last. */
  readonly #scopes: (readonly [name: string, type: CelType])[] = []

  constructor(environment: Environment, issues: Issue[]) {
    this.#environment = environment
    this.#issues = issues
  }

  whole(tree: Expr): Checked {
    this.#check(tree)
    for (const [node, type] of this.#types) this.#types.set(node, this.#bindings.resolve(type, 'dyn'))
    return {
      tree,
      type: this.#types.get(tree) ?? ERROR,
      types: this.#types,
      overloads: this.#overloads,
      names: this.#names,
    }
  }

  #check(node: Expr): CelType {
    const type = this.#find(node)
    this.#types.set(node, type)
    return type
  }

  #fault(at: number, message: string): void {
    this.#issues.push({ at, message })
  }

  #undeclared(at: number, name: string): CelType {
    this.#fault(at, `undeclared reference to '${name}' (in container '')`)
    return ERROR
  }

  #mismatch(at: number, expected: CelType, found: CelType): void {
    this.#fault(at, `expected type '${showType(expected)}' but found '${showType(found)}'`)
  }

  #find(node: Expr): CelType {
    switch (node.kind) {
      case 'literal':
        return literalType(node.value)
      case 'ident':
        return this.#variable(node.name) ?? this.#undeclared(node.at, node.name)
      case 'select':
        return this.#selection(node)
      case 'call':
        return this.#call(node)
      case 'list':
        return this.#list(node)
      case 'map':
        return this.#map(node)
      case 'struct':
        return this.#struct(node)
      case 'fold':
        return this.#fold(node)
    }
  }

  #variable(written: string): CelType | undefined {
    const name = written.startsWith('.') ? written.slice(1) : written
    for (let at = this.#scopes.length - 1; at >= 0 && name === written; at--) {
      const [known, type] = this.#scopes[at] as readonly [string, CelType]
      if (known === name) return type
    }
    const declared = this.#environment.variables.get(name)
    if (declared !== undefined) return declared
    if (TYPE_NAMES.has(name)) return typeOf(typeNamed(name))
    return this.#environment.objects(name) === undefined ? undefined : typeOf(objectType(name))
  }

  #selection(node: Select): CelType {
    const name = node.testOnly ? undefined : qualifiedName(node)
    const variable = name === undefined ? undefined : this.#qualifiedVariable(name)
    if (name !== undefined && variable !== undefined) {
      this.#names.set(node, name)
      return variable
    }
    const type = this.#fieldOf(node.operand, node.field, node.at)
    return node.testOnly ? BOOL : this.#bindings.resolve(type)
  }

  /** A variable whose name has dots in it: `authorizer.requestResource`. */
  #qualifiedVariable(name: string): CelType | undefined {
    const [first = ''] = name.split('.')
    return this.#scopes.some(([known]) => known === first) ? undefined : this.#variable(name)
  }

  #fieldOf(operand: Expr, field: string, at: number): CelType {
    const whole = this.#bindings.resolve(this.#check(operand))
    const { type, isOptional } = unwrapOptional(whole)
    const found = this.#plainField(type, field, at)
    return isOptional ? optionalOf(found) : found
  }

  #plainField(type: CelType, field: string, at: number): CelType {
    if (type.kind === 'map') return mapValue(type)
    if (type.kind === 'param') {
      this.#bindings.fits([DYN], [type])
      return DYN
    }
    if (type.kind !== 'object') {
      if (!isDynamic(type)) this.#fault(at, `type '${showType(type)}' does not support field selection`)
      return DYN
    }
    return this.#objectField(type.name, field, at) ?? ERROR
  }

  #objectField(name: string, field: string, at: number): CelType | undefined {
    const fields = this.#environment.objects(name)
    if (fields === undefined) {
      this.#fault(at, `unexpected failed resolution of '${name}'`)
      return undefined
    }
    const type = fields.field(field)
    if (type === undefined) this.#fault(at, `undefined field '${field}'`)
    return type
  }

  #call(node: Call): CelType {
    if (node.name === '_?._') return this.#optionalField(node)
    const args = node.args.map((arg) => this.#check(arg))
    if (node.target === undefined) {
      const name = node.name.startsWith('.') ? node.name.slice(1) : node.name
      const overloads = this.#environment.functions.get(name)
      if (overloads === undefined) return this.#undeclared(node.at, node.name)
      return this.#choose(node, overloads, args, false)
    }
    const prefix = qualifiedName(node.target)
    const whole = prefix === undefined ? undefined : `${prefix}.${node.name}`
    const named = whole === undefined ? undefined : this.#environment.functions.get(whole)
    if (whole !== undefined && named !== undefined) {
      this.#names.set(node, whole)
      return this.#choose(node, named, args, false)
    }
    const target = this.#check(node.target)
    const overloads = this.#environment.functions.get(node.name)
    if (overloads === undefined) return this.#undeclared(node.at, node.name)
    return this.#choose(node, overloads, [target, ...args], true)
  }

  #optionalField(node: Call): CelType {
    const [operand, field] = node.args as [Expr, Expr]
    const name = field.kind === 'literal' && typeof field.value === 'string' ? field.value : ''
    const found = this.#fieldOf(operand, name, node.at)
    return this.#bindings.resolve(unwrapOptional(found).isOptional ? found : optionalOf(found))
  }

  /** The type of what the call gives, by the ways to call that fit. */
  #choose(node: Call, overloads: readonly Overload[], args: readonly CelType[], isMethod: boolean): CelType {
    if (node.name === '_&&_' || node.name === '_||_') return this.#logic(node, overloads, args)
    const fitting: Overload[] = []
    let result: CelType | undefined
    for (const overload of overloads) {
      if (overload.isMethod !== isMethod) continue
      const { parameters, result: given } = this.#instance(overload)
      if (!this.#bindings.fits(args, parameters)) continue
      fitting.push(overload)
      const type = this.#bindings.resolve(given)
      result = result === undefined || sameShown(result, type) ? (result ?? type) : DYN
    }
    if (result !== undefined) {
      this.#overloads.set(node, fitting)
      return result
    }
    const shown = args.map((type) => showType(this.#bindings.resolve(type, 'dyn')))
    const applied = isMethod ? `${shown[0]}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`
    const name = this.#names.get(node) ?? node.name
    this.#fault(node.at, `found no matching overload for '${name}' applied to '${applied}'`)
    return ERROR
  }

  #logic(node: Call, overloads: readonly Overload[], args: readonly CelType[]): CelType {
    let isRight = true
    args.forEach((type, at) => {
      if (this.#bindings.fits([type], [BOOL])) return
      this.#mismatch((node.args[at] as Expr).at, BOOL, type)
      isRight = false
    })
    this.#overloads.set(node, overloads)
    return isRight ? BOOL : ERROR
  }

  /** A way to call with type parameters of its own. */
  #instance({ parameters, result, isGeneric }: Overload): Pick<Overload, 'parameters' | 'result'> {
    if (!isGeneric) return { parameters, result }
    const fresh = new Map<string, CelType>()
    const rename = (type: CelType): CelType => {
      if (type.kind !== 'param') return { ...type, parameters: type.parameters.map(rename) }
      const known = fresh.get(type.name) ?? this.#bindings.fresh()
      fresh.set(type.name, known)
      return known
    }
    return { parameters: parameters.map(rename), result: rename(result) }
  }

  /** The type that all of a literal's items share; a validator tells of those that share none. */
  #join(before: CelType | undefined, type: CelType): CelType {
    if (before === undefined) return type
    return this.#bindings.fits([before], [type]) ? moreGeneral(before, type) : DYN
  }

  #list({ items }: ListLiteral): CelType {
    let shared: CelType | undefined
    for (const { value, optional } of items) {
      const type = this.#unwrapped(value, this.#check(value), optional)
      shared = this.#join(shared, type)
    }
    return listOf(shared ?? this.#bindings.fresh())
  }

  #unwrapped(value: Expr, type: CelType, optional: boolean): CelType {
    if (!optional) return type
    const inner = unwrapOptional(type)
    if (!inner.isOptional && !isDynamic(type)) this.#mismatch(value.at, optionalOf(type), type)
    return inner.type
  }

  #map({ entries }: MapLiteral): CelType {
    let keys: CelType | undefined
    let values: CelType | undefined
    for (const { key, value, optional } of entries) {
      keys = this.#join(keys, this.#check(key))
      values = this.#join(values, this.#unwrapped(value, this.#check(value), optional))
    }
    return mapOf(keys ?? this.#bindings.fresh(), values ?? this.#bindings.fresh())
  }

  #struct({ at, name, fields }: StructLiteral): CelType {
    const named = this.#variable(name)
    if (named === undefined) return this.#undeclared(at, name)
    const type = named.kind === 'type' ? item(named) : undefined
    if (type === undefined) this.#fault(at, `'${showType(named)}' is not a type`)
    else if (type.kind !== 'object') this.#fault(at, `'${showType(type)}' is not a message type`)
    const isObject = type?.kind === 'object'
    for (const { at: fieldAt, name: field, value, optional } of fields) {
      const given = this.#unwrapped(value, this.#check(value), optional)
      const wanted = isObject ? (this.#objectField(type.name, field, fieldAt) ?? ERROR) : ERROR
      if (this.#bindings.fits([wanted], [given])) continue
      const words = `expected type of field '${field}' is '${showType(wanted)}' but provided type is '${showType(given)}'`
      this.#fault(fieldAt, words)
    }
    return isObject ? type : ERROR
  }

  #fold(node: Fold): CelType {
    const range = this.#bindings.resolve(this.#check(node.range))
    const carried = this.#check(node.start)
    const [first, second] = this.#loopTypes(node, range)
    this.#scopes.push([node.carry, carried])
    this.#scopes.push([node.item, node.item2 === undefined ? first : second.first])
    if (node.item2 !== undefined) this.#scopes.push([node.item2, second.second])
    this.#require(node.while, this.#check(node.while), BOOL)
    this.#require(node.step, this.#check(node.step), carried)
    this.#scopes.length -= node.item2 === undefined ? 1 : 2
    const result = this.#check(node.result)
    this.#scopes.pop()
    return this.#bindings.resolve(result)
  }

  /** The type of the one variable, and of both where there are two. */
  #loopTypes(node: Fold, range: CelType): readonly [CelType, { first: CelType; second: CelType }] {
    if (range.kind === 'list') return [item(range), { first: INT, second: item(range) }]
    if (range.kind === 'map') return [item(range), { first: item(range), second: mapValue(range) }]
    if (range.kind === 'dyn' || range.kind === 'error' || range.kind === 'param') {
      this.#bindings.fits([DYN], [range])
      return [DYN, { first: DYN, second: DYN }]
    }
    const words = `expression of type '${showType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`
    this.#fault(node.range.at, words)
    return [ERROR, { first: ERROR, second: ERROR }]
  }

  #require(node: Expr, found: CelType, wanted: CelType): void {
    if (!this.#bindings.fits([wanted], [found])) this.#mismatch(node.at, wanted, found)
  }
}

const sameShown = (a: CelType, b: CelType): boolean => a.kind === 'dyn' || showType(a) === showType(b)

/** `a.b.c` as a name, where it is nothing but names. */
export function qualifiedName(node: Expr): string | undefined {
  if (node.kind === 'ident') return node.name
  if (node.kind !== 'select' || node.testOnly) return undefined
  const operand = qualifiedName(node.operand)
  return operand === undefined ? undefined : `${operand}.${node.field}`
}

function literalType(value: unknown): CelType {
  if (value === null) return NULL
  if (typeof value === 'boolean') return BOOL
  if (typeof value === 'bigint') return INT
  if (typeof value === 'number') return DOUBLE
  if (typeof value === 'string') return STRING
  return value instanceof Uint ? UINT : BYTES
}

function typeNamed(name: string): CelType {
  if (name === 'list') return listOf(DYN)
  if (name === 'map') return mapOf(DYN, DYN)
  if (name === 'optional_type') return opaqueType(name)
  if (name === 'null_type') return NULL
  return readType(name.replace('google.protobuf.', '').toLowerCase())
}
