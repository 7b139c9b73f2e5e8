import { describe, expect, test } from 'vitest'
import { seededRandom } from '../base/random.ts'
import { canonicalQuantity } from '../meta/quantity.ts'
import { createDecoder } from '../wire/decode/decode.ts'
import { createProtobufCodec } from '../wire/protobuf/codec.ts'
import {
  listHead,
  listItem,
  readEnvelope,
  readWatchEvent,
  watchFrame,
  writeEnvelope,
} from '../wire/protobuf/envelope.ts'
import { keyPrefixes } from './generated/facts.ts'
import { randomObject } from './random-object.ts'
import { schemaOf, typeKeyOf, typeKeys } from './schemas.ts'

const codec = createProtobufCodec({ schemas: schemaOf, typeKeyOf })
const decode = createDecoder({ schemas: schemaOf, canonicalQuantity: (text) => text })
const apiVersions = new Map(Object.entries(keyPrefixes).map(([apiVersion, prefix]) => [prefix, apiVersion]))

/** Every kind with a protobuf form, as apiVersion and kind. */
const kinds = typeKeys().flatMap((key) => {
  const schema = schemaOf(key)!
  const [prefix, kind] = [key.slice(0, key.lastIndexOf('.')), key.slice(key.lastIndexOf('.') + 1)]
  const apiVersion = apiVersions.get(prefix)
  return schema.fields.has('kind') && schema.root && schema.hasProto && apiVersion !== undefined
    ? [{ key, apiVersion, kind }]
    : []
})

describe('the protobuf codec', () => {
  const keys = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`key-${at}`, '']))
  const container = (at: number) => ({ name: `c-${at}`, args: ['a'] })
  const data = { a: Array.from({ length: 9 }, () => ({ b: [] })) }
  const cases = [
    ['keys of a map', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: keys }],
    [
      'objects in a list',
      { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [0, 1, 2].map(container) } },
    ],
    ['a raw object', { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: {}, revision: 1, data }],
  ] as const
  for (const [what, object] of cases) {
    test(`counts ${what} as values of the body`, () => {
      const bytes = codec.encode(object)
      expect(() => codec.decode(bytes, 7)).toThrow('the body has more than 7 values')
      expect(codec.decode(bytes, 200)).toMatchObject({ kind: object.kind })
    })
  }

  test('gives back any object of any kind as it was', () => {
    const random = seededRandom(7)
    expect(kinds.length).toBeGreaterThan(150)
    for (const { key, apiVersion, kind } of kinds) {
      for (const fullness of [0, 0.3, 0.9]) {
        const object = decode({ apiVersion, kind, ...randomObject(key, random, fullness) }, key).value
        const back = decode(codec.decode(codec.encode(object)), key).value
        expect(back, `${apiVersion} ${kind}`).toEqual(object)
      }
    }
  })

  test('writes the same bytes for the same object, whatever the order of its keys', () => {
    const labels = { b: '1', a: '2', c: '3' }
    const reversed = { c: '3', b: '1', a: '2' }
    const pod = (l: object) => codec.encode({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: l } })
    expect(pod(labels).equals(pod(reversed))).toBe(true)
  })

  test('writes what Go writes', () => {
    // ConfigMap{ObjectMeta: {Name: "a"}, Data: {"k": "v"}}: all scalars that are no pointers are there, empty or not.
    const bytes = codec.encode({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { k: 'v' },
    })
    const metadata = '0a0161' + '1200' + '1a00' + '2200' + '2a00' + '3200' + '3800' + '4200'
    const message = `0a${(metadata.length / 2).toString(16)}${metadata}` + '1206' + '0a016b' + '120176'
    const type = '0a027631' + '1209' + Buffer.from('ConfigMap').toString('hex')
    const unknown = `0a${'0f'}${type}` + `12${(message.length / 2).toString(16)}${message}` + '1a00' + '2200'
    expect(bytes.toString('hex')).toBe(Buffer.from('k8s\0').toString('hex') + unknown)
  })

  test('leaves an amount with space around it unreadable, which JSON would forgive', () => {
    const quota = (cpu: string) => ({ apiVersion: 'v1', kind: 'ResourceQuota', spec: { hard: { cpu } } })
    for (const text of [' 1', '1 ', '\t1']) {
      const { spec } = codec.decode(codec.encode(quota(text))) as unknown as ReturnType<typeof quota>
      expect(canonicalQuantity(spec.hard.cpu.trim())).toBeUndefined()
    }
    expect(codec.decode(codec.encode(quota('1')))).toMatchObject(quota('1'))
  })

  test('skips fields it does not know', () => {
    const message = Buffer.concat([
      codec.encodeMessage({ metadata: { name: 'a' } }, 'core/v1.ConfigMap'),
      Buffer.from([0xfa, 0x3f, 2, 1, 2, 0xf8, 0x3f, 5]),
    ])
    expect(codec.decodeMessage(message, 'core/v1.ConfigMap').metadata).toEqual({ name: 'a' })
  })

  test('reads an object that stands inside another as protobuf', () => {
    const inner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    const raw = codec.encode(inner)
    const field = Buffer.concat([Buffer.from([0x0a, raw.length]), raw])
    const message = Buffer.concat([Buffer.from([0x0a, 0x01, 0x58, 0x12, field.length]), field])
    expect(codec.decodeMessage(message, 'meta/v1.WatchEvent')).toEqual({ type: 'X', object: inner })
  })

  const whole = codec.encode({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { priority: 5 } })
  const bad: [string, Buffer][] = [
    ['no envelope', Buffer.from('{"kind":"Pod"}')],
    ['an unknown kind', writeEnvelope({ apiVersion: 'v9', kind: 'Pod' })],
    ['a length past the end', writeEnvelope({ apiVersion: 'v1', kind: 'Pod' }, Buffer.from([0x0a, 0xff, 0x01]))],
    ['a number without end', writeEnvelope({ apiVersion: 'v1', kind: 'Pod' }, Buffer.alloc(20, 0xff))],
    ['a group', writeEnvelope({ apiVersion: 'v1', kind: 'Pod' }, Buffer.from([0x0b, 0x0c]))],
    ['field zero', writeEnvelope({ apiVersion: 'v1', kind: 'Pod' }, Buffer.from([0x02, 0x00]))],
  ]
  for (const [what, bytes] of bad) {
    test(`refuses ${what}`, () =>
      expect(() => codec.decode(bytes)).toThrow(expect.objectContaining({ name: 'ProtobufError' })))
  }

  test('throws nothing but its own error on damaged bytes', () => {
    const random = seededRandom(3)
    for (let i = 0; i < 2_000; i++) {
      const damaged = Buffer.from(whole)
      damaged[4 + Math.floor(random.next() * (damaged.length - 4))] = Math.floor(random.next() * 256)
      try {
        codec.decode(damaged)
      } catch (error) {
        // eslint-disable-next-line vitest/no-conditional-expect
        expect(error).toMatchObject({ name: 'ProtobufError' })
      }
    }
  })

  test('refuses nesting without end', () => {
    let message = Buffer.alloc(0)
    for (let i = 0; i < 300; i++)
      message = Buffer.concat([Buffer.from([0xd2, 0x01, ...varint(message.length)]), message])
    expect(() => codec.decodeMessage(message, 'apiextensions/v1.JSONSchemaProps')).toThrow('exceeded max depth')
  })
})

describe('frames', () => {
  test('a list of items is the list', () => {
    const items = ['a', 'b'].map((name) => codec.encodeMessage({ metadata: { name } }, 'core/v1.ConfigMap'))
    const metadata = codec.encodeMessage({ resourceVersion: '7' }, 'meta/v1.ListMeta')
    const type = { apiVersion: 'v1', kind: 'ConfigMapList' }
    const list = {
      ...type,
      metadata: { resourceVersion: '7' },
      items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
    }
    const bytes = writeEnvelope(type, listHead(metadata), ...items.map(listItem))
    expect(bytes.equals(codec.encode(list))).toBe(true)
  })

  test('every kind of list has its metadata in field 1 and its items in field 2', () => {
    const lists = kinds.filter(({ kind }) => kind.endsWith('List') && !kind.startsWith('API'))
    const places = lists.map(({ key }) => {
      const { fields } = schemaOf(key)!
      return [fields.get('metadata')?.proto?.number, fields.get('items')?.proto?.number]
    })
    expect(places).toEqual(lists.map(() => [1, 2]))
  })

  test('a watch frame has its length in front and the object inside', () => {
    const envelope = codec.encode({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a'.repeat(300) } })
    const frame = watchFrame('ADDED', envelope)
    expect(frame.readUInt32BE(0)).toBe(frame.length - 4)
    const { type, object } = readWatchEvent(frame.subarray(4))
    expect([type, object.kind, object.raw]).toEqual(['ADDED', 'ConfigMap', readEnvelope(envelope).raw])
  })
})

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
}
