/** Random objects of any built-in type, for tests that hold for all kinds. */
import type { Random } from '../base/random.ts'
import type { ScalarKind, Shape } from '../wire/schema.ts'
import { schemaOf } from './schemas.ts'

const texts = ['', 'a', 'web-1', 'Always', 'with "quotes" and \\', 'κόσμε 🌍', 'x'.repeat(300), '0', 'null']
const times = ['2026-01-02T03:04:05Z', '1970-01-01T00:00:01Z', '1969-12-31T23:59:59Z', '9999-12-31T23:59:59Z']

/** An object of the type with about the share `fullness` of its fields. `depth` bounds how far it nests. */
export function randomObject(typeKey: string, random: Random, fullness: number, depth = 7): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  const schema = schemaOf(typeKey)
  if (schema === undefined) throw new Error(`no type is known of ${typeKey}`)
  for (const field of schema.fields.values()) {
    if (schema.root && (field.name === 'kind' || field.name === 'apiVersion')) continue
    if (random.next() < fullness) object[field.name] = randomValue(field.shape, random, fullness, depth - 1)
  }
  return object
}

function randomValue(shape: Shape, random: Random, fullness: number, depth: number): unknown {
  const inner = (of: Shape) => randomValue(of, random, fullness, depth)
  const count = depth <= 0 ? 0 : Math.floor(random.next() * 3)
  switch (shape.kind) {
    case 'struct':
      return depth <= 0 ? {} : randomObject(shape.type, random, fullness, depth)
    case 'list':
      return Array.from({ length: count }, () => inner(shape.of))
    case 'map':
      return Object.fromEntries(
        Array.from({ length: count }, () => [`key-${pick([1, 22, 3], random)}`, inner(shape.of)]),
      )
    case 'scalar':
      if (shape.custom === undefined) return randomScalar(shape.scalar, random)
      return randomCustom(shape.custom, random, fullness, depth)
  }
}

function randomCustom(form: string, random: Random, fullness: number, depth: number): unknown {
  if (form === 'raw') return pick([{ a: [1, 'x', { b: null }] }, { 'f:metadata': { 'f:name': {} } }], random)
  const schema = () => (depth <= 0 ? {} : randomObject('apiextensions/v1.JSONSchemaProps', random, fullness / 4, depth))
  if (form === 'schemaOrBoolean') return random.next() < 0.5 ? random.next() < 0.5 : schema()
  if (form === 'schemaOrArray') return random.next() < 0.5 ? [schema(), schema()] : schema()
  return random.next() < 0.5 ? ['a', 'b'] : schema()
}

function randomScalar(scalar: ScalarKind, random: Random): unknown {
  switch (scalar) {
    case 'string':
      return pick(texts, random)
    case 'boolean':
      return random.next() < 0.5
    case 'int32':
      return pick([0, 1, 80, -1, 2_147_483_647, -2_147_483_648], random)
    case 'int64':
      return pick<number | bigint>(
        [0, 1, -1, 300, 2 ** 40, 9_007_199_254_740_993n, -9_223_372_036_854_775_808n],
        random,
      )
    case 'double':
      return pick([0, 1.5, -1e100], random)
    case 'bytes':
      return pick(['aGVsbG8=', 'AA==', '/+8='], random)
    case 'Quantity':
      return pick(['0', '1', '500m', '1Gi'], random)
    case 'Time':
      return pick(times, random)
    case 'MicroTime':
      return pick(['2026-01-02T03:04:05.000006Z', '2026-01-02T03:04:05.123456Z'], random)
    case 'Duration':
      return pick(['1h0m0s', '1m30s', '0s', '1.5ms'], random)
    case 'IntOrString':
      return pick([0, 80, -1, 'http', '25%'], random)
    case 'any':
      return { x: 1 }
  }
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(random.next() * values.length)]!
}
