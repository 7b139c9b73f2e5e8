import { describe, expect, test } from 'vitest'
import type { FieldSchema, ScalarKind, Shape, StructSchema } from '../schema.ts'
import { DecodeError } from './context.ts'
import { createDecoder } from './decode.ts'

const field = (name: string, shape: Shape, goType?: string): [string, FieldSchema] => [
  name,
  { name, shape, pointer: true, omitEmpty: true, required: false, nullable: false, ...(goType && { goType }) },
]
const scalar = (kind: ScalarKind): Shape => ({ kind: 'scalar', scalar: kind })
const schema: StructSchema = {
  key: 'test/v1.Thing',
  fields: new Map([
    field('small', scalar('int32')),
    field('large', scalar('int64')),
    field('real', scalar('double')),
    field('on', scalar('boolean')),
    field('text', scalar('string'), 'v1.Protocol'),
    field('bytes', scalar('bytes')),
    field('port', scalar('IntOrString')),
    field('time', scalar('Time')),
    field('list', { kind: 'list', of: scalar('string') }, 'v1.Texts'),
    field('map', { kind: 'map', of: scalar('int32') }, 'v1.ResourceList'),
    field('things', { kind: 'map', of: { kind: 'struct', type: 'test/v1.Thing' } }),
    field('thing', { kind: 'struct', type: 'test/v1.Thing' }),
  ]),
  root: true,
  hasProto: true,
}
const decode = createDecoder({ schemas: () => schema, canonicalQuantity: (text) => text })
const convert = (value: unknown) => decode(value, 'test/v1.Thing', { converts: true }).value

describe('values that are converted', () => {
  test.each([
    [{ small: 3_000_000_000 }, { small: -1_294_967_296 }],
    [{ small: -2_147_483_649 }, { small: 2_147_483_647 }],
    [{ small: 4_294_967_296 }, { small: 0 }],
    [{ small: 9_223_372_036_854_775_807n }, { small: -1 }],
    [{ small: 1e30 }, { small: 0 }],
    [{ large: 1e30 }, { large: -9_223_372_036_854_775_808n }],
    [{ large: 9_007_199_254_740_993n }, { large: 9_007_199_254_740_993n }],
    [{ map: { a: 3_000_000_000 } }, { map: { a: -1_294_967_296 } }],
    [{ port: 80 }, { port: 80 }],
  ])('are cut to their bits: %o', (given, made) => expect(convert(given)).toEqual(made))

  test.each([
    [{ small: 1.5 }, 'cannot convert float64 to int32'],
    [{ large: -0.5 }, 'cannot convert float64 to int64'],
    [{ small: '1' }, 'unrecognized type: int32'],
    [{ small: true }, 'unrecognized type: int32'],
    [{ on: 1 }, 'unrecognized type: bool'],
    [{ real: 'x' }, 'unrecognized type: float64'],
    [{ text: 7 }, 'cannot convert int64 to v1.Protocol'],
    [{ text: 1.5 }, 'unrecognized type: string'],
    [{ text: {} }, 'unrecognized type: string'],
    [{ bytes: '!' }, 'error decoding from json: illegal base64 data at input byte 0'],
    [{ bytes: 7 }, 'cannot restore slice from int64'],
    [{ port: 3_000_000_000 }, 'json: cannot unmarshal number 3000000000 into Go value of type int32'],
    [{ port: {} }, 'json: cannot unmarshal object into Go value of type int32'],
    [{ time: 5 }, 'json: cannot unmarshal number into Go value of type string'],
    [{ list: 'x' }, 'cannot restore slice from string'],
    [{ map: [] }, 'cannot restore map from slice'],
    [{ thing: [] }, 'cannot restore struct from: slice'],
  ])('that cannot be are told of by their Go types: %o', (given, why) =>
    expect(() => convert(given)).toThrow(new DecodeError(why)),
  )

  test('have no keys of maps in the paths of fields that nobody knows', () => {
    const { unknown } = decode({ things: { a: { what: 1 } } }, 'test/v1.Thing', { converts: true })
    expect(unknown).toEqual([{ path: 'things.what' }])
  })
})
