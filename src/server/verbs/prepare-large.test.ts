/** What is done ahead for a large write: the object reads the same, and nothing is kept for longer than it is of use. */

import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../meta/types.ts'
import { knownText } from '../../wire/json/known-text.ts'
import { storedAt } from '../registry/stored-object.ts'
import { fitsInSteps, refuseGrowth, writeAhead } from './prepare-large.ts'
import { MAX_REQUEST } from './stored-size.ts'

const KEY = '/registry/configmaps/default/a'
const many = (count = 6_000) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, 'some text']))
const owned = (fieldsV1: object) => [{ manager: 'm', fieldsType: 'FieldsV1', fieldsV1 }] as const

interface Case {
  readonly what: string
  readonly metadata: object
  readonly rest: object
}

const cases: readonly Case[] = [
  { what: 'a map', metadata: {}, rest: { data: many() } },
  { what: 'a map beside a small one', metadata: {}, rest: { data: { a: 'b' }, binaryData: many() } },
  { what: 'labels', metadata: { labels: many() }, rest: {} },
  { what: 'annotations and owners', metadata: { annotations: many(), managedFields: owned({ 'f:a': {} }) }, rest: {} },
  { what: 'owned fields', metadata: { managedFields: owned(many()) }, rest: { data: { a: 'b' } } },
  { what: 'all of it', metadata: { labels: many(), managedFields: owned(many()) }, rest: { data: many() } },
]

describe('writeAhead()', () => {
  for (const { what, metadata, rest } of cases) {
    const draft = () =>
      structuredClone({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', ...metadata },
        ...rest,
      }) as KubeObject

    test(`of ${what} changes nothing but when it is done`, async () => {
      const plain = storedAt(draft(), 7)
      const ahead = draft()
      let turns = 0
      await writeAhead(ahead, async () => void turns++, false)
      const stored = storedAt(ahead, 7)
      expect(stored.jsonText().toString()).toBe(plain.jsonText().toString())
      expect(Buffer.from(stored.bytes()).toString()).toBe(Buffer.from(plain.bytes()).toString())
      expect(stored.object).toEqual(plain.object)
      expect(turns).toBeGreaterThan(1)
    })

    test(`of ${what} keeps no text once the object is written`, async () => {
      const ahead = draft()
      await writeAhead(ahead, async () => {}, false)
      const { managedFields = [], ...own } = ahead.metadata
      const parts = [...Object.values(ahead), ...Object.values(own), ...managedFields.map(({ fieldsV1 }) => fieldsV1)]
      expect(parts.some((part) => knownText(part) !== undefined)).toBe(true)
      storedAt(ahead, 7).jsonText()
      expect(parts.some((part) => knownText(part) !== undefined)).toBe(false)
    })
  }

  test('leaves alone what a hook may change', async () => {
    const draft = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ...many() } } as KubeObject
    await writeAhead(draft, async () => {}, true)
    expect(Object.isFrozen((draft as unknown as { spec: object }).spec)).toBe(false)
  })
})

describe('fitsInSteps()', () => {
  const mapOf = (length: number, managed = 0) =>
    ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', managedFields: owned({ 'f:a': 'x'.repeat(managed) }) },
      data: { a: 'x'.repeat(length) },
    }) as unknown as KubeObject
  const rules = [
    { what: 'what is small', draft: mapOf(10), fits: true, owners: 1 },
    { what: 'what is too large', draft: mapOf(MAX_REQUEST), fits: false, owners: 0 },
    { what: 'what is too large with its owners', draft: mapOf(1_000_000, 800_000), fits: true, owners: 0 },
  ]
  for (const { what, draft, fits, owners } of rules) {
    test(`judges ${what}`, async () => {
      expect(await fitsInSteps(draft, KEY, async () => {})).toBe(fits)
      expect(draft.metadata.managedFields ?? []).toHaveLength(owners)
    })
  }
})

describe('refuseGrowth()', () => {
  const holding = (count: number, metadata = {}): KubeObject =>
    ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata }, data: many(count) }) as KubeObject
  const growths = [
    { what: 'few values', old: 10, draft: 40_000, isRefused: false },
    { what: 'more values than a body may have', old: 49_000, draft: 60_000, isRefused: true },
    { what: 'fewer than before, and still too many', old: 70_000, draft: 60_000, isRefused: false },
    { what: 'as many as before', old: 60_000, draft: 60_000, isRefused: false },
  ]
  for (const { what, old, draft, isRefused } of growths) {
    test(`${isRefused ? 'refuses' : 'lets through'} ${what}`, () => {
      let why: unknown
      try {
        refuseGrowth(holding(draft), holding(old))
      } catch (error) {
        why = error
      }
      const refusal = { message: 'the object would have more than 50000 values' }
      expect([why]).toMatchObject([isRefused ? refusal : undefined])
    })
  }

  test('does not count the notes on owners, and counts the items of lists', () => {
    const finalizers = Array.from({ length: 30_000 }, (_, at) => `example.com/f-${at}`)
    expect(() => refuseGrowth(holding(1, { managedFields: owned(many(60_000)) }), holding(1))).not.toThrow()
    expect(() => refuseGrowth(holding(30_000, { finalizers }), holding(30_000))).toThrow('more than 50000 values')
  })
})
