import { describe, expect, test } from 'vitest'
import type { PersistentVolumeClaimSpec } from '../../../generated/core-v1.ts'
import { type Body, withStatus } from '../../../judged.ts'
import { alignDataSources } from './data-sources.ts'

describe('alignDataSources()', () => {
  const other = { apiGroup: 'example.com', kind: 'Sheep', name: 'dolly' }
  const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' }
  const cases: [what: string, given: object, kept: object, old?: object][] = [
    [
      'says what the old field says in the new one',
      { dataSource: snapshot },
      { dataSource: snapshot, dataSourceRef: snapshot },
    ],
    [
      'says what the new field says in the old one',
      { dataSourceRef: other },
      { dataSource: other, dataSourceRef: other },
    ],
    ['drops from the old field what it cannot name', { dataSource: other }, {}],
    [
      'keeps it where there was one',
      { dataSource: other },
      { dataSource: other, dataSourceRef: other },
      { dataSource: other },
    ],
    ['drops a source of another namespace', { dataSourceRef: { ...snapshot, namespace: 'x' } }, {}],
  ]
  for (const [what, given, kept, old] of cases) {
    test(`${what}`, () => {
      const spec = structuredClone(given) as PersistentVolumeClaimSpec
      alignDataSources(spec, old as PersistentVolumeClaimSpec | undefined)
      expect(spec).toEqual(kept)
    })
  }
})

describe('a status', () => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const cases: [status: Body, faults: readonly string[]][] = [
    [{ capacity: { storage: '1Gi', k: '1' }, allocatedResources: { storage: '2Gi', 'example.com/x': '1' } }, []],
    [{ capacity: { k: '-1500m' } }, ['status.capacity[k]: Invalid value: -2: must be a valid resource quantity']],
    [
      { allocatedResources: { k: '1', storage: '-1' } },
      [
        'status.allocatedResources: Unsupported value: "k": supported values: "storage"',
        'status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity',
      ],
    ],
    [
      { allocatedResourceStatuses: { storage: 'Bogus' } },
      [
        'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
      ],
    ],
  ]
  for (const [status, faults] of cases) {
    test(`with ${JSON.stringify(status)} has ${faults.length} faults`, () => {
      expect(withStatus('v1/persistentvolumeclaims', { spec }, status).faults).toEqual(faults)
    })
  }
})
