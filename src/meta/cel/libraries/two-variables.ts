/** Loops that see the index or key beside the value (https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries). */

import { declare, type Library } from '../environment.ts'
import { TWO_VARIABLE_MACROS } from '../macros.ts'
import { type CelMap, type CelValue, LiteralMap } from '../values.ts'

function insert(map: CelMap, more: Iterable<readonly [CelValue, CelValue]>): CelValue {
  return new LiteralMap([...entriesOf(map), ...more])
}

function* entriesOf(map: CelMap): Iterable<readonly [CelValue, CelValue]> {
  for (const key of map.keys()) yield [key, map.get(key) ?? null]
}

export const twoVariables: Library = {
  macros: TWO_VARIABLE_MACROS,
  functions: [
    declare('cel.@mapInsert(map(K, V), K, V): map(K, V)', (map: CelMap, key: CelValue, value: CelValue) =>
      insert(map, [[key, value]]),
    ),
    declare('cel.@mapInsert(map(K, V), map(K, V)): map(K, V)', (map: CelMap, more: CelMap) =>
      insert(map, entriesOf(more)),
    ),
  ],
}
