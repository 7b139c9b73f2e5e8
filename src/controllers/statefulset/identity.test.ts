/** Whose the claims of a StatefulSet's Pods are. */

import { describe, expect, test } from 'vitest'
import type { OwnerReference } from '../../meta/types.ts'
import { claimOwners, isLeftOver, type ReadClaim, type ReadStatefulSet } from './identity.ts'

const SET: OwnerReference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 's' }
const POD: OwnerReference = { apiVersion: 'v1', kind: 'Pod', name: 'db-1', uid: 'p' }
const OTHER: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'c' }
const controls = (reference: OwnerReference) => ({ ...reference, controller: true, blockOwnerDeletion: true })

const setOf = (whenDeleted: string, whenScaled: string, replicas: number) =>
  ({
    metadata: { name: 'db', uid: 's' },
    spec: { replicas, persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } },
  }) as ReadStatefulSet
const pod = { metadata: { name: 'db-1', uid: 'p' } }
const claimOf = (ownerReferences: OwnerReference[]) =>
  ({ metadata: { name: 'data-db-1', ownerReferences } }) as ReadClaim

describe('claimOwners()', () => {
  const cases = [
    { when: 'all is kept', deleted: 'Retain', scaled: 'Retain', replicas: 2, has: [OTHER, SET], owners: [OTHER] },
    {
      when: 'claims go with the set',
      deleted: 'Delete',
      scaled: 'Retain',
      replicas: 2,
      has: [],
      owners: [controls(SET)],
    },
    { when: 'its Pod stays', deleted: 'Retain', scaled: 'Delete', replicas: 2, has: [], owners: [] },
    { when: 'its Pod goes', deleted: 'Retain', scaled: 'Delete', replicas: 1, has: [], owners: [controls(POD)] },
    {
      when: 'both count and its Pod stays',
      deleted: 'Delete',
      scaled: 'Delete',
      replicas: 2,
      has: [],
      owners: [controls(SET)],
    },
    {
      when: 'both count and its Pod goes',
      deleted: 'Delete',
      scaled: 'Delete',
      replicas: 1,
      has: [controls(SET)],
      owners: [controls(POD)],
    },
    {
      when: 'the set did not control it before',
      deleted: 'Delete',
      scaled: 'Retain',
      replicas: 2,
      has: [SET],
      owners: [controls(SET)],
    },
    {
      when: 'an earlier set of the name had it',
      deleted: 'Delete',
      scaled: 'Retain',
      replicas: 2,
      has: [{ ...SET, uid: 'old' }],
      owners: [{ ...SET, uid: 'old' }],
    },
    {
      when: 'somebody else controls it',
      deleted: 'Delete',
      scaled: 'Retain',
      replicas: 2,
      has: [controls(OTHER), SET],
      owners: [controls(OTHER)],
    },
  ]
  for (const { when, deleted, scaled, replicas, has, owners } of cases) {
    test(`are ${owners.map(({ kind }) => kind).join(' and ') || 'none'} when ${when}`, () => {
      expect(claimOwners(setOf(deleted, scaled, replicas), pod, claimOf(has)).owners).toEqual(owners)
    })
  }

  test('has a conflict where somebody else controls the claim, unless all is kept', () => {
    const claim = claimOf([controls(OTHER)])
    expect(claimOwners(setOf('Delete', 'Retain', 2), pod, claim).hasConflict).toBe(true)
    expect(claimOwners(setOf('Retain', 'Retain', 2), pod, claim).hasConflict).toBe(false)
  })
})

test('isLeftOver() tells the claim that goes with an earlier Pod of the ordinal', () => {
  const claim = claimOf([controls(POD)])
  expect(isLeftOver(setOf('Retain', 'Delete', 2), 1, claim)).toBe(true)
  expect(isLeftOver(setOf('Retain', 'Delete', 2), 0, claim)).toBe(false)
  expect(isLeftOver(setOf('Delete', 'Retain', 2), 1, claim)).toBe(false)
})
