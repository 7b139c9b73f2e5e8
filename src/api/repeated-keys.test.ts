import { describe, expect, test } from 'vitest'
import { createDecoder } from '../wire/decode/decode.ts'
import { readJsonBody } from '../wire/json/parse.ts'
import { schemaOf } from './schemas.ts'

const decode = createDecoder({ schemas: schemaOf, canonicalQuantity: (text) => text })
const read = (type: string, json: string) => decode(readJsonBody(Buffer.from(json)).value, type).value

describe('a key that a body has twice', () => {
  test.each([
    ['of maps', '"labels":{"a":"1","b":"1"},"labels":{"b":"2","c":"2"}', { labels: { a: '1', b: '2', c: '2' } }],
    ['of a map and an empty one', '"labels":{"a":"1"},"labels":{}', { labels: { a: '1' } }],
    ['of a map and null', '"labels":{"a":"1"},"labels":null', {}],
    ['of a map, null and a map', '"labels":{"a":"1"},"labels":null,"labels":{"b":"1"}', { labels: { b: '1' } }],
    ['of texts', '"name":"a","name":"b"', { name: 'b' }],
    ['of a text and null', '"name":"a","name":null', { name: 'a' }],
    [
      'of a number and null, that may be absent',
      '"generation":1,"deletionGracePeriodSeconds":1,"deletionGracePeriodSeconds":null',
      { generation: 1 },
    ],
    ['of lists of texts', '"finalizers":["a/b","c/d"],"finalizers":["e/f"]', { finalizers: ['e/f'] }],
    ['of a list and an empty one', '"finalizers":["a/b"],"finalizers":[]', {}],
    [
      'of a list of structs',
      '"ownerReferences":[{"name":"a"},{"name":"b","uid":"u"}],"ownerReferences":[{"uid":"v"}]',
      {
        ownerReferences: [{ apiVersion: '', kind: '', name: 'a', uid: 'v' }],
      },
    ],
    ['of a key that nobody knows', '"x":{"a":1},"x":{"b":1}', {}],
  ])('%s', (_, members, metadata) => {
    expect(read('core/v1.ConfigMap', `{"metadata":{${members}}}`)).toEqual({ metadata })
  })
  test.each([
    [
      'one struct is read into the other',
      '{"metadata":{"name":"a"},"metadata":{"labels":{}},"data":{"a":"1"}}',
      { metadata: { name: 'a' }, data: { a: '1' } },
    ],
    [
      'and in it what is given twice again',
      '{"metadata":{"labels":{"a":"1"},"labels":{"b":"1"}},"metadata":{"labels":{"c":"1"}}}',
      {
        metadata: { labels: { a: '1', b: '1', c: '1' } },
      },
    ],
    ['null takes no struct away', '{"metadata":{"name":"a"},"metadata":null}', { metadata: { name: 'a' } }],
    ['the last text of a map counts', '{"data":{"a":"1","a":"2"}}', { metadata: {}, data: { a: '2' } }],
    ['null in a map is empty', '{"data":{"a":"1","a":null}}', { metadata: {}, data: { a: '' } }],
  ])('%s', (_, json, value) => expect(read('core/v1.ConfigMap', json)).toEqual(value))

  test.each([
    [
      '"ports":[{"name":"a","port":1},{"name":"b","port":2}],"ports":[null,{"port":3}]',
      [
        { name: 'a', port: 1 },
        { name: 'b', port: 3 },
      ],
    ],
    // The second item stood there all the time.
    [
      '"ports":[{"port":1},{"port":2,"name":"b"}],"ports":[{"name":"q"}],"ports":[{},{"port":9}]',
      [
        { name: 'q', port: 1 },
        { name: 'b', port: 9 },
      ],
    ],
    ['"ports":[{"port":1,"name":"a"}],"ports":[],"ports":[{"port":9}]', [{ port: 9 }]],
  ])('items of lists: %s', (members, ports) => {
    expect(read('core/v1.Service', `{"spec":{${members}}}`)).toMatchObject({ spec: { ports } })
  })

  test('the value of a map is none that another is read into', () => {
    const json = '{"spec":{"devices":[{"name":"d","attributes":{"a":{"int":1},"a":{"string":"x"}}}]}}'
    expect(read('resource/v1.ResourceSlice', json)).toMatchObject({
      spec: { devices: [{ attributes: { a: { string: 'x' } } }] },
    })
  })

  test('is told of where its first value is wrong', () => {
    expect(() => read('core/v1.ConfigMap', '{"metadata":{"labels":5,"labels":{}}}')).toThrow(
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    )
  })

  test('costs no more than its length, however often it is there', () => {
    const many = '"labels":{"a":"1"},"finalizers":["a"],'.repeat(15_000)
    const long = JSON.stringify(Array.from({ length: 15_000 }, () => 'b'))
    const value = read('core/v1.ConfigMap', `{"metadata":{${many}"finalizers":${long}}}`)
    expect((value['metadata'] as { finalizers: unknown[] }).finalizers).toHaveLength(15_000)
  })
})
