/** Functions of lists and sets (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library). */

import { compare, equal } from '../compare.ts'
import { Members } from '../members.ts'
import { declare, type Library, type Overload } from '../environment.ts'
import { SORT_MACROS } from '../macros.ts'
import { type CelValue, type Duration, EvaluationError, isList, type Uint } from '../values.ts'
import { duration, int, uint } from './operators.ts'

type List = readonly CelValue[]

const COMPARABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']

function isSorted(list: List): boolean {
  return list.every((value, at) => at === 0 || compare(list[at - 1] as CelValue, value) <= 0)
}

const SUMS: Readonly<Record<string, (list: List) => CelValue>> = {
  int: (list) => int((list as readonly bigint[]).reduce((sum, value) => sum + value, 0n)),
  uint: (list) => uint((list as readonly Uint[]).reduce((sum, { value }) => sum + value, 0n)),
  double: (list) => (list as readonly number[]).reduce((sum, value) => sum + value, 0),
  duration: (list) => duration((list as readonly Duration[]).reduce((sum, { nanos }) => sum + nanos, 0n)),
}

/** The item that comes first in an order. */
function extreme(name: string, isBetter: (order: number) => boolean): (list: List) => CelValue {
  return (list) => {
    if (list.length === 0) throw new EvaluationError(`${name} called on empty list`)
    return list.reduce((best, value) => (isBetter(compare(value, best)) ? value : best))
  }
}

const indexOf = (list: List, value: CelValue): bigint => BigInt(list.findIndex((each) => equal(each, value)))
const lastIndexOf = (list: List, value: CelValue): bigint => BigInt(list.findLastIndex((each) => equal(each, value)))

/** Kubernetes's own. */
export const lists: Library = {
  functions: [
    ...COMPARABLE.map((type) => declare(`list(${type})->isSorted(): bool`, isSorted)),
    ...Object.entries(SUMS).map(([type, sum]) => declare(`list(${type})->sum(): ${type}`, sum)),
    ...COMPARABLE.flatMap((type) => [
      declare(
        `list(${type})->max(): ${type}`,
        extreme('max', (order) => order > 0),
      ),
      declare(
        `list(${type})->min(): ${type}`,
        extreme('min', (order) => order < 0),
      ),
    ]),
    declare('list(A)->indexOf(A): int', indexOf),
    declare('list(A)->lastIndexOf(A): int', lastIndexOf),
  ],
}

function slice(list: List, from: bigint, to: bigint): List {
  const words = `cannot slice(${from}, ${to}), `
  if (from < 0n || to < 0n) throw new EvaluationError(`${words}negative indexes not supported`)
  if (from > to) throw new EvaluationError(`${words}start index must be less than or equal to end index`)
  if (to > list.length) throw new EvaluationError(`${words}list is length ${list.length}`)
  return list.slice(Number(from), Number(to))
}

function flatten(list: List, depth: bigint = 1n): List {
  if (depth < 0n) throw new EvaluationError('level must be non-negative')
  return list.flatMap((value) => (isList(value) && depth > 0n ? flatten(value, depth - 1n) : [value]))
}

const sort = (list: List): List => list.toSorted(compare)

function sortByKeys(list: List, keys: List): List {
  if (list.length !== keys.length) throw new EvaluationError('sortByAssociatedKeys() expected equal sizes')
  const places = list.map((_, at) => at)
  places.sort((a, b) => compare(keys[a] as CelValue, keys[b] as CelValue))
  return places.map((at) => list[at] as CelValue)
}

function range(count: bigint): List {
  if (count > 1_000_000n) throw new EvaluationError(`lists.range(${count}) is too long`)
  return Array.from({ length: Math.max(0, Number(count)) }, (_, at) => BigInt(at))
}

function distinct(list: List): List {
  const met = new Members()
  return list.filter((value) => {
    const isNew = !met.has(value)
    if (isNew) met.add(value)
    return isNew
  })
}

const SORTABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']
const sorts = (make: (type: string) => Overload): Overload[] => SORTABLE.map(make)

/** CEL's own extension of version 3. */
export const moreLists: Library = {
  macros: SORT_MACROS,
  functions: [
    declare('list(A)->slice(int, int): list(A)', slice),
    declare('list(list(A))->flatten(): list(A)', flatten),
    declare('list(dyn)->flatten(int): list(dyn)', flatten),
    ...sorts((type) => declare(`list(${type})->sort(): list(${type})`, sort)),
    ...sorts((type) => declare(`list(A)->@sortByAssociatedKeys(list(${type})): list(A)`, sortByKeys)),
    declare('lists.range(int): list(int)', range),
    declare('list(A)->reverse(): list(A)', (list: List) => list.toReversed()),
    declare('list(A)->distinct(): list(A)', distinct),
  ],
}

function containsAll(list: List, part: List): boolean {
  const members = new Members(list)
  return part.every((value) => members.has(value))
}

function intersects(a: List, b: List): boolean {
  const members = new Members(b)
  return a.some((value) => members.has(value))
}

/** Lists as sets (https://pkg.go.dev/github.com/google/cel-go/ext#Sets). */
export const sets: Library = {
  functions: [
    declare('sets.contains(list(A), list(A)): bool', containsAll),
    declare('sets.equivalent(list(A), list(A)): bool', (a: List, b: List) => containsAll(a, b) && containsAll(b, a)),
    declare('sets.intersects(list(A), list(A)): bool', intersects),
  ],
}
