/** That the JSON of an object says what the object says, whoever owns its fields. */

import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../meta/types.ts'
import { updateManagedFields } from '../fieldmanager/field-manager.ts'
import { at, configMap, typeOf } from '../fieldmanager/one-object.ts'
import { objectText } from './object-text.ts'

/** As the server writes it: its fields' owners share what they own with others of its make. */
function owned(name: string, data: object) {
  const next = configMap(data, { name, labels: { 'a"b': 'c' } })
  const write = { live: undefined, next, manager: 'kubectl', apiVersion: 'v1', time: at(1), type: typeOf(next) }
  return { ...next, metadata: { ...next.metadata, managedFields: updateManagedFields(write) } } as KubeObject
}

// The first of a make is written anew, the second like it.
const [first, second] = [owned('a', { key: 'one' }), owned('b', { key: 'two' })]
const foreign = { manager: 'm', operation: 'Update', fieldsV1: { 'f:data': { 'f:"é': {} } }, subresource: 'status' }

describe('the JSON of an object', () => {
  test.each<[string, object]>([
    ['that has no owners', configMap({ key: 'one' })],
    ['whose owner is the first to own this', first!],
    ['whose owner owns what another does', second!],
    ['with nothing in its metadata but owners', { kind: 'A', metadata: { managedFields: [foreign] } }],
    ['whose owner says nothing of fields', { metadata: { name: 'a', managedFields: [{ manager: 'm' }, foreign] } }],
    ['whose owners are an empty list', { metadata: { name: 'a', managedFields: [] } }],
    ['with members that are undefined', { metadata: { managedFields: [foreign], uid: undefined }, spec: undefined }],
    ['that has no metadata', { kind: 'A', items: [] }],
  ])('%s reads as the object', (_, object) => {
    expect(JSON.parse(objectText(object))).toStrictEqual(JSON.parse(JSON.stringify(object)))
  })

  test('has whole numbers beyond a double as they are', () => {
    const object = { metadata: { managedFields: [foreign] }, spec: { n: 2n ** 60n } }
    expect(objectText(object as object)).toContain('"spec":{"n":1152921504606846976}')
  })
})
