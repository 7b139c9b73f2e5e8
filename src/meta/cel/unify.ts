/**
 * What fits what: types with parameters are made to agree by finding out what each parameter stands for
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md#gradual-type-checking).
 */

import { type CelType, DYN, isDynamic, item, mapValue, sameType } from './types.ts'

/** What each type parameter was found to stand for. */
export class Bindings {
  #found = new Map<string, CelType>()
  #made = 0

  /** A parameter that stands for nothing yet. */
  fresh(): CelType {
    return { kind: 'param', name: `_var${this.#made++}`, parameters: [] }
  }

  /** Whether `from` may stand where `to` is asked for. What was found out on the way is kept only where it may. */
  fits(from: readonly CelType[], to: readonly CelType[]): boolean {
    const before = new Map(this.#found)
    if (this.#allFit(from, to)) return true
    this.#found = before
    return false
  }

  /** The type with its parameters replaced; with `open`, those that stand for nothing become `dyn`. */
  resolve(type: CelType, open: 'keep' | 'dyn' = 'keep'): CelType {
    if (type.kind === 'param') {
      const found = this.#found.get(type.name)
      if (found !== undefined) return this.resolve(found, open)
      return open === 'dyn' ? DYN : type
    }
    if (type.parameters.length === 0) return type
    return { ...type, parameters: type.parameters.map((parameter) => this.resolve(parameter, open)) }
  }

  #allFit(from: readonly CelType[], to: readonly CelType[]): boolean {
    return from.length === to.length && from.every((type, at) => this.#fits(type, to[at] as CelType))
  }

  #fits(from: CelType, to: CelType): boolean {
    if (to.kind === 'param') {
      const { agrees, wasBound } = this.#bind(to, from)
      if (agrees) return true
      if (wasBound) return false
    }
    if (from.kind === 'param') return this.#bind(from, to).agrees
    if (isDynamic(from) || isDynamic(to)) return true
    if (from.kind === 'null') return isNullable(to)
    if (to.kind === 'null') return isNullable(from)
    if (from.kind === 'type') return to.kind === 'type'
    return from.kind === to.kind && from.name === to.name && this.#allFit(from.parameters, to.parameters)
  }

  /** Lets a parameter stand for a type, or tells whether what it stands for already agrees with it. */
  #bind(parameter: CelType, type: CelType): { agrees: boolean; wasBound: boolean } {
    if (sameType(parameter, type)) return { agrees: true, wasBound: true }
    const bound = this.#found.get(parameter.name)
    if (bound === undefined) {
      if (this.#occursIn(parameter, type)) return { agrees: false, wasBound: false }
      this.#found.set(parameter.name, type)
      return { agrees: true, wasBound: false }
    }
    if (sameType(type, bound)) return { agrees: true, wasBound: true }
    if (!this.#fits(type, bound)) return { agrees: false, wasBound: true }
    const wider = moreGeneral(type, bound)
    if (!this.#occursIn(parameter, wider)) this.#found.set(parameter.name, wider)
    return { agrees: true, wasBound: true }
  }

  #occursIn(parameter: CelType, type: CelType): boolean {
    if (type.kind !== 'param') return type.parameters.some((each) => this.#occursIn(parameter, each))
    if (type.name === parameter.name) return true
    const bound = this.#found.get(type.name)
    return bound !== undefined && this.#occursIn(parameter, bound)
  }
}

const NULLABLE: ReadonlySet<string> = new Set(['object', 'opaque', 'any', 'duration', 'timestamp', 'null'])
const isNullable = ({ kind }: CelType): boolean => NULLABLE.has(kind)

/** The one of two types that agree which says less. */
export function moreGeneral(a: CelType, b: CelType): CelType {
  return saysNoMore(a, b) ? a : b
}

function saysNoMore(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || a.kind === 'any' || a.kind === 'param') return true
  if (b.kind === 'dyn' || b.kind === 'any' || b.kind === 'param') return false
  if (a.kind !== b.kind) return false
  if (a.kind === 'list') return saysNoMore(item(a), item(b))
  if (a.kind === 'map') return saysNoMore(item(a), item(b)) && saysNoMore(mapValue(a), mapValue(b))
  if (a.kind === 'type') return true
  if (a.kind !== 'opaque') return sameType(a, b)
  return (
    a.name === b.name &&
    a.parameters.length === b.parameters.length &&
    a.parameters.every((parameter, at) => saysNoMore(parameter, b.parameters[at] as CelType))
  )
}
