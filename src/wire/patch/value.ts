/**
 * JSON values as patches see them. Every key is data: `__proto__` and `constructor` are own keys like any other,
 * and never reach a prototype.
 */
import { badPatch } from './errors.ts'

/** A JSON object that may be read. */
export type JsonObject = { readonly [key: string]: unknown }
/** A JSON object of our own making, which may be written. */
export type Draft = { [key: string]: unknown }

/** Deeper values are refused; no API type comes near, and recursion stays within the stack. */
export const MAX_DEPTH = 1_000

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own property, or undefined. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets an own property, whatever its name. */
export function put(draft: Draft, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(draft, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    draft[key] = value
  }
}

export function guardDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw badPatch('exceeded max depth')
}

/** Whether two JSON values are the same: numbers by value, objects in any order of keys. */
export function sameJson(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return sameNumber(a, b)
  guardDepth(depth)
  if (Array.isArray(a)) return Array.isArray(b) && sameList(a, b, depth)
  return isObject(a) && isObject(b) && sameObject(a, b, depth)
}

function sameList(a: readonly unknown[], b: readonly unknown[], depth: number): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) {
    if (!sameJson(a[index], b[index], depth + 1)) return false
  }
  return true
}

function sameObject(a: JsonObject, b: JsonObject, depth: number): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !sameJson(a[key], b[key], depth + 1)) return false
  }
  return true
}

function sameNumber(a: unknown, b: unknown): boolean {
  if (typeof a === 'bigint' && typeof b === 'number') return Number.isInteger(b) && BigInt(b) === a
  if (typeof a === 'number' && typeof b === 'bigint') return Number.isInteger(a) && BigInt(a) === b
  return false
}
