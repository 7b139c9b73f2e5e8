import { describe, expect, test } from 'vitest'
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  type ReadClaim,
  type ReadVolume,
} from '../../api/core/v1/persistentvolume/match.ts'
import { givenTo, withVolume } from './bind.ts'
import { boundStatus } from './phases.ts'
import { defaultClass } from './reconcile-claim.ts'

const aClaim = (spec: object = {}, annotations: Record<string, string> = {}): ReadClaim => ({
  metadata: { name: 'data', namespace: 'shop', uid: 'c1', resourceVersion: '7', annotations },
  spec,
})
const aVolume = (spec: object = {}): ReadVolume => ({ metadata: { name: 'pv1', uid: 'v1' }, spec })

describe('givenTo()', () => {
  const named = { namespace: 'shop', name: 'data' }
  test('marks a volume that named no claim as bound by us', () => {
    const given = givenTo(aClaim(), aVolume())
    expect(given?.spec?.claimRef).toMatchObject({ ...named, uid: 'c1', resourceVersion: '7' })
    expect(given?.metadata.annotations).toEqual({ [BOUND_BY_CONTROLLER]: 'yes' })
  })
  test('adds the uid where the volume was made for the claim', () => {
    const given = givenTo(aClaim(), aVolume({ claimRef: named }))
    expect(given?.spec?.claimRef).toMatchObject({ ...named, uid: 'c1' })
    expect(given?.metadata.annotations).toBeUndefined()
  })
  test('changes nothing about a volume that names the claim', () => {
    expect(givenTo(aClaim(), aVolume({ claimRef: { ...named, uid: 'c1' } }))).toBeUndefined()
  })
})

describe('withVolume()', () => {
  test('marks a claim that named no volume as bound by us', () => {
    const having = withVolume(aClaim(), aVolume())
    expect(having?.spec?.volumeName).toBe('pv1')
    expect(having?.metadata.annotations).toEqual({ [BIND_COMPLETED]: 'yes', [BOUND_BY_CONTROLLER]: 'yes' })
  })
  test('says only that it is bound where the claim asked for the volume', () => {
    const having = withVolume(aClaim({ volumeName: 'pv1' }), aVolume())
    expect(having?.metadata.annotations).toEqual({ [BIND_COMPLETED]: 'yes' })
  })
  test('changes nothing about a claim that is bound', () => {
    expect(withVolume(aClaim({ volumeName: 'pv1' }, { [BIND_COMPLETED]: 'yes' }), aVolume())).toBeUndefined()
  })
})

describe('boundStatus()', () => {
  const volume = aVolume({ capacity: { storage: '2Gi' }, volumeAttributesClassName: 'fast' })
  test('tells a claim that was pending of the attributes', () => {
    const status = boundStatus({ ...aClaim(), status: { phase: 'Pending' } }, volume)
    expect(status).toEqual({ phase: 'Bound', capacity: { storage: '2Gi' }, currentVolumeAttributesClassName: 'fast' })
  })
  test('leaves a bound claim the capacity it tells', () => {
    const status = boundStatus({ ...aClaim(), status: { phase: 'Bound', capacity: { storage: '1Gi' } } }, volume)
    expect(status).toEqual({ phase: 'Bound', capacity: { storage: '1Gi' } })
  })
})

describe('defaultClass()', () => {
  const aClass = (name: string, creationTimestamp: string, isDefault = 'true') => ({
    metadata: {
      name,
      creationTimestamp,
      annotations: { 'storageclass.kubernetes.io/is-default-class': isDefault },
    },
    provisioner: 'p',
  })
  const [older, newer] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'] as const
  const cases = [
    { when: 'none is marked', classes: [aClass('a', newer, 'false')], want: undefined },
    { when: 'one is newer', classes: [aClass('a', older), aClass('b', newer)], want: 'b' },
    { when: 'two are of one age', classes: [aClass('b', newer), aClass('a', newer)], want: 'a' },
  ]
  for (const { when, classes, want } of cases) {
    test(`is ${want ?? 'none'} when ${when}`, () => {
      expect(defaultClass(classes)?.metadata.name).toBe(want)
    })
  }
})
