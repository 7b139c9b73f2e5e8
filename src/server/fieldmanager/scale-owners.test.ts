import { describe, expect, test } from 'vitest'

import type { Entry } from './managers.ts'
import { ownersOfScale, ownersOfScaled } from './scale-owners.ts'

const time = '2026-01-01T00:00:00Z'
const entry = (
  manager: string,
  operation: 'Apply' | 'Update',
  apiVersion: string,
  fields: object,
  more = {},
): Entry => ({
  manager,
  operation,
  apiVersion,
  time,
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': fields },
  ...more,
})
const replicas = { 'f:replicas': {} }
const maker = entry('maker', 'Update', 'apps/v1', { ...replicas, 'f:paused': {} })
const applier = entry('applier', 'Apply', 'apps/v1', replicas)
const other = entry('other', 'Update', 'apps/v1', { 'f:paused': {} })
const paused = entry('maker', 'Update', 'apps/v1', { 'f:paused': {} })
const untimed = (timed: Entry): Entry => {
  const { time: _, ...rest } = timed
  return rest
}

describe('the owners of a Scale', () => {
  test('are those who own the replicas of the object, as writers of a Scale', () => {
    expect(ownersOfScale([applier, maker, other])).toEqual([
      entry('applier', 'Apply', 'autoscaling/v1', replicas),
      entry('maker', 'Update', 'autoscaling/v1', replicas),
    ])
  })

  test('are none where nothing is known of owners', () => expect(ownersOfScale(undefined)).toEqual([]))
})

describe('the owners of an object whose Scale was written', () => {
  const scaler = entry('scaler', 'Update', 'autoscaling/v1', replicas, { subresource: 'scale' })
  const scaled = entry('scaler', 'Update', 'apps/v1', replicas, { subresource: 'scale' })
  const cases: readonly (readonly [string, readonly Entry[], readonly Entry[], readonly Entry[]])[] = [
    ['lose the replicas to who wrote them', [maker, other], [scaler], [untimed(scaled), paused, other]],
    ['are gone where they owned nothing else', [applier], [scaler], [untimed(scaled)]],
    [
      'keep their entry where they apply and still own the replicas',
      [applier],
      [entry('applier', 'Apply', 'autoscaling/v1', replicas)],
      [applier],
    ],
    [
      'are told anew of the replicas where they update, without a time',
      [maker],
      [entry('maker', 'Update', 'autoscaling/v1', replicas)],
      [untimed(entry('maker', 'Update', 'apps/v1', replicas)), paused],
    ],
  ]
  test.each(cases)('%s', (_, before, scale, after) => {
    const byTime = (entries: readonly Entry[]) => entries.toSorted((a, b) => (a.time ?? '').localeCompare(b.time ?? ''))
    expect(byTime(ownersOfScaled(before, scale, 'apps/v1'))).toEqual(byTime(after))
  })
})
