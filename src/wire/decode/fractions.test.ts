import { describe, expect, test } from 'vitest'
import { readJsonBody } from '../json/parse.ts'
import { createDecoder } from './decode.ts'
import type { FieldSchema, StructSchema } from '../schema.ts'

const number = (name: string, scalar: 'int32' | 'int64' | 'double' | 'IntOrString' | 'any' | 'Quantity') => ({
  name,
  shape: { kind: 'scalar', scalar } as const,
  pointer: true,
  omitEmpty: true,
  required: false,
  nullable: false,
})
const fields = [
  number('small', 'int32'),
  number('large', 'int64'),
  number('real', 'double'),
  number('port', 'IntOrString'),
  number('any', 'any'),
  number('amount', 'Quantity'),
]
const schema: StructSchema = {
  key: 'test/v1.Thing',
  fields: new Map<string, FieldSchema>([
    ...fields.map((field) => [field.name, field] as const),
    ['items', { ...number('items', 'any'), shape: { kind: 'list', of: { kind: 'struct', type: 'test/v1.Thing' } } }],
  ]),
  root: true,
  hasProto: true,
}
const decode = createDecoder({ schemas: () => schema, canonicalQuantity: (text) => text })
const read = (json: string) => {
  const { value, fractions } = readJsonBody(Buffer.from(json))
  return decode(value, 'test/v1.Thing', fractions === undefined ? {} : { fractions }).value
}

describe('whole numbers that are not written as such', () => {
  test.each([
    ['{"small":1.0}', 'number 1.0', 'small', 'int32'],
    ['{"small":1e3}', 'number 1e3', 'small', 'int32'],
    ['{"large":1E0}', 'number 1E0', 'large', 'int64'],
    ['{"port":80.0}', 'number 80.0', 'port', 'int32'],
    ['{"small":1.5}', 'number 1.5', 'small', 'int32'],
    ['{"items":[{"small":1},{"small":2.0}]}', 'number 2.0', 'items.small', 'int32'],
  ])('are refused: %s', (json, found, field, goType) => {
    const words = `json: cannot unmarshal ${found} into Go struct field Thing.${field} of type ${goType}`
    expect(() => read(json)).toThrow(words)
  })

  test.each([
    ['{"real":1.0}', { real: 1 }],
    ['{"any":{"small":1.0}}', { any: { small: 1 } }],
    ['{"small":1,"real":2.5}', { small: 1, real: 2.5 }],
    ['{"amount":"1.0"}', { amount: '1.0' }],
  ])('are taken where fractions are: %s', (json, value) => expect(read(json)).toEqual(value))
})
