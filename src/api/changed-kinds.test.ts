/** What is judged when an object is changed, of kinds that no update without a version reaches. */

import { expect, test } from 'vitest'
import { fieldPath } from '../meta/field-path.ts'
import type { KubeObject } from '../meta/types.ts'
import { definitionOf } from './catalog.ts'

type Body = Record<string, unknown>
const made = (body: Body) => ({ metadata: { name: 'a' }, ...body }) as unknown as KubeObject

const DRIVERS = 'storage.k8s.io/v1/csidrivers'
const NODES = 'storage.k8s.io/v1/csinodes'
const CAPACITIES = 'storage.k8s.io/v1/csistoragecapacities'
const CLASSES = 'node.k8s.io/v1/runtimeclasses'
const driver = { name: 'd.example', nodeID: 'n', topologyKeys: ['a'] }

const cases: [key: string, before: Body, after: Body, faults: readonly string[]][] = [
  [DRIVERS, { spec: { attachRequired: true } }, { spec: { attachRequired: false } }, ['spec.attachedRequired']],
  [NODES, { spec: { drivers: [driver] } }, { spec: { drivers: [{ ...driver, nodeID: 'm' }] } }, ['spec.drivers']],
  [
    CAPACITIES,
    { storageClassName: 'a' },
    { storageClassName: 'B!', capacity: '-1' },
    ['storageClassName', 'capacity', 'storageClassName'],
  ],
  [
    CLASSES,
    { handler: 'a' },
    { handler: 'B!', scheduling: { tolerations: [{}] } },
    ['handler', 'scheduling.tolerations[0].operator', 'handler'],
  ],
]
test.each(cases)('%s: %o cannot become %o', (key, before, after, fields) => {
  const faults = definitionOf(key).validateUpdate?.(made(after), made(before), fieldPath()) ?? []
  expect(faults.map(({ field }) => field)).toEqual(fields)
})

const driversSpecs: [spec: Body, generation: number | undefined][] = [
  [{ attachRequired: true }, undefined],
  [{ attachRequired: true, requiresRepublish: true }, 1],
]
test.each(driversSpecs)('a CSIDriver counts its changes, not its creation: %o', (spec, generation) => {
  const draft = made({ spec })
  definitionOf(DRIVERS).prepareForUpdate?.(draft, made({ spec: { attachRequired: true } }))
  expect(draft.metadata.generation).toBe(generation)
})
