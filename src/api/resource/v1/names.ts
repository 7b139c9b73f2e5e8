/** Names of devices, drivers and what they tell, and the limits of lists (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/). */

import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { byteLength, cIdentifier, dnsLabel, dnsSubdomain, qualifiedName } from '../../../meta/names.ts'
import { duplicate, invalidEach, invalidValue, judgeAll, required, tooLong, tooMany } from '../../../meta/validation.ts'
import { validateCsiDriver } from '../../core/v1/pod/validation/volume-sources.ts'

const MAX_IDENTIFIER = 32
const MAX_POOL = 253
/** A domain, a slash and an identifier. */
const MAX_KEY = 63 + 1 + MAX_IDENTIFIER

/** What stands for a list that is over its limit, or the faults of its items. */
export function judgeList<T>(
  list: readonly T[] | undefined,
  limit: number,
  path: FieldPath,
  judge: (item: T, path: FieldPath) => readonly FieldError[],
): FieldError[] {
  if (list !== undefined && list.length > limit) return [tooMany(path, list.length, limit)]
  return judgeAll(list, (item, at) => judge(item, path.index(at)))
}

/** As `judgeList`, for items that must differ in their key. */
export function judgeSet<T>(
  list: readonly T[] | undefined,
  { limit, keyOf }: { readonly limit: number; readonly keyOf: (item: T) => string },
  path: FieldPath,
  judge: (item: T, path: FieldPath) => readonly FieldError[],
): FieldError[] {
  const faults = judgeList(list, limit, path, judge)
  if (list === undefined || list.length > limit) return faults
  const seen = new Set<string>()
  for (const [at, item] of list.entries()) {
    const key = keyOf(item)
    if (seen.has(key)) faults.push(duplicate(path.index(at), key))
    seen.add(key)
  }
  return faults
}

/** The name of a driver is that of a CSI driver. */
export const driverName = (name: string | undefined, path: FieldPath): FieldError[] =>
  validateCsiDriver(name ?? '', path)

/** A name that is one DNS label. */
export const labelName = (name: string | undefined, path: FieldPath): FieldError[] =>
  invalidEach(path, name ?? '', dnsLabel(name ?? ''))

/** A name as a label's key has it. */
export const keyName = (name: string | undefined, path: FieldPath): FieldError[] =>
  invalidEach(path, name ?? '', qualifiedName(name ?? ''))

/** DNS subdomains with slashes between. */
export function poolName(name: string | undefined, path: FieldPath): FieldError[] {
  if (name === undefined || name === '') return [required(path)]
  return [
    ...(byteLength(name) > MAX_POOL ? [tooLong(path, MAX_POOL)] : []),
    ...name.split('/').flatMap((part) => invalidEach(path, part, dnsSubdomain(part))),
  ]
}

/** `attribute` or `driver.example.com/attribute`. */
export function attributeName(name: string, path: FieldPath): FieldError[] {
  const [first = '', second, ...rest] = name.split('/')
  if (second === undefined) return identifier(first, path)
  if (rest.length > 0) return []
  return [
    ...(first === '' ? [invalidValue(path, '', 'the domain must not be empty')] : driverName(first, path)),
    ...(second === '' ? [invalidValue(path, '', 'the name must not be empty')] : identifier(second, path)),
  ]
}

/** `driver.example.com/attribute`. */
export function fullAttributeName(name: string, path: FieldPath): FieldError[] {
  const faults = attributeName(name, path)
  if (!name.includes('/')) {
    faults.push(invalidValue(path, name, 'a fully qualified name must be a domain and a name separated by a slash'))
  }
  return faults
}

function identifier(name: string, path: FieldPath): FieldError[] {
  return [
    ...(byteLength(name) > MAX_IDENTIFIER ? [tooLong(path, MAX_IDENTIFIER)] : []),
    ...invalidEach(path, name, cIdentifier(name)),
  ]
}

/** The place of a map's entry; of a key without end only both ends are told. */
export function entryPath(path: FieldPath, key: string): FieldPath {
  if (key.length <= MAX_KEY) return path.key(key)
  const left = MAX_KEY - 3
  return path.key(`${key.slice(0, Math.ceil(left / 2))}...${key.slice(key.length - Math.floor(left / 2))}`)
}
