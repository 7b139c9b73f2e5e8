/** For tests: objects of any type, made by chance. Most of what they say is sound, so that it gets as far as validation; some is not. */

import { schemaOf } from '../../api/schemas.ts'
import type { Random } from '../../base/random.ts'
import type { FieldSchema, ScalarKind, Shape } from '../../wire/schema.ts'

/** Chances by one source. */
export interface Dice {
  below(count: number): number
  pick<T>(list: readonly T[]): T
  /** True so often, of one. */
  is(chance: number): boolean
}

export function dice(random: Random): Dice {
  const below = (count: number) => Math.floor(random.next() * count)
  return { below, pick: (list) => list[below(list.length)]!, is: (chance) => random.next() < chance }
}

const NAMES = ['a', 'b', 'c', 'default', 'node-1', 'v1', 'app', 'example.com/x']
const ODD: readonly unknown[] = [
  null,
  '',
  'X_y',
  '-',
  '..',
  '__proto__',
  'x'.repeat(300),
  '\ud800',
  -1,
  0,
  1.5,
  1e300,
  2 ** 53,
  true,
  [],
  {},
  [null],
  { a: null },
  [[[]]],
]
const TEXTS: readonly string[] = [
  ...NAMES,
  'Always',
  'Never',
  'In',
  'Exists',
  'TCP',
  'ClusterIP',
  'kubernetes.io/hostname',
  '/a/b',
  '10.0.0.1',
  '10.0.0.0/24',
  'fd00::1',
  '$(A)',
  '*',
  'a=b',
  '0 0 * * *',
  'object.spec.x == 1',
  '{.items[0]}',
  '(a+)+$',
]
const SOUND: Readonly<Record<ScalarKind, readonly unknown[]>> = {
  string: TEXTS,
  boolean: [true, false],
  int32: [0, 1, 2, 80, 8080, 65536, -1],
  int64: [0, 1, 30, 1000, -1],
  double: [0, 0.5, 1],
  bytes: ['', 'YWJj'],
  Quantity: ['1', '100m', '1Gi', '0', '-1', 5, '1e3', '0.1'],
  Time: ['2026-01-01T00:00:00Z', null],
  MicroTime: ['2026-01-01T00:00:00.000001Z', null],
  Duration: ['10s', '1h0m0s'],
  IntOrString: [80, '50%', 'http', 0, '200%', -1],
  any: [null, 'a', 1, { a: 1 }, [1], true],
}

/** Deeper than this nothing is made: types that contain themselves have to end. */
const MAX_DEPTH = 9

/** An object of the type: each field is there by chance. `oddity` is how often a value is none that belongs there. */
export function objectByChance(type: string, die: Dice, oddity: number, depth = 0): Record<string, unknown> {
  const fields = [...(schemaOf(type)?.fields.values() ?? [])]
  const wanted = 0.75 - depth * 0.06
  return Object.fromEntries(
    fields
      .filter(({ required }) => die.is(required ? 0.97 : wanted / Math.max(1, fields.length / 8)))
      .map((field) => [field.name, valueByChance(field, field.shape, die, oddity, depth)]),
  )
}

function valueByChance(field: FieldSchema, shape: Shape, die: Dice, oddity: number, depth: number): unknown {
  if (die.is(oddity)) return die.pick(ODD)
  switch (shape.kind) {
    case 'struct':
      return depth > MAX_DEPTH ? {} : objectByChance(shape.type, die, oddity, depth + 1)
    case 'list':
      return Array.from({ length: die.below(3) }, () => valueByChance(field, shape.of, die, oddity, depth + 1))
    case 'map':
      return Object.fromEntries(
        Array.from({ length: die.below(3) }, () => [
          die.is(oddity) ? die.pick(['', '__proto__', 'a b', 'x'.repeat(300)]) : die.pick([...NAMES, 'cpu', 'memory']),
          valueByChance(field, shape.of, die, oddity, depth + 1),
        ]),
      )
    case 'scalar':
      if (field.enum !== undefined && die.is(0.9)) return die.pick(field.enum)
      return die.pick(SOUND[shape.scalar])
  }
}
