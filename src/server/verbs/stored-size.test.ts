import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../meta/types.ts'
import { StoredObject } from '../registry/stored-object.ts'
import { MAX_REQUEST, storable } from './stored-size.ts'

const KEY = '/registry/configmaps/default/a'
/** A ConfigMap of one text, with so many characters of notes on its fields. */
function mapOf(text: string, managed = 0): KubeObject {
  const entry = { manager: 'm', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': 'x'.repeat(managed) } }
  const metadata = { name: 'a', ...(managed === 0 ? {} : { managedFields: [entry] }) }
  return Object.assign({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, { data: { a: text } })
}

const stored = (draft: KubeObject) => storable(new StoredObject(draft, 7), KEY)

function faultOf(draft: KubeObject): string | undefined {
  try {
    stored(draft)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('storable()', () => {
  const cases = [
    { what: 'takes what is well below the limit', text: 'x', isTaken: true },
    { what: 'takes what is just below it', text: 'x'.repeat(MAX_REQUEST - 300), isTaken: true },
    { what: 'refuses what is above it', text: 'x'.repeat(MAX_REQUEST), isTaken: false },
    { what: 'counts bytes, not characters', text: 'é'.repeat(MAX_REQUEST / 2 + 10), isTaken: false },
    { what: 'counts what is stored, not what JSON makes of it', text: '\n'.repeat(MAX_REQUEST - 300), isTaken: true },
  ]
  for (const { what, text, isTaken } of cases) {
    test(`${what}`, () => {
      expect(faultOf(mapOf(text))).toBe(isTaken ? undefined : 'etcdserver: request is too large')
    })
  }

  test('counts every one of many small values', () => {
    const data = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key-${i}`, 'xxxxxxxxxx']))
    const draft = Object.assign(mapOf(''), { data })
    expect(() => stored(draft)).toThrow(/too large/)
  })

  test('lets go of the notes on fields where only they are too much', () => {
    const { object } = stored(mapOf('x'.repeat(1_000_000), 800_000))
    expect(object.metadata).toEqual({ name: 'a' })
    expect(stored(mapOf('x', 100)).object.metadata.managedFields).toHaveLength(1)
  })
})
