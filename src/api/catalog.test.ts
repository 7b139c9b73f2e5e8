import { describe, expect, test } from 'vitest'
import { seededRandom } from '../base/random.ts'
import { fieldPath } from '../meta/field-path.ts'
import type { KubeObject } from '../meta/types.ts'
import { canonicalQuantity } from '../meta/quantity.ts'
import { createDecoder } from '../wire/decode/decode.ts'
import { catalog, definitionOf } from './catalog.ts'
import { columnFacts } from './generated/columns.ts'
import { resourceFacts } from './generated/resources.ts'
import { randomObject } from './random-object.ts'
import { schemaOf } from './schemas.ts'

/** Tables that are not what they were in 1.20, from which the facts are; each as kubectl of today shows it. */
const CHANGED_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  'v1/serviceaccounts': ['Name', 'Age'],
  'v1/resourcequotas': ['Name', 'Request', 'Limit', 'Age'],
  'v1/persistentvolumes': [
    'Name',
    'Capacity',
    'Access Modes',
    'Reclaim Policy',
    'Status',
    'Claim',
    'StorageClass',
    'VolumeAttributesClass',
    'Reason',
    'Age',
    'VolumeMode',
  ],
  'v1/persistentvolumeclaims': [
    'Name',
    'Status',
    'Volume',
    'Capacity',
    'Access Modes',
    'StorageClass',
    'VolumeAttributesClass',
    'Age',
    'VolumeMode',
  ],
  'batch/v1/jobs': ['Name', 'Status', 'Completions', 'Duration', 'Age', 'Containers', 'Images', 'Selector'],
  'certificates.k8s.io/v1/certificatesigningrequests': [
    'Name',
    'Age',
    'SignerName',
    'Requestor',
    'RequestedDuration',
    'Condition',
  ],
  'scheduling.k8s.io/v1/priorityclasses': ['Name', 'Value', 'Global-Default', 'Age', 'PreemptionPolicy'],
  'storage.k8s.io/v1/csidrivers': [
    'Name',
    'AttachRequired',
    'PodInfoOnMount',
    'StorageCapacity',
    'TokenRequests',
    'RequiresRepublish',
    'Modes',
    'Age',
  ],
}

/** Stored as another version, whose rules hold. */
const VIEWS: ReadonlySet<string> = new Set(['autoscaling/v1/horizontalpodautoscalers', 'events.k8s.io/v1/events'])

const stored = Object.entries(resourceFacts).filter(([, { storageVersionHash }]) => storageVersionHash !== undefined)
const META = { name: 'a-name', namespace: 'default' }

const decode = createDecoder({ schemas: schemaOf, canonicalQuantity: (text) => canonicalQuantity(text) ?? text })

/** An object of the kind with random content as the server reads it, and metadata that makes sense. */
function anObject(key: string, seed: number, fullness: number): KubeObject {
  const { type } = resourceFacts[key]!
  const made = randomObject(type, seededRandom(seed), fullness, 9)
  return decode({ ...made, metadata: META }, type, {}).value as unknown as KubeObject
}

describe('the catalog', () => {
  test('says what every stored kind means', () => {
    const known = new Set(catalog.map(({ key }) => key))
    expect(stored.map(([key]) => key).filter((key) => !known.has(key))).toEqual([
      'autoscaling/v1/horizontalpodautoscalers',
    ])
  })

  for (const { key, columns } of catalog) {
    const facts = columnFacts[key]
    if (facts === undefined || columns === undefined) continue
    test(`shows ${key} in the columns Kubernetes has`, () => {
      const expected = CHANGED_COLUMNS[key] ?? facts.map(([name]) => name)
      const titled = columns.filter(({ isUntitled }) => isUntitled !== true)
      expect(titled.map(({ name }) => name)).toEqual(expected)
      if (CHANGED_COLUMNS[key] !== undefined) return
      expect(columns.filter(({ wide }) => wide === true).map(({ name }) => name)).toEqual(
        facts.filter(([, , , priority]) => priority > 0).map(([name]) => name),
      )
    })
  }
})

describe('every kind', () => {
  for (const [key, { subresources, type }] of stored) {
    const meaning = definitionOf(key)
    const hasStatus =
      subresources.some(({ name }) => name === 'status') && schemaOf(type)?.fields.has('status') === true

    test(`${key}: filling in twice changes nothing more`, () => {
      for (let seed = 0; seed < 40; seed++) {
        const once = anObject(key, seed, 0.15 + (seed % 4) / 5)
        meaning.setDefaults?.(once, 0)
        const twice = structuredClone(once)
        meaning.setDefaults?.(twice, 0)
        expect(twice).toEqual(once)
      }
    })

    test(`${key}: judges and shows whatever it is given, and does not change it`, () => {
      for (let seed = 0; seed < 40; seed++) {
        const object = anObject(key, seed, 0.15 + (seed % 4) / 5)
        meaning.setDefaults?.(object, 0)
        const before = structuredClone(object)
        const faults = meaning.validate?.(object, fieldPath()) ?? []
        expect(faults.every(({ field, message }) => typeof field === 'string' && message !== '')).toBe(true)
        const own = meaning.validateUpdate?.(object, before, fieldPath()) ?? []
        const status = meaning.validateStatusUpdate?.(object, before, fieldPath()) ?? []
        expect([...own, ...status].every(({ message }) => message !== '')).toBe(true)
        for (const { cell } of meaning.columns ?? []) cell(object, 0)
        for (const read of Object.values(meaning.selectableFields ?? {})) expect(typeof read(object)).toBe('string')
        expect(object).toEqual(before)
      }
    })

    if (!hasStatus || VIEWS.has(key)) continue
    // A node says how it fares when it registers itself.
    test(`${key}: keeps the status apart from the rest`, () => {
      type WithStatus = KubeObject & { status?: object }
      const mark = { conditions: [{ type: 'Marked' }], replicas: 4711, phase: 'Marked' }
      const created = { ...anObject(key, 1, 0), status: structuredClone(mark) } as WithStatus
      meaning.setDefaults?.(created, 0)
      meaning.prepareForCreate?.(created)
      expect(JSON.stringify(created.status ?? {}).includes('Marked')).toBe(key === 'v1/nodes')
      const old = { ...anObject(key, 1, 0), status: structuredClone(mark) } as WithStatus
      meaning.setDefaults?.(old, 0)
      const changed = { ...structuredClone(old), status: {} } as WithStatus
      meaning.prepareForUpdate?.(changed, old)
      expect(changed.status).toMatchObject(mark)
    })
  }
})
